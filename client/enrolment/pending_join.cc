#include "client/enrolment/pending_join.h"

#include <utility>

#include "crypto/codec/reader.h"
#include "crypto/mls/secret_codec.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr std::string_view kPendingRow = "pending";

struct RawJoin {
  BytesView invitation, tls_key, mls_key, request;
};

absl::Status ReadRaw(codec::Reader& reader, RawJoin& raw) {
  for (BytesView* field : {&raw.invitation, &raw.tls_key, &raw.mls_key, &raw.request}) {
    ENLACE_RETURN_IF_ERROR(reader.ReadVector(*field));
  }
  return reader.Done();
}

absl::StatusOr<PendingJoin> Understand(const RawJoin& raw) {
  ENLACE_ASSIGN_OR_RETURN(auto invitation, identity::DecodeInvitation(AsText(raw.invitation)));
  ENLACE_ASSIGN_OR_RETURN(auto tls_key, identity::PrivateKey::FromPkcs8(raw.tls_key));
  ENLACE_ASSIGN_OR_RETURN(auto mls_key, identity::PrivateKey::FromPkcs8(raw.mls_key));
  ENLACE_ASSIGN_OR_RETURN(auto request, identity::DecodeEnrolmentRequest(raw.request));
  return PendingJoin{
      std::move(invitation), {std::move(tls_key), std::move(mls_key)}, std::move(request)};
}

}  // namespace

absl::Status SavePendingJoin(const PendingJoin& pending, VaultTransaction& transaction) {
  mls::SecretWriter writer(8192);
  writer.U16(kPendingJoinVersion);
  writer.Vector(identity::EncodeInvitation(pending.invitation).view());
  writer.Vector(pending.keys.tls.pkcs8().view());
  writer.Vector(pending.keys.mls.pkcs8().view());
  writer.Vector(identity::EncodeEnrolmentRequest(pending.request));
  return transaction.Put(kEnrolmentTable, AsBytes(kPendingRow), writer.Take().view(), kVaultKey);
}

absl::StatusOr<PendingJoin> LoadPendingJoin(const Vault& vault) {
  ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> stored,
                          vault.Get(kEnrolmentTable, AsBytes(kPendingRow)));
  if (!stored.has_value()) return MakeError(Reason::kNotEnrolled);
  codec::Reader reader(stored->view());
  uint16_t version = 0;
  RawJoin raw;
  if (!reader.ReadU16(version).ok()) {
    return MakeError(Reason::kVaultDamaged, {{"what", "enrolment"}});
  }
  if (version > kPendingJoinVersion) {
    return MakeError(Reason::kProgramTooOld, {{"what", "vault.db"}});
  }
  absl::Status status = ReadRaw(reader, raw);
  if (status.ok()) {
    auto pending = Understand(raw);
    if (pending.ok()) return pending;
    status = pending.status();
  }
  return MakeError(Reason::kVaultDamaged, {{"what", std::string(MessageOf(status))}});
}

absl::Status DeletePendingJoin(VaultTransaction& transaction) {
  return transaction.Delete(kEnrolmentTable, AsBytes(kPendingRow));
}

}  // namespace enlace::client
