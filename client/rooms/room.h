// A room as one of its devices holds it: the MLS group with policy, guard and the place in the
// room's log.
//
// Promises that an entry of the log is applied by rules that every member shares
// (crypto/room/room_rules.h); that a device without the matching guard, or with a leaf in the room
// that must not be there, neither sends nor commits anything but the removal of that leaf; that
// this device's own commit moves the room only when the log brings it back; and that every change
// is written in the caller's transaction before it is believed: after a failed transaction the
// object is stale and must be dropped.
//
// Invariants: 1. record().sequence is the last entry applied. 2. There is a group exactly while the
// membership is MEMBER or FOUNDING. 3. With a pending commit, next_group() is the state after it
// and current messages wait. Thread safety: one thread. Ownership: owns group and record; borrows
// its context.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/rooms/room_context.h"
#include "client/rooms/room_store.h"
#include "crypto/mls/group.h"
#include "crypto/mls/group_results.h"
#include "crypto/room/log_chain.h"
#include "crypto/room/room_policy.h"
#include "crypto/room/room_rules.h"

namespace enlace::client {

// An application message that was opened: who sent it, by the leaf's certificate.
struct OpenedMessage {
  SecretBytes content;
  merkle::Hash certificate{};
  // This device's own message came back; `content` is empty then.
  bool own = false;
};

// What an entry did to the room.
struct EntryOutcome {
  room::LogKind kind = room::LogKind::kMessage;
  std::optional<OpenedMessage> message;
  // A commit of this device that was pending is now the room's.
  bool own_commit = false;
  // A rival's commit came first; what was prepared for the pending one has to be made again.
  bool rival_won = false;
  bool removed_self = false;
  // Leaves that entered by external commit and want the guard.
  std::vector<uint32_t> entered;
};

// A commit that is ready to be offered to the server.
struct PreparedCommit {
  Bytes commit;
  Bytes welcome;
  Bytes group_info;
  // Protected messages of the next epoch, in the order asked.
  std::vector<Bytes> messages;
  uint64_t next_epoch = 0;
};

// What a commit of this device is to do.
struct CommitIntent {
  std::vector<mls::KeyPackage> adds;
  std::vector<room::RemovedLeaf> removes;
  std::optional<room::RoomPolicy> policy;
  std::optional<room::SaltedGuard> guard;
  // Content of the first messages of the next epoch, each a SignedContent.
  std::vector<Bytes> messages;
};

class Room {
 public:
  // Reads a room from the vault. NOT_FOUND when the vault has no such room.
  static absl::StatusOr<std::unique_ptr<Room>> Load(const RoomContext& context, BytesView room_id);
  // A new object over a record and, while this device has one, its group; used by founding and
  // entering.
  static std::unique_ptr<Room> Make(const RoomContext& context, vault::v1::RoomRecord record,
                                    std::optional<mls::Group> group);

  const vault::v1::RoomRecord& record() const { return record_; }
  vault::v1::RoomRecord& mutable_record() { return record_; }
  BytesView id() const { return AsBytes(record_.room_id()); }
  uint64_t epoch() const { return group_->epoch(); }
  bool is_member() const { return group_.has_value() && group_->is_active(); }
  bool has_pending_commit() const { return !record_.pending_commit_hash().empty(); }
  const mls::Group& group() const { return *group_; }

  // The policy in force; DATA_LOSS when the GroupContext's extension does not decode.
  absl::StatusOr<room::RoomPolicy> Policy() const;
  // The guard, when this device holds the one that the room commits to.
  std::optional<room::RoomGuard> Guard() const;
  // The room as the rules see it.
  absl::StatusOr<room::RoomState> State() const;
  // Leaves that have to go before this device sends, at the newest registry head and its time.
  absl::StatusOr<std::vector<room::FreezeReason>> Offending() const;
  // OK when this device may send content now: member, matching guard, nobody in the room who must
  // not be there, no pending commit. ROOM_FROZEN, NOT_A_MEMBER; ABORTED while a commit of its own
  // is pending.
  absl::Status CheckMaySend() const;

  // Applies the next entry. ALREADY_EXISTS: seen before, nothing to do. OUT_OF_RANGE: it names a
  // registry head that this device does not have; refresh and ask again. DATA_LOSS: the log does
  // not continue what was seen. INVALID_ARGUMENT or PERMISSION_DENIED: the entry is invalid for
  // everybody or can't be opened; the room's place in the log moves on.
  absl::StatusOr<EntryOutcome> ApplyEntry(VaultTransaction& tx, BytesView header,
                                          BytesView message);

  // Makes a commit and its first messages, and saves it as pending. The caller offers it to the
  // server.
  absl::StatusOr<PreparedCommit> PrepareCommit(VaultTransaction& tx, const CommitIntent& intent);
  // The server refused the pending commit for good: nothing of it happened.
  absl::Status AbandonCommit(VaultTransaction& tx);
  // Encrypts SignedContent bytes for the current epoch; the used generation is saved before the
  // bytes are returned.
  absl::StatusOr<Bytes> Protect(VaultTransaction& tx, BytesView signed_content);
  // Adopts the guard that a member sent; INVALID_ARGUMENT when it is not the one the room commits
  // to.
  absl::Status AdoptGuard(VaultTransaction& tx, BytesView salted_guard);

  // Writes record and group changes.
  absl::Status Save(VaultTransaction& tx, bool new_epoch);

 private:
  Room(const RoomContext& context, vault::v1::RoomRecord record, std::optional<mls::Group> group);

  absl::StatusOr<EntryOutcome> ApplyCommit(VaultTransaction& tx, BytesView message);
  absl::StatusOr<EntryOutcome> PromotePending(VaultTransaction& tx, BytesView message);
  absl::StatusOr<EntryOutcome> OpenMessage(BytesView message, bool own);
  absl::Status Advance(const room::LogHeader& header, BytesView encoded);
  absl::StatusOr<PreparedCommit> FinishCommit(VaultTransaction& tx, mls::CommitBundle bundle,
                                              const CommitIntent& intent);
  absl::Status AfterCommit(const mls::CommitSummary& summary, EntryOutcome& outcome);

  const RoomContext& context_;
  RoomStore store_;
  vault::v1::RoomRecord record_;
  std::optional<mls::Group> group_;
};

// Rules under which this device judges commits of a room; `state` is the room before. The registry
// must outlive them.
mls::ValidationRules RulesFor(const RoomContext& context,
                              const mls::CredentialValidator& credentials,
                              const room::RoomState& state);

}  // namespace enlace::client
