// What gRPC knows about the other end of a call.
//
// Promises a fingerprint only for a peer that showed a certificate and proved its key in the TLS
// handshake; whose it is, the registry says (core/caller.h).
//
// Thread safety: free functions. Ownership: borrows for the call.
#pragma once

#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "crypto/merkle/hash.h"

namespace grpc {
class ServerContextBase;
}

namespace enlace::server {

// SHA-256 of the DER of one PEM certificate, which is not parsed further. Nothing for other text.
std::optional<merkle::Hash> FingerprintOfPem(std::string_view pem);

// Fingerprints of certificates that were shown before: gRPC hands out the PEM text with every call.
//
// Thread safety: any thread. Ownership: owns what it remembers, at most kPeersCachedMax
// certificates.
class PeerFingerprints {
 public:
  // UNAUTHENTICATED without a certificate.
  absl::StatusOr<merkle::Hash> Of(const grpc::ServerContextBase& context);

 private:
  std::shared_mutex mutex_;
  absl::flat_hash_map<std::string, merkle::Hash> by_pem_;
};

// What the calls of a gRPC peer ("ipv4:192.0.2.1:5000", "ipv6:%5B2001:db8::1%5D:5000") are counted
// under: as its connections, all of IPv4, the first 64 bits of IPv6. All peers of another kind
// count as one.
std::string AddressOfPeer(const std::string& peer);

// OK when the call has a deadline within kDeadlineMax; else DEADLINE_REQUIRED.
absl::Status CheckDeadline(const grpc::ServerContextBase& context);

}  // namespace enlace::server
