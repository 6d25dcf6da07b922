// The outbox: everything that this device wants to send, from the moment an officer said so.
//
// Promises that an item is durable before anybody is told "queued"; that it is encrypted when it is
// sent, for the epoch and the members of that moment; that the same ciphertext is offered again
// until the server accepted it or its epoch ended; and that every item shows one honest state.
// Order within a room is kept: an item waits for those before it.
//
// Invariants: 1. An item is PREPARED exactly while a request with its ciphertext stands in the
// vault. 2. An accepted item keeps its signed content until the log brings it back. Thread safety:
// the engine's thread. Ownership: borrows.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/alerts/workflow.h"
#include "client/delivery/offers.h"
#include "client/delivery/room_book.h"
#include "client/delivery/services.h"
#include "client/rooms/founding.h"
#include "enlace/vault/v1/vault.pb.h"

namespace enlace::client {

class Outbox {
 public:
  Outbox(const Services& services, RoomBook& book, Offers& offers)
      : services_(services), book_(book), offers_(offers) {}

  // Reads what is there: once, before anything else.
  absl::Status Open();

  // Takes an item in `tx`; its item_id is set. LIMIT_EXCEEDED past kOutboxItemsMax.
  absl::StatusOr<std::string> Enqueue(VaultTransaction& tx, vault::v1::OutboxItem item);
  // Offers everything that is due at this moment, urgent before routine and each room in its order.
  // False when nothing more can be done before NextDue().
  absl::StatusOr<bool> Step();
  // When the next try is due; nothing while nothing waits.
  std::optional<int64_t> NextDue() const;
  // Everything that waits is due now: the connection is back.
  void RetryNow();
  // The attachments of accepted items still to be uploaded.
  std::vector<std::string> ItemsToUpload() const;

  // The item whose message has this hash, when this device sent it and the log brings it back.
  std::optional<vault::v1::OutboxItem> FindByMessage(BytesView message_hash) const;
  // The log brought the item's message back under `sequence`.
  absl::Status MarkReturned(VaultTransaction& tx, const std::string& item_id, uint64_t sequence,
                            int64_t accepted_at_ms);
  // A rival's commit or a stale epoch: prepared messages of the room are encrypted again.
  absl::Status RequeueRoom(VaultTransaction& tx, BytesView room_id);

  // The case of `from` goes on in `to`: everything of this device that the outbox keeps is sent
  // there, for nobody knows which member has what. Acknowledgements that `table` has are not asked
  // for again; guards and histories were for the old room alone. An attachment that was uploaded
  // stays where it is.
  struct Move {
    BytesView from;
    BytesView to;
    const alerts::CaseTable* table = nullptr;
  };
  absl::Status MoveRoom(VaultTransaction& tx, const Move& move);
  // Alerts and steps of this device that the server accepted in the room and that its log does not
  // hold any more: beyond `listed`, the log's last sequence, which was asked for after they were
  // accepted; or up to `seen`, the last sequence that is stored here, where another entry stands.
  // VAULT_DAMAGED.
  absl::StatusOr<std::vector<std::string>> Vanished(BytesView room_id, uint64_t seen,
                                                    uint64_t listed) const;
  // These are sent into their room once more.
  absl::Status OfferAgain(VaultTransaction& tx, const std::vector<std::string>& item_ids);
  // The server lost the room before its log brought it back: what founded it is to be sent anew.
  absl::Status RequeueFounding(VaultTransaction& tx, BytesView room_id);

  absl::StatusOr<vault::v1::OutboxItem> Get(const std::string& item_id) const;
  absl::Status Update(const vault::v1::OutboxItem& item);
  size_t WaitingCount() const;
  const std::vector<vault::v1::OutboxItem>& items() const { return items_; }
  // Forgets what the outbox holds of the named alerts of a case, of all when none is named:
  // alerts, answers, what is prepared for the server. The items that were dropped.
  absl::StatusOr<std::vector<vault::v1::OutboxItem>> ForgetAlerts(
      VaultTransaction& tx, std::string_view case_ref, const std::set<std::string>& alert_ids);
  // Drops items that were accepted longer than kOutboxKeptMs ago and failed housekeeping.
  absl::Status Sweep();

 private:
  using Item = vault::v1::OutboxItem;
  absl::Status Save(VaultTransaction& tx, const Item& item) const;
  Item* Next();
  absl::Status Try(Item& item);
  absl::Status TryQueued(Item& item);
  absl::Status TryNewCase(Item& item);
  absl::Status TryIdentity(Item& item);
  // Founds the plan's room with the item's message as its first, and offers it.
  absl::Status OfferFounding(Item& item, FoundingPlan plan);
  absl::Status TryContent(Item& item);
  absl::Status SendPrepared(Item& item);
  absl::StatusOr<std::string> RoomOf(const Item& item) const;
  // What has to change in the room with or before the item's message: leaves that go, an office
  // that a referral lets in. GUARD_EXCLUDED.
  absl::StatusOr<CommitIntent> IntentFor(const Item& item, const Room& room) const;
  absl::Status SendWithCommit(Item& item, Room& room, CommitIntent intent);
  absl::Status Announce(Item& item);
  absl::Status OfferRoom(Item& item);
  absl::Status Settle(Item& item, OfferResult::Verdict verdict, const absl::Status& refusal,
                      const v1::Acceptance* acceptance);
  absl::Status Postpone(Item& item, const absl::Status& why);
  absl::Status Fail(Item& item, const absl::Status& why);

  const Services& services_;
  RoomBook& book_;
  Offers& offers_;
  std::vector<Item> items_;  // In the order in which they were queued.
};

}  // namespace enlace::client
