#include "server/core/deadlines.h"

#include <algorithm>

#include "server/core/limits.h"
#include "server/core/store_io.h"

namespace enlace::server {
namespace {

using store::v1::Obligation;

// When a step is due, from the acceptance on.
uint64_t StepTime(const Obligation& obligation, v1::DeadlineStep step) {
  const uint64_t start = obligation.accepted_at_ms();
  switch (step) {
    case v1::DEADLINE_STEP_HALF:
      return start + obligation.window_ms() / 2;
    case v1::DEADLINE_STEP_DUE:
      return start + obligation.window_ms();
    default:
      return start + 2 * obligation.window_ms();
  }
}

void AddDevices(const std::vector<const identity::DeviceRecord*>& devices,
                std::vector<std::string>& out) {
  for (const identity::DeviceRecord* device : devices) out.push_back(device->uri.text());
}

void AddOfficer(const identity::Registry& registry, std::string_view officer_id, int64_t now_ms,
                std::vector<std::string>& out) {
  const identity::OfficerRecord* officer = registry.FindOfficer(officer_id);
  if (officer == nullptr) return;
  for (const identity::DeviceRecord* device : officer->devices) {
    if (registry.IsActiveAt(*device, registry.Now(now_ms))) out.push_back(device->uri.text());
  }
}

bool SharesNetwork(const identity::OfficeStated& a, const identity::OfficeStated& b) {
  return std::any_of(a.networks.begin(), a.networks.end(), [&b](const std::string& network) {
    return std::find(b.networks.begin(), b.networks.end(), network) != b.networks.end();
  });
}

// The same authority's offices in the other networks and, as coordinator, the presiding authority's
// offices in this one.
void AddEscalation(const identity::Registry& registry, const identity::OfficeRecord& late,
                   int64_t now_ms, std::vector<std::string>& out) {
  const std::string_view authority = identity::AuthorityOfOffice(late.id);
  const std::string presidency =
      registry.charter() == nullptr ? std::string() : registry.charter()->presidency;
  for (const identity::OfficeRecord* office : registry.Offices()) {
    if (!office->open() || office->id == late.id) continue;
    const std::string_view owner = identity::AuthorityOfOffice(office->id);
    const bool shares = SharesNetwork(office->stated(), late.stated());
    if ((owner == authority && !shares) || (owner == presidency && owner != authority && shares)) {
      AddDevices(registry.ActiveDevicesOf(office->id, now_ms), out);
    }
  }
}

}  // namespace

void Deadlines::Open(const Accepted& accepted) {
  if (accepted.envelope.ack_due_after_ms() == 0) return;
  Obligation obligation;
  obligation.set_accepted_at_ms(static_cast<uint64_t>(accepted.accepted_at_ms));
  obligation.set_window_ms(accepted.envelope.ack_due_after_ms());
  obligation.set_urgency(accepted.envelope.urgency());
  obligation.set_sender_uri(accepted.sender.device_uri);
  obligation.set_sender_office_id(accepted.envelope.sender_office_id());
  obligation.set_next_step(v1::DEADLINE_STEP_HALF);
  obligation.set_next_at_ms(StepTime(obligation, v1::DEADLINE_STEP_HALF));
  for (const std::string& office : accepted.envelope.ack_office_ids()) {
    const keys::ObligationId id = {ToBytes(accepted.room), accepted.sequence, office};
    WriteRecord(store_, keys::Obligation(id), obligation);
    store_.Put(keys::Due(obligation.next_at_ms(), id), BytesView());
  }
}

void Deadlines::Close(const keys::ObligationId& id, const Obligation& obligation) {
  store_.Delete(keys::Due(obligation.next_at_ms(), id));
  store_.Delete(keys::Obligation(id));
}

absl::Status Deadlines::Settle(const Caller& caller, BytesView room, const v1::Settles& settles) {
  // The obligation keeps the name that the office had; the caller acts for what it has become.
  const identity::OfficeRecord* office = registry_.latest().ResolveOffice(settles.office_id());
  if (office == nullptr || !caller.ActsFor(office->id)) {
    return MakeError(Reason::kNotYourOffice, {{"office", settles.office_id()}});
  }
  const keys::ObligationId id = {ToBytes(room), settles.sequence(), settles.office_id()};
  ENLACE_ASSIGN_OR_RETURN(const auto obligation,
                          ReadRecord<Obligation>(store_, keys::Obligation(id)));
  if (obligation) Close(id, *obligation);
  return absl::OkStatus();
}

absl::Status Deadlines::Cancel(BytesView room, uint64_t sequence) {
  const auto range = storage::PrefixRange(keys::ObligationsOf(room, sequence));
  return ForEachRow(store_, range, [&](const storage::Row& row) -> absl::StatusOr<bool> {
    storage::KeyReader key(row.key);
    ENLACE_RETURN_IF_ERROR(key.Space().status());
    ENLACE_RETURN_IF_ERROR(key.Blob().status());
    ENLACE_RETURN_IF_ERROR(key.U64().status());
    ENLACE_ASSIGN_OR_RETURN(const std::string office, key.Text());
    ENLACE_ASSIGN_OR_RETURN(const Obligation obligation,
                            ParseRecord<Obligation>(row.key, row.value));
    Close({ToBytes(room), sequence, office}, obligation);
    return true;
  });
}

std::vector<std::string> Deadlines::RecipientsOf(const keys::ObligationId& id,
                                                 const Obligation& obligation,
                                                 int64_t now_ms) const {
  const identity::Registry& registry = registry_.latest();
  const identity::OfficeRecord* office = registry.ResolveOffice(id.office);
  std::vector<std::string> out;
  if (office == nullptr) return out;
  switch (obligation.next_step()) {
    case v1::DEADLINE_STEP_HALF:
      AddDevices(registry.ActiveDevicesOf(office->id, now_ms), out);
      break;
    case v1::DEADLINE_STEP_DUE: {
      AddOfficer(registry, office->stated().supervisor, now_ms, out);
      const identity::DeviceRecord* sender = registry.FindDevice(obligation.sender_uri());
      if (sender != nullptr) AddOfficer(registry, sender->uri.officer_id(), now_ms, out);
      break;
    }
    default:
      AddEscalation(registry, *office, now_ms, out);
      break;
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

absl::Status Deadlines::RaiseOne(const keys::ObligationId& id, int64_t now_ms) {
  ENLACE_ASSIGN_OR_RETURN(auto obligation, ReadRecord<Obligation>(store_, keys::Obligation(id)));
  if (!obligation) return DamagedRecord(keys::Obligation(id));
  v1::DeadlineNotice notice;
  notice.set_room_id(BytesField(id.room));
  notice.set_sequence(id.sequence);
  notice.set_office_id(id.office);
  notice.set_step(obligation->next_step());
  notice.set_urgency(obligation->urgency());
  const InboxEntry entry = MakeDeadlineEntry(notice);
  for (const std::string& uri : RecipientsOf(id, *obligation, now_ms)) {
    ENLACE_RETURN_IF_ERROR(inboxes_.Append(uri, entry));
  }
  if (obligation->next_step() == v1::DEADLINE_STEP_ESCALATED) {
    Close(id, *obligation);
    return absl::OkStatus();
  }
  store_.Delete(keys::Due(obligation->next_at_ms(), id));
  obligation->set_next_step(static_cast<v1::DeadlineStep>(obligation->next_step() + 1));
  obligation->set_next_at_ms(StepTime(*obligation, obligation->next_step()));
  store_.Put(keys::Due(obligation->next_at_ms(), id), BytesView());
  WriteRecord(store_, keys::Obligation(id), *obligation);
  return absl::OkStatus();
}

absl::StatusOr<size_t> Deadlines::Raise(int64_t now_ms, size_t count_max) {
  const auto due = keys::DueRange(keys::kDue, static_cast<uint64_t>(now_ms));
  ENLACE_ASSIGN_OR_RETURN(const auto rows, FirstRows(store_, due, count_max));
  for (const storage::Row& row : rows) {
    storage::KeyReader key(row.key);
    ENLACE_RETURN_IF_ERROR(key.Space().status());
    ENLACE_RETURN_IF_ERROR(key.U64().status());
    keys::ObligationId id;
    ENLACE_ASSIGN_OR_RETURN(id.room, key.Blob());
    ENLACE_ASSIGN_OR_RETURN(id.sequence, key.U64());
    ENLACE_ASSIGN_OR_RETURN(id.office, key.Text());
    ENLACE_RETURN_IF_ERROR(RaiseOne(id, now_ms));
  }
  return rows.size();
}

}  // namespace enlace::server
