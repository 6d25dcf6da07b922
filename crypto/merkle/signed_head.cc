#include "crypto/merkle/signed_head.h"

#include "crypto/codec/fields.h"
#include "crypto/primitives/status.h"

namespace enlace::merkle {
namespace {

constexpr std::string_view kLabel = "enlace log head 1";

void WriteFields(const SignedHead& head, codec::Writer& writer) {
  writer.U16(kSignedHeadVersion);
  writer.Raw(head.log_id);
  WriteHeadRef(head.head, writer);
  codec::WriteTime(head.timestamp_ms, writer);
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
  return codec::ReadArray(reader, head.root);
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
  ENLACE_RETURN_IF_ERROR(codec::ReadVersion(reader, kSignedHeadVersion));
  ENLACE_RETURN_IF_ERROR(codec::ReadArray(reader, head.log_id));
  ENLACE_RETURN_IF_ERROR(ReadHeadRef(reader, head.head));
  ENLACE_RETURN_IF_ERROR(codec::ReadTime(reader, head.timestamp_ms));
  ENLACE_RETURN_IF_ERROR(reader.ReadVector(head.signature));
  if (head.signature.size() != crypto::kSignatureBytes) {
    return InvalidArgument("signature of a signed head is not 64 bytes");
  }
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
