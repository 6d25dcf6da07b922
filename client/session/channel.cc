#include "client/session/channel.h"

#include <grpc/support/log.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "client/session/tls_policy.h"
#include "crypto/identity/certificate.h"
#include "crypto/identity/keys.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"
#include "proto/errors/rpc_status.h"

namespace enlace::client {
namespace {

using grpc::experimental::ExternalCertificateVerifier;
using grpc::experimental::TlsCustomVerificationCheckRequest;

constexpr int kReconnectBackoffMsMin = 300;
// How long a wait for the connection goes on before it looks whether it is still wanted.
constexpr int kConnectSliceMs = 100;

// Accepts one certificate, whatever its names, issuer and dates. The handshake itself proves that
// the peer has its key (RFC 8446 section 4.4.3).
class PinVerifier final : public ExternalCertificateVerifier {
 public:
  PinVerifier(const merkle::Hash& pinned, std::shared_ptr<std::atomic<bool>> foreign_server)
      : pinned_(pinned), foreign_server_(std::move(foreign_server)) {}

  bool Verify(TlsCustomVerificationCheckRequest* request, std::function<void(grpc::Status)>,
              grpc::Status* sync_status) override {
    const grpc::string_ref pem = request->peer_cert();
    const auto certificate = identity::Certificate::FromPem({pem.data(), pem.size()});
    const bool foreign = !certificate.ok() || certificate->fingerprint() != pinned_;
    foreign_server_->store(foreign);
    if (foreign) {
      *sync_status = grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "not the pinned server");
    }
    return true;  // Decided here, not later.
  }

  void Cancel(TlsCustomVerificationCheckRequest*) override {}

 private:
  merkle::Hash pinned_;
  std::shared_ptr<std::atomic<bool>> foreign_server_;
};

grpc::ChannelArguments ArgumentsOfChannel() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMessageBytesMax);
  arguments.SetMaxSendMessageSize(kMessageBytesMax);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kConnectTimeoutMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectBackoffMsMin);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectBackoffMsMax);
  // A connection belongs to one session: another one has other certificates.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return arguments;
}

// gRPC wants PEM in strings of its own and gives no way to wipe its copy.
absl::StatusOr<grpc::experimental::IdentityKeyCertPair> PemPairOf(const ClientIdentity& identity) {
  ENLACE_ASSIGN_OR_RETURN(const auto certificate,
                          identity::Certificate::FromDer(identity.tls_certificate));
  ENLACE_ASSIGN_OR_RETURN(const auto key, identity::PrivateKey::FromPkcs8(identity.tls_key.view()));
  const SecretBytes pem = key.ToPem();
  return grpc::experimental::IdentityKeyCertPair{ToText(pem.view()), certificate.ToPem()};
}

// gRPC writes handshake failures to stderr by itself; what people read there are our own errors.
void SilenceGrpcLog() {
  static const bool once = [] {
    gpr_set_log_function([](gpr_log_func_args*) {});
    return true;
  }();
  static_cast<void>(once);
}

}  // namespace

absl::StatusOr<PinnedChannel> PinnedChannel::Open(const ServerEndpoint& endpoint,
                                                  const ClientIdentity* identity) {
  ENLACE_RETURN_IF_ERROR(CheckServerAddress(endpoint.address));
  ENLACE_RETURN_IF_ERROR(OfferOnlyTls13());
  SilenceGrpcLog();
  PinnedChannel pinned;
  pinned.address_ = endpoint.address;
  pinned.foreign_server_ = std::make_shared<std::atomic<bool>>(false);
  grpc::experimental::TlsChannelCredentialsOptions options;
  // The verifier below is the whole check; gRPC's own would ask for a known issuer and host name.
  options.set_verify_server_certs(false);
  options.set_check_call_host(false);
  options.set_certificate_verifier(ExternalCertificateVerifier::Create<PinVerifier>(
      endpoint.server_certificate, pinned.foreign_server_));
  if (identity != nullptr) {
    ENLACE_ASSIGN_OR_RETURN(auto pair, PemPairOf(*identity));
    options.set_certificate_provider(
        std::make_shared<grpc::experimental::StaticDataCertificateProvider>(
            std::vector<grpc::experimental::IdentityKeyCertPair>{std::move(pair)}));
    options.watch_identity_key_cert_pairs();
  }
  pinned.channel_ = grpc::CreateCustomChannel(
      endpoint.address, grpc::experimental::TlsCredentials(options), ArgumentsOfChannel());
  return pinned;
}

absl::Status PinnedChannel::Unreachable() const {
  const Reason reason =
      foreign_server_->load() ? Reason::kServerIdentity : Reason::kServerUnreachable;
  return MakeError(reason, {{"server", address_}});
}

absl::Status PinnedChannel::Translate(const grpc::Status& status) const {
  if (status.ok()) return absl::OkStatus();
  absl::Status ours = FromGrpc(status);
  if (!InfoOf(ours).name.empty()) return ours;
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return Unreachable();
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return MakeError(Reason::kLimitExceeded, {{"what", status.error_message()},
                                                {"limit", std::to_string(kMessageBytesMax)}});
    default:
      return ours;
  }
}

absl::Status PinnedChannel::WaitConnected(int timeout_ms,
                                          const std::atomic<bool>& cancelled) const {
  using std::chrono::milliseconds;
  const auto deadline = std::chrono::system_clock::now() + milliseconds(timeout_ms);
  grpc::experimental::ChannelResetConnectionBackoff(channel_.get());
  // An earlier attempt may have met another server.
  foreign_server_->store(false);
  bool attempted = false;
  grpc_connectivity_state state = channel_->GetState(/*try_to_connect=*/true);
  while (state != GRPC_CHANNEL_READY) {
    if (cancelled.load()) return MakeStatus(absl::StatusCode::kCancelled, "connecting");
    attempted |= state == GRPC_CHANNEL_CONNECTING;
    // A server with a foreign certificate will not become the right one by waiting.
    const bool failed = attempted && state == GRPC_CHANNEL_TRANSIENT_FAILURE;
    const auto now = std::chrono::system_clock::now();
    if (failed || foreign_server_->load() || now >= deadline) return Unreachable();
    const auto slice = std::min(deadline, now + milliseconds(kConnectSliceMs));
    channel_->WaitForStateChange(state, slice);
    state = channel_->GetState(true);
  }
  return absl::OkStatus();
}

void PrepareContext(int timeout_ms, grpc::ClientContext& context) {
  const int bounded_ms = std::clamp(timeout_ms, 1, kCallTimeoutMsMax);
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(bounded_ms));
}

}  // namespace enlace::client
