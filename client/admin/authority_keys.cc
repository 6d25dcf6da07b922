#include "client/admin/authority_keys.h"

#include <utility>

#include "crypto/codec/reader.h"
#include "crypto/mls/secret_codec.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client::admin {
namespace {

constexpr std::string_view kAuthorityTable = "authority";
constexpr std::string_view kCaRow = "ca";
constexpr std::string_view kCharterKeyRow = "charter-key";
constexpr uint16_t kCaRecordVersion = 1;

absl::Status Damaged(std::string_view what) {
  return MakeError(Reason::kVaultDamaged, {{"what", std::string(what)}});
}

struct RawCa {
  BytesView authority, key, certificate, officer_id, card;
};

absl::Status ReadRaw(codec::Reader& reader, RawCa& raw) {
  for (BytesView* field :
       {&raw.authority, &raw.key, &raw.certificate, &raw.officer_id, &raw.card}) {
    ENLACE_RETURN_IF_ERROR(reader.ReadVector(*field));
  }
  return reader.Done();
}

absl::StatusOr<AuthorityCa> Understand(const RawCa& raw) {
  ENLACE_ASSIGN_OR_RETURN(auto key, identity::PrivateKey::FromPkcs8(raw.key));
  ENLACE_ASSIGN_OR_RETURN(auto certificate, identity::Certificate::FromDer(raw.certificate));
  ENLACE_ASSIGN_OR_RETURN(auto card, identity::DecodeOfficerCard(raw.card));
  return AuthorityCa{ToText(raw.authority), std::move(key), std::move(certificate),
                     ToText(raw.officer_id), std::move(card)};
}

}  // namespace

absl::Status SaveCa(const AuthorityCa& ca, VaultTransaction& transaction) {
  ENLACE_ASSIGN_OR_RETURN(const Bytes card, identity::EncodeOfficerCard(ca.card));
  mls::SecretWriter writer(4096);
  writer.U16(kCaRecordVersion);
  writer.Vector(AsBytes(ca.authority));
  writer.Vector(ca.key.pkcs8().view());
  writer.Vector(ca.certificate.der());
  writer.Vector(AsBytes(ca.officer_id));
  writer.Vector(card);
  return transaction.Put(kAuthorityTable, AsBytes(kCaRow), writer.Take().view(), kVaultKey);
}

absl::StatusOr<AuthorityCa> LoadCa(const Vault& vault) {
  ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> stored,
                          vault.Get(kAuthorityTable, AsBytes(kCaRow)));
  if (!stored.has_value()) return MakeError(Reason::kCaMissing);
  codec::Reader reader(stored->view());
  uint16_t version = 0;
  if (!reader.ReadU16(version).ok()) return Damaged("CA");
  if (version > kCaRecordVersion) return MakeError(Reason::kProgramTooOld, {{"what", "vault.db"}});
  RawCa raw;
  if (!ReadRaw(reader, raw).ok()) return Damaged("CA");
  auto ca = Understand(raw);
  if (!ca.ok()) return Damaged(MessageOf(ca.status()));
  return ca;
}

absl::Status SaveCharterKey(const crypto::SigningKey& key, VaultTransaction& transaction) {
  return transaction.Put(kAuthorityTable, AsBytes(kCharterKeyRow), key.seed(), kVaultKey);
}

absl::StatusOr<crypto::SigningKey> LoadCharterKey(const Vault& vault) {
  ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> stored,
                          vault.Get(kAuthorityTable, AsBytes(kCharterKeyRow)));
  if (!stored.has_value()) return MakeError(Reason::kCharterKeyMissing);
  auto key = crypto::SigningKey::FromSeed(stored->view());
  if (!key.ok()) return Damaged("charter key");
  return key;
}

}  // namespace enlace::client::admin
