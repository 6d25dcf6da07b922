#include "crypto/identity/invitation_text.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "crypto/primitives/status.h"

namespace enlace::identity {
namespace {

constexpr std::string_view kPrefix = "enlace-invitation-1.";
constexpr std::string_view kBegin = "-----BEGIN ENLACE INVITATION-----";
constexpr std::string_view kEnd = "-----END ENLACE INVITATION-----";
constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::string_view kCodeLabel = "enlace invitation code 1";
constexpr std::string_view kCheckLabel = "enlace invitation check 1";
constexpr size_t kChecksumBytes = 4;
constexpr size_t kFileColumns = 72;
constexpr int kBase64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

absl::Status NotAnInvitation() {
  return InvalidArgument("this is not an invitation, or a part of it is missing");
}

// Text that holds a secret, built up in one buffer that is wiped.
class SecretText {
 public:
  explicit SecretText(size_t bytes_max) : buffer_(bytes_max) {}

  void Add(std::string_view text) {
    std::memcpy(buffer_.mutable_view().data() + size_, text.data(), text.size());
    size_ += text.size();
  }
  std::string_view view() const { return AsText(buffer_.view().first(size_)); }
  SecretBytes Take() const { return SecretBytes::CopyOf(buffer_.view().first(size_)); }

 private:
  SecretBytes buffer_;
  size_t size_ = 0;
};

// Two bits that follow the 128 of the code, so that three of four slips of the pen are noticed in
// the code alone.
uint8_t CodeCheckBits(BytesView code) {
  return static_cast<uint8_t>(
      crypto::Sha256Stream().Add(AsBytes(kCodeLabel)).Add(code).Finish()[0] >> 6);
}

crypto::Digest Check(BytesView code, BytesView body) {
  return crypto::Sha256Stream().Add(AsBytes(kCheckLabel)).Add(code).Add(body).Finish();
}

// The word that ends the text: the eleven bits after the checksum's.
std::string_view CheckWord(const crypto::Digest& check) {
  const uint32_t bits =
      static_cast<uint32_t>(check[kChecksumBytes]) << 8 | check[kChecksumBytes + 1];
  return WordAt(WordLanguage::kEnglish, bits >> 5);
}

// 26 characters of five bits: the code and its two check bits.
SecretBytes CodeCharacters(BytesView code) {
  SecretBytes text(kInvitationCodeCharacters);
  uint32_t window = 0;
  int bits = 0;
  size_t next = 0;
  for (size_t i = 0; i < kInvitationCodeCharacters; ++i) {
    if (bits < 5 && next < code.size()) {
      window = window << 8 | code[next++];
      bits += 8;
    } else if (bits < 5) {
      window = window << 2 | CodeCheckBits(code);
      bits += 2;
    }
    bits -= 5;
    text.mutable_view()[i] = static_cast<uint8_t>(kAlphabet[window >> bits & 31]);
  }
  return text;
}

// Value of a character of the alphabet, in either case and with the usual confusions; 32 for any
// other.
uint32_t CharacterValue(char c) {
  if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (c == 'O') c = '0';
  if (c == 'I' || c == 'L') c = '1';
  const size_t at = kAlphabet.find(c);
  return at == std::string_view::npos ? 32 : static_cast<uint32_t>(at);
}

SecretBytes Base64(BytesView body) {
  SecretBytes text(sodium_base64_encoded_len(body.size(), kBase64));
  sodium_bin2base64(reinterpret_cast<char*>(text.mutable_view().data()), text.size(), body.data(),
                    body.size(), kBase64);
  return text;
}

// What stands between the markers of a file, or the whole text, without white space.
SecretBytes Squeeze(std::string_view text) {
  const size_t begin = text.find(kBegin);
  if (begin != std::string_view::npos) text = text.substr(begin + kBegin.size());
  text = text.substr(0, text.find(kEnd));
  SecretText squeezed(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (std::string_view(" \t\r\n").find(text[i]) == std::string_view::npos)
      squeezed.Add(text.substr(i, 1));
  }
  return squeezed.Take();
}

absl::StatusOr<Invitation> DecodeParts(std::string_view code_text, std::string_view body_text,
                                       std::string_view word) {
  ENLACE_ASSIGN_OR_RETURN(SecretBytes code, ParseInvitationCode(code_text));
  Bytes body(body_text.size());
  size_t size = 0;
  const char* end = nullptr;
  const int rc = sodium_base642bin(body.data(), body.size(), body_text.data(), body_text.size(),
                                   nullptr, &size, &end, kBase64);
  if (rc != 0 || end != body_text.data() + body_text.size() || size < kChecksumBytes)
    return NotAnInvitation();
  const BytesView fields = BytesView(body).first(size - kChecksumBytes);
  const BytesView checksum = BytesView(body).subspan(size - kChecksumBytes, kChecksumBytes);
  const crypto::Digest check = Check(code.view(), fields);
  if (!EqualBytes(BytesView(check).first(kChecksumBytes), checksum)) {
    return InvalidArgument("the invitation was changed or mistyped: its checksum does not fit");
  }
  if (!SameWord(word, CheckWord(check)))
    return InvalidArgument("the invitation is cut off: its last word does not fit");
  return DecodeInvitationBody(fields, std::move(code));
}

}  // namespace

SecretBytes FormatInvitationCode(const SecretBytes& code) {
  const SecretBytes characters = CodeCharacters(code.view());
  SecretText text(kInvitationCodeCharacters * 2);
  for (size_t i = 0; i < kInvitationCodeCharacters; i += 5) {
    if (i > 0) text.Add("-");
    text.Add(AsText(characters.view()).substr(i, 5));
  }
  return text.Take();
}

absl::StatusOr<SecretBytes> ParseInvitationCode(std::string_view text) {
  SecretBytes code(kInvitationCodeBytes);
  uint32_t window = 0;
  int bits = 0;
  size_t characters = 0;
  size_t next = 0;
  for (char c : text) {
    if (c == '-' || c == ' ') continue;
    const uint32_t value = CharacterValue(c);
    if (value > 31 || ++characters > kInvitationCodeCharacters) {
      return InvalidArgument("the invitation's code has 26 letters and digits");
    }
    window = window << 5 | value;
    bits += 5;
    if (bits >= 8 && next < kInvitationCodeBytes) {
      bits -= 8;
      code.mutable_view()[next++] = static_cast<uint8_t>(window >> bits);
    }
  }
  if (characters != kInvitationCodeCharacters)
    return InvalidArgument("the invitation's code has 26 letters and digits");
  if ((window & 3) != CodeCheckBits(code.view()))
    return InvalidArgument("the invitation's code is mistyped");
  return code;
}

SecretBytes EncodeInvitation(const Invitation& invitation) {
  Bytes body = EncodeInvitationBody(invitation);
  const crypto::Digest check = Check(invitation.code.view(), body);
  Append(body, BytesView(check).first(kChecksumBytes));
  const SecretBytes code = CodeCharacters(invitation.code.view());
  const SecretBytes encoded = Base64(body);
  SecretText text(kPrefix.size() + code.size() + encoded.size() + 32);
  text.Add(kPrefix);
  text.Add(AsText(code.view()));
  text.Add(".");
  // Base64's terminating zero stays out.
  text.Add(AsText(encoded.view().first(encoded.size() - 1)));
  text.Add(".");
  text.Add(CheckWord(check));
  return text.Take();
}

SecretBytes EncodeInvitationFile(const Invitation& invitation) {
  const SecretBytes line = EncodeInvitation(invitation);
  std::string_view rest = AsText(line.view());
  SecretText text(2 * rest.size() + kBegin.size() + kEnd.size() + 8);
  text.Add(kBegin);
  text.Add("\n");
  while (!rest.empty()) {
    text.Add(rest.substr(0, kFileColumns));
    text.Add("\n");
    rest.remove_prefix(std::min(kFileColumns, rest.size()));
  }
  text.Add(kEnd);
  text.Add("\n");
  return text.Take();
}

absl::StatusOr<Invitation> DecodeInvitation(std::string_view text) {
  if (text.size() > kInvitationTextBytesMax) return NotAnInvitation();
  const SecretBytes squeezed = Squeeze(text);
  std::string_view rest = AsText(squeezed.view());
  if (!rest.starts_with(kPrefix)) return NotAnInvitation();
  rest.remove_prefix(kPrefix.size());
  const size_t first = rest.find('.');
  const size_t second = first == std::string_view::npos ? first : rest.find('.', first + 1);
  if (second == std::string_view::npos) return NotAnInvitation();
  return DecodeParts(rest.substr(0, first), rest.substr(first + 1, second - first - 1),
                     rest.substr(second + 1));
}

}  // namespace enlace::identity
