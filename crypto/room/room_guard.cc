// RoomGuard of room_policy.h.
#include <algorithm>
#include <utility>

#include "crypto/codec/fields.h"
#include "crypto/primitives/status.h"
#include "crypto/room/room_policy.h"

namespace enlace::room {
namespace {

constexpr HandlingSet kAllHandlingCodes = 15;
constexpr codec::TextListLimits kAuthorityList = {kGuardAuthoritiesMax,
                                                  identity::kAuthorityIdBytesMax};

// The note may have several lines; each has to be fit to be shown.
bool IsNote(std::string_view text) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (!line.empty() && !identity::IsDisplayText(line, kGuardRestrictionBytesMax)) return false;
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return true;
}

Bytes EncodeGuard(const RoomGuard& guard) {
  codec::Writer writer;
  writer.U16(kRoomGuardVersion);
  codec::WriteTextList(guard.excluded_authorities, writer);
  writer.U8(static_cast<uint8_t>(guard.tlp));
  writer.U8(guard.handling);
  codec::WriteText(guard.restriction, writer);
  return writer.Take();
}

absl::StatusOr<RoomGuard> DecodeGuard(BytesView bytes) {
  codec::Reader reader(bytes);
  RoomGuard guard;
  uint8_t tlp = 0;
  ENLACE_RETURN_IF_ERROR(codec::ReadVersion(reader, kRoomGuardVersion));
  ENLACE_RETURN_IF_ERROR(codec::ReadTextList(reader, kAuthorityList, guard.excluded_authorities));
  ENLACE_RETURN_IF_ERROR(reader.ReadU8(tlp));
  ENLACE_RETURN_IF_ERROR(reader.ReadU8(guard.handling));
  ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kGuardRestrictionBytesMax, guard.restriction));
  ENLACE_RETURN_IF_ERROR(reader.Done());
  if (tlp > static_cast<uint8_t>(identity::Tlp::kRed))
    return InvalidArgument("unknown TLP of a guard");
  guard.tlp = static_cast<identity::Tlp>(tlp);
  ENLACE_RETURN_IF_ERROR(CheckRoomGuard(guard));
  return guard;
}

}  // namespace

bool RoomGuard::Excludes(std::string_view authority) const {
  return std::find(excluded_authorities.begin(), excluded_authorities.end(), authority) !=
         excluded_authorities.end();
}

bool IsTightened(const RoomGuard& before, const RoomGuard& after) {
  // H0 adds no restriction, H1 to H3 do: a code that was set stays set. A note may be added to,
  // never taken back.
  const bool keeps_exclusions =
      std::includes(after.excluded_authorities.begin(), after.excluded_authorities.end(),
                    before.excluded_authorities.begin(), before.excluded_authorities.end());
  return keeps_exclusions && after.tlp >= before.tlp && (before.handling & ~after.handling) == 0 &&
         after.restriction.starts_with(before.restriction);
}

SaltedGuard SaltGuard(RoomGuard guard, crypto::Rng& rng) {
  return {rng.PublicBytes(kGuardSaltBytes), std::move(guard)};
}

absl::Status CheckRoomGuard(const RoomGuard& guard) {
  if (guard.excluded_authorities.size() > kGuardAuthoritiesMax ||
      !codec::IsStrictlyAscending(guard.excluded_authorities) ||
      !std::all_of(guard.excluded_authorities.begin(), guard.excluded_authorities.end(),
                   identity::IsAuthorityId)) {
    return InvalidArgument("excluded authorities are malformed or not in order");
  }
  if (guard.tlp == identity::Tlp::kUnset) return InvalidArgument("a guard has a TLP");
  if (guard.handling > kAllHandlingCodes)
    return InvalidArgument("unknown handling code of a guard");
  if (guard.restriction.size() > kGuardRestrictionBytesMax || !IsNote(guard.restriction)) {
    return InvalidArgument("restriction is too long or can't be shown");
  }
  return absl::OkStatus();
}

absl::StatusOr<Bytes> EncodeSaltedGuard(const SaltedGuard& guard) {
  if (guard.salt.size() != kGuardSaltBytes) return InvalidArgument("guard's salt is not 32 bytes");
  ENLACE_RETURN_IF_ERROR(CheckRoomGuard(guard.guard));
  codec::Writer writer;
  writer.U16(kRoomGuardVersion);
  writer.Vector(guard.salt);
  writer.Vector(EncodeGuard(guard.guard));
  return writer.Take();
}

absl::StatusOr<SaltedGuard> DecodeSaltedGuard(BytesView bytes) {
  codec::Reader reader(bytes);
  SaltedGuard guard;
  BytesView encoded;
  ENLACE_RETURN_IF_ERROR(codec::ReadVersion(reader, kRoomGuardVersion));
  ENLACE_RETURN_IF_ERROR(codec::ReadBounded(reader, kGuardSaltBytes, guard.salt));
  ENLACE_RETURN_IF_ERROR(reader.ReadVector(encoded));
  ENLACE_RETURN_IF_ERROR(reader.Done());
  if (guard.salt.size() != kGuardSaltBytes) return InvalidArgument("guard's salt is not 32 bytes");
  ENLACE_ASSIGN_OR_RETURN(guard.guard, DecodeGuard(encoded));
  return guard;
}

absl::StatusOr<merkle::Hash> CommitToGuard(const SaltedGuard& guard) {
  if (guard.salt.size() != kGuardSaltBytes) return InvalidArgument("guard's salt is not 32 bytes");
  ENLACE_RETURN_IF_ERROR(CheckRoomGuard(guard.guard));
  return merkle::Sha256({guard.salt, EncodeGuard(guard.guard)});
}

Bytes EncodeGuardCommitment(const merkle::Hash& commitment) {
  codec::Writer writer;
  writer.U16(kRoomGuardVersion);
  writer.Raw(commitment);
  return writer.Take();
}

absl::StatusOr<merkle::Hash> DecodeGuardCommitment(BytesView bytes) {
  codec::Reader reader(bytes);
  merkle::Hash commitment{};
  ENLACE_RETURN_IF_ERROR(codec::ReadVersion(reader, kRoomGuardVersion));
  ENLACE_RETURN_IF_ERROR(codec::ReadArray(reader, commitment));
  ENLACE_RETURN_IF_ERROR(reader.Done());
  return commitment;
}

}  // namespace enlace::room
