#include "crypto/room/room_policy.h"

#include <algorithm>
#include <utility>

#include "crypto/codec/fields.h"
#include "crypto/primitives/status.h"

namespace enlace::room {
namespace {

constexpr codec::TextListLimits kNetworkList = {kPolicyNetworksMax, identity::kNetworkIdBytesMax};

bool AscendingByOffice(const std::vector<Participant>& participants) {
  return std::adjacent_find(participants.begin(), participants.end(),
                            [](const Participant& a, const Participant& b) {
                              return !(a.office_id < b.office_id);
                            }) == participants.end();
}

absl::Status CheckParticipants(const RoomPolicy& policy) {
  if (policy.participants.size() > kPolicyOfficesMax)
    return InvalidArgument("room has more than 256 offices");
  if (!AscendingByOffice(policy.participants))
    return InvalidArgument("participating offices are not in order");
  for (const Participant& participant : policy.participants) {
    if (!identity::IsOfficeId(participant.office_id))
      return InvalidArgument("participant is not an office");
    if (participant.office_id == policy.origin_office)
      return InvalidArgument("the origin is named as a participant");
    if (policy.kind == RoomKind::kIdentity && participant.role != OfficeRole::kAction) {
      return InvalidArgument("an INFO office has no part in an identity room");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckLinks(const RoomPolicy& policy) {
  const bool is_identity = policy.kind == RoomKind::kIdentity;
  if (policy.main_room.size() != (is_identity ? kRoomIdBytes : 0)) {
    return InvalidArgument("an identity room names its case room, and no other room does");
  }
  const Predecessor& before = policy.predecessor;
  if (!before.room_id.empty() && before.room_id.size() != kRoomIdBytes) {
    return InvalidArgument("predecessor is not a room");
  }
  if (before.room_id.empty() && before.last_head != merkle::Hash{}) {
    return InvalidArgument("a head without a predecessor");
  }
  return absl::OkStatus();
}

absl::Status CheckBulletin(const RoomPolicy& policy) {
  if (policy.kind != RoomKind::kBulletin) return absl::OkStatus();
  if (policy.networks.size() != 1)
    return InvalidArgument("a bulletin room has exactly one network");
  const bool plain = policy.participants.empty() && policy.referral == ReferralRule::kNobody;
  return plain ? absl::OkStatus()
               : InvalidArgument("a bulletin room names neither participants nor a referral rule");
}

absl::Status ReadParticipants(codec::Reader& reader, std::vector<Participant>& participants) {
  BytesView raw;
  ENLACE_RETURN_IF_ERROR(reader.ReadVector(raw));
  codec::Reader items(raw);
  while (!items.empty()) {
    if (participants.size() == kPolicyOfficesMax)
      return InvalidArgument("room has more than 256 offices");
    Participant next;
    uint8_t role = 0;
    ENLACE_RETURN_IF_ERROR(codec::ReadText(items, identity::kOfficeIdBytesMax, next.office_id));
    ENLACE_RETURN_IF_ERROR(items.ReadU8(role));
    if (role < 1 || role > 2) return InvalidArgument("unknown role of an office");
    next.role = static_cast<OfficeRole>(role);
    participants.push_back(std::move(next));
  }
  return absl::OkStatus();
}

absl::Status ReadKind(codec::Reader& reader, RoomPolicy& policy) {
  uint8_t kind = 0;
  ENLACE_RETURN_IF_ERROR(reader.ReadU8(kind));
  if (kind < 1 || kind > 3) return InvalidArgument("unknown kind of room");
  policy.kind = static_cast<RoomKind>(kind);
  return absl::OkStatus();
}

absl::Status ReadReferral(codec::Reader& reader, RoomPolicy& policy) {
  uint8_t rule = 0;
  ENLACE_RETURN_IF_ERROR(reader.ReadU8(rule));
  if (rule < 1 || rule > 2) return InvalidArgument("unknown referral rule");
  policy.referral = static_cast<ReferralRule>(rule);
  return absl::OkStatus();
}

}  // namespace

const Participant* RoomPolicy::FindParticipant(std::string_view office_id) const {
  const auto found =
      std::find_if(participants.begin(), participants.end(),
                   [office_id](const Participant& p) { return p.office_id == office_id; });
  return found == participants.end() ? nullptr : &*found;
}

absl::Status CheckRoomPolicy(const RoomPolicy& policy) {
  if (policy.networks.empty() || policy.networks.size() > kPolicyNetworksMax ||
      !codec::IsStrictlyAscending(policy.networks) ||
      !std::all_of(policy.networks.begin(), policy.networks.end(), identity::IsNetworkId)) {
    return InvalidArgument("room's networks are missing, malformed or not in order");
  }
  if (!identity::IsOfficeId(policy.origin_office))
    return InvalidArgument("room's origin is not an office");
  ENLACE_RETURN_IF_ERROR(CheckParticipants(policy));
  ENLACE_RETURN_IF_ERROR(CheckBulletin(policy));
  return CheckLinks(policy);
}

absl::StatusOr<Bytes> EncodeRoomPolicy(const RoomPolicy& policy) {
  ENLACE_RETURN_IF_ERROR(CheckRoomPolicy(policy));
  codec::Writer writer;
  writer.U16(kRoomPolicyVersion);
  writer.U8(static_cast<uint8_t>(policy.kind));
  codec::WriteTextList(policy.networks, writer);
  codec::WriteText(policy.origin_office, writer);
  const size_t mark = writer.BeginVector();
  for (const Participant& participant : policy.participants) {
    codec::WriteText(participant.office_id, writer);
    writer.U8(static_cast<uint8_t>(participant.role));
  }
  writer.EndVector(mark);
  writer.U8(static_cast<uint8_t>(policy.referral));
  writer.Vector(policy.main_room);
  writer.Vector(policy.predecessor.room_id);
  writer.Raw(policy.predecessor.last_head);
  return writer.Take();
}

absl::StatusOr<RoomPolicy> DecodeRoomPolicy(BytesView bytes) {
  if (bytes.size() > kPolicyBytesMax)
    return InvalidArgument("room policy is longer than its limit");
  codec::Reader reader(bytes);
  RoomPolicy policy;
  ENLACE_RETURN_IF_ERROR(codec::ReadVersion(reader, kRoomPolicyVersion));
  ENLACE_RETURN_IF_ERROR(ReadKind(reader, policy));
  ENLACE_RETURN_IF_ERROR(codec::ReadTextList(reader, kNetworkList, policy.networks));
  ENLACE_RETURN_IF_ERROR(
      codec::ReadText(reader, identity::kOfficeIdBytesMax, policy.origin_office));
  ENLACE_RETURN_IF_ERROR(ReadParticipants(reader, policy.participants));
  ENLACE_RETURN_IF_ERROR(ReadReferral(reader, policy));
  ENLACE_RETURN_IF_ERROR(codec::ReadBounded(reader, kRoomIdBytes, policy.main_room));
  ENLACE_RETURN_IF_ERROR(codec::ReadBounded(reader, kRoomIdBytes, policy.predecessor.room_id));
  ENLACE_RETURN_IF_ERROR(codec::ReadArray(reader, policy.predecessor.last_head));
  ENLACE_RETURN_IF_ERROR(reader.Done());
  ENLACE_RETURN_IF_ERROR(CheckRoomPolicy(policy));
  return policy;
}

}  // namespace enlace::room
