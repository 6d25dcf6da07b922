// Names that stand in the registry in two languages, as the reader sees them.
//
// Thread safety: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "client/texts/texts.h"
#include "crypto/identity/charter.h"

namespace enlace::client {

// The name in the language, escaped for display.
std::string NameIn(texts::Language language, const identity::BilingualName& name);
// The same of an authority of the charter; its id when there is no charter or it names no such
// authority.
std::string AuthorityName(texts::Language language, const identity::Charter* charter,
                          std::string_view authority_id);

}  // namespace enlace::client
