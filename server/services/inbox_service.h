// InboxService of the wire contract.
//
// Thread safety: gRPC's threads. Ownership: borrows context and hub, which outlive it.
#pragma once

#include "enlace/v1/inbox.grpc.pb.h"
#include "server/services/subscription_hub.h"
#include "server/services/unary.h"

namespace enlace::server {

// Subscribe is raw: an item that many devices get is encoded once (subscription.h).
class InboxService : public v1::InboxService::WithRawCallbackMethod_Subscribe<
                         v1::InboxService::WithCallbackMethod_Confirm<v1::InboxService::Service>> {
 public:
  InboxService(const ServiceContext& services, SubscriptionHub& hub)
      : services_(services), hub_(hub) {}

  grpc::ServerWriteReactor<grpc::ByteBuffer>* Subscribe(grpc::CallbackServerContext* context,
                                                        const grpc::ByteBuffer* request) override;
  UnaryReactor* Confirm(grpc::CallbackServerContext* context, const v1::ConfirmRequest* request,
                        v1::ConfirmResponse* response) override;

 private:
  const ServiceContext& services_;
  SubscriptionHub& hub_;
};

}  // namespace enlace::server
