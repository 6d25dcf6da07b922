#include "client/cases/case_log.h"

#include "client/cases/case_store.h"
#include "crypto/primitives/status.h"
#include "crypto/room/signed_content.h"
#include "enlace/alert/v1/content.pb.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr std::string_view kContents = "contents";
constexpr size_t kScanPage = 500;

absl::Status Damaged() { return MakeError(Reason::kVaultDamaged, {{"what", "contents"}}); }

alerts::LogFacts FactsOf(const vault::v1::StoredContent& stored) {
  return {stored.sequence(), stored.accepted_at_ms(), stored.office_id(), stored.officer_id()};
}

// Lets one verified message tell its part.
absl::Status Tell(const vault::v1::StoredContent& stored, CaseLog& log) {
  ENLACE_ASSIGN_OR_RETURN(const room::SignedContent signed_content,
                          room::DecodeSignedContent(AsBytes(stored.signed_content())));
  alert::v1::Content content;
  if (!content.ParseFromArray(signed_content.content.data(),
                              static_cast<int>(signed_content.content.size()))) {
    return Damaged();
  }
  const alerts::LogFacts facts = FactsOf(stored);
  if (content.has_alert()) {
    alert::v1::CaseAlert& alert =
        log.alerts.emplace_back(std::move(*content.mutable_alert()->mutable_alert()));
    log.ordered.push_back({&alert, stored.sequence(), stored.accepted_at_ms(), stored.office_id(),
                           stored.officer_id()});
    log.workflow.ApplyAlert(facts, alert);
  } else if (content.has_action()) {
    log.workflow.ApplyAction(facts, alerts::StepOf(content.action().action()));
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
  VaultRange range{ToBytes(AsBytes(record.room_id())), {}, kScanPage};
  while (true) {
    ENLACE_ASSIGN_OR_RETURN(const std::vector<VaultRow> rows, source.Scan(kContents, range));
    for (const VaultRow& row : rows) {
      vault::v1::StoredContent& stored = log.messages.emplace_back();
      if (!stored.ParseFromArray(row.value.view().data(), static_cast<int>(row.value.size())))
        return Damaged();
      if (stored.invalid_reason().empty()) ENLACE_RETURN_IF_ERROR(Tell(stored, log));
    }
    if (rows.size() < kScanPage) return log;
    range.after = rows.back().row;
  }
}

}  // namespace

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
