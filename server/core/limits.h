// Every bound of the delivery service's core: sizes, counts, ages and waits.
//
// Thread safety: constants. Source: the limits of the wire contract (proto/enlace/v1).
#pragma once

#include <cstddef>
#include <cstdint>

namespace enlace::server {

inline constexpr int64_t kSecondMs = 1000;
inline constexpr int64_t kMinuteMs = 60 * kSecondMs;
inline constexpr int64_t kHourMs = 60 * kMinuteMs;
inline constexpr int64_t kDayMs = 24 * kHourMs;

// Requests: how old or how far ahead a request id may be, and for how long its answer is kept.
inline constexpr int64_t kRequestAgeMsMax = 7 * kDayMs;
inline constexpr int64_t kRequestAheadMsMax = 10 * kMinuteMs;
inline constexpr size_t kRequestIdBytes = 16;

// Registry.
inline constexpr size_t kPublishEntriesMax = 500;
inline constexpr size_t kListEntriesMax = 500;
inline constexpr size_t kListBytesMax = 1536u
                                        << 10;  // Of one answer, well under a unary call's 2 MiB.
inline constexpr size_t kCardsMax = 500;
inline constexpr size_t kBootstrapEntriesMax = 64;
inline constexpr uint32_t kCaseNumbersMax = 100;
inline constexpr uint32_t kCaseNumberMax = 999'999;
inline constexpr int64_t kSignedHeadAgeMs =
    kMinuteMs;  // A head that is handed out is signed anew after this.
// A publication of several entries that fails half-way makes the registry be read again.
inline constexpr uint32_t kFailedPublicationsMax = 6;
inline constexpr int64_t kFailedPublicationsWindowMs = kMinuteMs;

// Enrolment.
inline constexpr size_t kInvitationIdBytes = 16;
inline constexpr size_t kEnrolmentRequestBytesMax = 8u << 10;
inline constexpr int64_t kInvitationAgeMsMax = 72 * kHourMs + kRequestAheadMsMax;
inline constexpr int64_t kEnrolmentKeptMs = 30 * kDayMs;
inline constexpr size_t kOpenInvitationsMax = 10'000;  // Of one authority.
inline constexpr size_t kRejectReasonBytesMax = 1024;
inline constexpr size_t kEnrolmentsListedMax = 500;

// Key packages.
inline constexpr uint32_t kOneTimeKeyPackagesMax = 500;
inline constexpr uint32_t kKeyPackagesLow = 8;
inline constexpr size_t kKeyPackageBytesMax = 8u << 10;
inline constexpr size_t kClaimDevicesMax = 200;
inline constexpr int64_t kKeyPackageLifetimeMsMax = 91 * kDayMs;
inline constexpr uint32_t kClaimsPerHourMax = 2000;  // Of one caller, counted in devices.
inline constexpr uint32_t kClaimsOfOneDevicePerHourMax =
    8;  // One-time ones of one device to one caller.

// Entries that a group of operations added and that share a row: places of the server's chain,
// what expires together, and of one device the items of its inbox and the answers to its messages.
inline constexpr size_t kPlacesOfRowMax = 64;
inline constexpr size_t kExpiriesOfRowMax = 64;
inline constexpr size_t kItemsOfRowMax = 64;
inline constexpr size_t kSentOfRowMax = 64;

// Rooms.
inline constexpr size_t kEnvelopeBytesMax = 256u << 10;
inline constexpr size_t kCommitBytesMax = 1u << 20;
inline constexpr size_t kGroupInfoBytesMax = 64u << 10;
inline constexpr size_t kWelcomeBytesMax = 1u << 20;
inline constexpr size_t kFirstMessagesMax = 16;
inline constexpr size_t kSendBatchMax = 64;
inline constexpr size_t kTreeChunkBytes = 256u << 10;
inline constexpr size_t kAckOfficesMax = 256;
inline constexpr size_t kBlobsOfEnvelopeMax = 64;
inline constexpr int64_t kAckDueAfterMsMax = 90 * kDayMs;
inline constexpr int64_t kRemovalLeaseMs = 10 * kSecondMs;
inline constexpr size_t kRoomsCachedMax = 4096;
inline constexpr size_t kRoomsListedMax = 5000;

// Inboxes.
inline constexpr size_t kInboxPageItemsMax = 64;
inline constexpr size_t kInboxPageBytesMax = 1536u << 10;
inline constexpr uint64_t kInboxPointersMax = 50'000;
inline constexpr size_t kFanOutDirectMax =
    200;  // Larger audiences are written in slices of this many.
inline constexpr size_t kInboxesCachedMax = 50'000;
// After a declared loss cursors go on above the time of the declaration in ms, shifted by this: no
// inbox of the lost part can have come so far.
inline constexpr unsigned kCursorsPerMsBits = 20;

// Retention.
inline constexpr int64_t kRetentionDefaultMs = 90 * kDayMs;
inline constexpr int64_t kRetentionMsMax = 400 * kDayMs;
inline constexpr int64_t kCommitKeptMs = 90 * kDayMs;

// Blobs.
inline constexpr size_t kBlobIdBytes = 16;
inline constexpr size_t kBlobChunkBytes = 256u << 10;
inline constexpr uint64_t kBlobBytesMax = uint64_t{1} << 30;
inline constexpr uint64_t kOfficeQuotaBytesDefault = uint64_t{20} << 30;
inline constexpr int64_t kBlobUnreferencedMs = kDayMs;

// What one Tick does at most, so that calls never wait long behind it.
inline constexpr size_t kTickItemsMax = 256;

// Wake hook.
inline constexpr int64_t kWakeAfterMs = 2 * kMinuteMs;
inline constexpr int64_t kWakeAgainMs = kHourMs;

}  // namespace enlace::server
