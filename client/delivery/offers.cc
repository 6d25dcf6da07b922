#include "client/delivery/offers.h"

#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

absl::Status Keep(VaultTransaction& tx, Room& room, std::string request,
                  vault::v1::PreparedKind kind) {
  room.mutable_record().set_pending_request(std::move(request));
  room.mutable_record().set_pending_kind(kind);
  return room.Save(tx, /*new_epoch=*/false);
}

absl::StatusOr<std::vector<v1::Acceptance>> Ask(SessionInterface& session,
                                                const vault::v1::RoomRecord& record) {
  if (record.pending_kind() == vault::v1::PREPARED_KIND_CREATE_ROOM) {
    v1::CreateRoomRequest request;
    if (!request.ParseFromString(record.pending_request()))
      return MakeError(Reason::kVaultDamaged, {{"what", "rooms"}});
    ENLACE_ASSIGN_OR_RETURN(const v1::CreateRoomResponse answer,
                            session.CreateRoom(request, kCallTimeoutMs));
    return std::vector<v1::Acceptance>(answer.messages().begin(), answer.messages().end());
  }
  v1::CommitRequest request;
  if (!request.ParseFromString(record.pending_request()))
    return MakeError(Reason::kVaultDamaged, {{"what", "rooms"}});
  ENLACE_ASSIGN_OR_RETURN(const v1::CommitResponse answer, session.Commit(request, kCallTimeoutMs));
  return std::vector<v1::Acceptance>(answer.messages().begin(), answer.messages().end());
}

}  // namespace

OfferResult::Verdict VerdictOf(const absl::Status& status) {
  using Verdict = OfferResult::Verdict;
  if (status.ok()) return Verdict::kAccepted;
  if (HasReason(status, Reason::kEpochStale) || HasReason(status, Reason::kRosterStale) ||
      HasReason(status, Reason::kRegistryBehind)) {
    return Verdict::kStale;
  }
  // What is meant for a room whose log was lost waits for its successor.
  if (HasReason(status, Reason::kRoomReadOnly)) return Verdict::kLater;
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kUnauthenticated:
      return Verdict::kLater;
    default:
      return Verdict::kRefused;
  }
}

v1::Envelope EnvelopeOf(const vault::v1::OutboxItem& item, uint64_t epoch) {
  v1::Envelope envelope;
  envelope.set_epoch(epoch);
  envelope.set_sender_office_id(item.office_id());
  envelope.set_urgency(static_cast<v1::Urgency>(item.urgency()));
  envelope.set_ack_due_after_ms(static_cast<uint64_t>(item.ack_due_after_ms()));
  *envelope.mutable_ack_office_ids() = item.ack_office_ids();
  if (item.settles_sequence() != 0) {
    envelope.mutable_settles()->set_sequence(item.settles_sequence());
    envelope.mutable_settles()->set_office_id(item.office_id());
  }
  for (const vault::v1::OutboxAttachment& attachment : item.attachments())
    envelope.add_blob_ids(attachment.blob_id());
  envelope.set_delete_after_ms(static_cast<uint64_t>(item.delete_after_ms()));
  *envelope.mutable_withdraws() = item.withdraws();
  return envelope;
}

absl::Status Offers::KeepCreateRoom(VaultTransaction& tx, Room& room,
                                    const v1::CreateRoomRequest& request) const {
  return Keep(tx, room, request.SerializeAsString(), vault::v1::PREPARED_KIND_CREATE_ROOM);
}

absl::Status Offers::KeepCommit(VaultTransaction& tx, Room& room,
                                const v1::CommitRequest& request) const {
  return Keep(tx, room, request.SerializeAsString(), vault::v1::PREPARED_KIND_COMMIT);
}

absl::StatusOr<OfferResult> Offers::Offer(BytesView room_id) {
  ENLACE_ASSIGN_OR_RETURN(Room * room, book_.Get(room_id));
  OfferResult result;
  absl::StatusOr<std::vector<v1::Acceptance>> answer = Ask(services_.session, room->record());
  result.verdict = VerdictOf(answer.status());
  result.refusal = answer.status();
  if (answer.ok()) result.messages = *std::move(answer);
  if (result.verdict == OfferResult::Verdict::kLater) return result;
  const absl::Status settled = Settle(*room, result.verdict);
  if (!settled.ok()) {
    book_.Drop(room_id);
    return settled;
  }
  if (result.verdict != OfferResult::Verdict::kAccepted) book_.Drop(room_id);
  return result;
}

absl::Status Offers::Settle(Room& room, OfferResult::Verdict verdict) {
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services_.vault().Begin());
  room.mutable_record().clear_pending_request();
  room.mutable_record().clear_pending_kind();
  if (verdict == OfferResult::Verdict::kAccepted) {
    ENLACE_RETURN_IF_ERROR(room.Save(*tx, /*new_epoch=*/false));
    return Finish(std::move(tx));
  }
  if (room.record().membership() == vault::v1::ROOM_MEMBERSHIP_MEMBER) {
    ENLACE_RETURN_IF_ERROR(room.AbandonCommit(*tx));
  } else {
    // A room that never came to be, or was not entered: nothing of it stays.
    ENLACE_RETURN_IF_ERROR(RoomStore(services_.vault()).Forget(*tx, room.id()));
  }
  return Finish(std::move(tx));
}

}  // namespace enlace::client
