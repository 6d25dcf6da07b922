// What a room's application message means: verification, storage, and what follows from it.
//
// Promises that a message is believed only when the certificate that signed the content is that of
// the leaf which sent it, was logged and active, and acts for the office that the envelope and the
// content name; that anything else is kept and shown as invalid, never mixed into a case (DOMAIN
// B24, SECURITY).
//
// Thread safety: the engine's thread. Ownership: borrows.
#pragma once

#include <string>
#include <vector>

#include "client/delivery/room_book.h"
#include "client/delivery/services.h"
#include "enlace/alert/v1/content.pb.h"
#include "enlace/v1/inbox.pb.h"

namespace enlace::client {

// A message as the log gave it.
struct ArrivedMessage {
  const v1::RoomEntry& entry;
  const room::LogHeader& header;
  // SignedContent's bytes and the certificate of the leaf that sent it; of an own message this
  // device's.
  BytesView signed_content;
  merkle::Hash certificate{};
  bool own = false;
  // Brought by a colleague's history: what it asked of others was done long ago.
  bool earlier = false;
};

class CaseMessages {
 public:
  explicit CaseMessages(const Services& services) : services_(services) {}

  // Stores the message in `tx` and does what its kind asks. OUT_OF_RANGE when it names a registry
  // head that this device does not have yet. Other errors are the vault's: a bad message is stored
  // as invalid, not reported.
  absl::Status Take(VaultTransaction& tx, Room& room, const ArrivedMessage& message);

 private:
  absl::StatusOr<vault::v1::StoredContent> Verify(const Room& room, const ArrivedMessage& message,
                                                  alert::v1::Content& content) const;
  absl::Status CheckKind(const Room& room, const vault::v1::StoredContent& stored,
                         const alert::v1::Content& content, std::string& invalid_reason) const;
  absl::Status CheckIdentity(const room::RoomPolicy& policy, const alert::v1::Content& content,
                             std::string& invalid_reason) const;
  absl::Status Follow(VaultTransaction& tx, Room& room, const vault::v1::StoredContent& stored,
                      const alert::v1::Content& content);
  // What only a message that comes by now asks.
  absl::Status FollowNews(VaultTransaction& tx, Room& room, const vault::v1::StoredContent& stored,
                          const alert::v1::Content& content);
  absl::Status FollowReferral(VaultTransaction& tx, const Room& room,
                              const vault::v1::StoredContent& stored,
                              const alert::v1::Content& content);
  // A message from before this device entered, with its log header, both encoded; it has to stand
  // before sequence `before`.
  struct Earlier {
    const std::string& signed_content;
    const std::string& header;
    uint64_t before = 0;
  };
  absl::Status TakeHistory(VaultTransaction& tx, Room& room, const vault::v1::StoredContent& stored,
                           const alert::v1::SealedHistory& history);
  absl::Status TakeEarlier(VaultTransaction& tx, Room& room, const Earlier& earlier);
  absl::Status FollowWithdrawal(VaultTransaction& tx, const Room& room,
                                const alert::v1::Content& content);
  absl::Status FollowIdentity(VaultTransaction& tx, const Room& room,
                              const alert::v1::Content& content);

  const Services& services_;
};

}  // namespace enlace::client
