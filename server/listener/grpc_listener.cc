#include "server/listener/grpc_listener.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <algorithm>
#include <mutex>

#include "crypto/primitives/status.h"
#include "server/listener/limits.h"

namespace enlace::server {
namespace {

using Acceptor = grpc::experimental::ExternalConnectionAcceptor;

// Health and reflection are plug-ins of a process by default; this makes them a matter of one
// server.
class ExtrasOption : public grpc::ServerBuilderOption {
 public:
  explicit ExtrasOption(bool wanted) : wanted_(wanted) {}

  void UpdateArguments(grpc::ChannelArguments* arguments) override {
    // Null turns the default health service off.
    if (!wanted_) arguments->SetPointer(grpc::kHealthCheckServiceInterfaceArg, nullptr);
  }

  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    // The reflection library puts itself into every server of the process that links it.
    grpc::reflection::ProtoServerReflectionPlugin reflection;
    const std::string name = reflection.name();
    std::erase_if(*plugins, [&name](const auto& plugin) { return plugin->name() == name; });
    if (!wanted_) return;
    plugins->push_back(std::make_unique<grpc::reflection::ProtoServerReflectionPlugin>());
  }

 private:
  bool wanted_;
};

int Milliseconds(std::chrono::milliseconds wait) { return static_cast<int>(wait.count()); }

void ApplyLimits(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kReceiveBytesMax);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kConcurrentStreamsMax);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, Milliseconds(kHandshakeTimeout));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, Milliseconds(kConnectionIdleMax));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(kKeepaliveInterval));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(kKeepaliveTimeout));
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             Milliseconds(kClientPingIntervalMin));
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, kClientPingStrikesMax);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
}

std::shared_ptr<grpc::ServerCredentials> MakeCredentials(const ListenerOptions& options) {
  // REQUIRE makes OpenSSL ask for a certificate and check the proof of its key; DONT_VERIFY leaves
  // the judgement of the certificate to us, who know the registry.
  grpc::SslServerCredentialsOptions tls(
      options.client_certificates == ClientCertificates::kRequired
          ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_BUT_DONT_VERIFY
          : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  tls.pem_key_cert_pairs.push_back(
      {ToText(options.private_key_pem->view()), options.certificate_pem});
  return grpc::SslServerCredentials(tls);
}

}  // namespace

struct GrpcListener::Parts {
  std::unique_ptr<AcceptLoop> loop;
  std::unique_ptr<Acceptor> acceptor;
  std::unique_ptr<grpc::Server> server;
  bool shut_down = false;
};

absl::StatusOr<std::unique_ptr<GrpcListener>> GrpcListener::Create(const ListenerOptions& options) {
  static std::once_flag health_enabled;
  std::call_once(health_enabled, [] { grpc::EnableDefaultHealthCheckService(true); });

  auto parts = std::make_unique<Parts>();
  AcceptOptions accept = options.accept;
  accept.limits.in_all = std::min(accept.limits.in_all, ConnectionsThatDescriptorsAllow());
  ENLACE_ASSIGN_OR_RETURN(parts->loop, AcceptLoop::Listen(std::move(accept)));

  grpc::ServerBuilder builder;
  ApplyLimits(builder);
  builder.SetOption(std::make_unique<ExtrasOption>(options.health_and_reflection));
  for (grpc::Service* service : options.services) builder.RegisterService(service);
  parts->acceptor = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      MakeCredentials(options));
  parts->server = builder.BuildAndStart();
  if (parts->server == nullptr) return FailedPrecondition("gRPC refuses the listener");
  std::unique_ptr<GrpcListener> listener(new GrpcListener(std::move(parts)));
  listener->SetServing(kWholeServer, false);
  listener->SetServing(kWritingService, false);
  return listener;
}

GrpcListener::GrpcListener(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

GrpcListener::~GrpcListener() { Shutdown(std::chrono::milliseconds(0)); }

void GrpcListener::Start() {
  parts_->loop->Start([acceptor = parts_->acceptor.get()](UniqueFd socket) {
    Acceptor::NewConnectionParameters connection;
    connection.fd = socket.Release();
    acceptor->HandleNewConnection(&connection);
  });
  SetServing(kWholeServer, true);
  SetServing(kWritingService, true);
}

void GrpcListener::StopAccepting() {
  SetServing(kWholeServer, false);
  SetServing(kWritingService, false);
  parts_->loop->Stop();
}

void GrpcListener::Shutdown(std::chrono::milliseconds grace) {
  if (parts_->shut_down) return;
  parts_->shut_down = true;
  StopAccepting();
  parts_->server->Shutdown(std::chrono::system_clock::now() + grace);
  parts_->server->Wait();
}

void GrpcListener::SetServing(const std::string& service, bool serving) {
  grpc::HealthCheckServiceInterface* health = parts_->server->GetHealthCheckService();
  if (health != nullptr) health->SetServingStatus(service, serving);
}

uint16_t GrpcListener::port() const { return parts_->loop->port(); }

AcceptCounts GrpcListener::counts() const { return parts_->loop->counts(); }

}  // namespace enlace::server
