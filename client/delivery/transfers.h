// Attachments between this machine and the server: uploads that resume, downloads that resume.
//
// Ciphertext of attachments stands in the profile's folder "spool" until the server has it all, and
// what is downloaded stands there until it verified. Alerts go first: a transfer runs only while
// nothing waits in the outbox.
//
// Thread safety: the engine's thread. Ownership: borrows.
#pragma once

#include <string>

#include "client/delivery/chunk_pace.h"
#include "client/delivery/outbox.h"
#include "client/delivery/services.h"
#include "enlace/v1/blob.pb.h"
#include "enlace/vault/v1/vault.pb.h"

namespace enlace::client {

// Tells the server of the item's attachments, before a message names them; what it knows already is
// not told again. The caller keeps the item. The session's errors.
absl::Status AnnounceBlobs(const Services& services, vault::v1::OutboxItem& item);

class Transfers {
 public:
  Transfers(const Services& services, Outbox& outbox) : services_(services), outbox_(outbox) {}

  // Uploads one chunk of what waits. False when nothing waits; the session's errors, after which it
  // is tried again.
  absl::StatusOr<bool> UploadStep();
  // Fetches an attachment and saves its plaintext as a new file at `out_path`. ATTACHMENT_DAMAGED,
  // BLOB_UNKNOWN while the sender is still uploading, FILE_EXISTS, FILE_NOT_WRITABLE, the session's
  // errors. A download that broke off continues where it was.
  absl::Status Download(const vault::v1::AttachmentRecord& record, const std::string& out_path);

  // The path of a spool file, in a folder that is made on demand.
  absl::StatusOr<std::string> SpoolPath(std::string_view name) const;

 private:
  absl::Status PutNextChunk(vault::v1::OutboxItem& item, vault::v1::OutboxAttachment& attachment);
  // Offers the chunk, and learns from the time that it takes how large the next one may be.
  absl::StatusOr<v1::PutChunkResponse> PutChunk(const v1::PutChunkRequest& request);
  // Brings the ciphertext's file to its full size, over as many calls as the line needs.
  absl::Status Fetch(const vault::v1::AttachmentRecord& record, const std::string& spool);
  absl::Status FetchOnce(const vault::v1::AttachmentRecord& record, const std::string& spool);

  const Services& services_;
  Outbox& outbox_;
  ChunkPace pace_;
};

}  // namespace enlace::client
