// Request ids: a mutation takes effect once, however often it is sent.
//
// Promises that the first answer stands in the batch of its effect, so that both are there or
// neither; that a repeat with the same body gets that answer; and that another body under the same
// id is refused. An operation that was refused leaves no trace: its repeat is decided anew. Ids are
// UUIDv7 (RFC 9562 section 5.7): their time says how long they count, and answers are kept under
// the day of that time, so that a whole day is deleted at once.
//
// Of a message only what its log entry does not say is kept, and what a device sent within a group
// of operations shares rows: it is pending in memory until Flush.
//
// Invariants: 1. A shared row holds ids above all that its device had used before, so that the
// shared rows of a device don't overlap. 2. Keeping an answer is the last step of its operation
// that can fail: what is pending is of kept operations. Thread safety: the committer. Ownership:
// borrows the store and the server's log.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/node_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/merkle/hash.h"
#include "crypto/room/limits.h"
#include "enlace/store/v1/store.pb.h"
#include "enlace/v1/room.pb.h"
#include "google/protobuf/message.h"
#include "server/core/group_overlay.h"
#include "server/core/keys.h"
#include "server/core/limits.h"
#include "server/core/server_log.h"

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

  RequestLog(GroupOverlay& store, const ServerLog& server_log)
      : store_(store), server_log_(server_log) {}

  // Runs `decide`, which fills `answer`, unless the request was answered before: then `answer` is
  // the first one. REQUEST_ID_INVALID, REQUEST_ID_REUSED; errors of `decide`.
  absl::Status Once(const Key& key, int64_t now_ms, google::protobuf::Message& answer,
                    absl::FunctionRef<absl::Status()> decide);
  // The same for a message that becomes an entry of the room.
  absl::Status OnceSent(const Key& key, BytesView room_id, int64_t now_ms, v1::SendResponse& answer,
                        absl::FunctionRef<absl::Status()> decide);

  // Deletes the answers whose day has passed.
  absl::Status Expire(int64_t now_ms);

  // Writes what is pending, once per group, before the batch is taken.
  void Flush();
  bool dirty() const { return !pending_.empty(); }
  void AbandonGroup();
  void GroupCommitted();

 private:
  // What is kept of a message.
  struct Sent {
    std::array<uint8_t, kRequestIdBytes> id{};
    merkle::Hash hash{};
    std::array<uint8_t, room::kRoomIdBytes> room{};
    uint64_t sequence = 0;
    uint64_t delete_after_ms = 0;
  };
  struct Device {
    std::string uri;
    // The largest id that is kept, never lower; empty for none. Ids begin with their time, so that
    // most requests carry a larger one, and need no look into the store to be known as new.
    Bytes newest;
    // By rising id.
    std::vector<Sent> pending;
  };

  absl::StatusOr<Device*> Find(std::string_view device_uri, int64_t now_ms);
  absl::StatusOr<Bytes> NewestStored(keys::Space space, std::string_view device_uri,
                                     int64_t now_ms) const;
  // Whether the request was answered before; `answer` is filled then.
  absl::StatusOr<bool> Repeat(const Device& device, const Key& key,
                              google::protobuf::Message& answer) const;
  absl::StatusOr<bool> RepeatSent(const Device& device, const Key& key,
                                  google::protobuf::Message& answer) const;
  absl::Status AnswerAgain(const store::v1::SentMessage& sent, const std::string& generation,
                           google::protobuf::Message& answer) const;
  void Keep(const Key& key, const google::protobuf::Message& answer);
  // A store::v1::SentRow.
  static std::string EncodeRow(std::span<const Sent> messages, const std::string& generation);
  static store::v1::SentMessage Decoded(const Sent& sent);

  GroupOverlay& store_;
  const ServerLog& server_log_;
  // At most kInboxesCachedMax between groups. Devices stay where they are while a group lasts.
  absl::node_hash_map<std::string, Device> devices_;
  // Those that have something pending.
  std::vector<Device*> pending_;
  std::optional<uint64_t> expired_before_day_;
};

}  // namespace enlace::server
