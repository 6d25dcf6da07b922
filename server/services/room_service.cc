#include "server/services/room_service.h"

#include <utility>
#include <vector>

#include "proto/errors/reasons.h"

namespace enlace::server {
namespace {

std::vector<PreparedSend> PrepareBatch(const v1::SendBatchRequest& request) {
  std::vector<PreparedSend> prepared;
  prepared.reserve(static_cast<size_t>(request.requests_size()));
  for (const v1::SendRequest& message : request.requests())
    prepared.push_back(PrepareSend(message));
  return prepared;
}

// A batch that was admitted. What it needs no turn for was done on gRPC's thread, which has others
// beside it.
struct AdmittedBatch {
  Caller caller;
  std::vector<PreparedSend> prepared;
};

// Applies the messages of a batch in their order, on the committer's thread.
void ApplyBatch(const ServiceContext& services, AdmittedBatch& batch,
                const v1::SendBatchRequest& request, v1::SendBatchResponse& response) {
  const Call call{batch.caller, services.now_ms()};
  response.mutable_results()->Reserve(request.requests_size());
  for (int i = 0; i < request.requests_size(); ++i) {
    v1::SendResponse answer;
    const absl::Status outcome = services.core->Apply(
        call, request.requests(i), std::move(batch.prepared[static_cast<size_t>(i)]), answer);
    v1::SendResult* result = response.add_results();
    if (outcome.ok()) {
      *result->mutable_acceptance() = std::move(*answer.mutable_acceptance());
    } else {
      result->set_refusal(EncodeRpcStatus(StorageError(outcome)));
    }
  }
}

absl::Status CheckBatch(const v1::SendBatchRequest& request) {
  if (static_cast<size_t>(request.requests_size()) <= kSendBatchMax) return absl::OkStatus();
  return MakeError(Reason::kLimitExceeded,
                   {{"what", "messages of a batch"}, {"limit", std::to_string(kSendBatchMax)}});
}

}  // namespace

UnaryReactor* RoomService::CreateRoom(grpc::CallbackServerContext* context,
                                      const v1::CreateRoomRequest* request,
                                      v1::CreateRoomResponse* response) {
  return Change(services_, context, request, response);
}

UnaryReactor* RoomService::Commit(grpc::CallbackServerContext* context,
                                  const v1::CommitRequest* request, v1::CommitResponse* response) {
  return Change(services_, context, request, response);
}

UnaryReactor* RoomService::Send(grpc::CallbackServerContext* context,
                                const v1::SendRequest* request, v1::SendResponse* response) {
  UnaryReactor* reactor = context->DefaultReactor();
  absl::StatusOr<Caller> caller = Admit(services_, *context);
  const UnaryTraits traits = TraitsOf(*request);
  const absl::Status admitted = caller.ok() ? CheckSize(traits) : caller.status();
  if (!admitted.ok()) {
    FinishUnary(services_, reactor, admitted);
    return reactor;
  }
  SubmitUnary(services_, reactor, traits,
              [this, caller = *std::move(caller), prepared = PrepareSend(*request), request,
               response]() mutable {
                return services_.core->Apply({caller, services_.now_ms()}, *request,
                                             std::move(prepared), *response);
              });
  return reactor;
}

UnaryReactor* RoomService::SendBatch(grpc::CallbackServerContext* context,
                                     const v1::SendBatchRequest* request,
                                     v1::SendBatchResponse* response) {
  UnaryReactor* reactor = context->DefaultReactor();
  absl::StatusOr<Caller> caller = Admit(services_, *context);
  const UnaryTraits traits = TraitsOf(*request);
  absl::Status admitted = caller.ok() ? CheckBatch(*request) : caller.status();
  if (admitted.ok()) admitted = CheckSize(traits);
  if (!admitted.ok()) {
    FinishUnary(services_, reactor, admitted);
    return reactor;
  }
  SubmitUnary(services_, reactor, traits,
              [this, batch = AdmittedBatch{*std::move(caller), PrepareBatch(*request)}, request,
               response]() mutable {
                ApplyBatch(services_, batch, *request, *response);
                return absl::OkStatus();
              });
  return reactor;
}

UnaryReactor* RoomService::GetRoom(grpc::CallbackServerContext* context,
                                   const v1::GetRoomRequest* request,
                                   v1::GetRoomResponse* response) {
  return Answer(services_, context, response,
                [this, request](const Caller& caller, int64_t now_ms) {
                  return services_.reader().GetRoom(caller, *request, now_ms);
                });
}

UnaryReactor* RoomService::GetTree(grpc::CallbackServerContext* context,
                                   const v1::GetTreeRequest* request,
                                   v1::GetTreeResponse* response) {
  return Answer(services_, context, response,
                [this, request](const Caller& caller, int64_t now_ms) {
                  return services_.reader().GetTree(caller, *request, now_ms);
                });
}

UnaryReactor* RoomService::ListRooms(grpc::CallbackServerContext* context,
                                     const v1::ListRoomsRequest* /*request*/,
                                     v1::ListRoomsResponse* response) {
  return Answer(services_, context, response, [this](const Caller& caller, int64_t now_ms) {
    return services_.reader().ListRooms(caller, now_ms);
  });
}

UnaryReactor* RoomService::AcquireRemovalLease(grpc::CallbackServerContext* context,
                                               const v1::AcquireRemovalLeaseRequest* request,
                                               v1::AcquireRemovalLeaseResponse* response) {
  return Change(services_, context, request, response);
}

UnaryReactor* RoomService::ReportUnprocessable(grpc::CallbackServerContext* context,
                                               const v1::ReportUnprocessableRequest* request,
                                               v1::ReportUnprocessableResponse* response) {
  return Change(services_, context, request, response);
}

UnaryReactor* RoomService::GetReceipt(grpc::CallbackServerContext* context,
                                      const v1::GetReceiptRequest* request,
                                      v1::GetReceiptResponse* response) {
  return Answer(services_, context, response,
                [this, request](const Caller& caller, int64_t now_ms) {
                  return services_.reader().GetReceipt(caller, *request, now_ms);
                });
}

}  // namespace enlace::server
