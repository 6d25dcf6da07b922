#include "client/delivery/transfers.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "client/delivery/attachment_crypto.h"
#include "client/delivery/limits.h"
#include "client/session/request_id.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

absl::StatusOr<Bytes> ReadRange(const std::string& path, uint64_t offset, size_t size) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0)
    return MakeError(Reason::kFileUnreadable, {{"path", path}, {"what", std::strerror(errno)}});
  Bytes out(size);
  const ssize_t got = ::pread(fd, out.data(), out.size(), static_cast<off_t>(offset));
  ::close(fd);
  if (got < 0)
    return MakeError(Reason::kFileUnreadable, {{"path", path}, {"what", std::strerror(errno)}});
  out.resize(static_cast<size_t>(got));
  return out;
}

// Appends to a spool file.
class Appender {
 public:
  explicit Appender(const std::string& path)
      : path_(path),
        fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600)) {}
  Appender(const Appender&) = delete;
  Appender& operator=(const Appender&) = delete;
  ~Appender() {
    if (fd_ >= 0) ::close(fd_);
  }
  absl::Status Write(BytesView bytes) {
    while (fd_ >= 0 && !bytes.empty()) {
      const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno != EINTR) break;
      if (written > 0) bytes = bytes.subspan(static_cast<size_t>(written));
    }
    if (fd_ >= 0 && bytes.empty()) return absl::OkStatus();
    return MakeError(Reason::kFileNotWritable, {{"path", path_}, {"what", std::strerror(errno)}});
  }

 private:
  std::string path_;
  int fd_;
};

uint64_t FileSize(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? static_cast<uint64_t>(info.st_size) : 0;
}

}  // namespace

