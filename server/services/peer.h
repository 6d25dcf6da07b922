// What gRPC knows about the other end of a call.
//
// Promises a fingerprint only for a peer that showed a certificate and proved its key in the TLS
// handshake; whose it is, the registry says (core/caller.h). Nothing is remembered between calls.
//
// Thread safety: free functions. Ownership: borrows for the call.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "crypto/merkle/hash.h"

namespace grpc {
class ServerContextBase;
}

namespace enlace::server {

// SHA-256 of the DER of one PEM certificate, which is not parsed further. Nothing for other text.
std::optional<merkle::Hash> FingerprintOfPem(std::string_view pem);

// UNAUTHENTICATED without a certificate.
absl::StatusOr<merkle::Hash> PeerFingerprint(const grpc::ServerContextBase& context);

// What the calls of a gRPC peer ("ipv4:192.0.2.1:5000", "ipv6:%5B2001:db8::1%5D:5000") are counted
// under: as its connections, all of IPv4, the first 64 bits of IPv6. All peers of another kind
// count as one.
std::string AddressOfPeer(const std::string& peer);

// OK when the call has a deadline within kDeadlineMax; else DEADLINE_REQUIRED.
absl::Status CheckDeadline(const grpc::ServerContextBase& context);

}  // namespace enlace::server
