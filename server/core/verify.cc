#include "server/core/verify.h"

#include "crypto/identity/registry.h"
#include "crypto/primitives/sha256.h"
#include "crypto/primitives/status.h"
#include "crypto/room/log_chain.h"
#include "enlace/store/v1/store.pb.h"
#include "enlace/v1/inbox.pb.h"
#include "server/core/keys.h"
#include "server/core/store_io.h"

namespace enlace::server {
namespace {

using storage::Row;

class Verifier {
 public:
  Verifier(const storage::ReadView& view, VerifyReport& report) : view_(view), report_(report) {}

  absl::Status Registry(const merkle::Hash& charter_root);
  absl::Status ServerLog();
  absl::Status RoomLogs();
  absl::Status Rooms();
  absl::Status Inboxes();
  absl::Status Blobs();

 private:
  void Find(std::string where, std::string_view what) {
    ++report_.findings_total;
    if (report_.findings.size() < kFindingsMax)
      report_.findings.push_back({std::move(where), std::string(what)});
  }
  absl::Status EachRow(keys::Space space, const RowVisitor& visit) {
    return ForEachRow(view_, storage::PrefixRange(keys::All(space)), visit);
  }
  void CheckEntry(const Bytes& room_id, uint64_t sequence, BytesView value);
  void CheckServerRow(uint64_t sequence, BytesView value);
  void CheckBlob(const Bytes& blob_id, const store::v1::StoredBlob& blob);

