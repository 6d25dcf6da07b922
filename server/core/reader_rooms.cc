#include <algorithm>
#include <map>
#include <set>

#include "crypto/room/log_chain.h"
#include "crypto/room/room_rules.h"
#include "enlace/store/v1/store.pb.h"
#include "server/core/inbox_core.h"
#include "server/core/inbox_rows.h"
#include "server/core/keys.h"
#include "server/core/limits.h"
#include "server/core/message_core.h"
#include "server/core/reader.h"
#include "server/core/shared_registry.h"
#include "server/core/store_io.h"

namespace enlace::server {
namespace {

// The last element of a key of three: space, text, bytes.
absl::StatusOr<Bytes> RoomInKey(BytesView row_key) {
  storage::KeyReader key(row_key);
  ENLACE_RETURN_IF_ERROR(key.Space().status());
  ENLACE_RETURN_IF_ERROR(key.Text().status());
  return key.Blob();
}

absl::Status AddRooms(const storage::ReadView& view, const Bytes& prefix, std::set<Bytes>& out) {
  return ForEachRow(view, storage::PrefixRange(prefix),
                    [&out](const storage::Row& row) -> absl::StatusOr<bool> {
                      ENLACE_ASSIGN_OR_RETURN(Bytes room, RoomInKey(row.key));
                      out.insert(std::move(room));
                      return out.size() < kRoomsListedMax;
                    });
}

// Every name that the office has had, its own last.
void AddNames(const identity::OfficeRecord& office, std::set<std::string>& out) {
  if (!out.insert(office.id).second) return;
  for (const identity::OfficeRecord* before : office.predecessors) AddNames(*before, out);
}

// Names under which the caller's offices stand in policies, and their networks.
struct OfficeNames {
  std::set<std::string> offices;
  std::set<std::string> networks;
};

OfficeNames NamesOf(const identity::Registry& registry, const Caller& caller) {
  OfficeNames out;
  for (const std::string& id : caller.offices) {
    const identity::OfficeRecord* office = registry.FindOffice(id);
    if (office == nullptr) continue;
    AddNames(*office, out.offices);
    out.networks.insert(office->stated().networks.begin(), office->stated().networks.end());
  }
  return out;
}

// One consistent picture of a room.
struct StoredRoom {
  store::v1::RoomRecord record;
  store::v1::RoomEpoch epoch;
};

absl::StatusOr<StoredRoom> ReadRoom(const storage::ReadView& view, BytesView id) {
  if (id.size() != room::kRoomIdBytes) return MakeError(Reason::kRoomUnknown);
  StoredRoom out;
  ENLACE_ASSIGN_OR_RETURN(auto record, ReadRecord<store::v1::RoomRecord>(view, keys::Room(id)));
  if (!record) return MakeError(Reason::kRoomUnknown);
  ENLACE_ASSIGN_OR_RETURN(auto epoch, ReadRecord<store::v1::RoomEpoch>(view, keys::RoomEpoch(id)));
  if (!epoch) return DamagedRecord(keys::RoomEpoch(id));
  return StoredRoom{std::move(*record), std::move(*epoch)};
}

absl::StatusOr<mls::PublicGroup> RestoreGroup(const storage::ReadView& view, BytesView id) {
  std::map<std::string, Bytes> saved;
  const auto range = storage::PrefixRange(keys::RoomGroups(id));
  const absl::Status read =
      ForEachRow(view, range, [&saved](const storage::Row& row) -> absl::StatusOr<bool> {
        storage::KeyReader key(row.key);
        ENLACE_RETURN_IF_ERROR(key.Space().status());
        ENLACE_RETURN_IF_ERROR(key.Blob().status());
        ENLACE_ASSIGN_OR_RETURN(const std::string name, key.Text());
        saved[name] = row.value;
        return true;
      });
  if (!read.ok()) return read;
  return mls::PublicGroup::Restore(saved);
}

}  // namespace

absl::StatusOr<bool> Reader::IsMember(const storage::ReadView& view, const Caller& caller,
                                      BytesView room) const {
  ENLACE_ASSIGN_OR_RETURN(const auto row, view.Get(keys::Member(room, caller.device_uri)));
  return row.has_value();
}

absl::Status Reader::CheckMayRead(const storage::ReadView& view, const Caller& caller,
                                  BytesView room_id, int64_t now_ms) const {
  ENLACE_ASSIGN_OR_RETURN(const StoredRoom stored, ReadRoom(view, room_id));
  ENLACE_ASSIGN_OR_RETURN(const bool member, IsMember(view, caller, room_id));
  if (member) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(const room::RoomPolicy policy,
                          room::DecodeRoomPolicy(AsBytes(stored.epoch.policy())));
  const bool may_enter = sources_.registry.With([&](const identity::Registry& registry) {
    const identity::DeviceRecord* device = registry.FindDevice(caller.device_uri);
    return device != nullptr && room::MayEnter(policy, *device, registry, registry.Now(now_ms));
  });
  return may_enter ? absl::OkStatus() : MakeError(Reason::kNotAMember);
}

absl::StatusOr<std::shared_ptr<const Bytes>> Reader::TreeOf(const storage::ReadView& view,
                                                            BytesView room, uint64_t epoch) const {
  const Bytes id = ToBytes(room);
  {
    const std::lock_guard lock(trees_mutex_);
    for (const CachedTree& cached : trees_) {
      if (cached.room == id && cached.epoch == epoch) return cached.tree;
    }
  }
  ENLACE_ASSIGN_OR_RETURN(const mls::PublicGroup group, RestoreGroup(view, room));
  auto tree = std::make_shared<const Bytes>(group.SerializeTree());
  const std::lock_guard lock(trees_mutex_);
  trees_.push_front({id, epoch, tree});
  if (trees_.size() > kTreesCachedMax) trees_.pop_back();
  return tree;
}

absl::StatusOr<v1::GetRoomResponse> Reader::GetRoom(const Caller& caller,
                                                    const v1::GetRoomRequest& request,
                                                    int64_t now_ms) const {
  ENLACE_ASSIGN_OR_RETURN(const auto view, sources_.engine.NewSnapshot());
  const BytesView id = AsBytes(request.room_id());
  ENLACE_RETURN_IF_ERROR(CheckMayRead(*view, caller, id, now_ms));
  ENLACE_ASSIGN_OR_RETURN(const StoredRoom stored, ReadRoom(*view, id));
  ENLACE_ASSIGN_OR_RETURN(const auto tree, TreeOf(*view, id, stored.record.epoch()));
  v1::GetRoomResponse answer;
  answer.set_group_info(stored.epoch.group_info());
  answer.set_epoch(stored.record.epoch());
  answer.set_sequence(stored.record.sequence());
  answer.set_room_head(stored.record.head());
  answer.set_tree_bytes(tree->size());
  answer.set_read_only(stored.record.read_only());
  return answer;
}

absl::StatusOr<v1::GetTreeResponse> Reader::GetTree(const Caller& caller,
                                                    const v1::GetTreeRequest& request,
                                                    int64_t now_ms) const {
  ENLACE_ASSIGN_OR_RETURN(const auto view, sources_.engine.NewSnapshot());
  const BytesView id = AsBytes(request.room_id());
  ENLACE_RETURN_IF_ERROR(CheckMayRead(*view, caller, id, now_ms));
  ENLACE_ASSIGN_OR_RETURN(const StoredRoom stored, ReadRoom(*view, id));
  if (request.epoch() != stored.record.epoch()) return EpochStale(stored.record.epoch());
  ENLACE_ASSIGN_OR_RETURN(const auto tree, TreeOf(*view, id, request.epoch()));
  if (request.offset() > tree->size()) return Malformed("offset");
  const BytesView rest = BytesView(*tree).subspan(request.offset());
  v1::GetTreeResponse answer;
  answer.set_chunk(BytesField(rest.first(std::min(rest.size(), kTreeChunkBytes))));
  answer.set_total_bytes(tree->size());
  return answer;
}

absl::StatusOr<v1::ListRoomsResponse> Reader::ListRooms(const Caller& caller,
                                                        int64_t now_ms) const {
  ENLACE_ASSIGN_OR_RETURN(const auto view, sources_.engine.NewSnapshot());
  const OfficeNames names = sources_.registry.With(
      [&](const identity::Registry& registry) { return NamesOf(registry, caller); });
  std::set<Bytes> rooms;
  ENLACE_RETURN_IF_ERROR(AddRooms(*view, keys::RoomsOfDevice(caller.device_uri), rooms));
  for (const std::string& office : names.offices) {
    ENLACE_RETURN_IF_ERROR(AddRooms(*view, keys::RoomsOfOffice(office), rooms));
  }
  for (const std::string& network : names.networks) {
    ENLACE_RETURN_IF_ERROR(AddRooms(*view, keys::RoomsOfNetwork(network), rooms));
  }
  v1::ListRoomsResponse answer;
  for (const Bytes& room : rooms) {
    const absl::Status may_read = CheckMayRead(*view, caller, room, now_ms);
    if (HasReason(may_read, Reason::kNotAMember)) continue;
    ENLACE_RETURN_IF_ERROR(may_read);
    ENLACE_RETURN_IF_ERROR(AddSummary(*view, caller, room, answer));
  }
  return answer;
}

absl::Status Reader::AddSummary(const storage::ReadView& view, const Caller& caller,
                                const Bytes& room, v1::ListRoomsResponse& answer) const {
  ENLACE_ASSIGN_OR_RETURN(const StoredRoom stored, ReadRoom(view, room));
  ENLACE_ASSIGN_OR_RETURN(const bool member, IsMember(view, caller, room));
  v1::RoomSummary& summary = *answer.add_rooms();
  summary.set_room_id(BytesField(room));
  summary.set_epoch(stored.record.epoch());
  summary.set_sequence(stored.record.sequence());
  summary.set_member(member);
  summary.set_read_only(stored.record.read_only());
  summary.set_room_head(stored.record.head());
  summary.set_policy(stored.epoch.policy());
  const auto stale = storage::PrefixRange(keys::StaleOfRoom(room));
  return ForEachRow(view, stale, [&summary](const storage::Row& row) -> absl::StatusOr<bool> {
    ENLACE_ASSIGN_OR_RETURN(const auto marked,
                            ParseRecord<store::v1::StaleRow>(row.key, row.value));
    summary.add_stale_leaves(marked.leaf());
    return true;
  });
}

absl::StatusOr<v1::GetReceiptResponse> Reader::GetReceipt(const Caller& caller,
                                                          const v1::GetReceiptRequest& request,
                                                          int64_t now_ms) const {
  ENLACE_ASSIGN_OR_RETURN(const auto view, sources_.engine.NewSnapshot());
  const BytesView id = AsBytes(request.room_id());
  ENLACE_ASSIGN_OR_RETURN(const StoredRoom stored, ReadRoom(*view, id));
  ENLACE_ASSIGN_OR_RETURN(const bool member, IsMember(*view, caller, id));
  if (!member) return MakeError(Reason::kNotAMember);
  const Bytes key = keys::RoomLog(id, request.sequence());
  ENLACE_ASSIGN_OR_RETURN(const auto entry, ReadRecord<v1::RoomEntry>(*view, key));
  if (!entry) return Malformed("no such entry");
  room::Receipt receipt;
  ENLACE_ASSIGN_OR_RETURN(receipt.header, room::DecodeLogHeader(AsBytes(entry->header())));
  const BytesView head = AsBytes(stored.record.head());
  if (head.size() != receipt.room_head.size()) return DamagedRecord(keys::Room(id));
  std::copy(head.begin(), head.end(), receipt.room_head.begin());
  receipt.room_sequence = stored.record.sequence();
  receipt.issued_at_ms = std::max(now_ms, receipt.header.accepted_at_ms);
  v1::GetReceiptResponse answer;
  answer.set_receipt(
      BytesField(room::EncodeReceipt(room::SignReceipt(std::move(receipt), sources_.log_key))));
  return answer;
}

absl::StatusOr<InboxPage> Reader::ReadInbox(std::string_view device_uri, uint64_t cursor) const {
  ENLACE_ASSIGN_OR_RETURN(const auto view, sources_.engine.NewSnapshot());
  InboxPage page;
  size_t bytes = 0;
  const storage::KeyRange range =
      storage::PrefixRangeFrom(keys::InboxOf(device_uri), keys::Inbox(device_uri, cursor + 1));
  storage::ScanOptions options;
  options.rows_max = kInboxPageItemsMax + 1;
  ENLACE_ASSIGN_OR_RETURN(const storage::Page rows, view->Scan(range, options));
  for (const storage::Row& row : rows.rows) {
    const auto add = [&](uint64_t at, const store::v1::Pointer& pointer) -> absl::StatusOr<bool> {
      page.more = page.items.size() == kInboxPageItemsMax || bytes >= kInboxPageBytesMax;
      if (page.more) return false;
      ENLACE_ASSIGN_OR_RETURN(v1::InboxItem item, ResolvePointer(*view, pointer));
      item.set_cursor(at);
      bytes += item.ByteSizeLong();
      page.items.push_back(std::move(item));
      return true;
    };
    ENLACE_ASSIGN_OR_RETURN(const StoredItems stored, ReadInboxRow(row));
    ENLACE_RETURN_IF_ERROR(stored.ForEachAfter(cursor, add));
    if (page.more) return page;
  }
  page.more = rows.rest.has_value();
  return page;
}

absl::StatusOr<std::optional<uint32_t>> Reader::KeyPackagesLow(std::string_view device_uri) const {
  const Bytes key = keys::KeyPackageState(device_uri);
  ENLACE_ASSIGN_OR_RETURN(const auto state,
                          ReadRecord<store::v1::KeyPackageState>(sources_.engine, key));
  const uint64_t count = state ? state->next() - state->first() : 0;
  if (count > server::kKeyPackagesLow) return std::optional<uint32_t>();
  return std::optional<uint32_t>(static_cast<uint32_t>(count));
}

absl::StatusOr<Bytes> Reader::ReadBlob(const Caller& caller,
                                       const v1::GetBlobRequest& request) const {
  const BytesView id = AsBytes(request.blob_id());
  if (id.size() != kBlobIdBytes) return Malformed("blob id");
  ENLACE_ASSIGN_OR_RETURN(const auto stored,
                          ReadRecord<store::v1::StoredBlob>(sources_.engine, keys::Blob(id)));
  if (!stored || !stored->complete()) return MakeError(Reason::kBlobUnknown);
  ENLACE_ASSIGN_OR_RETURN(const bool member,
                          IsMember(sources_.engine, caller, AsBytes(stored->room_id())));
  if (!member) return MakeError(Reason::kBlobUnknown);
  if (request.offset() >= stored->size_bytes()) return Bytes();
  // The chunk that holds the offset is the last that begins at or before it.
  const storage::KeyRange range = {keys::BlobChunk(id, 0),
                                   keys::BlobChunk(id, request.offset() + 1)};
  ENLACE_ASSIGN_OR_RETURN(const auto chunk,
                          FirstRow(sources_.engine, range, storage::Order::kReverse));
  if (!chunk) return MakeError(Reason::kBlobUnknown);
  storage::KeyReader key(chunk->key);
  ENLACE_RETURN_IF_ERROR(key.Space().status());
  ENLACE_RETURN_IF_ERROR(key.Blob().status());
  ENLACE_ASSIGN_OR_RETURN(const uint64_t start, key.U64());
  const uint64_t skipped = request.offset() - start;
  if (skipped >= chunk->value.size()) return DamagedRecord(chunk->key);
  return ToBytes(BytesView(chunk->value).subspan(skipped));
}

}  // namespace enlace::server
