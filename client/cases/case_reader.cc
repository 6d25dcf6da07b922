#include "client/cases/case_reader.h"

#include <algorithm>
#include <ctime>
#include <set>

#include "absl/strings/ascii.h"
#include "client/alerts/case_ref.h"
#include "client/alerts/validation.h"
#include "client/cases/case_list.h"
#include "client/cases/case_log.h"
#include "client/cases/case_store.h"
#include "client/cases/office_directory.h"
#include "client/cases/registry_facts.h"
#include "client/enrolment/device_store.h"
#include "crypto/primitives/status.h"
#include "enlace/alert/v1/content.pb.h"
#include "enlace/vault/v1/vault.pb.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr size_t kCandidatesShown = 8;

int YearOf(int64_t now_ms) {
  const std::time_t seconds = static_cast<std::time_t>(now_ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return parts.tm_year + 1900;
}

absl::StatusOr<vault::v1::SyncRecord> ReadSync(const Vault& vault) {
  ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> stored,
                          vault.Get("sync", AsBytes("state")));
  vault::v1::SyncRecord record;
  if (stored && !record.ParseFromArray(stored->view().data(), static_cast<int>(stored->size()))) {
    return MakeError(Reason::kVaultDamaged, {{"what", "sync"}});
  }
  return record;
}

bool Waits(const vault::v1::OutboxItem& item) {
  return item.phase() == vault::v1::OUTBOX_PHASE_QUEUED ||
         item.phase() == vault::v1::OUTBOX_PHASE_PREPARED;
}

absl::StatusOr<std::vector<vault::v1::OutboxItem>> ReadOutbox(const Vault& vault) {
  std::vector<vault::v1::OutboxItem> items;
  VaultRange range{{}, {}, kVaultPageRows};
  while (true) {
    ENLACE_ASSIGN_OR_RETURN(const std::vector<VaultRow> rows, vault.Scan("outbox", range));
    for (const VaultRow& row : rows) {
      vault::v1::OutboxItem& item = items.emplace_back();
      if (!item.ParseFromArray(row.value.view().data(), static_cast<int>(row.value.size()))) {
        return MakeError(Reason::kVaultDamaged, {{"what", "outbox"}});
      }
    }
    if (rows.size() < kVaultPageRows) return items;
    range.after = rows.back().row;
  }
}

OutboxState StateOf(const vault::v1::OutboxItem& item) {
  OutboxState state;
  state.item_id = ToHex(AsBytes(item.item_id()));
  state.case_ref = item.case_ref();
  state.alert_id = item.alert_id();
  alert::v1::Content content;
  if (!item.action_id().empty() && content.ParseFromString(item.content()))
    state.action = content.action().action().action();
  state.state = Waits(item)                                      ? alerts::RowState::kQueued
                : item.phase() == vault::v1::OUTBOX_PHASE_FAILED ? alerts::RowState::kFailed
                                                                 : alerts::RowState::kSent;
  state.attempts = item.attempts();
  state.queued_at_ms = item.queued_at_ms();
  state.next_attempt_ms = item.next_attempt_ms();
  state.accepted_at_ms = item.accepted_at_ms();
  state.reason = item.error_reason();
  state.message_en = item.error_en();
  state.message_es = item.error_es();
  for (const vault::v1::OutboxAttachment& attachment : item.attachments()) {
    state.uploaded_bytes += attachment.uploaded_bytes();
    state.upload_bytes += attachment.ciphertext_size_bytes();
  }
  return state;
}

