#include "server/services/enrolment_service.h"

namespace enlace::server {

absl::Status EnrolmentService::AdmitStranger(const grpc::CallbackServerContext& context) {
  ENLACE_RETURN_IF_ERROR(CheckDeadline(context));
  return rates_.Take(AddressOfPeer(context.peer()), services_.now_ms());
}

template <typename Request, typename Response>
UnaryReactor* EnrolmentService::ChangeForStranger(grpc::CallbackServerContext* context,
                                                  const Request* request, Response* response) {
  UnaryReactor* reactor = context->DefaultReactor();
  const absl::Status admitted = AdmitStranger(*context);
  if (!admitted.ok()) {
    FinishUnary(services_, reactor, admitted);
    return reactor;
  }
  SubmitUnary(services_, reactor, TraitsOf(*request), [this, request, response] {
    return services_.core->Apply(services_.now_ms(), *request, *response);
  });
  return reactor;
}

template <typename Response, typename ReadFunction>
UnaryReactor* EnrolmentService::AnswerStranger(grpc::CallbackServerContext* context,
                                               Response* response, ReadFunction read) {
  UnaryReactor* reactor = context->DefaultReactor();
  absl::Status outcome = AdmitStranger(*context);
  if (outcome.ok()) {
    absl::StatusOr<Response> answer = read();
    outcome = StorageError(answer.status());
    if (answer.ok()) *response = *std::move(answer);
  }
  FinishUnary(services_, reactor, outcome);
  return reactor;
}

UnaryReactor* EnrolmentService::GetCharters(grpc::CallbackServerContext* context,
                                            const v1::GetChartersRequest* /*request*/,
                                            v1::GetChartersResponse* response) {
  return AnswerStranger(context, response,
                        [this] { return services_.reader().GetCharters(services_.now_ms()); });
}

UnaryReactor* EnrolmentService::Bootstrap(grpc::CallbackServerContext* context,
                                          const v1::BootstrapRequest* request,
                                          v1::BootstrapResponse* response) {
  return ChangeForStranger(context, request, response);
}

UnaryReactor* EnrolmentService::RequestEnrolment(grpc::CallbackServerContext* context,
                                                 const v1::RequestEnrolmentRequest* request,
                                                 v1::RequestEnrolmentResponse* response) {
  return ChangeForStranger(context, request, response);
}

UnaryReactor* EnrolmentService::GetEnrolment(grpc::CallbackServerContext* context,
                                             const v1::GetEnrolmentRequest* request,
                                             v1::GetEnrolmentResponse* response) {
  return AnswerStranger(context, response,
                        [this, request] { return services_.reader().GetEnrolment(*request); });
}

}  // namespace enlace::server
