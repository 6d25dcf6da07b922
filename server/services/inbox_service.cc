#include "server/services/inbox_service.h"

#include "proto/errors/reasons.h"
#include "server/services/refused_stream.h"

namespace enlace::server {
namespace {

absl::StatusOr<v1::SubscribeRequest> Decode(const grpc::ByteBuffer& encoded) {
  v1::SubscribeRequest request;
  // Deserialising takes the buffer; this shares its bytes.
  grpc::ByteBuffer taken(encoded);
  if (grpc::SerializationTraits<v1::SubscribeRequest>::Deserialize(&taken, &request).ok())
    return request;
  return MakeError(Reason::kMalformedRequest, {{"what", "subscription"}});
}

}  // namespace

grpc::ServerWriteReactor<grpc::ByteBuffer>* InboxService::Subscribe(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  absl::StatusOr<Caller> caller = AdmitStream(services_, *context);
  absl::Status admitted = caller.status();
  const absl::StatusOr<v1::SubscribeRequest> wanted = Decode(*request);
  if (admitted.ok()) admitted = wanted.status();
  if (admitted.ok()) admitted = StorageError(services_.reader().CheckSeen(*wanted));
  if (!admitted.ok()) {
    services_.counters->Count(admitted);
    if (HasReason(admitted, Reason::kServerBehind)) ++services_.counters->refused_as_behind;
    return new RefusedStream<grpc::ByteBuffer>(admitted);
  }
  const auto stream = Subscription::Create({services_, hub_, context}, *std::move(caller), *wanted);
  stream->Start();
  return stream.get();
}

UnaryReactor* InboxService::Confirm(grpc::CallbackServerContext* context,
                                    const v1::ConfirmRequest* request,
                                    v1::ConfirmResponse* response) {
  return Change(services_, context, request, response);
}

}  // namespace enlace::server