bool Contains(const std::vector<std::string>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// How far the window of the opening alert has run, by the steps that the server raises too.
int EscalationOf(const vault::v1::CaseRecord& record, int64_t ack_due_ms, int64_t now_ms) {
  const int64_t window_ms = ack_due_ms - record.opened_at_ms();
  const bool escalates = record.status() == alert::v1::STATUS_ACTUAL && ack_due_ms != 0;
  if (!escalates || window_ms <= 0) return 0;
  const int64_t percent = (now_ms - record.opened_at_ms()) * 100 / window_ms;
  return percent >= 200 ? 200 : percent >= 100 ? 100 : percent >= 50 ? 50 : 0;
}

// My office's part of a case, or nothing when my offices only sent it.
std::optional<InboxRow> RowFor(const vault::v1::CaseRecord& record,
                               const std::vector<std::string>& mine, int64_t now_ms) {
  for (const vault::v1::CaseOffice& office : record.offices()) {
    if (!Contains(mine, office.office_id())) continue;
    InboxRow row;
    row.case_ref = record.case_ref();
    row.alert_id = record.newest_alert_id();
    row.alert_type = record.alert_type();
    row.priority = record.priority();
    row.status = record.status();
    row.state = static_cast<alerts::RowState>(office.state());
    row.role = office.role();
    row.from_office_id = record.origin_office_id();
    row.ack_due_ms = office.acknowledged_at_ms() == 0 ? office.ack_due_ms() : 0;
    row.late = row.ack_due_ms != 0 && row.ack_due_ms < now_ms;
    row.escalation_percent = EscalationOf(record, row.ack_due_ms, now_ms);
    row.subject = record.subject();
    row.updated_unread = record.newest_sequence() > record.read_sequence();
    return row;
  }
  return std::nullopt;
}

// Whether an officer has something to do: an acknowledgement is asked, or news was not on the
// screen yet.
bool AsksForAttention(const InboxRow& row) {
  switch (row.state) {
    case alerts::RowState::kQueued:
    case alerts::RowState::kSent:
    case alerts::RowState::kDelivered:
    case alerts::RowState::kRead:
      return row.ack_due_ms != 0 || row.role == alert::v1::ROLE_ACTION || row.updated_unread;
    default:
      return row.updated_unread;
  }
}

bool Before(const InboxRow& a, const InboxRow& b) {
  const auto rank = [](const InboxRow& row) {
    const bool exercise = row.status != alert::v1::STATUS_ACTUAL;
    return std::tuple(exercise, !row.late, row.ack_due_ms == 0, row.ack_due_ms, -row.priority);
  };
  return rank(a) < rank(b);
}

// A case of my own office that somebody updated.
InboxRow NewsOfMine(const vault::v1::CaseRecord& record) {
  InboxRow row;
  row.case_ref = record.case_ref();
  row.alert_id = record.newest_alert_id();
  row.alert_type = record.alert_type();
  row.priority = record.priority();
  row.status = record.status();
  row.from_office_id = record.origin_office_id();
  row.subject = record.subject();
  row.updated_unread = true;
  return row;
}

// An open case: a row where something waits, else one more of the others.
void AddToInbox(const vault::v1::CaseRecord& record, int64_t now_ms, InboxView& view) {
  std::optional<InboxRow> row = RowFor(record, view.office_ids, now_ms);
  if (!row && record.newest_sequence() > record.read_sequence()) row = NewsOfMine(record);
  if (!row || !AsksForAttention(*row)) {
    ++view.other_open;
    return;
  }
  const bool exercise = row->status != alert::v1::STATUS_ACTUAL;
  view.exercises += exercise ? 1 : 0;
  view.waiting += exercise || row->role == alert::v1::ROLE_INFO ? 0 : 1;
  view.late += row->late && !exercise ? 1 : 0;
  view.rows.push_back(*std::move(row));
}

// Fills what needs more than the log: attachments, findings, names.
absl::Status FillCase(const Vault& vault, const RegistryFacts& facts, const CaseLog& log,
                      CaseView& view) {
  const CaseStore cases(vault);
  for (const alerts::AttachmentView& attachment : view.merged.picture.attachments) {
    ENLACE_ASSIGN_OR_RETURN(const auto record,
                            cases.FindAttachment(log.record.case_ref(), attachment.attachment_id));
    view.attachments.push_back({attachment, record && record->downloaded(), record.has_value()});
  }
  const FactsDirectory directory(facts);
  alerts::ValidationContext context;
  context.side = alerts::Side::kReceiver;
  context.directory = &directory;
  if (!log.ordered.empty())
    view.findings = alerts::ValidateAlert(*log.ordered.back().alert, context);
  ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> stored,
                          vault.Get("rooms", AsBytes(log.record.room_id())));
  if (!stored) return absl::OkStatus();
  vault::v1::RoomRecord room;
  if (!room.ParseFromArray(stored->view().data(), static_cast<int>(stored->size()))) {
    return MakeError(Reason::kVaultDamaged, {{"what", "rooms"}});
  }
  view.guard_incidents.assign(room.guard_incidents().begin(), room.guard_incidents().end());
  const std::string lost(RowOf(Reason::kRoomReadOnly).name);
  if (room.frozen_reason() == lost) {
    view.trouble = {lost, ""};
  } else if (!room.frozen_reason().empty()) {
    view.trouble = {std::string(RowOf(Reason::kRoomFrozen).name), room.frozen_reason()};
  } else if (room.guard().empty() && room.membership() == vault::v1::ROOM_MEMBERSHIP_MEMBER) {
    view.trouble = {"GUARD_UNKNOWN", ""};
  }
  return absl::OkStatus();
}

