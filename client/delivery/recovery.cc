#include "client/delivery/recovery.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <utility>

#include "client/alerts/guard.h"
#include "client/cases/case_log.h"
#include "client/cases/case_store.h"
#include "client/delivery/case_plan.h"
#include "client/delivery/content_signing.h"
#include "client/delivery/limits.h"
#include "client/delivery/succession.h"
#include "client/rooms/founding.h"
#include "client/session/request_id.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

std::string NameOf(Reason reason) { return std::string(RowOf(reason).name); }

// True when this device has seen entries of the room that the server's list does not show.
bool HasSeenMore(const vault::v1::RoomRecord& record, const v1::RoomSummary* summary) {
  if (record.last_header().empty()) return false;
  if (summary == nullptr || !summary->member()) return true;
  if (record.frozen_reason() == NameOf(Reason::kLogInconsistent)) return true;
  if (summary->sequence() != record.sequence()) return summary->sequence() < record.sequence();
  return !summary->room_head().empty() && summary->room_head() != record.room_head();
}

// Whether a device of the office founded the room; only a leaf that is still at the first place
// says so.
bool IsFoundedBy(const Services& services, const Room& room, const std::string& office_id) {
  const mls::LeafNode* founder = room.group().public_group().FindLeaf(mls::LeafIndex{0});
  const merkle::Hash* certificate =
      founder == nullptr ? nullptr : founder->credential().SoleCertificate();
  if (certificate == nullptr) return false;
  const identity::Registry& registry = services.rooms.registry();
  const identity::DeviceRecord* device = registry.FindDeviceByMls(*certificate);
  return device != nullptr && registry.BelongsTo(*device, office_id, registry.size());
}

bool Continues(const Services& services, const Room& lost, const Room& next) {
  const auto before = lost.Policy();
  const auto after = next.Policy();
  if (!before.ok() || !after.ok()) return false;
  return MayContinue({*before, lost.Guard()}, {*after, next.Guard()},
                     IsFoundedBy(services, next, before->origin_office));
}

}  // namespace

bool Recovery::IsLost(const vault::v1::RoomRecord& record) {
  return record.frozen_reason() == NameOf(Reason::kRoomReadOnly);
}

bool Recovery::Waits(const vault::v1::RoomRecord& record) {
  return IsLost(record) && record.successor_room_id().empty() &&
         record.membership() == vault::v1::ROOM_MEMBERSHIP_MEMBER;
}

absl::StatusOr<bool> Recovery::HasEverything() const {
  v1::ConfirmRequest confirm;
  confirm.set_cursor(sync_.record().cursor());
  ENLACE_ASSIGN_OR_RETURN(const v1::ConfirmResponse confirmed,
                          services_.session.Confirm(confirm, kCallTimeoutMs));
  return confirmed.last_cursor() <= sync_.record().cursor();
}

absl::Status Recovery::Look(const v1::ListRoomsResponse& listed) {
  std::map<std::string, const v1::RoomSummary*, std::less<>> summaries;
  for (const v1::RoomSummary& summary : listed.rooms()) summaries[summary.room_id()] = &summary;
  // The server loses nothing while it runs.
  const std::string& generation = sync_.record().generation();
  const bool all = sync_.record().compared_generation() != generation &&
                   lap_.generation != std::optional<std::string>(generation);
  ENLACE_ASSIGN_OR_RETURN(const std::set<Bytes> ids, all ? AllRooms() : RoomsInQuestion(listed));
  if (all) {
    lap_.generation = generation;
    lap_.failed = false;
  }
  absl::Status first;
  for (const Bytes& room_id : ids) {
    ENLACE_ASSIGN_OR_RETURN(const auto record, RoomStore(services_.vault()).Load(room_id));
    if (!record) continue;
    const auto found = summaries.find(AsText(room_id));
    const v1::RoomSummary* summary = found == summaries.end() ? nullptr : found->second;
    // In a list that is full a room may be missing for no other reason.
    const bool is_full = listed.rooms_size() >= kRoomsListedMax;
    if (summary == nullptr && is_full && record->frozen_reason().empty()) continue;
    const absl::StatusOr<bool> ask = LookAtOne(*record, summary);
    if (!ask.ok() && first.ok()) first = ask.status();
    if (!ask.value_or(false)) continue;
    lap_.rooms[room_id] = summary == nullptr ? std::nullopt : std::make_optional(*summary);
  }
  lap_.failed |= !first.ok();
  const absl::Status asked = LookOn();
  return first.ok() ? asked : first;
}

