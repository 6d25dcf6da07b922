// RegistryService, AdministrationService and KeyPackageService of the wire contract: decode,
// authorise, core, encode.
//
// Thread safety: gRPC's threads. Ownership: borrow the context, which outlives them.
#pragma once

#include "enlace/v1/enrolment.grpc.pb.h"
#include "enlace/v1/key_package.grpc.pb.h"
#include "enlace/v1/registry.grpc.pb.h"
#include "server/services/unary.h"

namespace enlace::server {

class RegistryService : public v1::RegistryService::CallbackService {
 public:
  explicit RegistryService(const ServiceContext& services) : services_(services) {}

  UnaryReactor* GetHead(grpc::CallbackServerContext* context, const v1::GetHeadRequest* request,
                        v1::GetHeadResponse* response) override;
  UnaryReactor* ListEntries(grpc::CallbackServerContext* context,
                            const v1::ListEntriesRequest* request,
                            v1::ListEntriesResponse* response) override;
  UnaryReactor* GetProof(grpc::CallbackServerContext* context, const v1::GetProofRequest* request,
                         v1::GetProofResponse* response) override;
  UnaryReactor* GetCards(grpc::CallbackServerContext* context, const v1::GetCardsRequest* request,
                         v1::GetCardsResponse* response) override;
  UnaryReactor* Publish(grpc::CallbackServerContext* context, const v1::PublishRequest* request,
                        v1::PublishResponse* response) override;
  UnaryReactor* LeaseCaseNumbers(grpc::CallbackServerContext* context,
                                 const v1::LeaseCaseNumbersRequest* request,
                                 v1::LeaseCaseNumbersResponse* response) override;

 private:
  const ServiceContext& services_;
};

class AdministrationService : public v1::AdministrationService::CallbackService {
 public:
  explicit AdministrationService(const ServiceContext& services) : services_(services) {}

  UnaryReactor* CreateInvitation(grpc::CallbackServerContext* context,
                                 const v1::CreateInvitationRequest* request,
                                 v1::CreateInvitationResponse* response) override;
  UnaryReactor* ListEnrolments(grpc::CallbackServerContext* context,
                               const v1::ListEnrolmentsRequest* request,
                               v1::ListEnrolmentsResponse* response) override;
  UnaryReactor* ApproveEnrolment(grpc::CallbackServerContext* context,
                                 const v1::ApproveEnrolmentRequest* request,
                                 v1::ApproveEnrolmentResponse* response) override;
  UnaryReactor* RejectEnrolment(grpc::CallbackServerContext* context,
                                const v1::RejectEnrolmentRequest* request,
                                v1::RejectEnrolmentResponse* response) override;
  UnaryReactor* GetOverview(grpc::CallbackServerContext* context,
                            const v1::GetOverviewRequest* request,
                            v1::GetOverviewResponse* response) override;

 private:
  const ServiceContext& services_;
};

class KeyPackageService : public v1::KeyPackageService::CallbackService {
 public:
  explicit KeyPackageService(const ServiceContext& services) : services_(services) {}

  UnaryReactor* UploadKeyPackages(grpc::CallbackServerContext* context,
                                  const v1::UploadKeyPackagesRequest* request,
                                  v1::UploadKeyPackagesResponse* response) override;
  UnaryReactor* ClaimKeyPackages(grpc::CallbackServerContext* context,
                                 const v1::ClaimKeyPackagesRequest* request,
                                 v1::ClaimKeyPackagesResponse* response) override;

 private:
  const ServiceContext& services_;
};

}  // namespace enlace::server
