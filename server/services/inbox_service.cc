#include "server/services/inbox_service.h"

#include "proto/errors/reasons.h"
#include "server/services/refused_stream.h"

namespace enlace::server {

grpc::ServerWriteReactor<v1::SubscribeResponse>* InboxService::Subscribe(
    grpc::CallbackServerContext* context, const v1::SubscribeRequest* request) {
  absl::StatusOr<Caller> caller = AdmitStream(services_, *context);
  absl::Status admitted = caller.status();
  if (admitted.ok()) admitted = StorageError(services_.reader().CheckSeen(*request));
  if (!admitted.ok()) {
    services_.counters->Count(admitted);
    if (HasReason(admitted, Reason::kServerBehind)) ++services_.counters->refused_as_behind;
    return new RefusedStream<v1::SubscribeResponse>(admitted);
  }
  const auto stream =
      Subscription::Create({services_, hub_, context}, *std::move(caller), request->cursor());
  stream->Start();
  return stream.get();
}

UnaryReactor* InboxService::Confirm(grpc::CallbackServerContext* context,
                                    const v1::ConfirmRequest* request,
                                    v1::ConfirmResponse* response) {
  return Change(services_, context, request, response);
}

}  // namespace enlace::server
