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
#include <string>
#include <type_traits>
#include <utility>

#include "enlace/v1/inbox.pb.h"
#include "proto/errors/reasons.h"
#include "proto/errors/rpc_status.h"
#include "server/services/limits.h"
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
  ENLACE_ASSIGN_OR_RETURN(const merkle::Hash fingerprint, services.peers->Of(context));
  return services.callers().Resolve(fingerprint, services.now_ms());
}

// The caller of a unary call that keeps the rules.
inline absl::StatusOr<Caller> Admit(const ServiceContext& services,
                                    const grpc::CallbackServerContext& context) {
  ENLACE_RETURN_IF_ERROR(CheckDeadline(context));
  return AdmitStream(services, context);
}

// What the committer knows of a call before it decides it.
struct UnaryTraits {
  size_t size_bytes = 0;
  bool reclaims = false;
};

template <typename Request>
UnaryTraits TraitsOf(const Request& request) {
  return {request.ByteSizeLong(), std::is_same_v<Request, v1::ConfirmRequest>};
}

// BODY_TOO_LARGE past kRequestBytesMax.
inline absl::Status CheckSize(const UnaryTraits& traits) {
  if (traits.size_bytes <= kRequestBytesMax) return absl::OkStatus();
  return MakeError(Reason::kBodyTooLarge, {{"what", "request"},
                                           {"size_bytes", std::to_string(traits.size_bytes)},
                                           {"limit_bytes", std::to_string(kRequestBytesMax)}});
}

// A unary call on its way through the committer. `Apply` is called as apply() and fills the
// response.
template <typename Apply>
class UnaryOperation : public Operation {
 public:
  UnaryOperation(const ServiceContext& services, UnaryReactor* reactor, const UnaryTraits& traits,
                 Apply apply)
      : services_(services), reactor_(reactor), traits_(traits), apply_(std::move(apply)) {}

  absl::Status Decide() override { return apply_(); }
  void Settle(const absl::Status& outcome) override { FinishUnary(services_, reactor_, outcome); }
  size_t size_bytes() const override { return traits_.size_bytes; }
  bool reclaims() const override { return traits_.reclaims; }

 private:
  const ServiceContext& services_;
  UnaryReactor* reactor_;
  const UnaryTraits traits_;
  Apply apply_;
};

template <typename Apply>
void SubmitUnary(const ServiceContext& services, UnaryReactor* reactor, const UnaryTraits& traits,
                 Apply apply) {
  services.committer->Submit(
      std::make_unique<UnaryOperation<Apply>>(services, reactor, traits, std::move(apply)));
}

// A call that changes state: Core::Apply on the committer's thread.
template <typename Request, typename Response>
UnaryReactor* Change(const ServiceContext& services, grpc::CallbackServerContext* context,
                     const Request* request, Response* response) {
  UnaryReactor* reactor = context->DefaultReactor();
  absl::StatusOr<Caller> caller = Admit(services, *context);
  const UnaryTraits traits = TraitsOf(*request);
  const absl::Status admitted = caller.ok() ? CheckSize(traits) : caller.status();
  if (!admitted.ok()) {
    FinishUnary(services, reactor, admitted);
    return reactor;
  }
  SubmitUnary(services, reactor, traits,
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
  const absl::Status outcome = StorageError(answer.status());
  if (outcome.ok()) *response = *std::move(answer);
  FinishUnary(services, reactor, outcome);
  return reactor;
}

}  // namespace enlace::server
