#include "client/cli_common/authority_name.h"

#include "client/texts/display.h"

namespace enlace::client {

std::string NameIn(texts::Language language, const identity::BilingualName& name) {
  const bool spanish = language == texts::Language::kSpanish;
  return texts::EscapeForDisplay(spanish ? name.es : name.en);
}

std::string AuthorityName(texts::Language language, const identity::Charter* charter,
                          std::string_view authority_id) {
  const identity::Authority* authority =
      charter == nullptr ? nullptr : charter->FindAuthority(authority_id);
  return authority == nullptr ? texts::EscapeForDisplay(authority_id)
                              : NameIn(language, authority->name);
}

}  // namespace enlace::client
