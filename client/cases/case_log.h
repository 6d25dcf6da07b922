// A case as its messages tell it: the alerts in the server's order and the workflow that follows
// from the actions.
//
// An alert in `alerts` is whole where this device holds its identity part, else its notice; the
// workflow always judges the notice, so that it is the same for every office.
//
// Promises that messages whose signature or sender did not verify take no part, and that the same
// messages give the same result on every device.
//
// Thread safety: values and free functions. Ownership: CaseLog owns the alerts that `ordered`
// points to; move-only.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "client/alerts/merge.h"
#include "client/alerts/workflow.h"
#include "client/vault/vault.h"
#include "enlace/alert/v1/alert.pb.h"
#include "enlace/alert/v1/content.pb.h"
#include "enlace/vault/v1/vault.pb.h"

namespace enlace::client {

// A case whose room was lost goes on in a successor. Places in such a case count over all its
// rooms: the number of the room, oldest first, and the sequence in it. In a case of one room they
// are the sequences.
inline constexpr unsigned kRoomPlaceBits = 40;
constexpr uint64_t CasePlaceOf(size_t room, uint64_t sequence) {
  return static_cast<uint64_t>(room) << kRoomPlaceBits | sequence;
}
// Rooms that a case can have been in, one after the other.
inline constexpr size_t kCaseRoomsMax = 64;

struct CaseLog {
  vault::v1::CaseRecord record;
  // All messages of the case's rooms, as stored, and the place of each; one that was offered again
  // stands once, at its first place.
  std::vector<vault::v1::StoredContent> messages;
  std::vector<uint64_t> places;
  // How many rooms the case has been in, and the last sequence that is stored of the current one.
  size_t rooms = 0;
  uint64_t last_sequence = 0;
  // Where messages that were offered again stand in the current room, by the digest of their
  // content.
  std::map<std::string, uint64_t, std::less<>> offered_again;
  // The alerts among them; a deque, so that pointers stay.
  std::deque<alert::v1::CaseAlert> alerts;
  std::vector<alerts::OrderedAlert> ordered;
  alerts::Workflow workflow;
  // Digest of each alert's signed content, by its id: what actions name.
  std::map<std::string, std::string, std::less<>> digests;
  // Alerts whose identity part is withheld from this device, and those whose part is joined.
  size_t identities_withheld = 0;
  size_t identities_held = 0;

  CaseLog() = default;
  CaseLog(CaseLog&&) = default;
  CaseLog& operator=(CaseLog&&) = default;
};

// The sequence that a message has in the case's current room; 0 when it is in an earlier one only.
uint64_t SequenceInRoom(const CaseLog& log, const vault::v1::StoredContent& stored);

// The rooms of a case up to `room_id`, oldest first, as far as this device knows them.
// VAULT_DAMAGED.
absl::StatusOr<std::vector<Bytes>> RoomsOfCase(const Vault& vault, BytesView room_id);
absl::StatusOr<std::vector<Bytes>> RoomsOfCase(const VaultTransaction& tx, BytesView room_id);

// What a verified message says, or what stays of it after a withdrawal. VAULT_DAMAGED.
absl::StatusOr<alert::v1::Content> ContentOf(const vault::v1::StoredContent& stored);

// CASE_UNKNOWN when the vault has no such case, VAULT_DAMAGED when a message of it does not decode.
absl::StatusOr<CaseLog> LoadCaseLog(const Vault& vault, std::string_view case_ref);
// The same with the writes of an open transaction, for a record that is being brought up to date.
absl::StatusOr<CaseLog> LoadCaseLog(const VaultTransaction& tx,
                                    const vault::v1::CaseRecord& record);

}  // namespace enlace::client
