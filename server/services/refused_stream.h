// A stream that is over before it began.
//
// Thread safety: gRPC's threads. Ownership: deletes itself once gRPC is done with it, as reactors
// do.
#pragma once

#include <grpcpp/grpcpp.h>

#include "proto/errors/rpc_status.h"

namespace enlace::server {

template <typename Response>
class RefusedStream : public grpc::ServerWriteReactor<Response> {
 public:
  explicit RefusedStream(const absl::Status& why) { this->Finish(ToGrpc(why)); }
  void OnDone() override { delete this; }
};

}  // namespace enlace::server
