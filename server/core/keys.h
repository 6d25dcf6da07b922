// Layout of the server's store: which record stands under which key.
//
// One function per kind of row or prefix, so that no other file names a key space. Records are the
// messages of proto/enlace/store/v1/store.proto unless a row says otherwise; "set" rows have an
// empty value. storage/format.md, section "server", shows the same table to operators.
//
// Thread safety: free functions without state. Ownership: values.
#pragma once

#include <cstdint>
#include <string_view>

#include "storage/key.h"

namespace enlace::server::keys {

using storage::KeyBuilder;

enum Space : storage::KeySpace {
  kServerChain = 1,       //                               -> ServerChain
  kServerLog = 2,         // last server sequence          -> ServerLogRow
  kRegistryLog = 3,       // index                         -> LogEntry (crypto/identity/log_entry.h)
  kCard = 4,              // officer                       -> StoredCard
  kCaseCounter = 5,       // authority, year               -> CaseCounter
  kInvitation = 6,        // invitation id                 -> StoredInvitation
  kInvitationOf = 7,      // authority, invitation id      -> set
  kRequest = 8,           // day, device, request id       -> StoredAnswer
  kKeyPackage = 9,        // device, number                -> MLSMessage
  kKeyPackageState = 10,  // device                        -> KeyPackageState
  kRoom = 11,             // room                          -> RoomRecord
  kRoomEpoch = 12,        // room                          -> RoomEpoch
  kRoomGroup = 13,        // room, key of PublicGroup      -> its value
  kMember = 14,           // room, device                  -> MemberRow
  kRoomOfDevice = 15,     // device, room                  -> set
  kRoomOfOffice = 16,     // office, room                  -> set
  kRoomOfNetwork = 17,    // network, room (bulletins)     -> set
  kStale = 18,            // room, device                  -> StaleRow
  kRoomLog = 19,          // room, sequence                -> enlace.v1.RoomEntry
  kWelcome = 20,          // room, epoch                   -> StoredWelcome
  kInbox = 21,            // device, last cursor           -> InboxRow
  kInboxState = 22,       // device                        -> InboxState
  kFanOut = 23,           // room, number                  -> FanOutJob
  kFanOutProgress = 24,   // room, number                  -> FanOutProgress
  kExpiry = 25,           // time, room, sequence          -> ExpiryRow
  kObligation = 26,       // room, sequence, office        -> Obligation
  kDue = 27,              // time, room, sequence, office  -> set
  kBlob = 28,             // blob                          -> StoredBlob
  kBlobChunk = 29,        // blob, offset                  -> ciphertext
  kBlobDue = 30,          // time, blob                    -> set
  kOfficeUsage = 31,      // office                        -> OfficeUsage
  kUnprocessable = 32,    // room, epoch, device           -> UnprocessableReport
  kLastSeen = 33,         // device                        -> LastSeen
  kWaiting = 34,          // office                        -> WaitingOffice
  kInvitationDue = 35,    // time, invitation id           -> set
  kGeneration = 36,       // random bytes of a start       -> GenerationRow
  kSent = 37,             // day, device, last request id  -> SentRow
};

// A whole key space, for walks.
inline Bytes All(Space space) { return KeyBuilder(space).Take(); }

inline Bytes ServerChain() { return KeyBuilder(kServerChain).Take(); }
inline Bytes ServerLog(uint64_t sequence) { return KeyBuilder(kServerLog).U64(sequence).Take(); }
inline Bytes Generation(BytesView random) { return KeyBuilder(kGeneration).Blob(random).Take(); }
inline Bytes RegistryLog(uint64_t index) { return KeyBuilder(kRegistryLog).U64(index).Take(); }
inline Bytes Card(std::string_view officer) { return KeyBuilder(kCard).Text(officer).Take(); }
inline Bytes CaseCounter(std::string_view authority, uint64_t year) {
  return KeyBuilder(kCaseCounter).Text(authority).U64(year).Take();
}

inline Bytes Invitation(BytesView id) { return KeyBuilder(kInvitation).Blob(id).Take(); }
inline Bytes InvitationOf(std::string_view authority, BytesView id) {
  return KeyBuilder(kInvitationOf).Text(authority).Blob(id).Take();
}
inline Bytes InvitationsOf(std::string_view authority) {
  return KeyBuilder(kInvitationOf).Text(authority).Take();
}
inline Bytes InvitationDue(uint64_t time_ms, BytesView id) {
  return KeyBuilder(kInvitationDue).U64(time_ms).Blob(id).Take();
}

inline Bytes Request(uint64_t day, std::string_view device, BytesView request_id) {
  return KeyBuilder(kRequest).U64(day).Text(device).Blob(request_id).Take();
}

inline Bytes Sent(uint64_t day, std::string_view device, BytesView request_id) {
  return KeyBuilder(kSent).U64(day).Text(device).Blob(request_id).Take();
}

inline Bytes KeyPackage(std::string_view device, uint64_t number) {
  return KeyBuilder(kKeyPackage).Text(device).U64(number).Take();
}
inline Bytes KeyPackages(std::string_view device) {
  return KeyBuilder(kKeyPackage).Text(device).Take();
}
inline Bytes KeyPackageState(std::string_view device) {
  return KeyBuilder(kKeyPackageState).Text(device).Take();
}

inline Bytes Room(BytesView room) { return KeyBuilder(kRoom).Blob(room).Take(); }
inline Bytes RoomEpoch(BytesView room) { return KeyBuilder(kRoomEpoch).Blob(room).Take(); }
inline Bytes RoomGroup(BytesView room, std::string_view key) {
  return KeyBuilder(kRoomGroup).Blob(room).Text(key).Take();
}
inline Bytes RoomGroups(BytesView room) { return KeyBuilder(kRoomGroup).Blob(room).Take(); }
inline Bytes Member(BytesView room, std::string_view device) {
  return KeyBuilder(kMember).Blob(room).Text(device).Take();
}
inline Bytes Members(BytesView room) { return KeyBuilder(kMember).Blob(room).Take(); }
inline Bytes RoomOfDevice(std::string_view device, BytesView room) {
  return KeyBuilder(kRoomOfDevice).Text(device).Blob(room).Take();
}
inline Bytes RoomsOfDevice(std::string_view device) {
  return KeyBuilder(kRoomOfDevice).Text(device).Take();
}
inline Bytes RoomOfOffice(std::string_view office, BytesView room) {
  return KeyBuilder(kRoomOfOffice).Text(office).Blob(room).Take();
}
inline Bytes RoomsOfOffice(std::string_view office) {
  return KeyBuilder(kRoomOfOffice).Text(office).Take();
}
inline Bytes RoomOfNetwork(std::string_view network, BytesView room) {
  return KeyBuilder(kRoomOfNetwork).Text(network).Blob(room).Take();
}
inline Bytes RoomsOfNetwork(std::string_view network) {
  return KeyBuilder(kRoomOfNetwork).Text(network).Take();
}
inline Bytes Stale(BytesView room, std::string_view device) {
  return KeyBuilder(kStale).Blob(room).Text(device).Take();
}
inline Bytes StaleOfRoom(BytesView room) { return KeyBuilder(kStale).Blob(room).Take(); }
inline Bytes RoomLog(BytesView room, uint64_t sequence) {
  return KeyBuilder(kRoomLog).Blob(room).U64(sequence).Take();
}
inline Bytes Welcome(BytesView room, uint64_t epoch) {
  return KeyBuilder(kWelcome).Blob(room).U64(epoch).Take();
}

inline Bytes Inbox(std::string_view device, uint64_t cursor) {
  return KeyBuilder(kInbox).Text(device).U64(cursor).Take();
}
inline Bytes InboxOf(std::string_view device) { return KeyBuilder(kInbox).Text(device).Take(); }
inline Bytes InboxState(std::string_view device) {
  return KeyBuilder(kInboxState).Text(device).Take();
}

inline Bytes FanOut(BytesView room, uint64_t number) {
  return KeyBuilder(kFanOut).Blob(room).U64(number).Take();
}
inline Bytes FanOutProgress(BytesView room, uint64_t number) {
  return KeyBuilder(kFanOutProgress).Blob(room).U64(number).Take();
}

inline Bytes Expiry(uint64_t time_ms, BytesView room, uint64_t sequence) {
  return KeyBuilder(kExpiry).U64(time_ms).Blob(room).U64(sequence).Take();
}

// Names one obligation: what an office owes for one envelope.
struct ObligationId {
  Bytes room;
  uint64_t sequence = 0;
  std::string office;
};
inline Bytes Obligation(const ObligationId& id) {
  return KeyBuilder(kObligation).Blob(id.room).U64(id.sequence).Text(id.office).Take();
}
inline Bytes ObligationsOf(BytesView room, uint64_t sequence) {
  return KeyBuilder(kObligation).Blob(room).U64(sequence).Take();
}
inline Bytes Due(uint64_t time_ms, const ObligationId& id) {
  return KeyBuilder(kDue).U64(time_ms).Blob(id.room).U64(id.sequence).Text(id.office).Take();
}

inline Bytes Blob(BytesView blob) { return KeyBuilder(kBlob).Blob(blob).Take(); }
inline Bytes BlobChunk(BytesView blob, uint64_t offset) {
  return KeyBuilder(kBlobChunk).Blob(blob).U64(offset).Take();
}
inline Bytes BlobChunks(BytesView blob) { return KeyBuilder(kBlobChunk).Blob(blob).Take(); }
inline Bytes BlobDue(uint64_t time_ms, BytesView blob) {
  return KeyBuilder(kBlobDue).U64(time_ms).Blob(blob).Take();
}
inline Bytes OfficeUsage(std::string_view office) {
  return KeyBuilder(kOfficeUsage).Text(office).Take();
}
inline Bytes Unprocessable(BytesView room, uint64_t epoch, std::string_view device) {
  return KeyBuilder(kUnprocessable).Blob(room).U64(epoch).Text(device).Take();
}
inline Bytes LastSeen(std::string_view device) { return KeyBuilder(kLastSeen).Text(device).Take(); }
inline Bytes Waiting(std::string_view office) { return KeyBuilder(kWaiting).Text(office).Take(); }

// Rows of a time-ordered index that are due at `now_ms`: from the start of the space to now,
// inclusive.
inline storage::KeyRange DueRange(Space space, uint64_t now_ms) {
  return {KeyBuilder(space).Take(), KeyBuilder(space).U64(now_ms + 1).Take()};
}

}  // namespace enlace::server::keys
