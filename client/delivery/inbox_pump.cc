#include "client/delivery/inbox_pump.h"

#include <algorithm>

#include "client/delivery/deadline_notices.h"
#include "client/delivery/history.h"
#include "client/delivery/limits.h"
#include "client/rooms/entering.h"
#include "client/rooms/limits.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

// Whether the log has another entry where the server had accepted a message of this device.
bool TakesOurPlace(const Outbox& outbox, const v1::RoomEntry& entry) {
  const absl::StatusOr<room::LogHeader> header = room::DecodeLogHeader(AsBytes(entry.header()));
  return header.ok() &&
         std::any_of(outbox.items().begin(), outbox.items().end(), [&](const auto& item) {
           return item.phase() == vault::v1::OUTBOX_PHASE_ACCEPTED &&
                  item.room_id() == entry.room_id() && item.sequence() == header->sequence &&
                  item.message_hash() != AsText(header->content_hash);
         });
}

}  // namespace

absl::StatusOr<Bytes> FetchTree(SessionInterface& session, std::string_view room_id,
                                uint64_t epoch) {
  Bytes tree;
  while (true) {
    v1::GetTreeRequest request;
    request.set_room_id(std::string(room_id));
    request.set_epoch(epoch);
    request.set_offset(tree.size());
    ENLACE_ASSIGN_OR_RETURN(const v1::GetTreeResponse part,
                            session.GetTree(request, kCallTimeoutMs));
    Append(tree, AsBytes(part.chunk()));
    if (part.total_bytes() > kTreeBytesMax || tree.size() > part.total_bytes()) {
      return MakeError(Reason::kBodyTooLarge, {{"what", "ratchet tree"},
                                               {"size_bytes", std::to_string(part.total_bytes())},
                                               {"limit_bytes", std::to_string(kTreeBytesMax)}});
    }
    if (tree.size() == part.total_bytes()) return tree;
    if (part.chunk().empty())
      return MakeError(Reason::kMalformedRequest, {{"what", "ratchet tree"}});
  }
}

absl::StatusOr<PumpResult> InboxPump::Apply(const v1::SubscribeResponse& response) {
  PumpResult result;
  if (!confirmed_) confirmed_ = sync_.record().cursor();
  for (const v1::InboxItem& item : response.items())
    ENLACE_RETURN_IF_ERROR(ApplyItem(item, result));
  vault::v1::SyncRecord& record = sync_.mutable_record();
  // Told once the replay ends and with heartbeats; what was seen last is presented next time.
  if (!response.generation().empty()) {
    record.set_generation(response.generation());
    record.set_server_sequence(response.server_sequence());
    record.set_server_head(response.server_head());
  }
  if (response.server_time_ms() != 0) {
    record.set_clock_offset_ms(static_cast<int64_t>(response.server_time_ms()) -
                               services_.now_ms());
  }
  if (response.replayed()) record.set_synced_at_ms(services_.now_ms());
  ENLACE_RETURN_IF_ERROR(sync_.Save());
  // The call takes a round trip, which a replay over a poor line can't spare for every response.
  const bool due = response.replayed() || record.cursor() - *confirmed_ >= kUnconfirmedItemsMax;
  if (record.cursor() == confirmed_ || !due) return result;
  v1::ConfirmRequest confirm;
  confirm.set_cursor(record.cursor());
  // What is not confirmed now is confirmed with a later response: the items are durable here either
  // way.
  const absl::StatusOr<v1::ConfirmResponse> confirmed =
      services_.session.Confirm(confirm, kCallTimeoutMs);
  if (!confirmed.ok() && VerdictOf(confirmed.status()) != OfferResult::Verdict::kLater)
    return confirmed.status();
  if (confirmed.ok()) {
    confirmed_ = record.cursor();
    result.newest_cursor = confirmed->last_cursor();
  }
  return result;
}

absl::Status InboxPump::ApplyItem(const v1::InboxItem& item, PumpResult& result) {
  if (item.cursor() <= sync_.record().cursor()) return absl::OkStatus();
  absl::Status applied = ApplyOnce(item, result);
  if (absl::IsOutOfRange(applied)) {
    ENLACE_RETURN_IF_ERROR(
        services_.replica().Refresh(services_.session, services_.now_ms(), kCallTimeoutMs));
    applied = ApplyOnce(item, result);
    if (absl::IsOutOfRange(applied)) {
      services_.replica().MarkServerBehind();
      return MakeError(Reason::kServerBehind);
    }
  }
  return applied;
}