absl::Status Recovery::LookOn() {
  absl::Status first;
  for (size_t i = 0; i < kRoomsAskedAtOnce && looking(); ++i) {
    const auto room = lap_.rooms.extract(lap_.rooms.begin());
    const v1::RoomSummary* summary = room.mapped() ? &*room.mapped() : nullptr;
    const absl::Status looked = LookAtMember(room.key(), summary);
    if (looked.ok()) continue;
    lap_.failed = true;
    if (first.ok()) first = looked;
    // Without an answer here there is none about the others either.
    if (HasReason(looked, Reason::kServerUnreachable)) return first;
  }
  const absl::Status finished = looking() ? absl::OkStatus() : FinishLap();
  return first.ok() ? finished : first;
}

absl::Status Recovery::FinishLap() {
  const Lap done = std::exchange(lap_, {});
  if (!done.generation || done.failed) return absl::OkStatus();
  sync_.mutable_record().set_compared_generation(*done.generation);
  return sync_.Save();
}

absl::StatusOr<std::set<Bytes>> Recovery::AllRooms() const {
  std::set<Bytes> ids;
  Bytes after;
  while (true) {
    ENLACE_ASSIGN_OR_RETURN(const auto page,
                            RoomStore(services_.vault()).LoadPage(after, kRoomsTendedAtOnce));
    for (const vault::v1::RoomRecord& record : page) {
      after = ToBytes(AsBytes(record.room_id()));
      ids.insert(after);
    }
    if (page.size() < kRoomsTendedAtOnce) return ids;
  }
}

absl::StatusOr<std::set<Bytes>> Recovery::RoomsInQuestion(
    const v1::ListRoomsResponse& listed) const {
  std::set<Bytes> ids;
  ENLACE_ASSIGN_OR_RETURN(const auto waiting, RoomStore(services_.vault()).LoadWaiting());
  for (const vault::v1::RoomRecord& record : waiting)
    ids.insert(ToBytes(AsBytes(record.room_id())));
  for (const v1::RoomSummary& summary : listed.rooms()) {
    if (summary.read_only()) ids.insert(ToBytes(AsBytes(summary.room_id())));
  }
  for (Bytes& room_id : book_.Ids()) ids.insert(std::move(room_id));
  return ids;
}

absl::StatusOr<bool> Recovery::LookAtOne(const vault::v1::RoomRecord& record,
                                         const v1::RoomSummary* summary) {
  const bool accepted = record.pending_request().empty();
  switch (record.membership()) {
    case vault::v1::ROOM_MEMBERSHIP_FOUNDING:
      if (accepted && summary == nullptr)
        ENLACE_RETURN_IF_ERROR(FoundAnew(AsBytes(record.room_id())));
      return false;
    case vault::v1::ROOM_MEMBERSHIP_MEMBER: {
      const bool sound = !IsLost(record) && !HasSeenMore(record, summary) && summary != nullptr &&
                         !summary->read_only();
      if (sound) ENLACE_RETURN_IF_ERROR(OfferVanished(record, *summary));
      return !sound;
    }
    default:
      return false;
  }
}

absl::Status Recovery::FoundAnew(BytesView room_id) {
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services_.vault().Begin());
  absl::Status done = outbox_.RequeueFounding(*tx, room_id);
  if (done.ok()) done = RoomStore(services_.vault()).Forget(*tx, room_id);
  if (done.ok()) done = Finish(std::move(tx));
  book_.Drop(room_id);
  if (done.ok()) return done;
  // The outbox in memory is ahead of the vault: it reads again.
  tx.reset();
  ENLACE_RETURN_IF_ERROR(outbox_.Open());
  return done;
}

absl::Status Recovery::OfferVanished(const vault::v1::RoomRecord& record,
                                     const v1::RoomSummary& summary) {
  const BytesView room_id = AsBytes(record.room_id());
  ENLACE_ASSIGN_OR_RETURN(const std::vector<std::string> vanished,
                          outbox_.Vanished(room_id, record.sequence(), summary.sequence()));
  const bool awaits_commit =
      !record.pending_commit_hash().empty() && record.pending_request().empty();
  bool commit_gone = false;
  if (awaits_commit) {
    ENLACE_ASSIGN_OR_RETURN(const Room* room, book_.Get(room_id));
    commit_gone = room->is_member() && summary.epoch() <= room->epoch();
  }
  if (vanished.empty() && !commit_gone) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services_.vault().Begin());
  absl::Status done = outbox_.OfferAgain(*tx, vanished);
  if (done.ok() && commit_gone) {
    ENLACE_ASSIGN_OR_RETURN(Room * room, book_.Get(room_id));
    done = room->AbandonCommit(*tx);
  }
  if (done.ok()) done = Finish(std::move(tx));
  if (done.ok()) return done;
  // Room and outbox in memory are ahead of the vault: they are read again.
  tx.reset();
  book_.Drop(room_id);
  ENLACE_RETURN_IF_ERROR(outbox_.Open());
  return done;
}

