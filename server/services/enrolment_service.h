// EnrolmentService: the only calls without a client certificate, on a listener of their own,
// limited per address.
//
// Thread safety: gRPC's threads. Ownership: borrows the context; owns its rates.
#pragma once

#include "enlace/v1/enrolment.grpc.pb.h"
#include "server/services/rate_limiter.h"
#include "server/services/unary.h"

namespace enlace::server {

class EnrolmentService : public v1::EnrolmentService::CallbackService {
 public:
  EnrolmentService(const ServiceContext& services, uint32_t calls_per_minute)
      : services_(services), rates_(calls_per_minute) {}

  UnaryReactor* GetCharters(grpc::CallbackServerContext* context,
                            const v1::GetChartersRequest* request,
                            v1::GetChartersResponse* response) override;
  UnaryReactor* Bootstrap(grpc::CallbackServerContext* context, const v1::BootstrapRequest* request,
                          v1::BootstrapResponse* response) override;
  UnaryReactor* RequestEnrolment(grpc::CallbackServerContext* context,
                                 const v1::RequestEnrolmentRequest* request,
                                 v1::RequestEnrolmentResponse* response) override;
  UnaryReactor* GetEnrolment(grpc::CallbackServerContext* context,
                             const v1::GetEnrolmentRequest* request,
                             v1::GetEnrolmentResponse* response) override;

 private:
  // A deadline, and a call left for the address.
  absl::Status AdmitStranger(const grpc::CallbackServerContext& context);
  template <typename Request, typename Response>
  UnaryReactor* ChangeForStranger(grpc::CallbackServerContext* context, const Request* request,
                                  Response* response);
  template <typename Response, typename ReadFunction>
  UnaryReactor* AnswerStranger(grpc::CallbackServerContext* context, Response* response,
                               ReadFunction read);

  const ServiceContext& services_;
  RateLimiter rates_;
};

}  // namespace enlace::server