// Every authority that has or had an office, as case references name it: no case comes from
// another.
std::set<std::string> AuthoritiesIn(const RegistryFacts& facts) {
  std::set<std::string> authorities;
  for (const OfficeFacts& office : facts.offices())
    authorities.insert(absl::AsciiStrToUpper(office.authority()));
  return authorities;
}

// Who is on duty at this machine's first office; its own officer first.
void AddDuty(const RegistryFacts& facts, int64_t now_ms, MachineView& view) {
  if (view.office_ids.empty()) return;
  const OfficeFacts* office = ResolveOffice(facts, view.office_ids.front());
  if (office == nullptr) return;
  for (const OnDuty& one : OnDutyAt(*office, now_ms)) {
    const bool me = one.officer_id == view.officer_id;
    view.on_duty.insert(me ? view.on_duty.begin() : view.on_duty.end(), one.officer_id);
    const bool sooner = view.on_duty_until_ms == 0 || one.until_ms < view.on_duty_until_ms;
    if (sooner) view.on_duty_until_ms = one.until_ms;
  }
}

// An alert that is queued here and has not been to the server: the outbox holds what it says.
absl::Status AddQueuedAlert(const Vault& vault, CaseLog& log) {
  if (!log.ordered.empty()) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(const std::vector<vault::v1::OutboxItem> items, ReadOutbox(vault));
  for (const vault::v1::OutboxItem& item : items) {
    if (item.kind() != vault::v1::OUTBOX_KIND_NEW_CASE || item.case_ref() != log.record.case_ref())
      continue;
    alert::v1::Content content;
    if (!content.ParseFromString(item.content()))
      return MakeError(Reason::kVaultDamaged, {{"what", "outbox"}});
    alert::v1::CaseAlert& alert =
        log.alerts.emplace_back(std::move(*content.mutable_alert()->mutable_alert()));
    log.ordered.push_back(
        {&alert, 1, item.queued_at_ms(), item.office_id(), alert.sender().officer_id()});
    log.workflow.ApplyAlert({1, item.queued_at_ms(), item.office_id(), alert.sender().officer_id()},
                            alert);
    return absl::OkStatus();
  }
  return absl::OkStatus();
}

// What is withheld, and from whom: one part that is missing counts.
IdentityState IdentityOf(const CaseLog& log, const CaseView& view) {
  if (log.identities_withheld == 0)
    return log.identities_held == 0 ? IdentityState::kNone : IdentityState::kHere;
  for (const std::string& office : view.my_office_ids) {
    const alerts::Row* row = view.table.CaseRow(office);
    if (row != nullptr && row->accepted.happened()) return IdentityState::kPending;
  }
  return IdentityState::kWithheld;
}

}  // namespace

CaseReader::CaseReader(const Vault& vault, const identity::Registry& registry)
    : vault_(vault), registry_(&registry) {}

CaseReader::CaseReader(const Vault& vault, const RegistrySource& source)
    : vault_(vault), source_(&source) {}

absl::StatusOr<const RegistryFacts*> CaseReader::Facts() const {
  const merkle::HeadRef head = registry_ != nullptr ? registry_->head() : source_->head();
  const bool here = facts_ && facts_->log_size() == head.size &&
                    EqualBytes(AsBytes(facts_->log_root()), head.root);
  if (here) return &*facts_;
  if (source_ != nullptr) {
    ENLACE_ASSIGN_OR_RETURN(facts_, RememberedFacts(vault_, head));
    if (facts_) return &*facts_;
  }
  ENLACE_ASSIGN_OR_RETURN(const DeviceIdentity identity, LoadDevice(vault_));
  const identity::Registry* registry = registry_;
  if (registry == nullptr) {
    ENLACE_ASSIGN_OR_RETURN(registry, source_->Replayed());
  }
  return &facts_.emplace(FactsOf(*registry, identity.uri.text()));
}

absl::StatusOr<std::vector<std::string>> CaseReader::MyOffices() const {
  ENLACE_ASSIGN_OR_RETURN(const RegistryFacts* facts, Facts());
  return std::vector<std::string>(facts->own_office_ids().begin(), facts->own_office_ids().end());
}

absl::StatusOr<Freshness> CaseReader::CurrentFreshness() const {
  ENLACE_ASSIGN_OR_RETURN(const vault::v1::SyncRecord sync, ReadSync(vault_));
  ENLACE_ASSIGN_OR_RETURN(const std::vector<vault::v1::OutboxItem> items, ReadOutbox(vault_));
  Freshness freshness;
  freshness.online = sync.online();
  freshness.synced_at_ms = sync.synced_at_ms();
  freshness.offline_since_ms = sync.online() ? 0 : sync.offline_since_ms();
  freshness.queued =
      static_cast<size_t>(std::count_if(items.begin(), items.end(), [](const auto& item) {
        return Waits(item) && !item.housekeeping();
      }));
  return freshness;
}