absl::StatusOr<bool> Recovery::AskWhetherLost(const Room& room, const v1::RoomSummary* summary) {
  if (summary != nullptr && summary->read_only()) return true;
  const vault::v1::RoomRecord& record = room.record();
  v1::ReportUnprocessableRequest report;
  report.set_request_id(NewRequestId(services_.now_ms(), services_.rooms.rng));
  report.set_room_id(record.room_id());
  report.set_last_header(record.last_header());
  const auto answer = services_.session.ReportUnprocessable(report, kCallTimeoutMs);
  // The server lost the room as a whole.
  if (HasReason(answer.status(), Reason::kRoomUnknown)) return true;
  // It lost that this device's office came in; who was in before says the rest.
  if (HasReason(answer.status(), Reason::kNotAMember)) return false;
  ENLACE_RETURN_IF_ERROR(answer.status());
  return answer->read_only();
}

absl::Status Recovery::MarkLost(Room& room) {
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services_.vault().Begin());
  vault::v1::RoomRecord& record = room.mutable_record();
  record.set_frozen_reason(NameOf(Reason::kRoomReadOnly));
  record.set_read_only_since_ms(services_.now_ms());
  absl::Status saved = room.Save(*tx, /*new_epoch=*/false);
  if (saved.ok()) saved = Finish(std::move(tx));
  if (!saved.ok()) book_.Drop(room.id());
  return saved;
}

absl::Status Recovery::LookAtMember(BytesView room_id, const v1::RoomSummary* summary) {
  ENLACE_ASSIGN_OR_RETURN(Room * room, book_.Get(room_id));
  if (!IsLost(room->record())) {
    ENLACE_ASSIGN_OR_RETURN(const bool lost, AskWhetherLost(*room, summary));
    if (!lost) return absl::OkStatus();
    ENLACE_RETURN_IF_ERROR(MarkLost(*room));
  }
  ENLACE_ASSIGN_OR_RETURN(const bool mine, MayOpenSuccessor(*room));
  if (!mine) return absl::OkStatus();
  // One device at a time, where the server still knows room and device.
  if (summary != nullptr && summary->member()) {
    v1::AcquireRemovalLeaseRequest lease;
    lease.set_room_id(ToText(room_id));
    ENLACE_ASSIGN_OR_RETURN(const v1::AcquireRemovalLeaseResponse granted,
                            services_.session.AcquireRemovalLease(lease, kCallTimeoutMs));
    if (!granted.granted()) return absl::OkStatus();
  }
  return OpenSuccessor(*room);
}

absl::StatusOr<bool> Recovery::MayOpenSuccessor(const Room& lost) const {
  const vault::v1::RoomRecord& record = lost.record();
  if (!Waits(record) || record.case_ref().empty() || !lost.Guard()) return false;
  ENLACE_ASSIGN_OR_RETURN(const room::RoomPolicy policy, lost.Policy());
  const bool acts = std::any_of(
      policy.participants.begin(), policy.participants.end(), [&](const room::Participant& one) {
        return one.role == room::OfficeRole::kAction && services_.ActsFor(one.office_id);
      });
  const bool long_enough = services_.now_ms() - record.read_only_since_ms() >= kSuccessorDelayMs;
  if (!services_.ActsFor(policy.origin_office) && !(acts && long_enough)) return false;
  ENLACE_ASSIGN_OR_RETURN(const bool under_way, IsUnderWay(lost.id()));
  return !under_way;
}

// Whether a successor was offered already and the log has not brought it back.
absl::StatusOr<bool> Recovery::IsUnderWay(BytesView lost_id) const {
  ENLACE_ASSIGN_OR_RETURN(const auto records, RoomStore(services_.vault()).LoadWaiting());
  return std::any_of(records.begin(), records.end(), [&](const vault::v1::RoomRecord& record) {
    if (record.membership() != vault::v1::ROOM_MEMBERSHIP_FOUNDING) return false;
    const auto policy = room::DecodeRoomPolicy(AsBytes(record.policy()));
    return policy.ok() && EqualBytes(policy->predecessor.room_id, lost_id);
  });
}