absl::Status AnnounceBlobs(const Services& services, vault::v1::OutboxItem& item) {
  for (vault::v1::OutboxAttachment& attachment : *item.mutable_attachments()) {
    if (attachment.announced()) continue;
    v1::CreateBlobRequest request;
    request.set_request_id(NewRequestId(services.now_ms(), services.rooms.rng));
    request.set_room_id(item.room_id());
    request.set_blob_id(attachment.blob_id());
    request.set_size_bytes(attachment.ciphertext_size_bytes());
    request.set_sha256(attachment.ciphertext_sha256());
    request.set_office_id(item.office_id());
    ENLACE_ASSIGN_OR_RETURN(const v1::CreateBlobResponse answer,
                            services.session.CreateBlob(request, kCallTimeoutMs));
    attachment.set_uploaded_bytes(answer.received_bytes());
    attachment.set_complete(answer.complete());
    attachment.set_announced(true);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Transfers::SpoolPath(std::string_view name) const {
  const std::string folder = services_.profile.data_dir() + "/spool";
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return MakeError(Reason::kFileNotWritable, {{"path", folder}, {"what", std::strerror(errno)}});
  }
  return folder + "/" + std::string(name);
}

absl::StatusOr<bool> Transfers::UploadStep() {
  const std::vector<std::string> waiting = outbox_.ItemsToUpload();
  if (waiting.empty()) return false;
  ENLACE_ASSIGN_OR_RETURN(vault::v1::OutboxItem item, outbox_.Get(waiting.front()));
  for (vault::v1::OutboxAttachment& attachment : *item.mutable_attachments()) {
    if (attachment.complete()) continue;
    if (!attachment.complete()) ENLACE_RETURN_IF_ERROR(PutNextChunk(item, attachment));
    return true;
  }
  return false;
}

absl::Status Transfers::PutNextChunk(vault::v1::OutboxItem& item,
                                     vault::v1::OutboxAttachment& attachment) {
  ENLACE_ASSIGN_OR_RETURN(const std::string path, SpoolPath(attachment.spool_name()));
  ENLACE_ASSIGN_OR_RETURN(const Bytes chunk, ReadRange(path, attachment.uploaded_bytes(),
                                                       pace_.Next(services_.now_ms())));
  v1::PutChunkRequest request;
  request.set_blob_id(attachment.blob_id());
  request.set_offset(attachment.uploaded_bytes());
  request.set_chunk(ToText(chunk));
  const absl::StatusOr<v1::PutChunkResponse> answer = PutChunk(request);
  if (HasReason(answer.status(), Reason::kBlobUnknown) ||
      HasReason(answer.status(), Reason::kBlobMismatch)) {
    // The server forgot the beginning, or another run of this upload was further: it says where it
    // stands.
    attachment.set_announced(false);
    ENLACE_RETURN_IF_ERROR(AnnounceBlobs(services_, item));
    return outbox_.Update(item);
  }
  ENLACE_RETURN_IF_ERROR(answer.status());
  attachment.set_uploaded_bytes(answer->received_bytes());
  attachment.set_complete(answer->complete());
  ENLACE_RETURN_IF_ERROR(outbox_.Update(item));
  if (attachment.complete()) ::unlink(path.c_str());
  return absl::OkStatus();
}

absl::StatusOr<v1::PutChunkResponse> Transfers::PutChunk(const v1::PutChunkRequest& request) {
  absl::StatusOr<v1::PutChunkResponse> answer =
      services_.session.PutChunk(request, kTransferTimeoutMs);
  pace_.Ended(services_.now_ms(), HasReason(answer.status(), Reason::kServerUnreachable));
  return answer;
}

absl::Status Transfers::FetchOnce(const vault::v1::AttachmentRecord& record,
                                  const std::string& spool) {
  v1::GetBlobRequest request;
  request.set_blob_id(record.blob_id());
  request.set_offset(FileSize(spool));
  uint64_t left = record.ciphertext_size_bytes() - request.offset();
  Appender file(spool);
  return services_.session.GetBlob(
      request, kTransferTimeoutMs, [&](BytesView chunk) -> absl::Status {
        if (chunk.size() > left)
          return MakeError(Reason::kAttachmentDamaged, {{"what", "longer than its sender said"}});
        left -= chunk.size();
        return file.Write(chunk);
      });
}

absl::Status Transfers::Fetch(const vault::v1::AttachmentRecord& record, const std::string& spool) {
  int idle = 0;
  while (FileSize(spool) < record.ciphertext_size_bytes()) {
    const uint64_t before = FileSize(spool);
    const absl::Status fetched = FetchOnce(record, spool);
    // The server has no more: what is there is judged as a whole.
    if (fetched.ok() && FileSize(spool) == before) return absl::OkStatus();
    if (fetched.ok()) continue;
    idle = FileSize(spool) > before ? 0 : idle + 1;
    if (!HasReason(fetched, Reason::kServerUnreachable) || idle >= kIdleDownloadsMax)
      return fetched;
    ENLACE_RETURN_IF_ERROR(services_.session.WaitConnected(kCallTimeoutMs));
  }
  return absl::OkStatus();
}

absl::Status Transfers::Download(const vault::v1::AttachmentRecord& record,
                                 const std::string& out_path) {
  if (std::filesystem::exists(out_path))
    return MakeError(Reason::kFileExists, {{"path", out_path}});
  ENLACE_ASSIGN_OR_RETURN(const std::string spool,
                          SpoolPath("in-" + ToHex(AsBytes(record.blob_id()))));
  if (FileSize(spool) > record.ciphertext_size_bytes()) ::unlink(spool.c_str());
  ENLACE_RETURN_IF_ERROR(Fetch(record, spool));
  AttachmentToOpen attachment;
  attachment.key = AsBytes(record.key());
  attachment.plaintext_size_bytes = record.plaintext_size_bytes();
  attachment.ciphertext_size_bytes = record.ciphertext_size_bytes();
  if (record.plaintext_sha256().size() != attachment.plaintext_sha256.size()) {
    return MakeError(Reason::kAttachmentDamaged, {{"what", "no SHA-256"}});
  }
  std::copy(record.plaintext_sha256().begin(), record.plaintext_sha256().end(),
            attachment.plaintext_sha256.begin());
  const absl::Status opened = OpenAttachment(spool, attachment, out_path);
  // Damaged bytes are not kept: the next try fetches them again.
  if (opened.ok() || HasReason(opened, Reason::kAttachmentDamaged)) ::unlink(spool.c_str());
  return opened;
}

}  // namespace enlace::client
