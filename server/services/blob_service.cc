#include "server/services/blob_service.h"

#include "server/services/refused_stream.h"
#include "storage/crash_point.h"

namespace enlace::server {
namespace {

// A chunk on its way through the committer; the last one of a blob passes the crash points.
class ChunkOperation : public Operation {
 public:
  struct Parts {
    Caller caller;
    const v1::PutChunkRequest* request;
    v1::PutChunkResponse* response;
    UnaryReactor* reactor;
  };

  ChunkOperation(const ServiceContext& services, Parts parts)
      : services_(services), parts_(std::move(parts)) {}

  absl::Status Decide() override {
    const absl::Status outcome = services_.core->Apply({parts_.caller, services_.now_ms()},
                                                       *parts_.request, *parts_.response);
    if (outcome.ok() && parts_.response->complete()) storage::CrashPoint("server.blob_decided");
    return outcome;
  }

  void Settle(const absl::Status& outcome) override {
    if (outcome.ok() && parts_.response->complete()) storage::CrashPoint("server.blob_durable");
    FinishUnary(services_, parts_.reactor, outcome);
  }

  size_t size_bytes() const override { return parts_.request->chunk().size(); }

 private:
  const ServiceContext& services_;
  const Parts parts_;
};

}  // namespace

UnaryReactor* BlobService::CreateBlob(grpc::CallbackServerContext* context,
                                      const v1::CreateBlobRequest* request,
                                      v1::CreateBlobResponse* response) {
  return Change(services_, context, request, response);
}

UnaryReactor* BlobService::PutChunk(grpc::CallbackServerContext* context,
                                    const v1::PutChunkRequest* request,
                                    v1::PutChunkResponse* response) {
  UnaryReactor* reactor = context->DefaultReactor();
  absl::StatusOr<Caller> caller = Admit(services_, *context);
  if (!caller.ok()) {
    FinishUnary(services_, reactor, caller.status());
    return reactor;
  }
  services_.committer->Submit(std::make_unique<ChunkOperation>(
      services_, ChunkOperation::Parts{*std::move(caller), request, response, reactor}));
  return reactor;
}

grpc::ServerWriteReactor<v1::GetBlobResponse>* BlobService::GetBlob(
    grpc::CallbackServerContext* context, const v1::GetBlobRequest* request) {
  absl::StatusOr<Caller> caller = AdmitStream(services_, *context);
  if (!caller.ok()) {
    services_.counters->Count(caller.status());
    return new RefusedStream<v1::GetBlobResponse>(caller.status());
  }
  const auto stream =
      BlobStream::Create({services_, streams_, context}, *std::move(caller), *request);
  stream->Start();
  return stream.get();
}

}  // namespace enlace::server
