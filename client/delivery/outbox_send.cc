// The half of Outbox that talks to the server.

#include "client/cases/case_store.h"
#include "client/delivery/case_plan.h"
#include "client/delivery/content_signing.h"
#include "client/delivery/outbox.h"
#include "client/delivery/transfers.h"
#include "client/rooms/limits.h"
#include "client/session/request_id.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {

absl::Status Outbox::TryQueued(Item& item) {
  switch (item.kind()) {
    case vault::v1::OUTBOX_KIND_NEW_CASE:
      return TryNewCase(item);
    case vault::v1::OUTBOX_KIND_IDENTITY:
      return TryIdentity(item);
    default:
      return TryContent(item);
  }
}

absl::Status Outbox::Try(Item& item) {
  const absl::Status allowed = services_.replica().CheckMaySend(services_.now_ms());
  if (!allowed.ok()) return Postpone(item, allowed);
  if (item.phase() == vault::v1::OUTBOX_PHASE_PREPARED) {
    return item.prepared_kind() == vault::v1::PREPARED_KIND_SEND ? SendPrepared(item)
                                                                 : OfferRoom(item);
  }
  const absl::Status tried = TryQueued(item);
  if (tried.ok() || HasReason(tried, Reason::kVaultDamaged)) return tried;
  return VerdictOf(tried) == OfferResult::Verdict::kRefused ? Fail(item, tried)
                                                            : Postpone(item, tried);
}

// The room of the item's case; of a case that this device opens, the one that is being founded.
absl::StatusOr<std::string> Outbox::RoomOf(const Item& item) const {
  ENLACE_ASSIGN_OR_RETURN(const auto record, CaseStore(services_.vault()).Find(item.case_ref()));
  if (!record) return MakeError(Reason::kCaseUnknown, {{"case", item.case_ref()}});
  if (!record->room_id().empty()) return record->room_id();
  for (const Item& other : items_) {
    const bool opens =
        other.kind() == vault::v1::OUTBOX_KIND_NEW_CASE && other.case_ref() == item.case_ref();
    if (opens && !other.room_id().empty()) return other.room_id();
  }
  return MakeError(Reason::kCaseUnknown, {{"case", item.case_ref()}});
}

absl::Status Outbox::TryContent(Item& item) {
  if (item.room_id().empty()) {
    ENLACE_ASSIGN_OR_RETURN(const std::string room_id, RoomOf(item));
    item.set_room_id(room_id);
  }
  ENLACE_ASSIGN_OR_RETURN(Room * room, book_.Get(AsBytes(item.room_id())));
  const bool on_its_way = room->record().membership() == vault::v1::ROOM_MEMBERSHIP_FOUNDING ||
                          room->record().membership() == vault::v1::ROOM_MEMBERSHIP_ENTERING;
  // The log has not brought the room's first commit, or this device's entry, back yet.
  if (on_its_way) return Postpone(item, MakeError(Reason::kNotSentYet));
  // A room whose log was lost takes no commit either.
  const bool lost = room->record().read_only_since_ms() != 0;
  if (!lost && room->is_member() && room->Guard() && !room->has_pending_commit()) {
    ENLACE_ASSIGN_OR_RETURN(const CommitIntent intent, IntentFor(item, *room));
    const bool changes = !intent.removes.empty() || intent.policy.has_value();
    if (changes) return SendWithCommit(item, *room, intent);
  }
  const absl::Status may_send = room->CheckMaySend();
  // The room waits for its own commit or its guard: the item is tried again, nothing is wrong with
  // it.
  if (absl::IsAborted(may_send) || HasReason(may_send, Reason::kRoomFrozen))
    return Postpone(item, may_send);
  ENLACE_RETURN_IF_ERROR(may_send);
  ENLACE_ASSIGN_OR_RETURN(const Bytes signed_content,
                          SignForCase(services_, item.case_ref(), AsBytes(item.content())));
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services_.vault().Begin());
  const absl::StatusOr<Bytes> message = room->Protect(*tx, signed_content);
  if (!message.ok()) {
    book_.Drop(AsBytes(item.room_id()));
    return message.status();
  }
  v1::SendRequest request;
  request.set_request_id(NewRequestId(services_.now_ms(), services_.rooms.rng));
  request.set_room_id(item.room_id());
  *request.mutable_envelope() = EnvelopeOf(item, room->epoch());
  request.mutable_envelope()->set_message(ToText(*message));
  item.set_signed_content(ToText(signed_content));
  item.set_message_hash(ToText(merkle::Sha256(*message)));
  item.set_prepared_request(request.SerializeAsString());
  item.set_prepared_kind(vault::v1::PREPARED_KIND_SEND);
  item.set_phase(vault::v1::OUTBOX_PHASE_PREPARED);
  ENLACE_RETURN_IF_ERROR(Save(*tx, item));
  const absl::Status committed = Finish(std::move(tx));
  if (!committed.ok()) {
    book_.Drop(AsBytes(item.room_id()));
    return committed;
  }
  return SendPrepared(item);
}

