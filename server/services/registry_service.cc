#include "server/services/registry_service.h"

namespace enlace::server {

UnaryReactor* RegistryService::GetHead(grpc::CallbackServerContext* context,
                                       const v1::GetHeadRequest* /*request*/,
                                       v1::GetHeadResponse* response) {
  return Answer(services_, context, response, [this](const Caller&, int64_t now_ms) {
    return services_.reader().GetHead(now_ms);
  });
}

UnaryReactor* RegistryService::ListEntries(grpc::CallbackServerContext* context,
                                           const v1::ListEntriesRequest* request,
                                           v1::ListEntriesResponse* response) {
  return Answer(services_, context, response, [this, request](const Caller&, int64_t now_ms) {
    return services_.reader().ListEntries(*request, now_ms);
  });
}

UnaryReactor* RegistryService::GetProof(grpc::CallbackServerContext* context,
                                        const v1::GetProofRequest* request,
                                        v1::GetProofResponse* response) {
  return Answer(services_, context, response, [this, request](const Caller&, int64_t) {
    return services_.reader().GetProof(*request);
  });
}

UnaryReactor* RegistryService::GetCards(grpc::CallbackServerContext* context,
                                        const v1::GetCardsRequest* request,
                                        v1::GetCardsResponse* response) {
  return Answer(services_, context, response, [this, request](const Caller&, int64_t) {
    return services_.reader().GetCards(*request);
  });
}

UnaryReactor* RegistryService::Publish(grpc::CallbackServerContext* context,
                                       const v1::PublishRequest* request,
                                       v1::PublishResponse* response) {
  return Change(services_, context, request, response);
}

UnaryReactor* RegistryService::LeaseCaseNumbers(grpc::CallbackServerContext* context,
                                                const v1::LeaseCaseNumbersRequest* request,
                                                v1::LeaseCaseNumbersResponse* response) {
  return Change(services_, context, request, response);
}

UnaryReactor* AdministrationService::CreateInvitation(grpc::CallbackServerContext* context,
                                                      const v1::CreateInvitationRequest* request,
                                                      v1::CreateInvitationResponse* response) {
  return Change(services_, context, request, response);
}

UnaryReactor* AdministrationService::ListEnrolments(grpc::CallbackServerContext* context,
                                                    const v1::ListEnrolmentsRequest* request,
                                                    v1::ListEnrolmentsResponse* response) {
  return Answer(services_, context, response, [this, request](const Caller& caller, int64_t) {
    return services_.reader().ListEnrolments(caller, *request);
  });
}

UnaryReactor* AdministrationService::ApproveEnrolment(grpc::CallbackServerContext* context,
                                                      const v1::ApproveEnrolmentRequest* request,
                                                      v1::ApproveEnrolmentResponse* response) {
  return Change(services_, context, request, response);
}

UnaryReactor* AdministrationService::RejectEnrolment(grpc::CallbackServerContext* context,
                                                     const v1::RejectEnrolmentRequest* request,
                                                     v1::RejectEnrolmentResponse* response) {
  return Change(services_, context, request, response);
}

UnaryReactor* AdministrationService::GetOverview(grpc::CallbackServerContext* context,
                                                 const v1::GetOverviewRequest* /*request*/,
                                                 v1::GetOverviewResponse* response) {
  return Answer(services_, context, response, [this](const Caller& caller, int64_t) {
    return services_.reader().GetOverview(caller);
  });
}

UnaryReactor* KeyPackageService::UploadKeyPackages(grpc::CallbackServerContext* context,
                                                   const v1::UploadKeyPackagesRequest* request,
                                                   v1::UploadKeyPackagesResponse* response) {
  return Change(services_, context, request, response);
}

UnaryReactor* KeyPackageService::ClaimKeyPackages(grpc::CallbackServerContext* context,
                                                  const v1::ClaimKeyPackagesRequest* request,
                                                  v1::ClaimKeyPackagesResponse* response) {
  return Change(services_, context, request, response);
}

}  // namespace enlace::server
