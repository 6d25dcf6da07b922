// InboxService of the wire contract.
//
// Thread safety: gRPC's threads. Ownership: borrows context and hub, which outlive it.
#pragma once

#include "enlace/v1/inbox.grpc.pb.h"
#include "server/services/subscription_hub.h"
#include "server/services/unary.h"

namespace enlace::server {

class InboxService : public v1::InboxService::CallbackService {
 public:
  InboxService(const ServiceContext& services, SubscriptionHub& hub)
      : services_(services), hub_(hub) {}

  grpc::ServerWriteReactor<v1::SubscribeResponse>* Subscribe(
      grpc::CallbackServerContext* context, const v1::SubscribeRequest* request) override;
  UnaryReactor* Confirm(grpc::CallbackServerContext* context, const v1::ConfirmRequest* request,
                        v1::ConfirmResponse* response) override;

 private:
  const ServiceContext& services_;
  SubscriptionHub& hub_;
};

}  // namespace enlace::server