absl::StatusOr<std::string> CaseReader::Resolve(std::string_view text, int64_t now_ms) const {
  const std::optional<alerts::CaseQuery> query = alerts::ParseCaseQuery(text);
  if (!query) {
    return MakeError(
        Reason::kIdInvalid,
        {{"id", std::string(text)}, {"kind", ENLACE_TEXT("case")}, {"example", "HN-2026-000412"}});
  }
  const CaseStore cases(vault_);
  if (!query->alert_id.empty()) {
    ENLACE_ASSIGN_OR_RETURN(const auto place, cases.FindAlert(query->alert_id));
    if (!place) return MakeError(Reason::kCaseUnknown, {{"case", std::string(text)}});
    return place->case_ref;
  }
  if (query->reference) {
    const std::string case_ref = query->reference->ToText();
    ENLACE_ASSIGN_OR_RETURN(const auto record, cases.Find(case_ref));
    if (record) return case_ref;
    return MakeError(Reason::kCaseUnknown, {{"case", std::string(text)}});
  }
  // Asked for one by one, so that no list of tens of thousands is read.
  std::vector<alerts::CaseRef> known;
  ENLACE_ASSIGN_OR_RETURN(const RegistryFacts* facts, Facts());
  for (const std::string& authority : AuthoritiesIn(*facts)) {
    const alerts::CaseRef reference{authority, YearOf(now_ms), *query->number};
    ENLACE_ASSIGN_OR_RETURN(const auto record, cases.Find(reference.ToText()));
    if (record) known.push_back(reference);
  }
  const std::vector<alerts::CaseRef> matches = alerts::MatchCases(*query, known, YearOf(now_ms));
  if (matches.empty()) return MakeError(Reason::kCaseUnknown, {{"case", std::string(text)}});
  if (matches.size() == 1) return matches.front().ToText();
  std::string candidates;
  for (size_t i = 0; i < std::min(matches.size(), kCandidatesShown); ++i) {
    candidates += (i == 0 ? "" : ", ") + matches[i].ToText();
  }
  return MakeError(Reason::kCaseAmbiguous,
                   {{"case", std::string(text)}, {"candidates", candidates}});
}

absl::StatusOr<InboxView> CaseReader::Inbox(int64_t now_ms) const {
  InboxView view;
  ENLACE_ASSIGN_OR_RETURN(view.office_ids, MyOffices());
  ENLACE_ASSIGN_OR_RETURN(view.freshness, CurrentFreshness());
  ENLACE_RETURN_IF_ERROR(case_list::ForEach(vault_, [&](const case_list::Entry& entry) {
    if (!entry.open) return absl::OkStatus();
    ENLACE_ASSIGN_OR_RETURN(const vault::v1::CaseRecord record, entry.Decode());
    AddToInbox(record, now_ms, view);
    return absl::OkStatus();
  }));
  std::stable_sort(view.rows.begin(), view.rows.end(), Before);
  return view;
}

absl::StatusOr<CaseView> CaseReader::Case(std::string_view case_ref, int64_t) const {
  ENLACE_ASSIGN_OR_RETURN(CaseLog log, LoadCaseLog(vault_, case_ref));
  ENLACE_RETURN_IF_ERROR(AddQueuedAlert(vault_, log));
  if (log.ordered.empty()) {
    const std::string why =
        log.messages.empty() ? std::string("?") : log.messages.back().invalid_reason();
    return MakeError(Reason::kSignatureInvalid, {{"what", why}});
  }
  CaseView view;
  view.merged = alerts::Merge(log.ordered);
  view.table = log.workflow.table();
  ENLACE_ASSIGN_OR_RETURN(const std::vector<std::string> mine, MyOffices());
  for (const std::string& office : mine) {
    if (view.table.CaseRow(office) != nullptr) view.my_office_ids.push_back(office);
  }
  ENLACE_ASSIGN_OR_RETURN(const DeviceIdentity identity, LoadDevice(vault_));
  view.my_officer_id = std::string(identity.uri.officer_id());
  view.i_am_origin = Contains(mine, view.table.origin_office_id);
  view.identity = IdentityOf(log, view);
  ENLACE_ASSIGN_OR_RETURN(view.freshness, CurrentFreshness());
  view.opened_at_ms = log.ordered.front().accepted_at_ms;
  view.newest_at_ms = log.ordered.back().accepted_at_ms;
  for (const vault::v1::StoredContent& message : log.messages) {
    if (message.invalid_reason().empty()) continue;
    view.signature = SignatureState::kInvalid;
    view.signature_problem = message.invalid_reason();
  }
  ENLACE_ASSIGN_OR_RETURN(const RegistryFacts* facts, Facts());
  ENLACE_RETURN_IF_ERROR(FillCase(vault_, *facts, log, view));
  return view;
}

