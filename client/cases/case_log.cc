#include "client/cases/case_log.h"

#include "client/alerts/identity_split.h"
#include "client/cases/case_keys.h"
#include "client/cases/case_store.h"
#include "crypto/primitives/status.h"
#include "crypto/room/signed_content.h"
#include "enlace/alert/v1/content.pb.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr std::string_view kContents = "contents";
constexpr std::string_view kIdentities = "identities";

absl::Status Damaged() { return MakeError(Reason::kVaultDamaged, {{"what", "contents"}}); }

alerts::LogFacts FactsOf(const vault::v1::StoredContent& stored) {
  return {stored.sequence(), stored.accepted_at_ms(), stored.office_id(), stored.officer_id()};
}

// The step; one whose digest is of another text than the alert's is about nothing that is known
// here.
alerts::ActionStep StepOn(const alert::v1::CaseAction& action, const CaseLog& log) {
  alerts::ActionStep step = alerts::StepOf(action);
  const auto digest = log.digests.find(step.alert_id);
  const bool other_text = !action.alert_digest().empty() && digest != log.digests.end() &&
                          digest->second != action.alert_digest();
  if (other_text) step.alert_id.clear();
  return step;
}

// The alert with its identity part, where this device has it; the table is always the notice's.
template <typename Source>
absl::Status JoinIdentity(const Source& source, const alert::v1::AlertContent& notice,
                          CaseLog& log) {
  if (notice.part() != alert::v1::ALERT_PART_NOTICE) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> kept,
                          source.Get(kIdentities, AlertKey(notice.alert().alert_id())));
  if (!kept) {
    ++log.identities_withheld;
    return absl::OkStatus();
  }
  alert::v1::AlertContent identity;
  if (!identity.ParseFromArray(kept->view().data(), static_cast<int>(kept->size())))
    return Damaged();
  ++log.identities_held;
  log.alerts.back() = alerts::JoinIdentity(notice.alert(), identity.alert());
  return absl::OkStatus();
}

// Lets one verified message tell its part.
template <typename Source>
absl::Status Tell(const Source& source, const vault::v1::StoredContent& stored, CaseLog& log) {
  ENLACE_ASSIGN_OR_RETURN(const alert::v1::Content content, ContentOf(stored));
  const alerts::LogFacts facts = FactsOf(stored);
  if (content.has_alert()) {
    const alert::v1::CaseAlert& alert = log.alerts.emplace_back(content.alert().alert());
    log.ordered.push_back({&alert, stored.sequence(), stored.accepted_at_ms(), stored.office_id(),
                           stored.officer_id()});
    log.digests[alert.alert_id()] = stored.digest();
    log.workflow.ApplyAlert(facts, alert);
    ENLACE_RETURN_IF_ERROR(JoinIdentity(source, content.alert(), log));
  } else if (content.has_action()) {
    log.workflow.ApplyAction(facts, StepOn(content.action().action(), log));
  } else if (content.has_delivery_receipt()) {
    const auto& receipt = content.delivery_receipt();
    log.workflow.ApplyReceipt(
        facts, {receipt.alert_ids().begin(), receipt.alert_ids().end()},
        {receipt.unreadable_alert_ids().begin(), receipt.unreadable_alert_ids().end()});
  }
  return absl::OkStatus();
}

// `Source` is a Vault or a VaultTransaction.
template <typename Source>
absl::StatusOr<CaseLog> Load(const Source& source, const vault::v1::CaseRecord& record) {
  CaseLog log;
  log.record = record;
  if (record.room_id().empty()) return log;
  VaultRange range{ToBytes(AsBytes(record.room_id())), {}, kVaultPageRows};
  while (true) {
    ENLACE_ASSIGN_OR_RETURN(const std::vector<VaultRow> rows, source.Scan(kContents, range));
    for (const VaultRow& row : rows) {
      vault::v1::StoredContent& stored = log.messages.emplace_back();
      if (!stored.ParseFromArray(row.value.view().data(), static_cast<int>(row.value.size())))
        return Damaged();
      if (stored.invalid_reason().empty()) ENLACE_RETURN_IF_ERROR(Tell(source, stored, log));
    }
    if (rows.size() < kVaultPageRows) return log;
    range.after = rows.back().row;
  }
}

}  // namespace

absl::StatusOr<alert::v1::Content> ContentOf(const vault::v1::StoredContent& stored) {
  alert::v1::Content content;
  if (stored.signed_content().empty()) {
    if (!content.ParseFromString(stored.redacted())) return Damaged();
    return content;
  }
  ENLACE_ASSIGN_OR_RETURN(const room::SignedContent signed_content,
                          room::DecodeSignedContent(AsBytes(stored.signed_content())));
  if (!content.ParseFromArray(signed_content.content.data(),
                              static_cast<int>(signed_content.content.size()))) {
    return Damaged();
  }
  return content;
}

absl::StatusOr<CaseLog> LoadCaseLog(const Vault& vault, std::string_view case_ref) {
  ENLACE_ASSIGN_OR_RETURN(const auto record, CaseStore(vault).Find(case_ref));
  if (!record) return MakeError(Reason::kCaseUnknown, {{"case", std::string(case_ref)}});
  return Load(vault, *record);
}

absl::StatusOr<CaseLog> LoadCaseLog(const VaultTransaction& tx,
                                    const vault::v1::CaseRecord& record) {
  return Load(tx, record);
}

}  // namespace enlace::client
