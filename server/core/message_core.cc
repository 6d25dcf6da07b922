#include "server/core/message_core.h"

#include <algorithm>
#include <utility>

#include "crypto/mls/framing.h"
#include "server/core/limits.h"
#include "server/core/store_io.h"

namespace enlace::server {
namespace {

absl::Status CheckSizes(const v1::Envelope& envelope) {
  const size_t size = envelope.ByteSizeLong();
  if (size > kEnvelopeBytesMax) {
    return MakeError(Reason::kBodyTooLarge, {{"what", "message"},
                                             {"size_bytes", std::to_string(size)},
                                             {"limit_bytes", std::to_string(kEnvelopeBytesMax)}});
  }
  if (static_cast<size_t>(envelope.ack_office_ids().size()) > kAckOfficesMax)
    return Malformed("ack_office_ids");
  if (static_cast<size_t>(envelope.blob_ids().size()) > kBlobsOfEnvelopeMax)
    return Malformed("blob_ids");
  if (envelope.ack_due_after_ms() > static_cast<uint64_t>(kAckDueAfterMsMax))
    return Malformed("ack_due_after_ms");
  if (!v1::Urgency_IsValid(envelope.urgency())) return Malformed("urgency");
  return absl::OkStatus();
}

}  // namespace

absl::Status EpochStale(uint64_t current_epoch) {
  return MakeError(Reason::kEpochStale, {{"epoch", std::to_string(current_epoch)}});
}

absl::Status MessageCore::CheckOffices(const LiveRoom& room, const Caller& caller,
                                       const v1::Envelope& envelope) const {
  if (!caller.ActsFor(envelope.sender_office_id())) {
    return MakeError(Reason::kNotYourOffice, {{"office", envelope.sender_office_id()}});
  }
  if (envelope.ack_office_ids().empty()) return absl::OkStatus();
  if (room.policy.kind == room::RoomKind::kBulletin)
    return Malformed("bulletins ask for no acknowledgement");
  for (const std::string& office : envelope.ack_office_ids()) {
    if (room.policy.origin_office != office && room.policy.FindParticipant(office) == nullptr) {
      return MakeError(Reason::kPolicyForbids, {{"what", office + " takes no part in the room"}});
    }
  }
  return absl::OkStatus();
}

absl::Status MessageCore::CheckStanding(const LiveRoom& room, const Caller& caller) const {
  if (room.policy.kind != room::RoomKind::kBulletin) return absl::OkStatus();
  const identity::Charter* charter = s_.registry.latest().charter();
  const identity::Authority* authority =
      charter == nullptr ? nullptr : charter->FindAuthority(caller.authority);
  if (authority != nullptr && charter->PermissionsOf(authority->standing).bulletins)
    return absl::OkStatus();
  return MakeError(Reason::kNotPermittedByStanding,
                   {{"authority", caller.authority}, {"what", "bulletins"}});
}

absl::Status MessageCore::CheckEnvelope(const LiveRoom& room, const Caller& caller,
                                        const v1::Envelope& envelope, uint64_t epoch) const {
  ENLACE_RETURN_IF_ERROR(CheckSizes(envelope));
  const auto header = mls::ParseMessageHeader(AsBytes(envelope.message()));
  if (!header.ok()) return Malformed(MessageOf(header.status()));
  if (header->wire_format != mls::WireFormat::kPrivateMessage ||
      header->content_type != mls::ContentType::kApplication) {
    return Malformed("content travels as a private message");
  }
  if (!EqualBytes(header->group_id, room.id)) return Malformed("message of another room");
  if (header->epoch != epoch || envelope.epoch() != epoch) return EpochStale(room.record.epoch());
  ENLACE_RETURN_IF_ERROR(CheckStanding(room, caller));
  return CheckOffices(room, caller, envelope);
}

absl::Status MessageCore::AcceptReferences(LiveRoom& room, const Caller& caller,
                                           const v1::Envelope& envelope, int64_t now_ms) {
  std::vector<std::string> blobs(envelope.blob_ids().begin(), envelope.blob_ids().end());
  std::sort(blobs.begin(), blobs.end());
  if (std::unique(blobs.begin(), blobs.end()) != blobs.end())
    return Malformed("a blob is named twice");
  for (const std::string& blob : blobs)
    ENLACE_RETURN_IF_ERROR(s_.blobs.Reference(room.id, AsBytes(blob)));
  if (envelope.has_settles()) {
    ENLACE_RETURN_IF_ERROR(s_.deadlines.Settle(caller, room.id, envelope.settles()));
  }
  for (const uint64_t sequence : envelope.withdraws()) {
    ENLACE_RETURN_IF_ERROR(s_.retention.Withdraw(caller, room.id, sequence, now_ms));
  }
  return absl::OkStatus();
}

void MessageCore::TellOffices(const LiveRoom& room, const v1::Envelope& envelope, int64_t now_ms) {
  const auto tell = [&](const std::string& office) {
    if (office != envelope.sender_office_id())
      s_.presence.MessageFor(office, envelope.urgency(), now_ms);
  };
  tell(room.policy.origin_office);
  for (const room::Participant& participant : room.policy.participants) tell(participant.office_id);
}

absl::StatusOr<v1::Acceptance> MessageCore::Accept(LiveRoom& room, const Call& call,
                                                   const v1::Envelope& envelope,
                                                   PreparedMessage message) {
  const Caller& caller = call.caller;
  const int64_t now_ms = call.now_ms;
  ENLACE_ASSIGN_OR_RETURN(const int64_t expires_at_ms,
                          Retention::ExpiryOf(envelope.delete_after_ms(), now_ms));
  s_.rooms.Changing(room);
  ENLACE_RETURN_IF_ERROR(AcceptReferences(room, caller, envelope, now_ms));
  LogContent content{.message = std::move(message),
                     .kind = room::LogKind::kMessage,
                     .sender_uri = caller.device_uri,
                     .now_ms = now_ms};
  ENLACE_ASSIGN_OR_RETURN(LoggedEntry logged, s_.log.Append(room, std::move(content)));
  const auto dropped_at_ms = static_cast<uint64_t>(expires_at_ms);
  if (dropped_at_ms < envelope.delete_after_ms())
    logged.acceptance.set_delete_after_ms(dropped_at_ms);
  const uint64_t sequence = logged.acceptance.sequence();
  s_.retention.Schedule(room.id, sequence, expires_at_ms);
  s_.deadlines.Open({room.id, sequence, static_cast<int64_t>(logged.acceptance.accepted_at_ms()),
                     caller, envelope});
  TellOffices(room, envelope, now_ms);
  const auto audience = room.audience;
  ENLACE_RETURN_IF_ERROR(s_.fan_out.Send(room.id, logged.inbox, *audience));
  return std::move(logged.acceptance);
}

absl::Status MessageCore::Send(const Call& call, const v1::SendRequest& request,
                               PreparedMessage& message, v1::SendResponse& answer) {
  const Caller& caller = call.caller;
  ENLACE_ASSIGN_OR_RETURN(LiveRoom * room, s_.rooms.Find(AsBytes(request.room_id())));
  if (!room->IsMember(caller.device_uri)) return MakeError(Reason::kNotAMember);
  if (room->record.read_only()) return MakeError(Reason::kRoomReadOnly);
  ENLACE_RETURN_IF_ERROR(CheckEnvelope(*room, caller, request.envelope(), room->record.epoch()));
  ENLACE_RETURN_IF_ERROR(s_.roster.Check(*room, call.now_ms));
  ENLACE_ASSIGN_OR_RETURN(*answer.mutable_acceptance(),
                          Accept(*room, call, request.envelope(), std::move(message)));
  return absl::OkStatus();
}

}  // namespace enlace::server
