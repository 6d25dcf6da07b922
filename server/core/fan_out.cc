#include "server/core/fan_out.h"

#include <algorithm>

#include "server/core/keys.h"
#include "server/core/limits.h"
#include "server/core/store_io.h"

namespace enlace::server {

absl::Status FanOut::Load() {
  waiting_.clear();
  changed_ = false;
  return ForEachRow(store_, storage::PrefixRange(keys::All(keys::kFanOut)),
                    [this](const storage::Row& row) -> absl::StatusOr<bool> {
                      storage::KeyReader key(row.key);
                      ENLACE_RETURN_IF_ERROR(key.Space().status());
                      ENLACE_ASSIGN_OR_RETURN(const Bytes room, key.Blob());
                      ENLACE_ASSIGN_OR_RETURN(const uint64_t number, key.U64());
                      waiting_[room].push_back(number);
                      return true;
                    });
}

absl::Status FanOut::Send(BytesView room, const InboxEntry& entry,
                          const std::vector<std::string>& audience) {
  const auto queued = waiting_.empty() ? waiting_.end() : waiting_.find(ToBytes(room));
  if (audience.size() <= kFanOutDirectMax && queued == waiting_.end()) {
    for (const std::string& uri : audience) ENLACE_RETURN_IF_ERROR(inboxes_.Append(uri, entry));
    return absl::OkStatus();
  }
  if (audience.empty()) return absl::OkStatus();
  store::v1::FanOutJob job;
  *job.mutable_pointer() = EncodePointer(entry.pointer);
  for (const std::string& uri : audience) job.add_device_uris(uri);
  const uint64_t number = queued == waiting_.end() ? 1 : queued->second.back() + 1;
  WriteRecord(store_, keys::FanOut(room, number), job);
  waiting_[ToBytes(room)].push_back(number);
  changed_ = true;
  effects_.FanOutWaits();
  return absl::OkStatus();
}

absl::StatusOr<bool> FanOut::Continue() {
  if (waiting_.empty()) return false;
  auto next = waiting_.upper_bound(last_room_);
  if (next == waiting_.end()) next = waiting_.begin();
  const Bytes room = next->first;
  const uint64_t number = next->second.front();
  const Bytes job_key = keys::FanOut(room, number);
  ENLACE_ASSIGN_OR_RETURN(const auto job, ReadRecord<store::v1::FanOutJob>(store_, job_key));
  if (!job) return DamagedRecord(job_key);
  Bytes progress_key = keys::FanOutProgress(room, number);
  ENLACE_ASSIGN_OR_RETURN(const auto stored,
                          ReadRecord<store::v1::FanOutProgress>(store_, progress_key));
  ENLACE_ASSIGN_OR_RETURN(const v1::InboxItem item, ResolvePointer(store_, job->pointer()));
  const InboxEntry entry = MakeEntry(job->pointer(), item);
  const auto total = static_cast<uint64_t>(job->device_uris().size());
  const uint64_t first = stored ? stored->done() : 0;
  const uint64_t end = std::min<uint64_t>(first + kFanOutDirectMax, total);
  for (uint64_t i = first; i < end; ++i) {
    ENLACE_RETURN_IF_ERROR(inboxes_.Append(job->device_uris(static_cast<int>(i)), entry));
  }
  changed_ = true;
  last_room_ = room;
  if (end == total) {
    ENLACE_RETURN_IF_ERROR(Finish(room));
  } else {
    store::v1::FanOutProgress progress;
    progress.set_done(end);
    WriteRecord(store_, std::move(progress_key), progress);
  }
  return !waiting_.empty();
}

absl::Status FanOut::Finish(const Bytes& room) {
  const auto queue = waiting_.find(room);
  store_.Delete(keys::FanOut(room, queue->second.front()));
  store_.Delete(keys::FanOutProgress(room, queue->second.front()));
  queue->second.pop_front();
  if (queue->second.empty()) waiting_.erase(queue);
  return absl::OkStatus();
}

absl::Status FanOut::DropOperation() { return changed_ ? Load() : absl::OkStatus(); }

}  // namespace enlace::server
