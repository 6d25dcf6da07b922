// One port of the server: a capped accept loop that feeds a gRPC server over TLS 1.3.
//
// Promises DESIGN chapter 7's limits (limits.h) on connections, streams, message sizes and waits.
// With client certificates every peer shows one and proves that it holds its key, but which
// certificates are good is not decided here: the registry decides on every call
// (services/caller.h), so that a revocation bites at once.
//
// Invariants: 1. No service is called before Start and none after Shutdown returned. 2.
// RequireTls13 ran before Create. Thread safety: Create, Start and Shutdown from one thread; the
// rest from any. Ownership: owns its gRPC server and loop; borrows the services, which outlive it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "crypto/primitives/secret_bytes.h"
#include "server/listener/accept_loop.h"

namespace grpc {
class Service;
}

namespace enlace::server {

enum class ClientCertificates { kRequired, kNone };

struct ListenerOptions {
  AcceptOptions accept;
  ClientCertificates client_certificates = ClientCertificates::kRequired;
  std::string certificate_pem;
  // PKCS#8 PEM; borrowed for the call of Create. gRPC keeps a copy of its own.
  const SecretBytes* private_key_pem = nullptr;
  std::vector<grpc::Service*> services;
  // Also serve grpc.health.v1 and server reflection.
  bool health_and_reflection = false;
};

class GrpcListener {
 public:
  // Binds; nothing is served before Start. Errors of AcceptLoop::Listen; FAILED_PRECONDITION when
  // gRPC refuses the certificate or the services.
  static absl::StatusOr<std::unique_ptr<GrpcListener>> Create(const ListenerOptions& options);
  ~GrpcListener();

  void Start();
  // Takes no new connection from now on.
  void StopAccepting();
  // Stops accepting, lets calls end until `grace` is over, cancels the rest, waits for their
  // handlers.
  void Shutdown(std::chrono::milliseconds grace);

  // For health; without effect where health is not served. The whole is kWholeServer, what accepts
  // changes is kWritingService.
  static constexpr const char* kWholeServer = "";
  static constexpr const char* kWritingService = "enlace.v1.RoomService";
  void SetServing(const std::string& service, bool serving);

  uint16_t port() const;
  AcceptCounts counts() const;

 private:
  struct Parts;
  explicit GrpcListener(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace enlace::server
