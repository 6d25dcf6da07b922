// What commands ask of the open engine; arguments and results as JSON (agent_protocol.h).

#include "client/cases/case_store.h"
#include "client/cases/outcome_json.h"
#include "client/delivery/engine_parts.h"
#include "client/delivery/proof_collect.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

using nlohmann::json;

std::string TextArg(const json& args, const char* name) { return args.value(name, std::string()); }

}  // namespace

// {"json", "attach": [paths], "new": bool, "office"} -> {"outcome", "item_id"}; ALERT_REFUSED
// carries all violations.
absl::StatusOr<json> OpenEngine::Send(const json& args) {
  ComposeRequest request;
  request.json = args.at("json").get<std::string>();
  request.attach_paths = args.value("attach", std::vector<std::string>());
  request.fill = args.value("new", false);
  request.office_id = TextArg(args, "office");
  ENLACE_ASSIGN_OR_RETURN(Composed composed, parts_->composer.Compose(request));
  // What the registry refuses may have been logged a moment ago.
  if (composed.refused() && online_ && RefreshRegistry().ok()) {
    ENLACE_ASSIGN_OR_RETURN(composed, parts_->composer.Compose(request));
  }
  if (composed.refused()) return AlertRefusedError(composed.violations);
  online_ ? Work() : ConnectNow();
  SendOutcome outcome = composed.outcome;
  const absl::StatusOr<vault::v1::OutboxItem> item = parts_->outbox.Get(composed.item_id);
  if (item.ok() && item->phase() == vault::v1::OUTBOX_PHASE_ACCEPTED) {
    outcome.state = alerts::RowState::kSent;
    outcome.accepted_at_ms = item->accepted_at_ms();
  }
  host_.NotifyChange();
  return json{{"outcome", OutcomeToJson(outcome)}, {"item_id", ToHex(AsBytes(composed.item_id))}};
}

json OpenEngine::ActedJson(Acted acted) {
  online_ ? Work() : ConnectNow();
  json item_ids = json::array();
  bool all_accepted = true;
  for (const std::string& item_id : acted.item_ids) {
    const absl::StatusOr<vault::v1::OutboxItem> item = parts_->outbox.Get(item_id);
    item_ids.push_back(ToHex(AsBytes(item_id)));
    const bool accepted = item.ok() && item->phase() == vault::v1::OUTBOX_PHASE_ACCEPTED;
    all_accepted = all_accepted && accepted;
    if (accepted) acted.outcome.at_ms = item->accepted_at_ms();
  }
  if (!acted.item_ids.empty())
    acted.outcome.state = all_accepted ? alerts::RowState::kSent : alerts::RowState::kQueued;
  host_.NotifyChange();
  return {{"outcome", OutcomeToJson(acted.outcome)}, {"item_ids", item_ids}};
}

// {"case", "action", "office", "officer", "alert", "assignee", "refer_to", "decline_reason",
//  "outcome", "note", "language", "new_due_at_ms", "corrected_fields", "about", "attach"}, all but
// case and action optional -> {"outcome", "item_ids"}
absl::StatusOr<json> OpenEngine::Act(const json& args) {
  StepRequest request;
  request.case_ref = args.at("case").get<std::string>();
  request.office_id = TextArg(args, "office");
  request.officer_id = TextArg(args, "officer");
  request.language = TextArg(args, "language");
  request.attach_paths = args.value("attach", std::vector<std::string>());
  alerts::ActionStep& step = request.step;
  step.action = args.at("action").get<int>();
  step.alert_id = TextArg(args, "alert");
  step.assignee_officer_id = TextArg(args, "assignee");
  step.refer_to_office_id = TextArg(args, "refer_to");
  step.decline_reason = args.value("decline_reason", 0);
  step.outcome = args.value("outcome", 0);
  step.note = TextArg(args, "note");
  step.new_due_at_ms = args.value("new_due_at_ms", int64_t{0});
  step.corrected_fields = args.value("corrected_fields", std::vector<std::string>());
  step.about_action_id = TextArg(args, "about");
  ENLACE_ASSIGN_OR_RETURN(Acted acted, parts_->actions.Act(request));
  return ActedJson(std::move(acted));
}

// {"case"} -> {}
absl::StatusOr<json> OpenEngine::MarkRead(const json& args) {
  ENLACE_RETURN_IF_ERROR(parts_->actions.MarkRead(args.at("case").get<std::string>()).status());
  PlanWork(0);
  host_.NotifyChange();
  return json::object();
}

