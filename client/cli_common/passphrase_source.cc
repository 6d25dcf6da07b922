#include "client/cli_common/passphrase_source.h"

#include <algorithm>
#include <optional>

#include "client/cli_common/text_file.h"
#include "client/vault/passphrase.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

SecretBytes FirstLine(const SecretBytes& content) {
  const BytesView bytes = content.view();
  const auto end = std::find(bytes.begin(), bytes.end(), '\n');
  size_t size = static_cast<size_t>(end - bytes.begin());
  if (size > 0 && bytes[size - 1] == '\r') --size;
  return SecretBytes::CopyOf(bytes.first(size));
}

// The passphrase of a file or descriptor; nothing when a person has to be asked.
absl::StatusOr<std::optional<SecretBytes>> FromSource(const PassphraseSource& source) {
  if (source.file.empty() && source.fd < 0) return std::optional<SecretBytes>();
  const std::string path =
      source.file.empty() ? "/proc/self/fd/" + std::to_string(source.fd) : source.file;
  ENLACE_ASSIGN_OR_RETURN(const SecretBytes content, ReadSecretFile(path));
  return std::optional<SecretBytes>(FirstLine(content));
}

Console::Question QuestionOf(const Console& console, std::string_view text) {
  return {console.T(text), console.T(ENLACE_TEXT("the passphrase")), "--passphrase-file"};
}

}  // namespace

absl::StatusOr<SecretBytes> ReadPassphrase(const PassphraseSource& source, const Console& console) {
  ENLACE_ASSIGN_OR_RETURN(std::optional<SecretBytes> given, FromSource(source));
  if (given.has_value()) return std::move(*given);
  return console.AskSecret(QuestionOf(console, ENLACE_TEXT("Passphrase:")));
}

absl::StatusOr<SecretBytes> ReadNewPassphrase(const PassphraseSource& source,
                                              const Console& console) {
  ENLACE_ASSIGN_OR_RETURN(std::optional<SecretBytes> given, FromSource(source));
  if (given.has_value()) {
    ENLACE_RETURN_IF_ERROR(CheckPassphrase(*given));
    return std::move(*given);
  }
  for (;;) {
    ENLACE_ASSIGN_OR_RETURN(
        SecretBytes first, console.AskSecret(QuestionOf(
                               console, ENLACE_TEXT("Choose a passphrase (four words or more):"))));
    const absl::Status strength = CheckPassphrase(first);
    if (!strength.ok()) {
      console.Error(strength);
      continue;
    }
    ENLACE_ASSIGN_OR_RETURN(const SecretBytes second,
                            console.AskSecret(QuestionOf(console, ENLACE_TEXT("Repeat it:"))));
    if (first.ConstantTimeEquals(second.view())) return first;
    console.Talk(console.T(ENLACE_TEXT("They are not the same. Once more.")));
  }
}

}  // namespace enlace::client
