#include "server/app/talk.h"

#include <cstdlib>
#include <iostream>

#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"
#include "server/app/commands.h"

namespace enlace::server {

bool SpanishWanted() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return std::string_view(value).starts_with("es");
  }
  return false;
}

std::string_view Text(std::string_view english, std::string_view spanish) {
  return SpanishWanted() ? spanish : english;
}

void Say(std::string_view line) { std::cerr << line << '\n'; }

int Complain(const absl::Status& status) {
  const ErrorLanguage language =
      SpanishWanted() ? ErrorLanguage::kSpanish : ErrorLanguage::kEnglish;
  Say("enlace-server: " + ErrorText(status, language));
  const std::string hint = ErrorHint(status, language);
  if (!hint.empty()) Say(hint);
  return status.code() == absl::StatusCode::kDataLoss ? kExitNotVerified : kExitFailed;
}

}  // namespace enlace::server
