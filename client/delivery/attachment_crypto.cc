#include "client/delivery/attachment_crypto.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "client/delivery/limits.h"
#include "crypto/mls/padding.h"
#include "crypto/primitives/sha256.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr size_t kHeaderBytes = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr size_t kTagBytes = crypto_secretstream_xchacha20poly1305_ABYTES;
constexpr size_t kKeyBytes = crypto_secretstream_xchacha20poly1305_KEYBYTES;

// A file that is being made: gone again unless it is kept.
class NewFile {
 public:
  static absl::StatusOr<NewFile> Create(const std::string& path) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0) return NewFile(path, fd);
    if (errno == EEXIST) return MakeError(Reason::kFileExists, {{"path", path}});
    return MakeError(Reason::kFileNotWritable, {{"path", path}, {"what", std::strerror(errno)}});
  }
  NewFile(NewFile&& other) noexcept
      : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile() {
    if (fd_ < 0) return;
    ::close(fd_);
    ::unlink(path_.c_str());
  }

  absl::Status Write(BytesView bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return Failed();
      bytes = bytes.subspan(static_cast<size_t>(written));
    }
    return absl::OkStatus();
  }

  absl::Status Keep() {
    if (::fsync(fd_) != 0) return Failed();
    ::close(std::exchange(fd_, -1));
    return absl::OkStatus();
  }

 private:
  NewFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  absl::Status Failed() const {
    return MakeError(Reason::kFileNotWritable, {{"path", path_}, {"what", std::strerror(errno)}});
  }

  std::string path_;
  int fd_ = -1;
};

absl::Status Damaged(std::string_view what) {
  return MakeError(Reason::kAttachmentDamaged, {{"what", std::string(what)}});
}

// Reads up to `want` bytes; fewer only at the end of the file.
absl::StatusOr<size_t> ReadUpTo(int fd, std::span<uint8_t> out) {
  size_t have = 0;
  while (have < out.size()) {
    const ssize_t got = ::read(fd, out.data() + have, out.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Damaged(std::strerror(errno));
    if (got == 0) break;
    have += static_cast<size_t>(got);
  }
  return have;
}

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

// Decrypts chunk after chunk, writing what belongs to the plaintext.
absl::Status OpenStream(int in, const AttachmentToOpen& attachment, NewFile& out) {
  crypto_secretstream_xchacha20poly1305_state state;
  uint8_t header[kHeaderBytes];
  ENLACE_ASSIGN_OR_RETURN(const size_t header_size, ReadUpTo(in, header));
  if (header_size != kHeaderBytes ||
      crypto_secretstream_xchacha20poly1305_init_pull(&state, header, attachment.key.data()) != 0) {
    return Damaged("no valid beginning");
  }
  std::vector<uint8_t> sealed(kPlainChunkBytes + kTagBytes);
  SecretBytes plain(kPlainChunkBytes);
  crypto::Sha256Stream hasher;
  uint64_t left = attachment.plaintext_size_bytes;
  uint8_t tag = 0;
  while (tag != crypto_secretstream_xchacha20poly1305_TAG_FINAL) {
    ENLACE_ASSIGN_OR_RETURN(const size_t size, ReadUpTo(in, sealed));
    unsigned long long plain_size = 0;
    if (size < kTagBytes ||
        crypto_secretstream_xchacha20poly1305_pull(&state, plain.mutable_view().data(), &plain_size,
                                                   &tag, sealed.data(), size, nullptr, 0) != 0) {
      return Damaged("altered or cut off");
    }
    const BytesView content =
        plain.view().first(static_cast<size_t>(std::min<uint64_t>(left, plain_size)));
    left -= content.size();
    hasher.Add(content);
    ENLACE_RETURN_IF_ERROR(out.Write(content));
  }
  if (left != 0) return Damaged("shorter than its sender said");
  if (hasher.Finish() != attachment.plaintext_sha256)
    return Damaged("another SHA-256 than its sender said");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SealedAttachment> SealAttachment(BytesView plaintext,
                                                const std::string& ciphertext_path,
                                                crypto::Rng& rng) {
  if (plaintext.size() > kAttachmentBytesMax) {
    return MakeError(Reason::kBodyTooLarge, {{"what", "attachment"},
                                             {"size_bytes", std::to_string(plaintext.size())},
                                             {"limit_bytes", std::to_string(kAttachmentBytesMax)}});
  }
  SealedAttachment sealed;
  sealed.key = rng.Secret(kKeyBytes);
  sealed.plaintext_sha256 = merkle::Sha256(plaintext);
  sealed.plaintext_size_bytes = plaintext.size();
  const size_t padded = mls::PadmeSize(plaintext.size(), kPaddedAttachmentBytesMin);

  ENLACE_ASSIGN_OR_RETURN(NewFile out, NewFile::Create(ciphertext_path));
  crypto_secretstream_xchacha20poly1305_state state;
  uint8_t header[kHeaderBytes];
  crypto_secretstream_xchacha20poly1305_init_push(&state, header, sealed.key.view().data());
  crypto::Sha256Stream hasher;
  hasher.Add(header);
  ENLACE_RETURN_IF_ERROR(out.Write(header));
  sealed.ciphertext_size_bytes = kHeaderBytes;

  SecretBytes chunk(kPlainChunkBytes);
  Bytes cipher(kPlainChunkBytes + kTagBytes);
  for (size_t offset = 0; offset < padded; offset += kPlainChunkBytes) {
    const size_t size = std::min(kPlainChunkBytes, padded - offset);
    const size_t real = offset < plaintext.size() ? std::min(size, plaintext.size() - offset) : 0;
    std::fill(chunk.mutable_view().begin(), chunk.mutable_view().end(), uint8_t{0});
    std::copy_n(plaintext.begin() + static_cast<std::ptrdiff_t>(std::min(offset, plaintext.size())),
                real, chunk.mutable_view().begin());
    const bool last = offset + size == padded;
    crypto_secretstream_xchacha20poly1305_push(
        &state, cipher.data(), nullptr, chunk.view().data(), size, nullptr, 0,
        last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
    const BytesView written = BytesView(cipher).first(size + kTagBytes);
    hasher.Add(written);
    ENLACE_RETURN_IF_ERROR(out.Write(written));
    sealed.ciphertext_size_bytes += written.size();
  }
  sealed.ciphertext_sha256 = hasher.Finish();
  ENLACE_RETURN_IF_ERROR(out.Keep());
  return sealed;
}

absl::Status OpenAttachment(const std::string& ciphertext_path, const AttachmentToOpen& attachment,
                            const std::string& plaintext_path) {
  const FileDescriptor in(::open(ciphertext_path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (in.get() < 0) return MakeError(Reason::kFileNotFound, {{"path", ciphertext_path}});
  struct stat info {};
  if (::fstat(in.get(), &info) != 0 ||
      static_cast<uint64_t>(info.st_size) != attachment.ciphertext_size_bytes) {
    return Damaged("another size than its sender said");
  }
  if (attachment.key.size() != kKeyBytes) return Damaged("a key of the wrong length");
  ENLACE_ASSIGN_OR_RETURN(NewFile out, NewFile::Create(plaintext_path));
  ENLACE_RETURN_IF_ERROR(OpenStream(in.get(), attachment, out));
  return out.Keep();
}

}  // namespace enlace::client
