// Request ids: a mutation takes effect once, however often it is sent.
//
// Promises that the first answer stands in the batch of its effect, so that both are there or
// neither; that a repeat with the same body gets that answer; and that another body under the same
// id is refused. An operation that was refused leaves no trace: its repeat is decided anew. Ids are
// UUIDv7 (RFC 9562 section 5.7): their time says how long they count, and answers are kept under
// the day of that time, so that a whole day is deleted at once.
//
// Thread safety: the committer. Ownership: borrows the store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/merkle/hash.h"
#include "google/protobuf/message.h"
#include "server/core/group_overlay.h"

namespace enlace::server {

// The time in a UUIDv7. REQUEST_ID_INVALID when it is none, older than 7 days or more than 10 min
// ahead.
absl::StatusOr<int64_t> RequestTime(BytesView request_id, int64_t now_ms);

class RequestLog {
 public:
  // Names one request: who sends it and under which id, and the hash of what it asks.
  struct Key {
    std::string_view device_uri;
    std::string_view request_id;
    const merkle::Hash& hash;
  };

  explicit RequestLog(GroupOverlay& store) : store_(store) {}

  // Runs `decide`, which fills `answer`, unless the request was answered before: then `answer` is
  // the first one. REQUEST_ID_INVALID, REQUEST_ID_REUSED; errors of `decide`.
  absl::Status Once(const Key& key, int64_t now_ms, google::protobuf::Message& answer,
                    absl::FunctionRef<absl::Status()> decide);

  // Deletes the answers whose day has passed.
  absl::Status Expire(int64_t now_ms);

 private:
  // The largest id that is stored for a device; empty for none. Ids begin with their time, so that
  // most requests carry a larger one, and need no look into the store to be known as new.
  absl::StatusOr<Bytes*> Newest(std::string_view device_uri, int64_t now_ms);
  absl::StatusOr<Bytes> NewestStored(std::string_view device_uri, int64_t now_ms) const;

  GroupOverlay& store_;
  // Never lower than what is stored; at most kInboxesCachedMax devices.
  absl::flat_hash_map<std::string, Bytes> newest_;
  std::optional<uint64_t> expired_before_day_;
};

}  // namespace enlace::server