absl::StatusOr<StatusView> CaseReader::Status(std::string_view case_ref, int64_t now_ms) const {
  StatusView view;
  ENLACE_ASSIGN_OR_RETURN(view.the_case, Case(case_ref, now_ms));
  ENLACE_ASSIGN_OR_RETURN(const std::vector<OutboxState> all, Outbox());
  for (const OutboxState& state : all) {
    if (state.case_ref == case_ref) view.outbox.push_back(state);
  }
  ENLACE_ASSIGN_OR_RETURN(const RegistryFacts* facts, Facts());
  for (const alerts::Row& row : view.the_case.table.rows) {
    if (row.alert_id != view.the_case.table.opening_alert_id) continue;
    const OfficeFacts* office = ResolveOffice(*facts, row.office_id);
    if (office == nullptr || ActiveMachinesOf(*office, now_ms).empty())
      view.offices_without_devices.push_back(row.office_id);
    if (office == nullptr) continue;
    const std::vector<OnDuty> on_duty = OnDutyAt(*office, now_ms);
    const std::string phone = on_duty.empty() ? office->duty_phone() : on_duty.front().phone;
    if (!phone.empty()) view.duty_phones.emplace_back(row.office_id, phone);
  }
  return view;
}

absl::StatusOr<std::vector<OutboxState>> CaseReader::Outbox() const {
  ENLACE_ASSIGN_OR_RETURN(const std::vector<vault::v1::OutboxItem> items, ReadOutbox(vault_));
  std::vector<OutboxState> states;
  for (const vault::v1::OutboxItem& item : items) {
    if (!item.housekeeping()) states.push_back(StateOf(item));
  }
  return states;
}

absl::StatusOr<MachineView> CaseReader::Machine(int64_t now_ms) const {
  MachineView view;
  ENLACE_ASSIGN_OR_RETURN(const DeviceIdentity identity, LoadDevice(vault_));
  ENLACE_ASSIGN_OR_RETURN(const vault::v1::SyncRecord sync, ReadSync(vault_));
  ENLACE_ASSIGN_OR_RETURN(view.freshness, CurrentFreshness());
  ENLACE_ASSIGN_OR_RETURN(view.office_ids, MyOffices());
  view.officer_id = std::string(identity.uri.officer_id());
  view.device_id = std::string(identity.uri.device_id());
  view.server = identity.server_address;
  view.round_trip_ms = sync.round_trip_ms();
  view.clock_offset_ms = sync.clock_offset_ms();
  view.certificate_until_ms = identity.tls_certificate.not_after_ms();
  ENLACE_ASSIGN_OR_RETURN(const RegistryFacts* facts, Facts());
  view.charter_version = facts->charter().version();
  view.charter_signatures = facts->charter().threshold();
  view.charter_keys = facts->charter().keys();
  view.registry_entries = facts->log_size();
  view.registry_consistent = facts->log_size() > 0;
  AddDuty(*facts, now_ms, view);
  std::vector<std::string> open_cases;
  InboxView inbox;
  inbox.office_ids = view.office_ids;
  ENLACE_RETURN_IF_ERROR(case_list::ForEach(vault_, [&](const case_list::Entry& entry) {
    ++view.cases;
    if (!entry.open) return absl::OkStatus();
    open_cases.emplace_back(entry.case_ref);
    ENLACE_ASSIGN_OR_RETURN(const vault::v1::CaseRecord record, entry.Decode());
    AddToInbox(record, now_ms, inbox);
    return absl::OkStatus();
  }));
  view.open_cases = open_cases.size();
  view.late_alerts = inbox.late;
  for (const std::string& case_ref : open_cases) {
    ENLACE_ASSIGN_OR_RETURN(const auto attachments, CaseStore(vault_).Attachments(case_ref));
    for (const vault::v1::AttachmentRecord& attachment : attachments) {
      if (attachment.downloaded()) continue;
      ++view.attachments_waiting;
      view.attachments_waiting_bytes += attachment.plaintext_size_bytes();
    }
  }
  return view;
}

}  // namespace enlace::client
