#include "server/core/request_log.h"

#include <algorithm>
#include <span>
#include <utility>

#include "enlace/store/v1/store.pb.h"
#include "enlace/v1/inbox.pb.h"
#include "server/core/proto_wire.h"
#include "server/core/room_log.h"
#include "server/core/store_io.h"

namespace enlace::server {
namespace {

uint64_t DayOf(int64_t time_ms) { return static_cast<uint64_t>(time_ms / kDayMs); }

absl::StatusOr<uint64_t> DayOfRow(BytesView row_key) {
  storage::KeyReader key(row_key);
  ENLACE_RETURN_IF_ERROR(key.Space().status());
  return key.U64();
}

int64_t TimeOfId(BytesView id) {
  int64_t time_ms = 0;
  for (size_t i = 0; i < 6; ++i) time_ms = time_ms << 8 | id[i];
  return time_ms;
}

uint64_t DayOfId(BytesView id) { return DayOf(TimeOfId(id)); }

absl::Status Reused() { return MakeError(Reason::kRequestIdReused); }

// The id at the end of a row's key.
absl::StatusOr<Bytes> IdOfRow(BytesView row_key) {
  storage::KeyReader key(row_key);
  ENLACE_RETURN_IF_ERROR(key.Space().status());
  ENLACE_RETURN_IF_ERROR(key.U64().status());
  ENLACE_RETURN_IF_ERROR(key.Text().status());
  return key.Blob();
}

}  // namespace

absl::StatusOr<int64_t> RequestTime(BytesView request_id, int64_t now_ms) {
  if (request_id.size() != kRequestIdBytes || request_id[6] >> 4 != 7 || request_id[8] >> 6 != 2) {
    return MakeError(Reason::kRequestIdInvalid);
  }
  const int64_t time_ms = TimeOfId(request_id);
  if (time_ms < now_ms - kRequestAgeMsMax || time_ms > now_ms + kRequestAheadMsMax) {
    return MakeError(Reason::kRequestIdInvalid);
  }
  return time_ms;
}

absl::StatusOr<Bytes> RequestLog::NewestStored(keys::Space space, std::string_view device_uri,
                                               int64_t now_ms) const {
  const uint64_t oldest_day = DayOf(now_ms - kRequestAgeMsMax);
  // Not the clock's: it may have been ahead when the newest row was written.
  ENLACE_ASSIGN_OR_RETURN(const auto last, FirstRow(store_, storage::PrefixRange(keys::All(space)),
                                                    storage::Order::kReverse));
  if (!last) return Bytes();
  ENLACE_ASSIGN_OR_RETURN(const uint64_t newest_day, DayOfRow(last->key));
  for (uint64_t day = newest_day + 1; day-- > oldest_day;) {
    const Bytes prefix = storage::KeyBuilder(space).U64(day).Text(device_uri).Take();
    ENLACE_ASSIGN_OR_RETURN(
        const auto row, FirstRow(store_, storage::PrefixRange(prefix), storage::Order::kReverse));
    if (row) return IdOfRow(row->key);
  }
  return Bytes();
}

absl::StatusOr<RequestLog::Device*> RequestLog::Find(std::string_view device_uri, int64_t now_ms) {
  const auto found = devices_.find(absl::string_view(device_uri.data(), device_uri.size()));
  if (found != devices_.end()) return &found->second;
  ENLACE_ASSIGN_OR_RETURN(Bytes newest, NewestStored(keys::kRequest, device_uri, now_ms));
  ENLACE_ASSIGN_OR_RETURN(Bytes newest_sent, NewestStored(keys::kSent, device_uri, now_ms));
  Device device;
  device.uri = std::string(device_uri);
  device.newest = std::max(newest, newest_sent);
  return &devices_.emplace(device.uri, std::move(device)).first->second;
}

store::v1::SentMessage RequestLog::Decoded(const Sent& sent) {
  store::v1::SentMessage out;
  out.set_request_id(BytesField(sent.id));
  out.set_request_hash(BytesField(sent.hash));
  out.set_room_id(BytesField(sent.room));
  out.set_sequence(sent.sequence);
  out.set_delete_after_ms(sent.delete_after_ms);
  return out;
}

absl::Status RequestLog::AnswerAgain(const store::v1::SentMessage& sent,
                                     const std::string& generation,
                                     google::protobuf::Message& answer) const {
  const Bytes key = keys::RoomLog(AsBytes(sent.room_id()), sent.sequence());
  ENLACE_ASSIGN_OR_RETURN(const auto entry, ReadRecord<v1::RoomEntry>(store_, key));
  if (!entry) return DamagedRecord(key);
  const BytesView encoded = AsBytes(entry->header());
  ENLACE_ASSIGN_OR_RETURN(const room::LogHeader header, room::DecodeLogHeader(encoded));
  v1::SendResponse first;
  *first.mutable_acceptance() =
      AcceptanceOf({header, encoded, room::EncodedLogHeaderHash(encoded)}, generation);
  first.mutable_acceptance()->set_delete_after_ms(sent.delete_after_ms());
  answer.CopyFrom(first);
  return absl::OkStatus();
}

absl::StatusOr<bool> RequestLog::RepeatSent(const Device& device, const Key& key,
                                            google::protobuf::Message& answer) const {
  const BytesView id = AsBytes(key.request_id);
  store::v1::SentRow row;
  row.set_generation(server_log_.chain().generation_random());
  const auto pending = std::lower_bound(
      device.pending.begin(), device.pending.end(), id,
      [](const Sent& sent, BytesView wanted) { return AsText(sent.id) < AsText(wanted); });
  if (pending != device.pending.end()) {
    *row.add_messages() = Decoded(*pending);
  } else {
    // The first row that ends there or later holds the id, if any does.
    const Bytes of_device =
        storage::KeyBuilder(keys::kSent).U64(DayOfId(id)).Text(key.device_uri).Take();
    const storage::KeyRange range =
        storage::PrefixRangeFrom(of_device, keys::Sent(DayOfId(id), key.device_uri, id));
    ENLACE_ASSIGN_OR_RETURN(const auto stored, FirstRow(store_, range));
    if (!stored) return false;
    ENLACE_ASSIGN_OR_RETURN(row, ParseRecord<store::v1::SentRow>(stored->key, stored->value));
  }
  for (const store::v1::SentMessage& sent : row.messages()) {
    if (sent.request_id() != key.request_id) continue;
    if (sent.request_hash() != AsText(key.hash)) return Reused();
    ENLACE_RETURN_IF_ERROR(AnswerAgain(sent, row.generation(), answer));
    return true;
  }
  return false;
}

absl::StatusOr<bool> RequestLog::Repeat(const Device& device, const Key& key,
                                        google::protobuf::Message& answer) const {
  const BytesView id = AsBytes(key.request_id);
  const Bytes row = keys::Request(DayOfId(id), key.device_uri, id);
  ENLACE_ASSIGN_OR_RETURN(const auto stored, ReadRecord<store::v1::StoredAnswer>(store_, row));
  if (!stored) return RepeatSent(device, key, answer);
  if (stored->request_hash() != AsText(key.hash)) return Reused();
  if (!answer.ParseFromString(stored->answer())) return DamagedRecord(row);
  return true;
}

void RequestLog::Keep(const Key& key, const google::protobuf::Message& answer) {
  const BytesView id = AsBytes(key.request_id);
  store::v1::StoredAnswer first;
  first.set_request_hash(BytesField(key.hash));
  first.set_answer(answer.SerializeAsString());
  WriteRecord(store_, keys::Request(DayOfId(id), key.device_uri, id), first);
}

absl::Status RequestLog::Once(const Key& key, int64_t now_ms, google::protobuf::Message& answer,
                              absl::FunctionRef<absl::Status()> decide) {
  const BytesView id = AsBytes(key.request_id);
  ENLACE_RETURN_IF_ERROR(RequestTime(id, now_ms).status());
  ENLACE_ASSIGN_OR_RETURN(Device* const device, Find(key.device_uri, now_ms));
  const bool certainly_new = AsText(id) > AsText(device->newest);
  if (!certainly_new) {
    ENLACE_ASSIGN_OR_RETURN(const bool repeated, Repeat(*device, key, answer));
    if (repeated) return absl::OkStatus();
  }
  ENLACE_RETURN_IF_ERROR(decide());
  Keep(key, answer);
  // Also when the operation or its group is dropped later: a value that is too high costs a look
  // into the store, one that is too low would miss an answer.
  if (certainly_new) device->newest = ToBytes(id);
  return absl::OkStatus();
}

absl::Status RequestLog::OnceSent(const Key& key, BytesView room_id, int64_t now_ms,
                                  v1::SendResponse& answer,
                                  absl::FunctionRef<absl::Status()> decide) {
  const BytesView id = AsBytes(key.request_id);
  ENLACE_RETURN_IF_ERROR(RequestTime(id, now_ms).status());
  ENLACE_ASSIGN_OR_RETURN(Device* const device, Find(key.device_uri, now_ms));
  if (AsText(id) <= AsText(device->newest)) return Once(key, now_ms, answer, decide);
  ENLACE_RETURN_IF_ERROR(decide());
  if (device->pending.empty()) pending_.push_back(device);
  Sent& sent = device->pending.emplace_back();
  std::copy_n(id.begin(), sent.id.size(), sent.id.begin());
  sent.hash = key.hash;
  // Rooms that take messages have ids of this size.
  std::copy_n(room_id.begin(), std::min(room_id.size(), sent.room.size()), sent.room.begin());
  sent.sequence = answer.acceptance().sequence();
  sent.delete_after_ms = answer.acceptance().delete_after_ms();
  device->newest = ToBytes(id);
  return absl::OkStatus();
}

std::string RequestLog::EncodeRow(std::span<const Sent> messages, const std::string& generation) {
  using store::v1::SentMessage;
  using store::v1::SentRow;
  std::string row;
  std::string one;
  for (const Sent& sent : messages) {
    one.clear();
    wire::AppendField(wire::BytesTag(SentMessage::kRequestIdFieldNumber), AsText(sent.id), one);
    wire::AppendField(wire::BytesTag(SentMessage::kRequestHashFieldNumber), AsText(sent.hash), one);
    wire::AppendField(wire::BytesTag(SentMessage::kRoomIdFieldNumber), AsText(sent.room), one);
    wire::AppendVarintField(wire::VarintTag(SentMessage::kSequenceFieldNumber), sent.sequence, one);
    wire::AppendVarintField(wire::VarintTag(SentMessage::kDeleteAfterMsFieldNumber),
                            sent.delete_after_ms, one);
    if (row.empty()) row.reserve(messages.size() * (one.size() + 8) + generation.size() + 8);
    wire::AppendField(wire::BytesTag(SentRow::kMessagesFieldNumber), one, row);
  }
  wire::AppendField(wire::BytesTag(SentRow::kGenerationFieldNumber), generation, row);
  return row;
}

void RequestLog::Flush() {
  const std::string& generation = server_log_.chain().generation_random();
  for (Device* device : pending_) {
    std::span<const Sent> rest = device->pending;
    while (!rest.empty()) {
      const uint64_t day = DayOfId(rest.front().id);
      size_t count = 1;
      while (count < std::min(rest.size(), kSentOfRowMax) && DayOfId(rest[count].id) == day)
        ++count;
      const auto together = rest.first(count);
      store_.Put(keys::Sent(day, device->uri, together.back().id), EncodeRow(together, generation));
      rest = rest.subspan(count);
    }
    device->pending.clear();
  }
  pending_.clear();
}

void RequestLog::AbandonGroup() {
  for (Device* device : pending_) device->pending.clear();
  pending_.clear();
}

void RequestLog::GroupCommitted() {
  if (devices_.size() > kInboxesCachedMax) devices_.clear();
}

absl::Status RequestLog::Expire(int64_t now_ms) {
  // An id of the oldest day that still counts may be repeated until that day's last millisecond is
  // 7 days old.
  const uint64_t first_kept = DayOf(now_ms - kRequestAgeMsMax);
  if (expired_before_day_ == first_kept) return absl::OkStatus();
  for (const keys::Space space : {keys::kRequest, keys::kSent}) {
    const storage::KeyRange gone = {keys::All(space),
                                    storage::KeyBuilder(space).U64(first_kept).Take()};
    ENLACE_ASSIGN_OR_RETURN(const auto row, FirstRow(store_, gone));
    if (row) store_.DeleteRange(gone);
  }
  expired_before_day_ = first_kept;
  return absl::OkStatus();
}

}  // namespace enlace::server