// The message names its attachments, so that the server has to know of them first.
absl::Status Outbox::Announce(Item& item) {
  if (item.attachments().empty()) return absl::OkStatus();
  ENLACE_RETURN_IF_ERROR(AnnounceBlobs(services_, item));
  return Update(item);
}

absl::Status Outbox::OfferRoom(Item& item) {
  const absl::Status announced = Announce(item);
  if (!announced.ok()) return Settle(item, VerdictOf(announced), announced, nullptr);
  ENLACE_ASSIGN_OR_RETURN(const OfferResult result, offers_.Offer(AsBytes(item.room_id())));
  const bool one = result.verdict == OfferResult::Verdict::kAccepted && result.messages.size() == 1;
  if (result.verdict == OfferResult::Verdict::kAccepted && !one)
    return MakeError(Reason::kInternal);
  return Settle(item, result.verdict, result.refusal, one ? &result.messages[0] : nullptr);
}

absl::Status Outbox::SendPrepared(Item& item) {
  const absl::Status announced = Announce(item);
  if (!announced.ok()) return Settle(item, VerdictOf(announced), announced, nullptr);
  v1::SendRequest request;
  if (!request.ParseFromString(item.prepared_request()))
    return MakeError(Reason::kVaultDamaged, {{"what", "outbox"}});
  const absl::StatusOr<v1::SendResponse> answer = services_.session.Send(request, kCallTimeoutMs);
  return Settle(item, VerdictOf(answer.status()), answer.status(),
                answer.ok() ? &answer->acceptance() : nullptr);
}

absl::Status Outbox::Settle(Item& item, OfferResult::Verdict verdict, const absl::Status& refusal,
                            const v1::Acceptance* acceptance) {
  switch (verdict) {
    case OfferResult::Verdict::kAccepted:
      item.set_phase(vault::v1::OUTBOX_PHASE_ACCEPTED);
      item.set_accepted_at_ms(static_cast<int64_t>(acceptance->accepted_at_ms()));
      item.set_sequence(acceptance->sequence());
      // The server keeps nothing for longer than it may: what is shown is what it does.
      if (acceptance->delete_after_ms() != 0)
        item.set_delete_after_ms(static_cast<int64_t>(acceptance->delete_after_ms()));
      item.clear_prepared_request();
      item.clear_error_reason();
      return Update(item);
    case OfferResult::Verdict::kStale: {
      item.set_phase(vault::v1::OUTBOX_PHASE_QUEUED);
      item.clear_prepared_request();
      item.clear_message_hash();
      if (item.prepared_kind() == vault::v1::PREPARED_KIND_CREATE_ROOM) item.clear_room_id();
      item.set_stale_tries(item.stale_tries() + 1);
      if (item.stale_tries() >= kStaleTriesMax) return Fail(item, refusal);
      ENLACE_RETURN_IF_ERROR(Update(item));
      // A revocation that we have not heard of, or a newer epoch on its way: the next try stands on
      // the new state.
      const absl::Status refreshed =
          services_.replica().Refresh(services_.session, services_.now_ms(), kCallTimeoutMs);
      return Postpone(item, refreshed.ok() ? refusal : refreshed);
    }
    case OfferResult::Verdict::kLater:
      return Postpone(item, refusal);
    case OfferResult::Verdict::kRefused:
      break;
  }
  return Fail(item, refusal);
}

}  // namespace enlace::client
