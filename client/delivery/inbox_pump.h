// Applies what waits in the inbox, item after item, each in one transaction of the vault.
//
// Promises that an item is confirmed only after its effect is durable; that an item seen before
// changes nothing; that an item which is invalid, however it came to be, never stops those behind
// it; and that a message naming a newer registry head waits for that head instead of being judged
// without it.
//
// Thread safety: the engine's thread. Ownership: borrows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/delivery/case_messages.h"
#include "client/delivery/outbox.h"
#include "client/delivery/recovery.h"
#include "client/delivery/room_book.h"
#include "client/delivery/services.h"
#include "client/delivery/sync_state.h"
#include "enlace/v1/inbox.pb.h"

namespace enlace::client {

// An accepted commit that this device can't apply.
struct Unprocessable {
  Bytes room_id;
  // The epoch that it ended.
  uint64_t epoch = 0;
  merkle::Hash commit_hash{};
};

// What a response asks to be done besides.
struct PumpResult {
  // It says so of these, and enters the rooms anew.
  std::vector<Unprocessable> unprocessable;
  // Something that screens show is different.
  bool changed = false;
  bool rooms_to_enter = false;
  // The newest cursor of the inbox, where the server was told what is stored here.
  std::optional<uint64_t> newest_cursor;
};

class InboxPump {
 public:
  InboxPump(const Services& services, RoomBook& book, Outbox& outbox, SyncState& sync,
            Recovery& recovery)
      : services_(services),
        book_(book),
        outbox_(outbox),
        sync_(sync),
        recovery_(recovery),
        messages_(services) {}

  // Applies a whole response. An error is the vault's, or SERVER_BEHIND when the server names heads
  // that it does not serve; the response is then offered again by the server.
  absl::StatusOr<PumpResult> Apply(const v1::SubscribeResponse& response);

 private:
  absl::Status ApplyItem(const v1::InboxItem& item, PumpResult& result);
  absl::Status ApplyOnce(const v1::InboxItem& item, PumpResult& result);
  absl::Status ApplyEntry(VaultTransaction& tx, const v1::RoomEntry& entry, PumpResult& result);
  absl::Status ApplyWelcome(VaultTransaction& tx, const v1::WelcomeEntry& welcome,
                            PumpResult& result);
  struct TakenMessage {
    const v1::RoomEntry& entry;
    const OpenedMessage& opened;
  };
  absl::Status TakeMessage(VaultTransaction& tx, Room& room, const TakenMessage& taken,
                           PumpResult& result);
  absl::Status Adopt(VaultTransaction& tx, Room& room, PumpResult& result);
  absl::Status AfterCommit(VaultTransaction& tx, Room& room, const EntryOutcome& outcome,
                           PumpResult& result);
  absl::Status Judge(VaultTransaction& tx, const v1::RoomEntry& entry, const absl::Status& verdict,
                     PumpResult& result);

  const Services& services_;
  RoomBook& book_;
  Outbox& outbox_;
  SyncState& sync_;
  Recovery& recovery_;
  CaseMessages messages_;
  // The last cursor that the server knows to be stored here; nothing before the first response.
  std::optional<uint64_t> confirmed_;
};

// The serialised ratchet tree of an epoch, fetched in ranges. NOT_FOUND when the server no longer
// has it.
absl::StatusOr<Bytes> FetchTree(SessionInterface& session, std::string_view room_id,
                                uint64_t epoch);

}  // namespace enlace::client
