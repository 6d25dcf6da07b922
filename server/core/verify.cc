#include "server/core/verify.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "crypto/identity/registry.h"
#include "crypto/mls/public_group.h"
#include "crypto/room/log_chain.h"
#include "enlace/store/v1/store.pb.h"
#include "server/core/hash_state.h"
#include "server/core/inbox_core.h"
#include "server/core/inbox_rows.h"
#include "server/core/keys.h"
#include "server/core/server_log.h"
#include "server/core/store_io.h"

namespace enlace::server {
namespace {

// Collects the findings and walks the store part by part.
class Verifier {
 public:
  Verifier(const storage::ReadView& view, const merkle::Hash& charter_root)
      : view_(view), charter_root_(charter_root) {}

  absl::StatusOr<VerifyReport> Run() {
    ENLACE_RETURN_IF_ERROR(Registry());
    ENLACE_RETURN_IF_ERROR(ServerChain());
    ENLACE_RETURN_IF_ERROR(Rooms());
    ENLACE_RETURN_IF_ERROR(RoomLogs());
    ENLACE_RETURN_IF_ERROR(Inboxes());
    ENLACE_RETURN_IF_ERROR(Blobs());
    return std::move(report_);
  }

 private:
  void Find(std::string where, std::string_view what) {
    AddFinding(report_, {std::move(where), std::string(what)});
  }
  // Notes an error; true when there was none.
  bool Good(const std::string& where, const absl::Status& status) {
    if (!status.ok()) Find(where, MessageOf(status));
    return status.ok();
  }

  absl::Status Registry();
  absl::Status ServerChain();
  absl::Status Rooms();
  absl::Status RoomLogs();
  absl::Status Inboxes();
  absl::Status Blobs();
  void ServerRow(const storage::Row& row);
  void RoomRow(const storage::Row& row);
  void Group(const Bytes& room, const store::v1::RoomRecord& record);
  void LogRow(const storage::Row& row);
  void CheckPlace(const std::string& where, const room::LogHeader& header);
  void InboxRow(const storage::Row& row);
  void BlobRow(const storage::Row& row);

