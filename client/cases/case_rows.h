// A case's record as a row of a list.
//
// Thread safety: pure functions.
#pragma once

#include <string>
#include <vector>

#include "client/cases/list_views.h"
#include "enlace/vault/v1/vault.pb.h"

namespace enlace::client {

alerts::CaseState StateOfCase(const vault::v1::CaseRecord& record);

// `mine` are this device's offices.
CaseRow MakeCaseRow(const vault::v1::CaseRecord& record, const std::vector<std::string>& mine,
                    int64_t now_ms);

}  // namespace enlace::client
