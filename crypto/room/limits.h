// Every bound of crypto/room.
//
// Thread safety: constants.
#pragma once

#include <cstddef>
#include <cstdint>

namespace enlace::room {

inline constexpr size_t kRoomIdBytes = 16;  // A UUIDv7; the MLS group id.
inline constexpr size_t kRoomDevicesMax = 2000;
inline constexpr size_t kCommitAddsMax = 200;
inline constexpr size_t kPolicyOfficesMax = 256;
inline constexpr size_t kPolicyNetworksMax = 16;
inline constexpr size_t kPolicyBytesMax = 32 << 10;
inline constexpr size_t kGuardAuthoritiesMax = 256;
inline constexpr size_t kGuardRestrictionBytesMax = 4000;
inline constexpr size_t kGuardSaltBytes = 32;
inline constexpr size_t kCommitContextBytesMax = 64 << 10;
inline constexpr size_t kCaseIdBytesMax = 64;
inline constexpr size_t kContentBytesMax = 256 << 10;
// Of SignedContent: its content and what stands beside it.
inline constexpr size_t kPackedContentBytesMax = kContentBytesMax + 1024;

}  // namespace enlace::room
