#include "server/services/blob_stream.h"

#include <algorithm>

#include "proto/errors/reasons.h"
#include "proto/errors/rpc_status.h"
#include "server/committer/limits.h"
#include "server/services/limits.h"

namespace enlace::server {
namespace {

using SteadyClock = std::chrono::steady_clock;

}  // namespace

absl::Status BlobStreams::Add(const std::shared_ptr<BlobStream>& stream) {
  const std::lock_guard lock(mutex_);
  size_t& count = per_device_[stream->caller().device_uri];
  if (count >= kBlobStreamsPerDevice) {
    return MakeRetryableError(
        Reason::kLimitExceeded, kStorageRetryMs,
        {{"what", "attachments read at once"}, {"limit", std::to_string(kBlobStreamsPerDevice)}});
  }
  ++count;
  streams_.emplace(stream.get(), stream);
  return absl::OkStatus();
}

void BlobStreams::Remove(const BlobStream& stream) {
  const std::lock_guard lock(mutex_);
  if (streams_.erase(&stream) == 0) return;
  const auto count = per_device_.find(stream.caller().device_uri);
  if (--count->second == 0) per_device_.erase(count);
}

void BlobStreams::EverySecond() {
  const auto now = SteadyClock::now();
  for (const auto& stream : All()) stream->EverySecond(now);
}

void BlobStreams::EndAll() {
  const absl::Status stopping = MakeRetryableError(Reason::kServerStopping, kStorageRetryMs);
  for (const auto& stream : All()) stream->End(stopping);
}

std::vector<std::shared_ptr<BlobStream>> BlobStreams::All() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<BlobStream>> all;
  all.reserve(streams_.size());
  for (const auto& [key, stream] : streams_) all.push_back(stream);
  return all;
}

std::shared_ptr<BlobStream> BlobStream::Create(const Origin& origin, Caller caller,
                                               const v1::GetBlobRequest& request) {
  return std::shared_ptr<BlobStream>(new BlobStream(origin, std::move(caller), request));
}

void BlobStream::Start() {
  self_ = shared_from_this();
  const absl::Status added = streams_.Add(self_);
  if (!added.ok()) return End(added);
  SendNext();
}

absl::Status BlobStream::ReadNext() {
  ENLACE_RETURN_IF_ERROR(services_.callers().CheckStill(caller_, services_.now_ms()));
  if (chunk_sent_bytes_ < chunk_.size()) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(chunk_, services_.reader().ReadBlob(caller_, request_));
  chunk_sent_bytes_ = 0;
  return absl::OkStatus();
}

void BlobStream::SendNext() {
  // One thread at a time comes here: the next write is started only after the last was done.
  const absl::Status read = ReadNext();
  const std::lock_guard lock(mutex_);
  if (ended_) return;
  if (!read.ok()) return EndLocked(StorageError(read));
  if (chunk_.empty()) return EndLocked(absl::OkStatus());
  const size_t size_bytes = std::min(chunk_.size() - chunk_sent_bytes_, kBlobMessageBytesMax);
  message_.set_chunk(chunk_.data() + chunk_sent_bytes_, size_bytes);
  chunk_sent_bytes_ += size_bytes;
  request_.set_offset(request_.offset() + size_bytes);
  writing_ = true;
  last_write_ = SteadyClock::now();
  StartWrite(&message_);
}

void BlobStream::EverySecond(SteadyClock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (done_) return;
  if (now >= teardown_at_) {
    context_->TryCancel();
    return;
  }
  const std::chrono::milliseconds slow(services_.slow_consumer_ms);
  if (!writing_ || ended_ || now - last_write_ < slow) return;
  EndLocked(MakeError(Reason::kSlowConsumer,
                      {{"cursor", "offset " + std::to_string(request_.offset())}}));
}

void BlobStream::End(const absl::Status& outcome) {
  const std::lock_guard lock(mutex_);
  EndLocked(outcome);
}

void BlobStream::EndLocked(const absl::Status& outcome) {
  if (ended_) return;
  ended_ = true;
  teardown_at_ = SteadyClock::now() + kEndGrace;
  services_.counters->Count(outcome);
  Finish(ToGrpc(outcome));
}

void BlobStream::OnWriteDone(bool ok) {
  {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    // The peer is gone; gRPC still waits for a status that nobody reads.
    if (!ok) return EndLocked(absl::CancelledError());
  }
  SendNext();
}

void BlobStream::OnCancel() { End(absl::CancelledError()); }

void BlobStream::OnDone() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  streams_.Remove(*this);
  // Nothing of this object may be touched after the last owner has gone.
  const std::shared_ptr<BlobStream> last = std::move(self_);
}

}  // namespace enlace::server
