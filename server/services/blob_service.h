// BlobService of the wire contract: attachments as ciphertext, chunk by chunk.
//
// Crash points: server.blob_decided (the last chunk completed the blob, nothing written),
// server.blob_durable.
//
// Thread safety: gRPC's threads. Ownership: borrows context and streams, which outlive it.
#pragma once

#include "enlace/v1/blob.grpc.pb.h"
#include "server/services/blob_stream.h"
#include "server/services/unary.h"

namespace enlace::server {

class BlobService : public v1::BlobService::CallbackService {
 public:
  BlobService(const ServiceContext& services, BlobStreams& streams)
      : services_(services), streams_(streams) {}

  UnaryReactor* CreateBlob(grpc::CallbackServerContext* context,
                           const v1::CreateBlobRequest* request,
                           v1::CreateBlobResponse* response) override;
  UnaryReactor* PutChunk(grpc::CallbackServerContext* context, const v1::PutChunkRequest* request,
                         v1::PutChunkResponse* response) override;
  grpc::ServerWriteReactor<v1::GetBlobResponse>* GetBlob(
      grpc::CallbackServerContext* context, const v1::GetBlobRequest* request) override;

 private:
  const ServiceContext& services_;
  BlobStreams& streams_;
};

}  // namespace enlace::server
