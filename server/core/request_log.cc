#include "server/core/request_log.h"

#include <algorithm>

#include "enlace/store/v1/store.pb.h"
#include "server/core/keys.h"
#include "server/core/limits.h"
#include "server/core/store_io.h"

namespace enlace::server {
namespace {

uint64_t DayOf(int64_t time_ms) { return static_cast<uint64_t>(time_ms / kDayMs); }

absl::StatusOr<uint64_t> DayOfRow(BytesView row_key) {
  storage::KeyReader key(row_key);
  ENLACE_RETURN_IF_ERROR(key.Space().status());
  return key.U64();
}

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
  int64_t time_ms = 0;
  for (size_t i = 0; i < 6; ++i) time_ms = time_ms << 8 | request_id[i];
  if (time_ms < now_ms - kRequestAgeMsMax || time_ms > now_ms + kRequestAheadMsMax) {
    return MakeError(Reason::kRequestIdInvalid);
  }
  return time_ms;
}

absl::StatusOr<Bytes> RequestLog::NewestStored(std::string_view device_uri, int64_t now_ms) const {
  const uint64_t oldest_day = DayOf(now_ms - kRequestAgeMsMax);
  // Not the clock's: it may have been ahead when the newest row was written.
  ENLACE_ASSIGN_OR_RETURN(
      const auto last,
      FirstRow(store_, storage::PrefixRange(storage::KeyBuilder(keys::kRequest).Take()),
               storage::Order::kReverse));
  if (!last) return Bytes();
  ENLACE_ASSIGN_OR_RETURN(const uint64_t newest_day, DayOfRow(last->key));
  for (uint64_t day = newest_day + 1; day-- > oldest_day;) {
    const Bytes prefix = storage::KeyBuilder(keys::kRequest).U64(day).Text(device_uri).Take();
    ENLACE_ASSIGN_OR_RETURN(
        const auto row, FirstRow(store_, storage::PrefixRange(prefix), storage::Order::kReverse));
    if (row) return IdOfRow(row->key);
  }
  return Bytes();
}

absl::StatusOr<Bytes*> RequestLog::Newest(std::string_view device_uri, int64_t now_ms) {
  const auto found = newest_.find(absl::string_view(device_uri.data(), device_uri.size()));
  if (found != newest_.end()) return &found->second;
  if (newest_.size() >= kInboxesCachedMax) newest_.clear();
  ENLACE_ASSIGN_OR_RETURN(Bytes stored, NewestStored(device_uri, now_ms));
  return &newest_.emplace(std::string(device_uri), std::move(stored)).first->second;
}

absl::Status RequestLog::Once(const Key& key, int64_t now_ms, google::protobuf::Message& answer,
                              absl::FunctionRef<absl::Status()> decide) {
  const BytesView id = AsBytes(key.request_id);
  ENLACE_ASSIGN_OR_RETURN(const int64_t time_ms, RequestTime(id, now_ms));
  Bytes row = keys::Request(DayOf(time_ms), key.device_uri, id);
  ENLACE_ASSIGN_OR_RETURN(const Bytes* newest, Newest(key.device_uri, now_ms));
  const bool certainly_new = AsText(id) > AsText(*newest);
  std::optional<store::v1::StoredAnswer> stored;
  if (!certainly_new) {
    ENLACE_ASSIGN_OR_RETURN(stored, ReadRecord<store::v1::StoredAnswer>(store_, row));
  }
  if (stored) {
    if (stored->request_hash() != AsText(key.hash)) return MakeError(Reason::kRequestIdReused);
    return answer.ParseFromString(stored->answer()) ? absl::OkStatus() : DamagedRecord(row);
  }
  ENLACE_RETURN_IF_ERROR(decide());
  store::v1::StoredAnswer first;
  first.set_request_hash(BytesField(key.hash));
  first.set_answer(answer.SerializeAsString());
  WriteRecord(store_, std::move(row), first);
  // Also when the operation or its group is dropped later: a value that is too high costs a look
  // into the store, one that is too low would miss an answer.
  if (certainly_new) {
    ENLACE_ASSIGN_OR_RETURN(Bytes* const now_newest, Newest(key.device_uri, now_ms));
    *now_newest = ToBytes(id);
  }
  return absl::OkStatus();
}

absl::Status RequestLog::Expire(int64_t now_ms) {
  // An id of the oldest day that still counts may be repeated until that day's last millisecond is
  // 7 days old.
  const uint64_t first_kept = DayOf(now_ms - kRequestAgeMsMax);
  if (expired_before_day_ == first_kept) return absl::OkStatus();
  const storage::KeyRange gone = {keys::All(keys::kRequest),
                                  storage::KeyBuilder(keys::kRequest).U64(first_kept).Take()};
  ENLACE_ASSIGN_OR_RETURN(const auto row, FirstRow(store_, gone));
  if (row) store_.DeleteRange(gone);
  expired_before_day_ = first_kept;
  return absl::OkStatus();
}

}  // namespace enlace::server
