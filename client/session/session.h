// The gRPC sessions behind session_interface.h.
//
// Promises that nothing but the TLS handshake reaches a server whose certificate is not, byte for
// byte, the one whose SHA-256 is pinned (from the charter or the invitation), whatever name or
// issuer it has; that TLS 1.3 is the only version offered; and that messages beyond
// kMessageBytesMax are refused. Does not reconnect streams: gRPC reconnects the connection, the
// caller the stream.
//
// Thread safety: calls of one session may run in any number of threads; it must not be destroyed
// while one runs, nor inside a callback of its own stream. Ownership: unique.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/session/session_interface.h"
#include "crypto/merkle/hash.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::client {

// Largest message of a call in either direction; the server's own limit of a unary call.
inline constexpr int kMessageBytesMax = 2 << 20;
inline constexpr int kConnectTimeoutMs = 10'000;
inline constexpr int kKeepaliveMs = 30'000;
inline constexpr int kReconnectBackoffMsMax = 15'000;

// Where a server listens and which certificate it must show.
struct ServerEndpoint {
  std::string address;                // host:port; IPv6 in brackets.
  merkle::Hash server_certificate{};  // SHA-256 of its certificate's DER.
};

// What an enrolled device shows.
struct ClientIdentity {
  Bytes tls_certificate;  // DER.
  SecretBytes tls_key;    // Unencrypted PKCS#8 DER, P-256.
};

class Session : public SessionInterface {
 public:
  // Prepares a session with the main listener. Does not wait for the network: the first call
  // connects. INVALID_ARGUMENT for an address, certificate or key that can't be read.
  static absl::StatusOr<std::unique_ptr<Session>> Connect(const ServerEndpoint& endpoint,
                                                          const ClientIdentity& identity);
};

class EnrolmentSession : public EnrolmentInterface {
 public:
  // The same for the enrolment listener, without a certificate of our own.
  static absl::StatusOr<std::unique_ptr<EnrolmentSession>> Connect(const ServerEndpoint& endpoint);
};

// OK for host:port with a port of 1 to 65535 and a host that is a DNS name, an IPv4 or a bracketed
// IPv6 address; USAGE otherwise.
absl::Status CheckServerAddress(std::string_view address);

}  // namespace enlace::client