  const storage::ReadView& view_;
  VerifyReport& report_;
  // The room whose log is being walked, and its last header.
  Bytes room_;
  std::optional<room::LogHeader> last_;
  // The server's chain up to the last row.
  room::ServerHead chain_;
};

std::string RoomPlace(BytesView room_id, uint64_t sequence) {
  return "room " + ToHex(room_id) + " sequence " + std::to_string(sequence);
}

absl::Status Verifier::Registry(const merkle::Hash& charter_root) {
  identity::Registry registry(charter_root);
  return EachRow(keys::kRegistryLog, [&](const Row& row) -> absl::StatusOr<bool> {
    const std::string where = "registry entry " + std::to_string(report_.registry_entries);
    const bool in_order = EqualBytes(row.key, keys::RegistryLog(report_.registry_entries));
    if (!in_order) Find(where, "an entry is missing");
    ++report_.registry_entries;
    const absl::Status applied = registry.Apply(row.value);
    if (!applied.ok()) Find(where, MessageOf(applied));
    // What follows an entry that does not apply can't be judged.
    return in_order && applied.ok();
  });
}

void Verifier::CheckServerRow(uint64_t sequence, BytesView value) {
  const std::string where = "server sequence " + std::to_string(sequence);
  store::v1::ServerLogRow row;
  if (!row.ParseFromArray(value.data(), static_cast<int>(value.size())))
    return Find(where, "the record does not parse");
  room::ServerHead after;
  absl::Status advanced;
  if (!row.generation_record().empty()) {
    const auto record = room::DecodeGenerationRecord(AsBytes(row.generation_record()));
    advanced = record.ok() ? room::AdvanceServerHead(chain_, *record, after) : record.status();
  } else {
    const auto entry = ReadRecord<v1::RoomEntry>(
        view_, keys::RoomLog(AsBytes(row.room_id()), row.room_sequence()));
    if (!entry.ok()) return Find(where, MessageOf(entry.status()));
    if (!entry->has_value())
      return Find(where, "the entry of the room's log that it names is missing");
    const auto header = room::DecodeLogHeader(AsBytes((*entry)->header()));
    advanced = header.ok() ? room::AdvanceServerHead(chain_, *header, after) : header.status();
  }
  if (!advanced.ok()) Find(where, MessageOf(advanced));
  merkle::Hash stored{};
  if (row.head().size() == stored.size())
    std::copy(row.head().begin(), row.head().end(), stored.begin());
  if (advanced.ok() && after.head != stored) Find(where, "the stored head is not the chain's");
  // After damage the walk goes on from what is stored, so that one break is one finding.
  chain_ = {sequence, stored};
}

absl::Status Verifier::ServerLog() {
  uint64_t expected = 1;
  const absl::Status walked =
      EachRow(keys::kServerLog, [&](const Row& row) -> absl::StatusOr<bool> {
        storage::KeyReader key(row.key);
        ENLACE_RETURN_IF_ERROR(key.Space().status());
        ENLACE_ASSIGN_OR_RETURN(const uint64_t sequence, key.U64());
        if (sequence != expected)
          Find("server sequence " + std::to_string(expected),
               "rows are missing before " + std::to_string(sequence));
        CheckServerRow(sequence, row.value);
        expected = sequence + 1;
        return true;
      });
  ENLACE_RETURN_IF_ERROR(walked);
  report_.server_sequence = expected - 1;
  ENLACE_ASSIGN_OR_RETURN(const auto chain,
                          ReadRecord<store::v1::ServerChain>(view_, keys::ServerChain()));
  if (chain && (chain->server_sequence() != chain_.server_sequence ||
                !EqualBytes(AsBytes(chain->head()), chain_.head))) {
    Find("server chain", "its record names another head than the log ends with");
  }
  return absl::OkStatus();
}

void Verifier::CheckEntry(const Bytes& room_id, uint64_t sequence, BytesView value) {
  const std::string where = RoomPlace(room_id, sequence);
  if (room_ != room_id) {
    room_ = room_id;
    last_.reset();
  }
  v1::RoomEntry entry;
  if (!entry.ParseFromArray(value.data(), static_cast<int>(value.size())))
    return Find(where, "the record does not parse");
  const auto header = room::DecodeLogHeader(AsBytes(entry.header()));
  if (!header.ok()) return Find(where, MessageOf(header.status()));
  if (header->sequence != sequence || !EqualBytes(header->room_id, room_id))
    Find(where, "the header is another entry's");
  // Only the header stays of what expired or was withdrawn.
  if (!entry.message().empty() &&
      merkle::Sha256(AsBytes(entry.message())) != header->content_hash) {
    Find(where, "the content is not the one that the header names");
  }
  const absl::Status follows =
      last_ ? room::CheckFollowsInRoom(*last_, *header) : room::CheckFirstInRoom(*header);
  if (!follows.ok()) Find(where, MessageOf(follows));
  last_ = *header;
}

absl::Status Verifier::RoomLogs() {
  return EachRow(keys::kRoomLog, [&](const Row& row) -> absl::StatusOr<bool> {
    storage::KeyReader key(row.key);
    ENLACE_RETURN_IF_ERROR(key.Space().status());
    ENLACE_ASSIGN_OR_RETURN(const Bytes room_id, key.Blob());
    ENLACE_ASSIGN_OR_RETURN(const uint64_t sequence, key.U64());
    ++report_.log_entries;
    CheckEntry(room_id, sequence, row.value);
    return true;
  });
}

absl::Status Verifier::Rooms() {
  return EachRow(keys::kRoom, [&](const Row& row) -> absl::StatusOr<bool> {
    storage::KeyReader key(row.key);
    ENLACE_RETURN_IF_ERROR(key.Space().status());
    ENLACE_ASSIGN_OR_RETURN(const Bytes room_id, key.Blob());
    ++report_.rooms;
    const auto record = ParseRecord<store::v1::RoomRecord>(row.key, row.value);
    if (!record.ok()) {
      Find("room " + ToHex(room_id), MessageOf(record.status()));
      return true;
    }
    const auto last = ReadRecord<v1::RoomEntry>(view_, keys::RoomLog(room_id, record->sequence()));
    if (!last.ok() || !last->has_value()) {
      Find(RoomPlace(room_id, record->sequence()), "the last entry that the room names is missing");
      return true;
    }
    const auto header = room::DecodeLogHeader(AsBytes((*last)->header()));
    if (header.ok() && !EqualBytes(AsBytes(record->head()), room::LogHeaderHash(*header))) {
      Find(RoomPlace(room_id, record->sequence()),
           "the room names another head than its log ends with");
    }
    return true;
  });
}

absl::Status Verifier::Inboxes() {
  return EachRow(keys::kInbox, [&](const Row& row) -> absl::StatusOr<bool> {
    storage::KeyReader key(row.key);
    ENLACE_RETURN_IF_ERROR(key.Space().status());
    ENLACE_ASSIGN_OR_RETURN(const std::string device, key.Text());
    ENLACE_ASSIGN_OR_RETURN(const uint64_t cursor, key.U64());
    ++report_.inbox_items;
    const std::string where = "inbox " + device + " cursor " + std::to_string(cursor);
    const auto pointer = ParseRecord<store::v1::Pointer>(row.key, row.value);
    if (!pointer.ok()) {
      Find(where, MessageOf(pointer.status()));
    } else if (pointer->has_entry()) {
      ENLACE_ASSIGN_OR_RETURN(const auto entry,
                              view_.Get(keys::RoomLog(AsBytes(pointer->entry().room_id()),
                                                      pointer->entry().sequence())));
      if (!entry) Find(where, "the entry that it points to is missing");
    }
    return true;
  });
}

void Verifier::CheckBlob(const Bytes& blob_id, const store::v1::StoredBlob& blob) {
  const std::string where = "blob " + ToHex(blob_id);
  uint64_t offset = 0;
  crypto::Sha256Stream hash;
  const absl::Status walked =
      ForEachRow(view_, storage::PrefixRange(keys::BlobChunks(blob_id)),
                 [&](const Row& row) -> absl::StatusOr<bool> {
                   if (!EqualBytes(row.key, keys::BlobChunk(blob_id, offset)))
                     Find(where, "a chunk is missing");
                   hash.Add(row.value);
                   offset += row.value.size();
                   return true;
                 });
  if (!walked.ok()) Find(where, MessageOf(walked));
  if (offset != blob.received_bytes())
    Find(where, "it holds another number of bytes than its record says");
  if (blob.complete() && !EqualBytes(hash.Finish(), AsBytes(blob.sha256())))
    Find(where, "its SHA-256 is another");
}

absl::Status Verifier::Blobs() {
  return EachRow(keys::kBlob, [&](const Row& row) -> absl::StatusOr<bool> {
    storage::KeyReader key(row.key);
    ENLACE_RETURN_IF_ERROR(key.Space().status());
    ENLACE_ASSIGN_OR_RETURN(const Bytes blob_id, key.Blob());
    ++report_.blobs;
    const auto blob = ParseRecord<store::v1::StoredBlob>(row.key, row.value);
    if (blob.ok()) {
      CheckBlob(blob_id, *blob);
    } else {
      Find("blob " + ToHex(blob_id), MessageOf(blob.status()));
    }
    return true;
  });
}

}  // namespace

absl::StatusOr<VerifyReport> VerifyStore(const storage::ReadView& view,
                                         const merkle::Hash& charter_root) {
  VerifyReport report;
  Verifier verifier(view, report);
  ENLACE_RETURN_IF_ERROR(verifier.Registry(charter_root));
  ENLACE_RETURN_IF_ERROR(verifier.RoomLogs());
  ENLACE_RETURN_IF_ERROR(verifier.Rooms());
  ENLACE_RETURN_IF_ERROR(verifier.ServerLog());
  ENLACE_RETURN_IF_ERROR(verifier.Inboxes());
  ENLACE_RETURN_IF_ERROR(verifier.Blobs());
  return report;
}

}  // namespace enlace::server
