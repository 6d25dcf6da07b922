// A gRPC channel to exactly one server, and the translation of its failures.
//
// Private to client/session: the only headers with gRPC types are this one and what includes it.
// Thread safety: PinnedChannel's const functions from any thread.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <atomic>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/session/session.h"

namespace enlace::client {

class PinnedChannel {
 public:
  // `identity` may be null: then no client certificate is shown.
  static absl::StatusOr<PinnedChannel> Open(const ServerEndpoint& endpoint,
                                            const ClientIdentity* identity);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  // The status of a finished call as our callers know it.
  absl::Status Translate(const grpc::Status& status) const;
  // As SessionInterface::WaitConnected.
  absl::Status WaitConnected(int timeout_ms, const std::atomic<bool>& cancelled) const;

 private:
  PinnedChannel() = default;
  absl::Status Unreachable() const;

  std::string address_;
  // Shared between this object and the verifier inside gRPC, which may outlive it.
  std::shared_ptr<std::atomic<bool>> foreign_server_;
  // Shared with the stubs, as gRPC's interface wants it.
  std::shared_ptr<grpc::Channel> channel_;
};

// Sets deadline; a call while disconnected waits for one attempt to connect, not for ever.
void PrepareContext(int timeout_ms, grpc::ClientContext& context);

}  // namespace enlace::client
