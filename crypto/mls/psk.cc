#include "crypto/mls/psk.h"

#include "crypto/codec/writer.h"
#include "crypto/primitives/cipher_suite.h"
#include "crypto/primitives/status.h"

namespace enlace::mls {

absl::StatusOr<SecretBytes> DerivePskSecret(const std::vector<PskInput>& psks) {
  if (psks.size() > 0xffff)
    return MakeStatus(absl::StatusCode::kResourceExhausted, "too many pre-shared keys");
  const SecretBytes zero(crypto::kHashBytes);
  SecretBytes secret(crypto::kHashBytes);
  for (size_t i = 0; i < psks.size(); ++i) {
    codec::Writer label;  // PSKLabel
    psks[i].id.Write(label);
    label.U16(static_cast<uint16_t>(i));
    label.U16(static_cast<uint16_t>(psks.size()));
    const SecretBytes extracted = crypto::HkdfExtract(zero.view(), psks[i].psk.view());
    const SecretBytes input =
        crypto::ExpandWithLabel(extracted.view(), "derived psk", label.view(), crypto::kHashBytes);
    secret = crypto::HkdfExtract(input.view(), secret.view());
  }
  return secret;
}

}  // namespace enlace::mls
