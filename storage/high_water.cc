#include "storage/high_water.h"

#include <algorithm>
#include <cstdio>

#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/primitives/sha256.h"
#include "storage/durable_file.h"

namespace enlace::storage {
namespace {

constexpr std::string_view kMagic = "enlace high-water 1\n";

struct Slot {
  uint64_t count = 0;
  ChainHead head;
};

std::filesystem::path SlotPath(const std::filesystem::path& folder, uint64_t count) {
  return folder / (count % 2 == 0 ? "high-water.0" : "high-water.1");
}

Bytes EncodeSlot(const Slot& slot) {
  codec::Writer writer;
  writer.Raw(AsBytes(kMagic));
  writer.U64(slot.count);
  writer.U64(slot.head.generation);
  writer.U64(slot.head.sequence);
  writer.Raw(slot.head.hash);
  const crypto::Digest checksum = crypto::Sha256(writer.view());
  writer.Raw(checksum);
  return writer.Take();
}

absl::StatusOr<Slot> DecodeSlot(BytesView content) {
  codec::Reader reader(content);
  Slot slot;
  BytesView magic;
  BytesView hash;
  BytesView checksum;
  ENLACE_RETURN_IF_ERROR(reader.ReadFixed(kMagic.size(), magic));
  ENLACE_RETURN_IF_ERROR(reader.ReadU64(slot.count));
  ENLACE_RETURN_IF_ERROR(reader.ReadU64(slot.head.generation));
  ENLACE_RETURN_IF_ERROR(reader.ReadU64(slot.head.sequence));
  ENLACE_RETURN_IF_ERROR(reader.ReadFixed(slot.head.hash.size(), hash));
  const size_t covered = content.size() - reader.remaining();
  ENLACE_RETURN_IF_ERROR(reader.ReadFixed(crypto::kHashBytes, checksum));
  ENLACE_RETURN_IF_ERROR(reader.Done());
  if (AsText(magic) != kMagic || !EqualBytes(crypto::Sha256(content.first(covered)), checksum)) {
    return DataLoss("storage: a high-water mark is damaged");
  }
  std::copy(hash.begin(), hash.end(), slot.head.hash.begin());
  return slot;
}

absl::Status Refused(std::string_view what, const std::string& expected, const std::string& found) {
  return DataLoss("storage: " + std::string(what) + ": expected " + expected + ", found " + found +
                  ". Bring back the newest data folder, or declare the loss.");
}

}  // namespace

std::string Describe(const ChainHead& head) {
  char generation[17];
  std::snprintf(generation, sizeof generation, "%016llx",
                static_cast<unsigned long long>(head.generation));
  return "sequence " + std::to_string(head.sequence) + " of generation " + generation + ", chain " +
         ToHex(head.hash);
}

absl::StatusOr<HighWaterFile> HighWaterFile::Open(const std::filesystem::path& folder) {
  HighWaterFile file(folder);
  bool found = false;
  for (const uint64_t parity : {0, 1}) {
    const absl::StatusOr<Bytes> content = ReadWholeFile(SlotPath(folder, parity));
    if (absl::IsNotFound(content.status())) continue;
    if (!content.ok()) return content.status();
    found = true;
    const absl::StatusOr<Slot> slot = DecodeSlot(*content);
    if (!slot.ok() || slot->count % 2 != parity) {
      file.damaged_ = true;
    } else if (!file.mark_ || slot->count > file.count_) {
      file.mark_ = slot->head;
      file.count_ = slot->count;
    }
  }
  if (found && !file.mark_) {
    return DataLoss("storage: no high-water mark in " + folder.string() +
                    " is whole, so that a loss in the store can't be excluded");
  }
  return file;
}

absl::Status HighWaterFile::Write(const ChainHead& head) {
  if (mark_ == head) return absl::OkStatus();
  if (mark_ && head.sequence <= mark_->sequence) {
    return FailedPrecondition("storage: the high-water mark is at " + Describe(*mark_) +
                              " and does not go back to " + Describe(head));
  }
  return Store(head);
}

absl::Status HighWaterFile::DeclareLoss(const ChainHead& head) { return Store(head); }

absl::Status HighWaterFile::Store(const ChainHead& head) {
  const Slot slot{count_ + 1, head};
  ENLACE_RETURN_IF_ERROR(ReplaceFile(SlotPath(folder_, slot.count), EncodeSlot(slot)));
  count_ = slot.count;
  mark_ = head;
  return absl::OkStatus();
}

absl::Status CompareWithHighWater(const std::optional<ChainHead>& mark,
                                  const std::optional<ChainHead>& newest,
                                  const HeadLookup& lookup) {
  if (!mark && !newest) return absl::OkStatus();
  if (!mark) {
    return Refused("the high-water mark is missing", "a mark beside the store", Describe(*newest));
  }
  if (!newest) return Refused("the store has lost its log", Describe(*mark), "an empty log");
  if (newest->sequence < mark->sequence) {
    return Refused("the store is behind its high-water mark", Describe(*mark), Describe(*newest));
  }
  ENLACE_ASSIGN_OR_RETURN(const std::optional<ChainHead> held, lookup(mark->sequence));
  if (held == mark) return absl::OkStatus();
  return Refused("the store's log is not the one of its high-water mark", Describe(*mark),
                 held ? Describe(*held) : "no record at its place");
}

}  // namespace enlace::storage