absl::Status Recovery::OpenSuccessor(Room& lost) {
  FoundingPlan plan;
  plan.case_ref = lost.record().case_ref();
  plan.guard = *lost.Guard();
  ENLACE_ASSIGN_OR_RETURN(plan.policy, lost.Policy());
  if (plan.policy.kind == room::RoomKind::kIdentity) {
    ENLACE_ASSIGN_OR_RETURN(const auto record, CaseStore(services_.vault()).Find(plan.case_ref));
    if (!record) return absl::OkStatus();
    ENLACE_ASSIGN_OR_RETURN(const Room* main, book_.Get(AsBytes(record->room_id())));
    // The case's own room comes first; this one names it.
    if (Waits(main->record())) return absl::OkStatus();
    plan.policy.main_room = ToBytes(AsBytes(record->room_id()));
  }
  plan.policy.predecessor.room_id = ToBytes(lost.id());
  const BytesView head = AsBytes(lost.record().room_head());
  if (head.size() == plan.policy.predecessor.last_head.size())
    std::copy(head.begin(), head.end(), plan.policy.predecessor.last_head.begin());
  std::vector<std::string> offices = {plan.policy.origin_office};
  for (const room::Participant& one : plan.policy.participants) {
    if (plan.guard.Excludes(alerts::AuthorityOfOffice(one.office_id)))
      return GuardExcludedError(services_, one.office_id);
    offices.push_back(one.office_id);
  }
  ENLACE_ASSIGN_OR_RETURN(plan.members, ClaimForOffices(services_, offices));
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services_.vault().Begin());
  ENLACE_ASSIGN_OR_RETURN(FoundedRoom founded,
                          FoundRoom(services_.rooms, *tx, plan, services_.now_ms()));
  const v1::CreateRoomRequest request = FoundingRequest(services_, founded, {});
  ENLACE_RETURN_IF_ERROR(offers_.KeepCreateRoom(*tx, *founded.room, request));
  ENLACE_RETURN_IF_ERROR(Finish(std::move(tx)));
  const Bytes successor_id = ToBytes(founded.room->id());
  book_.Put(std::move(founded.room));
  ENLACE_ASSIGN_OR_RETURN(const OfferResult result, offers_.Offer(successor_id));
  return result.verdict == OfferResult::Verdict::kAccepted ? absl::OkStatus() : result.refusal;
}

absl::StatusOr<bool> Recovery::Adopt(VaultTransaction& tx, Room& room) {
  ENLACE_ASSIGN_OR_RETURN(const room::RoomPolicy policy, room.Policy());
  const Bytes& lost_id = policy.predecessor.room_id;
  if (lost_id.empty()) return false;
  const absl::StatusOr<Room*> found = book_.Get(lost_id);
  if (HasReason(found.status(), Reason::kRoomUnknown)) return false;
  ENLACE_RETURN_IF_ERROR(found.status());
  Room& lost = **found;
  vault::v1::RoomRecord& record = lost.mutable_record();
  const std::string successor = ToText(room.id());
  const std::string followed = record.successor_room_id();
  const bool known = !followed.empty() && followed <= successor;
  if (known || record.case_ref().empty() || record.purged() || !Continues(services_, lost, room))
    return false;
  record.set_frozen_reason(NameOf(Reason::kRoomReadOnly));
  record.set_successor_room_id(successor);
  record.set_membership(vault::v1::ROOM_MEMBERSHIP_LEFT);
  record.clear_pending_request();
  const std::string case_ref = record.case_ref();
  ENLACE_RETURN_IF_ERROR(lost.Save(tx, /*new_epoch=*/true));
  room.mutable_record().set_case_ref(case_ref);
  ENLACE_RETURN_IF_ERROR(room.Save(tx, /*new_epoch=*/false));
  const absl::StatusOr<CaseLog> log = LoadCaseLog(services_.vault(), case_ref);
  if (!log.ok() && !HasReason(log.status(), Reason::kCaseUnknown)) return log.status();
  const bool of_identity = policy.kind == room::RoomKind::kIdentity;
  ENLACE_RETURN_IF_ERROR(
      CaseStore(services_.vault()).MoveToRoom(tx, case_ref, {room.id(), of_identity}));
  Outbox::Move move;
  move.from = followed.empty() ? BytesView(lost_id) : AsBytes(followed);
  move.to = room.id();
  move.table = log.ok() ? &log->workflow.table() : nullptr;
  ENLACE_RETURN_IF_ERROR(outbox_.MoveRoom(tx, move));
  return true;
}

}  // namespace enlace::client
