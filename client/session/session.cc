#include "client/session/session.h"

#include <atomic>
#include <thread>
#include <utility>

#include "client/session/channel.h"
#include "client/session/header_reader.h"
#include "crypto/primitives/status.h"
#include "enlace/v1/blob.grpc.pb.h"
#include "enlace/v1/enrolment.grpc.pb.h"
#include "enlace/v1/inbox.grpc.pb.h"
#include "enlace/v1/key_package.grpc.pb.h"
#include "enlace/v1/registry.grpc.pb.h"
#include "enlace/v1/room.grpc.pb.h"

namespace enlace::client {
namespace {

// Calls one unary method of a stub.
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> Call(const PinnedChannel& channel, Stub& stub,
                              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                           Response*),
                              const Request& request, int timeout_ms) {
  grpc::ClientContext context;
  PrepareContext(timeout_ms, context);
  Response response;
  const absl::Status status = channel.Translate((stub.*method)(&context, request, &response));
  if (!status.ok()) return status;
  return response;
}

// Reads the inbox in a thread of its own until the stream ends.
class InboxSubscription final : public Subscription {
 public:
  InboxSubscription(const PinnedChannel& channel, v1::InboxService::Stub& stub,
                    const v1::SubscribeRequest& request, StreamCallbacks callbacks)
      : channel_(channel),
        callbacks_(std::move(callbacks)),
        reader_(stub.Subscribe(&context_, request)),
        thread_([this] { Read(); }) {}

  ~InboxSubscription() override {
    Cancel();
    thread_.join();
  }

  void Cancel() override { context_.TryCancel(); }

 private:
  void Read() {
    v1::SubscribeResponse response;
    HeaderReader headers;
    absl::Status refused;
    while (reader_->Read(&response)) {
      if (refused.ok()) refused = headers.Complete(response);
      if (!refused.ok() || !callbacks_.on_response(response)) context_.TryCancel();
      response.Clear();
    }
    const absl::Status ended = channel_.Translate(reader_->Finish());
    callbacks_.on_end(refused.ok() ? ended : refused);
  }

  const PinnedChannel channel_;
  StreamCallbacks callbacks_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::SubscribeResponse>> reader_;
  std::thread thread_;
};

#define ENLACE_CALL(service, stub, name)                                                    \
  absl::StatusOr<v1::name##Response> name(const v1::name##Request& request, int timeout_ms) \
      override {                                                                            \
    return Call(channel_, *stub, &v1::service::Stub::name, request, timeout_ms);            \
  }

class GrpcSession final : public Session {
 public:
  explicit GrpcSession(PinnedChannel channel)
      : channel_(std::move(channel)),
        registry_(v1::RegistryService::NewStub(channel_.channel())),
        key_packages_(v1::KeyPackageService::NewStub(channel_.channel())),
        rooms_(v1::RoomService::NewStub(channel_.channel())),
        inbox_(v1::InboxService::NewStub(channel_.channel())),
        blobs_(v1::BlobService::NewStub(channel_.channel())),
        administration_(v1::AdministrationService::NewStub(channel_.channel())) {}

  using SessionInterface::WaitConnected;
  absl::Status WaitConnected(int timeout_ms, const std::atomic<bool>& cancelled) override {
    return channel_.WaitConnected(timeout_ms, cancelled);
  }

