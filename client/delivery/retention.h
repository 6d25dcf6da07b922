// Forgetting: cases whose time is over, and what a sender withdrew.
//
// Promises that a case is purged by itself once its delete_after, or the longest retention that
// this profile allows, has passed: messages, identity, attachments' keys, outbox, spool and room
// state, in one transaction that destroys the case's data key; that a withdrawn alert is purged at
// every recipient as soon as the withdrawal is seen, and the office's confirmation is queued in
// that same transaction; and that the vault's file is cleaned afterwards, again and again until no
// reader was in the way. What the sender itself wrote stays with the sender until its own time is
// over. Deletion at other people's machines is cooperative (SECURITY.md).
//
// Thread safety: the engine's thread. Ownership: borrows.
#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/delivery/outbox.h"
#include "client/delivery/room_book.h"
#include "client/delivery/services.h"
#include "client/delivery/transfers.h"

namespace enlace::client {

// Setting of the profile: days after which a case is purged at the latest; absent or 0 = the
// sender's own time alone.
inline constexpr std::string_view kRetentionSetting = "retention-days";

// A withdrawal came by in the case's room: what it withdraws is purged soon, unless it is this
// office's own.
absl::Status OweRedaction(VaultTransaction& tx, std::string_view case_ref);

class Retention {
 public:
  Retention(const Services& services, RoomBook& book, Outbox& outbox, Transfers& transfers)
      : services_(services), book_(book), outbox_(outbox), transfers_(transfers) {}

  // Purges what was withdrawn, and confirms it; how many cases lost something.
  absl::StatusOr<size_t> PurgeWithdrawn();
  // Purges the cases whose time is over; how many. Reads every case's record. Drafts that nobody
  // touched for kDraftKeptMs go too.
  absl::StatusOr<size_t> PurgeExpired();
  // Drops a draft and what the file still holds of it.
  absl::Status ForgetDraft(BytesView draft_id);

 private:
  absl::Status CleanFile();
  absl::Status ForgetOldDrafts();
  absl::StatusOr<std::vector<Bytes>> RoomsOf(const vault::v1::CaseRecord& record) const;
  absl::Status PurgeCase(const vault::v1::CaseRecord& record);
  absl::Status LeaveRoom(VaultTransaction& tx, const std::string& room_id);
  absl::StatusOr<bool> PurgeWithdrawnCase(const std::string& case_ref, BytesView due_row);
  int64_t DeadlineOf(const vault::v1::CaseRecord& record) const;

  const Services& services_;
  RoomBook& book_;
  Outbox& outbox_;
  Transfers& transfers_;
  // The file still holds what was deleted: a reader was in the way.
  bool file_to_clean_ = false;
};

}  // namespace enlace::client