absl::Status InboxPump::ApplyOnce(const v1::InboxItem& item, PumpResult& result) {
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services_.vault().Begin());
  const uint64_t cursor_before = sync_.record().cursor();
  absl::Status applied;
  if (item.has_entry()) applied = ApplyEntry(*tx, item.entry(), result);
  if (item.has_welcome()) applied = ApplyWelcome(*tx, item.welcome(), result);
  if (item.has_deadline()) applied = NoteDeadline(services_, *tx, item.deadline());
  if (item.has_room_opened()) result.rooms_to_enter = true;
  if (applied.ok()) {
    sync_.mutable_record().set_cursor(item.cursor());
    applied = sync_.Save(*tx);
    if (applied.ok()) applied = Finish(std::move(tx));
  }
  if (!applied.ok()) {
    // Memory is ahead of the vault now: all forget the attempt.
    tx.reset();
    sync_.mutable_record().set_cursor(cursor_before);
    book_.Clear();
    ENLACE_RETURN_IF_ERROR(outbox_.Open());
  }
  return applied;
}

absl::Status InboxPump::ApplyEntry(VaultTransaction& tx, const v1::RoomEntry& entry,
                                   PumpResult& result) {
  const absl::StatusOr<Room*> found = book_.Get(AsBytes(entry.room_id()));
  // A room that was entered and lost again, or that this device never knew: ListRooms tells later.
  if (HasReason(found.status(), Reason::kRoomUnknown)) {
    result.rooms_to_enter = true;
    return absl::OkStatus();
  }
  ENLACE_RETURN_IF_ERROR(found.status());
  Room& room = **found;
  absl::StatusOr<EntryOutcome> outcome =
      room.ApplyEntry(tx, AsBytes(entry.header()), AsBytes(entry.message()));
  if (absl::IsAlreadyExists(outcome.status())) return absl::OkStatus();
  if (!outcome.ok()) return Judge(tx, entry, outcome.status(), result);
  result.changed = true;
  // The server lost it: it is offered again with the next look at the rooms.
  result.rooms_to_enter = result.rooms_to_enter || TakesOurPlace(outbox_, entry);
  if (outcome->message) return TakeMessage(tx, room, {entry, *outcome->message}, result);
  return AfterCommit(tx, room, *outcome, result);
}

absl::Status InboxPump::Judge(VaultTransaction& tx, const v1::RoomEntry& entry,
                              const absl::Status& verdict, PumpResult& result) {
  const bool of_the_vault =
      HasReason(verdict, Reason::kVaultDamaged) || HasReason(verdict, Reason::kDiskFull);
  if (absl::IsOutOfRange(verdict) || of_the_vault) return verdict;
  ENLACE_ASSIGN_OR_RETURN(Room * room, book_.Get(AsBytes(entry.room_id())));
  vault::v1::RoomRecord& record = room->mutable_record();
  const absl::StatusOr<room::LogHeader> header = room::DecodeLogHeader(AsBytes(entry.header()));
  if (absl::IsDataLoss(verdict) || !header.ok()) {
    // The log does not continue what this device has seen: nothing is sent into the room any more,
    // and the server is asked whether it lost a part of it.
    result.rooms_to_enter = true;
    record.set_frozen_reason(std::string(RowOf(Reason::kLogInconsistent).name));
  } else if (room->has_pending_commit() || absl::IsAborted(verdict) ||
             absl::IsInvalidArgument(verdict) || absl::IsPermissionDenied(verdict)) {
    // A message that does not open is its sender's fault alone; without a commit nobody goes on.
    if (header->kind == room::LogKind::kCommit)
      result.unprocessable.push_back({ToBytes(room->id()), header->epoch, header->content_hash});
  }
  return room->Save(tx, /*new_epoch=*/false);
}

