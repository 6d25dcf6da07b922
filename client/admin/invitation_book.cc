#include "client/admin/invitation_book.h"

#include <utility>

#include "crypto/codec/reader.h"
#include "crypto/mls/secret_codec.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client::admin {
namespace {

constexpr std::string_view kInvitationTable = "invitation";
constexpr uint16_t kGivenInvitationVersion = 1;
constexpr size_t kInvitationsMax = 5000;

absl::StatusOr<GivenInvitation> Understand(BytesView stored) {
  codec::Reader reader(stored);
  GivenInvitation given;
  uint16_t version = 0;
  BytesView text;
  ENLACE_RETURN_IF_ERROR(reader.ReadU16(version));
  if (version > kGivenInvitationVersion) {
    return MakeError(Reason::kProgramTooOld, {{"what", "vault.db"}});
  }
  ENLACE_RETURN_IF_ERROR(reader.ReadVector(text));
  ENLACE_RETURN_IF_ERROR(reader.ReadU8(given.hidden_word));
  ENLACE_RETURN_IF_ERROR(reader.ReadU8(given.wrong_words));
  ENLACE_RETURN_IF_ERROR(reader.Done());
  if (given.hidden_word >= identity::kVerificationWords) return InvalidArgument("hidden word");
  ENLACE_ASSIGN_OR_RETURN(given.invitation, identity::DecodeInvitation(AsText(text)));
  return given;
}

}  // namespace

absl::Status SaveInvitation(const GivenInvitation& given, Vault& vault) {
  mls::SecretWriter writer(2048);
  writer.U16(kGivenInvitationVersion);
  writer.Vector(identity::EncodeInvitation(given.invitation).view());
  writer.U8(given.hidden_word);
  writer.U8(given.wrong_words);
  ENLACE_ASSIGN_OR_RETURN(const auto transaction, vault.Begin());
  ENLACE_RETURN_IF_ERROR(
      transaction->Put(kInvitationTable, given.id(), writer.Take().view(), kVaultKey));
  return transaction->Commit();
}

absl::Status DeleteInvitation(BytesView invitation_id, Vault& vault) {
  ENLACE_ASSIGN_OR_RETURN(const auto transaction, vault.Begin());
  ENLACE_RETURN_IF_ERROR(transaction->Delete(kInvitationTable, invitation_id));
  return transaction->Commit();
}

absl::StatusOr<std::vector<GivenInvitation>> LoadInvitations(const Vault& vault) {
  ENLACE_ASSIGN_OR_RETURN(const auto rows, vault.Scan(kInvitationTable, {{}, {}, kInvitationsMax}));
  std::vector<GivenInvitation> all;
  for (const VaultRow& row : rows) {
    auto given = Understand(row.value.view());
    if (!given.ok() && InfoOf(given.status()).name.empty()) {
      return MakeError(Reason::kVaultDamaged, {{"what", std::string(MessageOf(given.status()))}});
    }
    if (!given.ok()) return given.status();
    all.push_back(std::move(*given));
  }
  return all;
}

}  // namespace enlace::client::admin
