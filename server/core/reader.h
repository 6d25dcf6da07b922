// Everything that is only read: from the engine's committed state, on any thread, without the
// committer.
//
// Promises that an answer shows only what is durable, and that a caller gets only what it may see:
// its own inbox, rooms that it is a member of or may enter, blobs of its rooms, enrolments of its
// own authority.
//
// Thread safety: all functions can be called from any thread. Ownership: borrows the engine and the
// registry.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/primitives/ed25519.h"
#include "enlace/v1/blob.pb.h"
#include "enlace/v1/enrolment.pb.h"
#include "enlace/v1/inbox.pb.h"
#include "enlace/v1/registry.pb.h"
#include "enlace/v1/room.pb.h"
#include "server/core/caller.h"
#include "storage/engine.h"

namespace enlace::server {

class SharedRegistry;

// A page of an inbox.
struct InboxPage {
  std::vector<v1::InboxItem>
      items;  // Ascending by cursor, at most kInboxPageItemsMax and about kInboxPageBytesMax.
  bool more = false;  // Items beyond the page were there.
};

// Where the server's chain stands, for stream messages.
struct ChainPosition {
  Bytes generation;  // Random bytes of the last start.
  uint64_t server_sequence = 0;
  Bytes server_head;
};

// Numbers for health, metrics and the administrator's overview.
struct StoreFigures {
  uint64_t registry_size = 0;
  uint64_t server_sequence = 0;
};

class Reader {
 public:
  // All borrowed. `log_key` signs heads and receipts.
  struct Sources {
    const storage::Engine& engine;
    const SharedRegistry& registry;
    const crypto::SigningKey& log_key;
  };
  explicit Reader(const Sources& sources) : sources_(sources) {}

  // Registry. CHARTER_MISSING before the first entry. A head is signed for the durable part of the
  // log, at most a minute ago.
  absl::StatusOr<v1::GetHeadResponse> GetHead(int64_t now_ms) const;
  absl::StatusOr<v1::ListEntriesResponse> ListEntries(const v1::ListEntriesRequest& request,
                                                      int64_t now_ms) const;
  absl::StatusOr<v1::GetProofResponse> GetProof(const v1::GetProofRequest& request) const;
  absl::StatusOr<v1::GetCardsResponse> GetCards(const v1::GetCardsRequest& request) const;
  absl::StatusOr<v1::GetChartersResponse> GetCharters(int64_t now_ms) const;
  // Entries of the durable registry log.
  uint64_t registry_size() const;

  // Enrolment. INVITATION_UNKNOWN. The list: ROLE_MISSING unless the caller is an admin.
  absl::StatusOr<v1::GetEnrolmentResponse> GetEnrolment(
      const v1::GetEnrolmentRequest& request) const;
  absl::StatusOr<v1::ListEnrolmentsResponse> ListEnrolments(
      const Caller& caller, const v1::ListEnrolmentsRequest& request) const;
  absl::StatusOr<v1::GetOverviewResponse> GetOverview(const Caller& caller) const;

  // Rooms. ROOM_UNKNOWN; NOT_A_MEMBER for a caller that is neither a member nor may enter.
  absl::StatusOr<v1::GetRoomResponse> GetRoom(const Caller& caller,
                                              const v1::GetRoomRequest& request,
                                              int64_t now_ms) const;
  // EPOCH_STALE when the epoch is no longer the newest: start again with GetRoom.
  absl::StatusOr<v1::GetTreeResponse> GetTree(const Caller& caller,
                                              const v1::GetTreeRequest& request,
                                              int64_t now_ms) const;
  absl::StatusOr<v1::ListRoomsResponse> ListRooms(const Caller& caller, int64_t now_ms) const;
  absl::StatusOr<v1::GetReceiptResponse> GetReceipt(const Caller& caller,
                                                    const v1::GetReceiptRequest& request,
                                                    int64_t now_ms) const;

  // Inbox: what stands after `cursor`. Items whose content is gone come as tombstones.
  absl::StatusOr<InboxPage> ReadInbox(std::string_view device_uri, uint64_t cursor) const;
  // One-time key packages left when they are few (at most kKeyPackagesLow); absent otherwise.
  absl::StatusOr<std::optional<uint32_t>> KeyPackagesLow(std::string_view device_uri) const;
  // SERVER_BEHIND when the device has seen a chain that this server does not have, unless that part
  // was declared lost: the end of a start that the device saw go further than this store does, or a
  // start that this store does not know.
  absl::Status CheckSeen(const v1::SubscribeRequest& request) const;
  absl::StatusOr<ChainPosition> Position() const;

  // Blobs: the chunk that begins at the offset; an empty chunk at the end. BLOB_UNKNOWN for one
  // that is not complete, gone, or of a room that the caller is not a member of.
  absl::StatusOr<Bytes> ReadBlob(const Caller& caller, const v1::GetBlobRequest& request) const;

  absl::StatusOr<StoreFigures> Figures() const;

 private:
  // A serialised ratchet tree of a room's newest epoch; joiners fetch it in pages.
  struct CachedTree {
    Bytes room;
    uint64_t epoch = 0;
    std::shared_ptr<const Bytes> tree;  // Shared with the calls that send pages of it.
  };
  static constexpr size_t kTreesCachedMax = 8;

  absl::StatusOr<Bytes> SignedHead(int64_t now_ms) const;
  absl::StatusOr<bool> AddEnrolment(const storage::Row& row, bool pending_only,
                                    v1::ListEnrolmentsResponse& answer) const;
  absl::Status AddDeviceOverview(const std::string& uri, v1::GetOverviewResponse& answer) const;
  absl::StatusOr<bool> IsMember(const storage::ReadView& view, const Caller& caller,
                                BytesView room) const;
  // OK for members and for devices that may enter.
  absl::Status CheckMayRead(const storage::ReadView& view, const Caller& caller, BytesView room_id,
                            int64_t now_ms) const;
  absl::StatusOr<std::shared_ptr<const Bytes>> TreeOf(const storage::ReadView& view, BytesView room,
                                                      uint64_t epoch) const;
  absl::Status AddSummary(const storage::ReadView& view, const Caller& caller, const Bytes& room,
                          v1::ListRoomsResponse& answer) const;

  Sources sources_;
  mutable std::mutex head_mutex_;
  mutable Bytes head_;
  mutable uint64_t head_size_ = 0;
  mutable int64_t head_signed_at_ms_ = 0;
  mutable std::mutex trees_mutex_;
  mutable std::deque<CachedTree> trees_;
};

}  // namespace enlace::server
