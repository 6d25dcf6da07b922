#include "client/vault/vault_keys.h"

#include <sodium.h>

#include <utility>

#include "crypto/codec/writer.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr size_t kKeyBytes = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
static_assert(kKeyBytes == kMasterKeyBytes);

Bytes RowAad(BytesView vault_id, const VaultKeys::Place& place) {
  codec::Writer writer;
  writer.Vector(AsBytes("enlace vault row 1"));
  writer.Vector(vault_id);
  writer.Vector(AsBytes(place.table));
  writer.Vector(place.row);
  writer.Raw(place.key_id);
  return writer.Take();
}

Bytes KeyAad(BytesView vault_id, const DataKeyId& key_id) {
  codec::Writer writer;
  writer.Vector(AsBytes("enlace vault key 1"));
  writer.Vector(vault_id);
  writer.Raw(key_id);
  return writer.Take();
}

}  // namespace

Bytes SealBytes(const SecretBytes& key, BytesView aad, BytesView plaintext, crypto::Rng& rng) {
  Bytes out = rng.PublicBytes(kNonceBytes);
  out.resize(kNonceBytes + plaintext.size() + kTagBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(out.data() + kNonceBytes, nullptr, plaintext.data(),
                                             plaintext.size(), aad.data(), aad.size(), nullptr,
                                             out.data(), key.view().data());
  return out;
}

absl::StatusOr<SecretBytes> OpenBytes(const SecretBytes& key, BytesView aad, BytesView sealed) {
  if (sealed.size() < kNonceBytes + kTagBytes) {
    return MakeError(Reason::kVaultDamaged, {{"what", "short"}});
  }
  const BytesView nonce = sealed.first(kNonceBytes);
  const BytesView rest = sealed.subspan(kNonceBytes);
  SecretBytes plaintext(rest.size() - kTagBytes);
  // An empty SecretBytes has no memory; libsodium is given a place that it does not write to.
  uint8_t nothing = 0;
  uint8_t* out = plaintext.empty() ? &nothing : plaintext.mutable_view().data();
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, nullptr, nullptr, rest.data(), rest.size(),
                                                 aad.data(), aad.size(), nonce.data(),
                                                 key.view().data()) != 0) {
    return MakeError(Reason::kVaultDamaged, {{"what", "tag"}});
  }
  return plaintext;
}

VaultKeys::VaultKeys(SecretBytes master_key, BytesView vault_id)
    : master_(std::move(master_key)),
      vault_id_(ToBytes(vault_id)),
      prk_(crypto::HkdfExtract(AsBytes("enlace vault 1"), master_.view()).view()),
      wrap_(Derive("wrap")),
      rows_(Derive("rows")),
      tokens_(Derive("tokens").view()) {}

SecretBytes VaultKeys::Derive(std::string_view label) const {
  return crypto::HkdfExpand(prk_, AsBytes(label), kKeyBytes);
}

crypto::Digest VaultKeys::Check() const {
  return crypto::HmacKey(Derive("check").view()).Tag({vault_id_});
}

Bytes VaultKeys::SealRow(const SecretBytes* data_key, const Place& place, BytesView plaintext,
                         crypto::Rng& rng) const {
  const SecretBytes& key = data_key != nullptr ? *data_key : rows_;
  return SealBytes(key, RowAad(vault_id_, place), plaintext, rng);
}

absl::StatusOr<SecretBytes> VaultKeys::OpenRow(const SecretBytes* data_key, const Place& place,
                                               BytesView sealed) const {
  const SecretBytes& key = data_key != nullptr ? *data_key : rows_;
  return OpenBytes(key, RowAad(vault_id_, place), sealed);
}

Bytes VaultKeys::WrapDataKey(const DataKeyId& key_id, const SecretBytes& data_key,
                             crypto::Rng& rng) const {
  return SealBytes(wrap_, KeyAad(vault_id_, key_id), data_key.view(), rng);
}

absl::StatusOr<SecretBytes> VaultKeys::UnwrapDataKey(const DataKeyId& key_id,
                                                     BytesView wrapped) const {
  ENLACE_ASSIGN_OR_RETURN(SecretBytes key, OpenBytes(wrap_, KeyAad(vault_id_, key_id), wrapped));
  if (key.size() != kKeyBytes) return MakeError(Reason::kVaultDamaged, {{"what", "key"}});
  return key;
}

int64_t VaultKeys::TokenOf(std::string_view table, std::string_view token) const {
  codec::Writer writer;
  writer.Vector(AsBytes(table));
  writer.Vector(AsBytes(token));
  const crypto::Digest tag = tokens_.Tag({writer.view()});
  uint64_t value = 0;
  for (size_t i = 0; i < sizeof(value); ++i) value = value << 8 | tag[i];
  return static_cast<int64_t>(value);
}

}  // namespace enlace::client
