#include "crypto/merkle/signed_head.h"

#include <algorithm>
#include <limits>

#include "crypto/primitives/status.h"

namespace enlace::merkle {
namespace {

constexpr std::string_view kLabel = "enlace log head 1";

absl::Status ReadHash(codec::Reader& reader, Hash& hash) {
  BytesView raw;
  ENLACE_RETURN_IF_ERROR(reader.ReadFixed(kHashBytes, raw));
  std::copy(raw.begin(), raw.end(), hash.begin());
  return absl::OkStatus();
}

void WriteFields(const SignedHead& head, codec::Writer& writer) {
  writer.U16(kSignedHeadVersion);
  writer.Raw(head.log_id);
  WriteHeadRef(head.head, writer);
  writer.U64(static_cast<uint64_t>(head.timestamp_ms));
}

Bytes SignedBytes(const SignedHead& head) {
  codec::Writer writer;
  writer.Raw(AsBytes(kLabel));
  WriteFields(head, writer);
  return writer.Take();
}

}  // namespace

void WriteHeadRef(const HeadRef& head, codec::Writer& writer) {
  writer.U64(head.size);
  writer.Raw(head.root);
}

absl::Status ReadHeadRef(codec::Reader& reader, HeadRef& head) {
  ENLACE_RETURN_IF_ERROR(reader.ReadU64(head.size));
  return ReadHash(reader, head.root);
}

SignedHead SignHead(const HeadRef& head, int64_t now_ms, const crypto::SigningKey& key) {
  SignedHead signed_head;
  signed_head.log_id = Sha256(key.public_key());
  signed_head.head = head;
  signed_head.timestamp_ms = now_ms;
  signed_head.signature = key.Sign(SignedBytes(signed_head));
  return signed_head;
}

absl::Status VerifyHead(const SignedHead& head, BytesView server_key) {
  if (head.log_id != Sha256(server_key)) return DataLoss("the head is of another log");
  const absl::Status verified =
      crypto::VerifySignature(server_key, SignedBytes(head), head.signature);
  return verified.ok() ? verified : DataLoss("the head is not signed by the server's key");
}

absl::Status CheckHeadAge(const SignedHead& head, int64_t now_ms) {
  if (now_ms - head.timestamp_ms > kHeadAgeMaxMs) {
    return FailedPrecondition("the newest head of the registry is too old");
  }
  return absl::OkStatus();
}

void WriteSignedHead(const SignedHead& head, codec::Writer& writer) {
  WriteFields(head, writer);
  writer.Vector(head.signature);
}

absl::Status ReadSignedHead(codec::Reader& reader, SignedHead& head) {
  uint16_t version = 0;
  uint64_t timestamp = 0;
  ENLACE_RETURN_IF_ERROR(reader.ReadU16(version));
  if (version != kSignedHeadVersion) return InvalidArgument("unknown version of a signed head");
  ENLACE_RETURN_IF_ERROR(ReadHash(reader, head.log_id));
  ENLACE_RETURN_IF_ERROR(ReadHeadRef(reader, head.head));
  ENLACE_RETURN_IF_ERROR(reader.ReadU64(timestamp));
  ENLACE_RETURN_IF_ERROR(reader.ReadVector(head.signature));
  if (timestamp > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    return InvalidArgument("time of a signed head is out of range");
  }
  if (head.signature.size() != crypto::kSignatureBytes) {
    return InvalidArgument("signature of a signed head is not 64 bytes");
  }
  head.timestamp_ms = static_cast<int64_t>(timestamp);
  return absl::OkStatus();
}

Bytes EncodeSignedHead(const SignedHead& head) {
  codec::Writer writer;
  WriteSignedHead(head, writer);
  return writer.Take();
}

absl::StatusOr<SignedHead> DecodeSignedHead(BytesView bytes) {
  codec::Reader reader(bytes);
  SignedHead head;
  ENLACE_RETURN_IF_ERROR(ReadSignedHead(reader, head));
  ENLACE_RETURN_IF_ERROR(reader.Done());
  return head;
}

}  // namespace enlace::merkle
