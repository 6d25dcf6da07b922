// Blobs: announced, uploaded in order by the device that announced them, kept while an envelope
// names them.
//
// A blob is announced before the message that names it, also for a room that does not exist yet:
// then its announcer's CreateRoom makes it one of the room's. Promises that a complete blob has the
// size and SHA-256 that were announced, that an interrupted upload goes on where it stopped (the
// state of the hash stands in the record), that an office's quota counts what is announced, and
// that a blob that no envelope names is deleted a day after its announcement, or after its last
// envelope went.
//
// Thread safety: the committer. Ownership: borrows all collaborators.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "enlace/store/v1/store.pb.h"
#include "enlace/v1/blob.pb.h"
#include "server/core/caller.h"
#include "server/core/group_overlay.h"

namespace enlace::server {

class BlobCore {
 public:
  BlobCore(GroupOverlay& store, uint64_t office_quota_bytes)
      : store_(store), office_quota_bytes_(office_quota_bytes) {}

  // NOT_YOUR_OFFICE, NOT_A_MEMBER, QUOTA_EXCEEDED, BODY_TOO_LARGE, BLOB_MISMATCH for the same id
  // with another announcement.
  absl::Status Create(const Caller& caller, const v1::CreateBlobRequest& request, int64_t now_ms,
                      v1::CreateBlobResponse& answer);
  // BLOB_UNKNOWN; BLOB_MISMATCH for bytes past the size, or when the whole has another hash: then
  // it can't be completed and has to be announced anew; MALFORMED_REQUEST for an offset beyond what
  // was received. A chunk that is there already changes nothing.
  absl::Status Put(const Caller& caller, const v1::PutChunkRequest& request,
                   v1::PutChunkResponse& answer);

  // An envelope of the room names the blob. BLOB_UNKNOWN when it is not one of the room's.
  absl::Status Reference(BytesView room, BytesView blob);
  // The envelope's content is gone; the blob follows when it was the last.
  absl::Status Release(BytesView blob, int64_t now_ms);
  // Deletes blobs that nothing names and whose day is over; at most `count_max`. Gives how many.
  absl::StatusOr<size_t> Collect(int64_t now_ms, size_t count_max);

 private:
  absl::Status CheckRoom(const Caller& caller, BytesView room) const;
  absl::Status ChargeOffice(std::string_view office, uint64_t size_bytes);
  absl::Status RefundOffice(std::string_view office, uint64_t size_bytes);
  absl::Status Delete(BytesView blob, const store::v1::StoredBlob& stored);

  GroupOverlay& store_;
  const uint64_t office_quota_bytes_;
};

}  // namespace enlace::server
