#include "crypto/room/commit_context.h"

#include "crypto/codec/fields.h"
#include "crypto/primitives/status.h"

namespace enlace::room {
namespace {

absl::Status ReadRemoved(codec::Reader& reader, std::vector<RemovedLeaf>& removed) {
  BytesView raw;
  ENLACE_RETURN_IF_ERROR(reader.ReadVector(raw));
  codec::Reader items(raw);
  while (!items.empty()) {
    if (removed.size() == kRoomDevicesMax)
      return InvalidArgument("commit removes more leaves than a room has");
    RemovedLeaf next;
    uint8_t reason = 0;
    ENLACE_RETURN_IF_ERROR(items.ReadU32(next.leaf));
    ENLACE_RETURN_IF_ERROR(items.ReadU8(reason));
    if (reason < 1 || reason > static_cast<uint8_t>(RemovalReason::kOfficeLeft)) {
      return InvalidArgument("unknown reason of a removal");
    }
    if (!removed.empty() && removed.back().leaf >= next.leaf) {
      return InvalidArgument("removed leaves are not in order");
    }
    next.reason = static_cast<RemovalReason>(reason);
    removed.push_back(next);
  }
  return absl::OkStatus();
}

}  // namespace

Bytes EncodeCommitContext(const CommitContext& context) {
  codec::Writer writer;
  writer.U16(kCommitContextVersion);
  merkle::WriteSignedHead(context.head, writer);
  writer.U64(context.charter_version);
  const size_t mark = writer.BeginVector();
  for (const RemovedLeaf& removed : context.removed) {
    writer.U32(removed.leaf);
    writer.U8(static_cast<uint8_t>(removed.reason));
  }
  writer.EndVector(mark);
  return writer.Take();
}

absl::StatusOr<CommitContext> DecodeCommitContext(BytesView bytes) {
  if (bytes.size() > kCommitContextBytesMax)
    return InvalidArgument("commit context is longer than its limit");
  codec::Reader reader(bytes);
  CommitContext context;
  ENLACE_RETURN_IF_ERROR(codec::ReadVersion(reader, kCommitContextVersion));
  ENLACE_RETURN_IF_ERROR(merkle::ReadSignedHead(reader, context.head));
  ENLACE_RETURN_IF_ERROR(reader.ReadU64(context.charter_version));
  ENLACE_RETURN_IF_ERROR(ReadRemoved(reader, context.removed));
  ENLACE_RETURN_IF_ERROR(reader.Done());
  return context;
}

HeadMark MarkOf(const CommitContext& context) {
  return {context.head.head, context.head.timestamp_ms, context.charter_version};
}

Bytes EncodeHeadMark(const HeadMark& mark) {
  codec::Writer writer;
  writer.U16(kHeadMarkVersion);
  merkle::WriteHeadRef(mark.head, writer);
  codec::WriteTime(mark.timestamp_ms, writer);
  writer.U64(mark.charter_version);
  return writer.Take();
}

absl::StatusOr<HeadMark> DecodeHeadMark(BytesView bytes) {
  codec::Reader reader(bytes);
  HeadMark mark;
  ENLACE_RETURN_IF_ERROR(codec::ReadVersion(reader, kHeadMarkVersion));
  ENLACE_RETURN_IF_ERROR(merkle::ReadHeadRef(reader, mark.head));
  ENLACE_RETURN_IF_ERROR(codec::ReadTime(reader, mark.timestamp_ms));
  ENLACE_RETURN_IF_ERROR(reader.ReadU64(mark.charter_version));
  ENLACE_RETURN_IF_ERROR(reader.Done());
  return mark;
}

}  // namespace enlace::room
