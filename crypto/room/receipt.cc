// Receipts of log_chain.h.
#include <utility>

#include "crypto/codec/fields.h"
#include "crypto/primitives/status.h"
#include "crypto/room/log_chain.h"

namespace enlace::room {
namespace {

constexpr std::string_view kLabel = "enlace receipt 1";
constexpr size_t kHeaderBytesMax = 512;

// Fields that the signature covers.
void WriteFields(const Receipt& receipt, codec::Writer& writer) {
  writer.U16(kReceiptVersion);
  writer.Vector(EncodeLogHeader(receipt.header));
  writer.Raw(receipt.room_head);
  writer.U64(receipt.room_sequence);
  codec::WriteTime(receipt.issued_at_ms, writer);
}

Bytes SignedBytes(const Receipt& receipt) {
  codec::Writer writer;
  writer.Raw(AsBytes(kLabel));
  WriteFields(receipt, writer);
  return writer.Take();
}

// The room's head is the header's own hash or that of a later one.
absl::Status CheckAgreement(const Receipt& receipt) {
  const bool is_newest = receipt.room_sequence == receipt.header.sequence;
  if (receipt.room_sequence < receipt.header.sequence ||
      receipt.issued_at_ms < receipt.header.accepted_at_ms ||
      (is_newest && receipt.room_head != LogHeaderHash(receipt.header))) {
    return DataLoss("the receipt contradicts itself");
  }
  return absl::OkStatus();
}

}  // namespace

Receipt SignReceipt(Receipt unsigned_receipt, const crypto::SigningKey& server_key) {
  unsigned_receipt.signature = server_key.Sign(SignedBytes(unsigned_receipt));
  return unsigned_receipt;
}

absl::Status VerifyReceipt(const Receipt& receipt, BytesView server_key) {
  if (!crypto::VerifySignature(server_key, SignedBytes(receipt), receipt.signature).ok()) {
    return DataLoss("the receipt is not signed by the server's key");
  }
  return CheckAgreement(receipt);
}

Bytes EncodeReceipt(const Receipt& receipt) {
  codec::Writer writer;
  WriteFields(receipt, writer);
  writer.Vector(receipt.signature);
  return writer.Take();
}

absl::StatusOr<Receipt> DecodeReceipt(BytesView bytes) {
  codec::Reader reader(bytes);
  Receipt receipt;
  Bytes header;
  ENLACE_RETURN_IF_ERROR(codec::ReadVersion(reader, kReceiptVersion));
  ENLACE_RETURN_IF_ERROR(codec::ReadBounded(reader, kHeaderBytesMax, header));
  ENLACE_ASSIGN_OR_RETURN(receipt.header, DecodeLogHeader(header));
  ENLACE_RETURN_IF_ERROR(codec::ReadArray(reader, receipt.room_head));
  ENLACE_RETURN_IF_ERROR(reader.ReadU64(receipt.room_sequence));
  ENLACE_RETURN_IF_ERROR(codec::ReadTime(reader, receipt.issued_at_ms));
  ENLACE_RETURN_IF_ERROR(codec::ReadBounded(reader, crypto::kSignatureBytes, receipt.signature));
  ENLACE_RETURN_IF_ERROR(reader.Done());
  return receipt;
}

}  // namespace enlace::room