  const storage::ReadView& view_;
  const merkle::Hash charter_root_;
  VerifyReport report_;
  uint64_t next_server_sequence_ = 1;
  std::string last_server_head_;
  std::map<Bytes, store::v1::RoomRecord> rooms_;
  std::map<Bytes, room::LogHeader> last_headers_;
  std::vector<uint64_t> bases_;  // Cursors after which a declared loss left a gap.
  std::string inbox_device_;
  uint64_t inbox_next_ = 0;
};

absl::StatusOr<uint64_t> NumberInKey(BytesView row_key) {
  storage::KeyReader key(row_key);
  ENLACE_RETURN_IF_ERROR(key.Space().status());
  return key.U64();
}

absl::StatusOr<Bytes> BlobInKey(BytesView row_key) {
  storage::KeyReader key(row_key);
  ENLACE_RETURN_IF_ERROR(key.Space().status());
  return key.Blob();
}

absl::Status Walk(const storage::ReadView& view, keys::Space space,
                  const std::function<void(const storage::Row&)>& visit) {
  return ForEachRow(view, storage::PrefixRange(keys::All(space)),
                    [&visit](const storage::Row& row) {
                      visit(row);
                      return true;
                    });
}

absl::Status Verifier::Registry() {
  identity::Registry registry(charter_root_);
  return Walk(view_, keys::kRegistryLog, [&](const storage::Row& row) {
    const std::string where = "registry entry " + std::to_string(report_.registry_entries++);
    const auto index = NumberInKey(row.key);
    if (!Good(where, index.status())) return;
    if (*index != registry.size()) return Find(where, "an entry is missing before it");
    // With signatures: this is the one place where a stored log is not taken on trust.
    Good(where, registry.Apply(row.value));
  });
}

void Verifier::ServerRow(const storage::Row& row) {
  const std::string where = "server log " + std::to_string(next_server_sequence_);
  const auto places = ReadServerPlaces(row);
  if (!Good(where, places.status())) return;
  if (places->first != next_server_sequence_) Find(where, "rows are missing before it");
  next_server_sequence_ = places->last + 1;
  const std::string& record = places->row.generation_record();
  if (!record.empty()) {
    const auto generation = room::DecodeGenerationRecord(AsBytes(record));
    if (!Good(where, generation.status())) return;
    if (room::GenerationHash(*generation) != places->HeadAt(places->last))
      Find(where, "the head is not the record's hash");
    const bool first = places->last == 1;
    if (!first && AsText(generation->previous_server_head) != last_server_head_)
      Find(where, "the chain is broken");
  }
  last_server_head_ = BytesField(places->HeadAt(places->last));
}

absl::Status Verifier::ServerChain() {
  ENLACE_RETURN_IF_ERROR(
      Walk(view_, keys::kServerLog, [this](const storage::Row& row) { ServerRow(row); }));
  const auto chain = ReadRecord<store::v1::ServerChain>(view_, keys::ServerChain());
  if (!Good("server chain", chain.status())) return absl::OkStatus();
  if (!*chain) {
    if (next_server_sequence_ != 1) Find("server chain", "its record is missing");
    return absl::OkStatus();
  }
  report_.server_sequence = (*chain)->server_sequence();
  bases_ = CursorBases(**chain);
  if ((*chain)->server_sequence() + 1 != next_server_sequence_ ||
      (*chain)->head() != last_server_head_) {
    Find("server chain", "it does not end where its record says");
  }
  return absl::OkStatus();
}

void Verifier::Group(const Bytes& room, const store::v1::RoomRecord& record) {
  const std::string where = "room " + ToHex(room);
  std::map<std::string, Bytes> saved;
  const absl::Status read =
      ForEachRow(view_, storage::PrefixRange(keys::RoomGroups(room)),
                 [&saved](const storage::Row& row) -> absl::StatusOr<bool> {
                   storage::KeyReader key(row.key);
                   ENLACE_RETURN_IF_ERROR(key.Space().status());
                   ENLACE_RETURN_IF_ERROR(key.Blob().status());
                   ENLACE_ASSIGN_OR_RETURN(const std::string name, key.Text());
                   saved[name] = row.value;
                   return true;
                 });
  if (!Good(where, read)) return;
  const auto group = mls::PublicGroup::Restore(saved);
  if (!Good(where, group.status())) return;
  if (group->epoch() != record.epoch()) Find(where, "the group is in another epoch than the room");
  const auto epoch = ReadRecord<store::v1::RoomEpoch>(view_, keys::RoomEpoch(room));
  if (!Good(where, epoch.status())) return;
  size_t members = 0;
  const absl::Status counted =
      ForEachRow(view_, storage::PrefixRange(keys::Members(room)), [&](const storage::Row&) {
        ++members;
        return true;
      });
  if (!Good(where, counted)) return;
  if (!*epoch || (*epoch)->members() != members || group->member_count() != members) {
    Find(where, "the members are not those of the group");
  }
}

void Verifier::RoomRow(const storage::Row& row) {
  ++report_.rooms;
  const auto id = BlobInKey(row.key);
  const auto record = ParseRecord<store::v1::RoomRecord>(row.key, row.value);
  if (!Good("a room's key", id.status()) || !Good("a room's record", record.status())) return;
  rooms_[*id] = *record;
  Group(*id, *record);
}

absl::Status Verifier::Rooms() {
  return Walk(view_, keys::kRoom, [this](const storage::Row& row) { RoomRow(row); });
}

// The entry stands in the server's chain where its header says, with its hash as head.
void Verifier::CheckPlace(const std::string& where, const room::LogHeader& header) {
  const auto head = ServerHeadAt(view_, header.server_sequence);
  if (!Good(where, head.status())) return;
  if (*head != room::LogHeaderHash(header)) Find(where, "it is not in the server's chain");
  if (header.server_sequence == 1) return;
  const auto before = ServerHeadAt(view_, header.server_sequence - 1);
  if (Good(where, before.status()) && *before != header.previous_server_head) {
    Find(where, "the server's chain is broken before it");
  }
}

void Verifier::LogRow(const storage::Row& row) {
  ++report_.log_entries;
  storage::KeyReader key(row.key);
  if (!Good("a log entry's key", key.Space().status())) return;
  const auto id = key.Blob();
  const auto sequence = key.U64();
  if (!Good("a log entry's key", id.status()) || !Good("a log entry's key", sequence.status()))
    return;
  const std::string where = "room " + ToHex(*id) + " sequence " + std::to_string(*sequence);
  const auto entry = ParseRecord<v1::RoomEntry>(row.key, row.value);
  if (!Good(where, entry.status())) return;
  const auto header = room::DecodeLogHeader(AsBytes(entry->header()));
  if (!Good(where, header.status())) return;
  if (header->room_id != *id || header->sequence != *sequence)
    Find(where, "its header is another's");
  const auto last = last_headers_.find(*id);
  Good(where, last == last_headers_.end() ? room::CheckFirstInRoom(*header)
                                          : room::CheckFollowsInRoom(last->second, *header));
  if (!entry->message().empty() &&
      merkle::Sha256(AsBytes(entry->message())) != header->content_hash) {
    Find(where, "the content is not the one that its header names");
  }
  CheckPlace(where, *header);
  last_headers_[*id] = *header;
}

absl::Status Verifier::RoomLogs() {
  ENLACE_RETURN_IF_ERROR(
      Walk(view_, keys::kRoomLog, [this](const storage::Row& row) { LogRow(row); }));
  for (const auto& [id, record] : rooms_) {
    const std::string where = "room " + ToHex(id);
    const auto last = last_headers_.find(id);
    if (last == last_headers_.end()) {
      Find(where, "it has no log");
    } else if (last->second.sequence != record.sequence() ||
               AsText(room::LogHeaderHash(last->second)) != record.head()) {
      Find(where, "its log does not end where its record says");
    }
  }
  for (const auto& [id, header] : last_headers_) {
    if (!rooms_.contains(id)) Find("room " + ToHex(id), "it has a log and no record");
  }
  return absl::OkStatus();
}

void Verifier::InboxRow(const storage::Row& row) {
  storage::KeyReader key(row.key);
  if (!Good("an inbox's key", key.Space().status())) return;
  const auto device = key.Text();
  const auto last = key.U64();
  if (!Good("an inbox's key", device.status()) || !Good("an inbox's key", last.status())) return;
  const std::string where = "inbox " + *device + " up to item " + std::to_string(*last);
  const auto stored = ReadInboxRow(row);
  if (!Good(where, stored.status())) return;
  uint64_t first = stored->first;
  if (*device != inbox_device_) {
    inbox_device_ = *device;
    const auto state = ReadRecord<store::v1::InboxState>(view_, keys::InboxState(*device));
    if (!Good(where, state.status())) return;
    inbox_next_ = (*state ? (*state)->confirmed() : 0) + 1;
    if (stored->last < inbox_next_) Find(where, "it is confirmed and still there");
    // Of the first row a part may be confirmed.
    first = std::max(first, std::min(inbox_next_, stored->last));
  }
  const bool after_loss = std::binary_search(bases_.begin(), bases_.end(), first - 1);
  if (first != inbox_next_ && !after_loss) Find(where, "items are missing before it");
  inbox_next_ = stored->last + 1;
  report_.inbox_items += stored->last - first + 1;
  const absl::Status walked =
      stored->ForEachAfter(first - 1, [&](uint64_t cursor, const store::v1::Pointer& pointer) {
        Good(where + ", " + std::to_string(cursor), ResolvePointer(view_, pointer).status());
        return true;
      });
  Good(where, walked);
}

absl::Status Verifier::Inboxes() {
  return Walk(view_, keys::kInbox, [this](const storage::Row& row) { InboxRow(row); });
}

void Verifier::BlobRow(const storage::Row& row) {
  ++report_.blobs;
  const auto id = BlobInKey(row.key);
  const auto record = ParseRecord<store::v1::StoredBlob>(row.key, row.value);
  if (!Good("a blob's key", id.status()) || !Good("a blob's record", record.status())) return;
  const std::string where = "blob " + ToHex(*id);
  HashState hash;
  uint64_t size_bytes = 0;
  const absl::Status read = ForEachRow(view_, storage::PrefixRange(keys::BlobChunks(*id)),
                                       [&](const storage::Row& chunk) {
                                         hash.Add(chunk.value);
                                         size_bytes += chunk.value.size();
                                         return true;
                                       });
  if (!Good(where, read)) return;
  if (size_bytes != record->received_bytes()) Find(where, "bytes are missing");
  if (record->complete() && AsText(hash.Digest()) != record->sha256())
    Find(where, "its SHA-256 is wrong");
}

absl::Status Verifier::Blobs() {
  return Walk(view_, keys::kBlob, [this](const storage::Row& row) { BlobRow(row); });
}

}  // namespace

void AddFinding(VerifyReport& report, Finding finding) {
  ++report.findings_total;
  if (report.findings.size() < kFindingsMax) report.findings.push_back(std::move(finding));
}

absl::StatusOr<VerifyReport> VerifyStore(const storage::ReadView& view,
                                         const merkle::Hash& charter_root) {
  return Verifier(view, charter_root).Run();
}

}  // namespace enlace::server
