// Commented templates that officers fill in: of a new alert, with only what its type needs, and of
// an update.
//
// A template is the JSON of alert_json.h with comments; it says what a field is for and which codes
// it takes. Ids, times, sender and deadlines are left out, as `send --new` fills them. TLP and
// consent stand empty, as only the officer can say them: a template that was not filled in is
// refused.
//
// Thread safety: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/texts/texts.h"

namespace enlace::alert::v1 {
class CaseAlert;
}

namespace enlace::alerts {

// What senders of a type of alert usually want: an enlace.alert.v1.Purpose, and RequestedActions.
int UsualPurpose(int type);
std::vector<int> UsualActions(int type);
// Types that are told in numbers rather than by persons.
bool IsAboutGroup(int type);

// `type` is an enlace.alert.v1.AlertType; comments and the language of the text are those of
// `language`.
std::string AlertTemplate(int type, texts::Language language);

// An update of the case whose merged picture is `picture`, to `recipients` (office and Role): the
// room's other offices.
std::string UpdateTemplate(const alert::v1::CaseAlert& picture,
                           const std::vector<std::pair<std::string, int>>& recipients,
                           texts::Language language);

}  // namespace enlace::alerts
