// Who works where by the newest registry.
//
// Thread safety: pure functions.
#pragma once

#include <string_view>

#include "crypto/identity/registry.h"

namespace enlace::client {

// True when the officer is assigned now to the office, or to one that was renamed or merged into
// it. Whether a device of theirs is active is another question.
bool WorksIn(const identity::Registry& registry, std::string_view officer_id,
             std::string_view office_id);

}  // namespace enlace::client
