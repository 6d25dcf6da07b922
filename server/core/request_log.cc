#include "server/core/request_log.h"

#include "enlace/store/v1/store.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "server/core/keys.h"
#include "server/core/limits.h"
#include "server/core/store_io.h"

namespace enlace::server {
namespace {

uint64_t DayOf(int64_t time_ms) { return static_cast<uint64_t>(time_ms / kDayMs); }

// Hash of kind and content: two messages of different kinds never count as the same request.
merkle::Hash HashRequest(const google::protobuf::Message& request) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    request.SerializeToCodedStream(&coded);
  }
  const std::string kind = request.GetTypeName();
  const uint8_t separator = 0;
  return merkle::Sha256({AsBytes(kind), BytesView(&separator, 1), AsBytes(bytes)});
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

absl::Status RequestLog::Once(const Key& key, int64_t now_ms,
                              const google::protobuf::Message& request,
                              google::protobuf::Message& answer,
                              absl::FunctionRef<absl::Status()> decide) {
  const BytesView id = AsBytes(key.request_id);
  ENLACE_ASSIGN_OR_RETURN(const int64_t time_ms, RequestTime(id, now_ms));
  Bytes row = keys::Request(DayOf(time_ms), key.device_uri, id);
  const merkle::Hash hash = HashRequest(request);
  ENLACE_ASSIGN_OR_RETURN(const auto stored, ReadRecord<store::v1::StoredAnswer>(store_, row));
  if (stored) {
    if (stored->request_hash() != AsText(hash)) return MakeError(Reason::kRequestIdReused);
    return answer.ParseFromString(stored->answer()) ? absl::OkStatus() : DamagedRecord(row);
  }
  ENLACE_RETURN_IF_ERROR(decide());
  store::v1::StoredAnswer first;
  first.set_request_hash(BytesField(hash));
  first.set_answer(answer.SerializeAsString());
  WriteRecord(store_, std::move(row), first);
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
