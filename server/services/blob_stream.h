// One download of an attachment: piece after piece, each sent when the one before has left. A
// stored chunk is read once and leaves in as many messages as it takes.
//
// Promises that a device that loses its standing or leaves the room gets no further chunk, that a
// reader which takes nothing is ended, and that at most kBlobStreamsPerDevice run for one device.
//
// Thread safety: any thread. Ownership: shared by BlobStreams and, until gRPC is done, by itself.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "enlace/v1/blob.pb.h"
#include "server/services/service_context.h"

namespace enlace::server {

class BlobStream;

// The downloads that run.
class BlobStreams {
 public:
  // LIMIT_EXCEEDED when the device has as many as it may.
  absl::Status Add(const std::shared_ptr<BlobStream>& stream);
  void Remove(const BlobStream& stream);
  // From the maintenance thread.
  void EverySecond();
  void EndAll();

 private:
  std::vector<std::shared_ptr<BlobStream>> All() const;

  mutable std::mutex mutex_;
  std::unordered_map<const BlobStream*, std::shared_ptr<BlobStream>> streams_;
  std::unordered_map<std::string, size_t> per_device_;
};

class BlobStream : public grpc::ServerWriteReactor<v1::GetBlobResponse>,
                   public std::enable_shared_from_this<BlobStream> {
 public:
  struct Origin {
    const ServiceContext& services;
    BlobStreams& streams;
    grpc::CallbackServerContext* context;
  };
  static std::shared_ptr<BlobStream> Create(const Origin& origin, Caller caller,
                                            const v1::GetBlobRequest& request);

  const Caller& caller() const { return caller_; }

  // Enters the registry of downloads and sends the first piece.
  void Start();
  void EverySecond(std::chrono::steady_clock::time_point now);
  void End(const absl::Status& outcome);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  BlobStream(const Origin& origin, Caller caller, const v1::GetBlobRequest& request)
      : services_(origin.services),
        streams_(origin.streams),
        context_(origin.context),
        caller_(std::move(caller)),
        request_(request) {}

  // Fills chunk_ when all of it has left; an empty one is the end.
  absl::Status ReadNext();
  void SendNext();
  void EndLocked(const absl::Status& outcome);

  const ServiceContext& services_;
  BlobStreams& streams_;
  grpc::CallbackServerContext* const context_;
  const Caller caller_;
  std::shared_ptr<BlobStream> self_;

  std::mutex mutex_;
  v1::GetBlobRequest request_;
  // Of the thread that sends: what was read and how much of it has left.
  Bytes chunk_;
  size_t chunk_sent_bytes_ = 0;
  v1::GetBlobResponse message_;
  std::chrono::steady_clock::time_point last_write_{};
  std::chrono::steady_clock::time_point teardown_at_ = std::chrono::steady_clock::time_point::max();
  bool writing_ = false;
  bool ended_ = false;
  bool done_ = false;
};

}  // namespace enlace::server