json OpenEngine::StateJson() const {
  size_t receipts = 0;
  for (const vault::v1::OutboxItem& item : parts_->outbox.items()) {
    const bool waits = item.phase() == vault::v1::OUTBOX_PHASE_QUEUED ||
                       item.phase() == vault::v1::OUTBOX_PHASE_PREPARED;
    receipts += waits && item.housekeeping() ? 1 : 0;
  }
  uint64_t owed = 0;
  for (const char* table : {"receipts-due", "identity-due", "history-due", "withdrawn-due"}) {
    const absl::StatusOr<uint64_t> rows = parts_->vault->Count(table, {});
    owed += rows.ok() ? *rows : 0;
  }
  json state{{"online", online_},
             {"replayed", replayed_},
             {"caught_up", !fence_due_ && parts_->sync.record().cursor() >= fence_},
             {"synced_at_ms", parts_->sync.record().synced_at_ms()},
             {"queued", parts_->outbox.WaitingCount()},
             {"housekeeping", receipts},
             {"owed", owed},
             {"uploads", parts_->outbox.ItemsToUpload().size()}};
  if (!trouble_.ok()) {
    state["trouble"] = {{"reason", InfoOf(trouble_).name},
                        {"metadata", InfoOf(trouble_).metadata},
                        {"message_en", ErrorText(trouble_, ErrorLanguage::kEnglish)},
                        {"message_es", ErrorText(trouble_, ErrorLanguage::kSpanish)}};
  }
  return state;
}

void OpenEngine::RaiseFence() {
  v1::ConfirmRequest confirm;
  confirm.set_cursor(parts_->sync.record().cursor());
  const absl::StatusOr<v1::ConfirmResponse> newest =
      parts_->session->Confirm(confirm, kCallTimeoutMs);
  if (!newest.ok()) return Disconnect(newest.status());
  fence_ = newest->last_cursor();
  fence_due_ = false;
}

// {} -> the state; what waits is tried now, what is over is purged, a broken connection is begun
// again, and "caught_up" speaks of what the server had at this moment.
absl::StatusOr<json> OpenEngine::Sync(const json&) {
  parts_->outbox.RetryNow();
  ENLACE_RETURN_IF_ERROR(parts_->retention.PurgeExpired().status());
  fence_due_ = true;
  // While a replay runs, an answer would wait behind everything that the server has sent.
  if (online_ && replayed_) RaiseFence();
  online_ ? Work() : ConnectNow();
  return StateJson();
}

absl::StatusOr<json> OpenEngine::State(const json&) { return StateJson(); }

// {"item_id"} -> {"phase", "accepted_at_ms", "reason", "message_en", "message_es", "uploads"}
absl::StatusOr<json> OpenEngine::OutboxItem(const json& args) {
  const std::string wanted = args.at("item_id").get<std::string>();
  for (const vault::v1::OutboxItem& item : parts_->outbox.items()) {
    if (ToHex(AsBytes(item.item_id())) != wanted) continue;
    size_t uploads = 0;
    for (const auto& attachment : item.attachments()) uploads += attachment.complete() ? 0 : 1;
    return json{
        {"phase", static_cast<int>(item.phase())}, {"accepted_at_ms", item.accepted_at_ms()},
        {"reason", item.error_reason()},           {"message_en", item.error_en()},
        {"message_es", item.error_es()},           {"hint_en", item.error_hint_en()},
        {"hint_es", item.error_hint_es()},         {"uploads", uploads}};
  }
  return NotFound("no such item in the outbox");
}

// {"case"} -> {"receipts": [{"sequence", "receipt" in hexadecimal}]}
absl::StatusOr<json> OpenEngine::Receipts(const json& args) {
  ENLACE_ASSIGN_OR_RETURN(const ServerReceipts receipts,
                          CollectReceipts(parts_->services, args.at("case").get<std::string>()));
  json list = json::array();
  for (const auto& [sequence, receipt] : receipts)
    list.push_back({{"sequence", sequence}, {"receipt", ToHex(receipt)}});
  return json{{"receipts", list}};
}

// {"case", "attachment", "out"} -> {"out"}
absl::StatusOr<json> OpenEngine::Attachment(const json& args) {
  const std::string case_ref = args.at("case").get<std::string>();
  const std::string attachment_id = args.at("attachment").get<std::string>();
  const std::string out = args.at("out").get<std::string>();
  const CaseStore cases(*parts_->vault);
  ENLACE_ASSIGN_OR_RETURN(auto record, cases.FindAttachment(case_ref, attachment_id));
  if (!record)
    return MakeError(Reason::kAttachmentUnknown,
                     {{"attachment", attachment_id}, {"case", case_ref}});
  ENLACE_RETURN_IF_ERROR(parts_->transfers.Download(*record, out));
  record->set_downloaded(true);
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, parts_->vault->Begin());
  ENLACE_RETURN_IF_ERROR(cases.SaveAttachment(*tx, *record));
  ENLACE_RETURN_IF_ERROR(Finish(std::move(tx)));
  host_.NotifyChange();
  return json{{"out", out}};
}

}  // namespace enlace::client