  ENLACE_CALL(RegistryService, registry_, GetHead)
  ENLACE_CALL(RegistryService, registry_, ListEntries)
  ENLACE_CALL(RegistryService, registry_, GetProof)
  ENLACE_CALL(RegistryService, registry_, Publish)
  ENLACE_CALL(RegistryService, registry_, GetCards)
  ENLACE_CALL(RegistryService, registry_, LeaseCaseNumbers)
  ENLACE_CALL(KeyPackageService, key_packages_, UploadKeyPackages)
  ENLACE_CALL(KeyPackageService, key_packages_, ClaimKeyPackages)
  ENLACE_CALL(RoomService, rooms_, CreateRoom)
  ENLACE_CALL(RoomService, rooms_, Commit)
  ENLACE_CALL(RoomService, rooms_, Send)
  ENLACE_CALL(RoomService, rooms_, SendBatch)
  ENLACE_CALL(RoomService, rooms_, GetRoom)
  ENLACE_CALL(RoomService, rooms_, GetTree)
  ENLACE_CALL(RoomService, rooms_, ListRooms)
  ENLACE_CALL(RoomService, rooms_, AcquireRemovalLease)
  ENLACE_CALL(RoomService, rooms_, ReportUnprocessable)
  ENLACE_CALL(RoomService, rooms_, GetReceipt)
  ENLACE_CALL(InboxService, inbox_, Confirm)
  ENLACE_CALL(BlobService, blobs_, CreateBlob)
  ENLACE_CALL(BlobService, blobs_, PutChunk)
  ENLACE_CALL(AdministrationService, administration_, CreateInvitation)
  ENLACE_CALL(AdministrationService, administration_, ListEnrolments)
  ENLACE_CALL(AdministrationService, administration_, ApproveEnrolment)
  ENLACE_CALL(AdministrationService, administration_, RejectEnrolment)
  ENLACE_CALL(AdministrationService, administration_, GetOverview)

  absl::StatusOr<std::unique_ptr<Subscription>> Subscribe(const v1::SubscribeRequest& request,
                                                          StreamCallbacks callbacks) override {
    v1::SubscribeRequest shortened = request;
    shortened.set_header_changes(true);
    return std::make_unique<InboxSubscription>(channel_, *inbox_, shortened, std::move(callbacks));
  }

  absl::Status GetBlob(const v1::GetBlobRequest& request, int timeout_ms,
                       const std::function<absl::Status(BytesView)>& on_chunk) override {
    grpc::ClientContext context;
    PrepareContext(timeout_ms, context);
    const auto reader = blobs_->GetBlob(&context, request);
    v1::GetBlobResponse response;
    absl::Status refused;
    while (refused.ok() && reader->Read(&response)) refused = on_chunk(AsBytes(response.chunk()));
    if (!refused.ok()) context.TryCancel();
    const absl::Status status = channel_.Translate(reader->Finish());
    return refused.ok() ? status : refused;
  }

 private:
  PinnedChannel channel_;
  std::unique_ptr<v1::RegistryService::Stub> registry_;
  std::unique_ptr<v1::KeyPackageService::Stub> key_packages_;
  std::unique_ptr<v1::RoomService::Stub> rooms_;
  std::unique_ptr<v1::InboxService::Stub> inbox_;
  std::unique_ptr<v1::BlobService::Stub> blobs_;
  std::unique_ptr<v1::AdministrationService::Stub> administration_;
};

class GrpcEnrolmentSession final : public EnrolmentSession {
 public:
  explicit GrpcEnrolmentSession(PinnedChannel channel)
      : channel_(std::move(channel)),
        enrolment_(v1::EnrolmentService::NewStub(channel_.channel())) {}

  ENLACE_CALL(EnrolmentService, enrolment_, GetCharters)
  ENLACE_CALL(EnrolmentService, enrolment_, Bootstrap)
  ENLACE_CALL(EnrolmentService, enrolment_, RequestEnrolment)
  ENLACE_CALL(EnrolmentService, enrolment_, GetEnrolment)

 private:
  PinnedChannel channel_;
  std::unique_ptr<v1::EnrolmentService::Stub> enrolment_;
};

#undef ENLACE_CALL

}  // namespace

absl::StatusOr<std::unique_ptr<Session>> Session::Connect(const ServerEndpoint& endpoint,
                                                          const ClientIdentity& identity) {
  ENLACE_ASSIGN_OR_RETURN(PinnedChannel channel, PinnedChannel::Open(endpoint, &identity));
  return std::make_unique<GrpcSession>(std::move(channel));
}

absl::StatusOr<std::unique_ptr<EnrolmentSession>> EnrolmentSession::Connect(
    const ServerEndpoint& endpoint) {
  ENLACE_ASSIGN_OR_RETURN(PinnedChannel channel, PinnedChannel::Open(endpoint, nullptr));
  return std::make_unique<GrpcEnrolmentSession>(std::move(channel));
}

}  // namespace enlace::client