absl::Status InboxPump::Adopt(VaultTransaction& tx, Room& room, PumpResult& result) {
  ENLACE_ASSIGN_OR_RETURN(const bool moved, recovery_.Adopt(tx, room));
  // The case's identity room may follow now.
  result.rooms_to_enter = result.rooms_to_enter || moved;
  return absl::OkStatus();
}

absl::Status InboxPump::TakeMessage(VaultTransaction& tx, Room& room, const TakenMessage& taken,
                                    PumpResult& result) {
  const v1::RoomEntry& entry = taken.entry;
  const OpenedMessage& opened = taken.opened;
  ENLACE_ASSIGN_OR_RETURN(const room::LogHeader header,
                          room::DecodeLogHeader(AsBytes(entry.header())));
  if (!opened.own) {
    const bool guarded = room.Guard().has_value();
    ENLACE_RETURN_IF_ERROR(messages_.Take(
        tx, room, {entry, header, opened.content.view(), opened.certificate, false}));
    // With its guard a successor can be judged.
    return guarded || !room.Guard() ? absl::OkStatus() : Adopt(tx, room, result);
  }
  const std::optional<vault::v1::OutboxItem> item = outbox_.FindByMessage(header.content_hash);
  // Sent by this device before it lost its state: its colleagues have it, this device can't read it
  // any more.
  if (!item) return absl::OkStatus();
  ENLACE_RETURN_IF_ERROR(
      outbox_.MarkReturned(tx, item->item_id(), header.sequence, header.accepted_at_ms));
  return messages_.Take(
      tx, room,
      {entry, header, AsBytes(item->signed_content()), services_.device().fingerprint, true});
}

absl::Status InboxPump::AfterCommit(VaultTransaction& tx, Room& room, const EntryOutcome& outcome,
                                    PumpResult& result) {
  // Before anything else of the room: it may go on with another's case.
  if (outcome.own_commit) ENLACE_RETURN_IF_ERROR(Adopt(tx, room, result));
  if (outcome.rival_won) ENLACE_RETURN_IF_ERROR(outbox_.RequeueRoom(tx, room.id()));
  if (outcome.entered.empty() || !room.is_member()) return absl::OkStatus();
  for (const uint32_t leaf : outcome.entered) {
    const mls::LeafNode* node = room.group().public_group().FindLeaf(mls::LeafIndex{leaf});
    if (node == nullptr || node->credential().certificates().empty()) continue;
    const merkle::Hash joiner = merkle::Sha256(node->credential().certificates()[0]);
    ENLACE_RETURN_IF_ERROR(OweHistory(services_, tx, room, joiner, /*at_once=*/false));
  }
  if (!room.Guard()) return absl::OkStatus();
  const Bytes random = services_.rooms.rng.PublicBytes(2);
  const int64_t delay = (random[0] << 8 | random[1]) % kGuardNoticeDelayMsMax;
  for (const uint32_t leaf : outcome.entered) room.mutable_record().add_guard_wanted_leaves(leaf);
  room.mutable_record().set_guard_due_ms(services_.now_ms() + delay);
  return room.Save(tx, /*new_epoch=*/false);
}

absl::Status InboxPump::ApplyWelcome(VaultTransaction& tx, const v1::WelcomeEntry& welcome,
                                     PumpResult& result) {
  const absl::StatusOr<Bytes> tree =
      FetchTree(services_.session, welcome.room_id(), welcome.epoch());
  if (!tree.ok() && VerdictOf(tree.status()) == OfferResult::Verdict::kLater) return tree.status();
  absl::StatusOr<std::unique_ptr<Room>> room = NotFound("the tree of that epoch is gone");
  if (tree.ok()) {
    room = EnterByWelcome(services_.rooms, tx,
                          {AsBytes(welcome.welcome()), AsBytes(welcome.header()), *tree});
  }
  if (absl::IsOutOfRange(room.status()) || HasReason(room.status(), Reason::kVaultDamaged))
    return room.status();
  if (!room.ok()) {
    // A Welcome that can't be used costs nothing: the office takes part, so this device enters by
    // itself.
    result.rooms_to_enter = true;
    return absl::OkStatus();
  }
  ENLACE_RETURN_IF_ERROR(Adopt(tx, **room, result));
  book_.Put(*std::move(room));
  result.changed = true;
  return absl::OkStatus();
}

}  // namespace enlace::client
