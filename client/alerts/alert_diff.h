// What differs between two pictures of a case, field by field. Internal to the folder.
//
// Thread safety: pure functions.
#pragma once

#include <string>
#include <vector>

#include "client/alerts/merge.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::alerts {

// The changed fields, without who and when. Texts of the alert (subject, body, translations), its
// envelope and links are the history's matter and left out.
std::vector<FieldChange> Differences(const alert::v1::CaseAlert& before,
                                     const alert::v1::CaseAlert& after);

// By what an element of a list is known: local_id, attachment_id, type and number of a document;
// empty for a list without such a key.
std::string KeyOf(const google::protobuf::Message& element);

}  // namespace enlace::alerts
