// The two shapes of a unary call: one that reads, answered on gRPC's thread, and one that changes
// state, answered by the committer once it is durable.
//
// Both begin with Admit: a deadline, and a device that the registry knows now. Errors leave as rich
// errors (proto/errors/rpc_status.h).
//
// Thread safety: free functions for gRPC's threads. Ownership: gRPC keeps context, request and
// response until the call is finished, which is what lets an operation borrow them.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <utility>

#include "proto/errors/rpc_status.h"
#include "server/services/peer.h"
#include "server/services/service_context.h"

namespace enlace::server {

using UnaryReactor = grpc::ServerUnaryReactor;

inline void FinishUnary(const ServiceContext& services, UnaryReactor* reactor,
                        const absl::Status& outcome) {
  services.counters->Count(outcome);
  reactor->Finish(ToGrpc(outcome));
}

// The caller of a stream, which needs no deadline.
inline absl::StatusOr<Caller> AdmitStream(const ServiceContext& services,
                                          const grpc::CallbackServerContext& context) {
  ENLACE_ASSIGN_OR_RETURN(const merkle::Hash fingerprint, PeerFingerprint(context));
  return services.callers().Resolve(fingerprint, services.now_ms());
}

// The caller of a unary call that keeps the rules.
inline absl::StatusOr<Caller> Admit(const ServiceContext& services,
                                    const grpc::CallbackServerContext& context) {
  ENLACE_RETURN_IF_ERROR(CheckDeadline(context));
  return AdmitStream(services, context);
}

// A unary call on its way through the committer. `Apply` is called as apply() and fills the
// response.
template <typename Apply>
class UnaryOperation : public Operation {
 public:
  UnaryOperation(const ServiceContext& services, UnaryReactor* reactor, size_t size_bytes,
                 Apply apply)
      : services_(services), reactor_(reactor), size_bytes_(size_bytes), apply_(std::move(apply)) {}

  absl::Status Decide() override { return apply_(); }
  void Settle(const absl::Status& outcome) override { FinishUnary(services_, reactor_, outcome); }
  size_t size_bytes() const override { return size_bytes_; }

 private:
  const ServiceContext& services_;
  UnaryReactor* reactor_;
  size_t size_bytes_;
  Apply apply_;
};

template <typename Apply>
void SubmitUnary(const ServiceContext& services, UnaryReactor* reactor, size_t size_bytes,
                 Apply apply) {
  services.committer->Submit(
      std::make_unique<UnaryOperation<Apply>>(services, reactor, size_bytes, std::move(apply)));
}

// A call that changes state: Core::Apply on the committer's thread.
template <typename Request, typename Response>
UnaryReactor* Change(const ServiceContext& services, grpc::CallbackServerContext* context,
                     const Request* request, Response* response) {
  UnaryReactor* reactor = context->DefaultReactor();
  absl::StatusOr<Caller> caller = Admit(services, *context);
  if (!caller.ok()) {
    FinishUnary(services, reactor, caller.status());
    return reactor;
  }
  SubmitUnary(services, reactor, request->ByteSizeLong(),
              [&services, caller = *std::move(caller), request, response] {
                return services.core->Apply({caller, services.now_ms()}, *request, *response);
              });
  return reactor;
}

// A call that only reads: `read(caller, now_ms)` gives the response.
template <typename Response, typename ReadFunction>
UnaryReactor* Answer(const ServiceContext& services, grpc::CallbackServerContext* context,
                     Response* response, ReadFunction read) {
  UnaryReactor* reactor = context->DefaultReactor();
  const absl::StatusOr<Caller> caller = Admit(services, *context);
  if (!caller.ok()) {
    FinishUnary(services, reactor, caller.status());
    return reactor;
  }
  absl::StatusOr<Response> answer = read(*caller, services.now_ms());
  if (answer.ok()) *response = *std::move(answer);
  FinishUnary(services, reactor, StorageError(answer.status()));
  return reactor;
}

}  // namespace enlace::server
