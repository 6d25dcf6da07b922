#include "server/services/peer.h"

#include <arpa/inet.h>
#include <grpcpp/server_context.h>
#include <netinet/in.h>
#include <openssl/evp.h>

#include <chrono>
#include <cstring>
#include <mutex>

#include "crypto/primitives/sha256.h"
#include "proto/errors/reasons.h"
#include "server/listener/connection_table.h"
#include "server/services/limits.h"

namespace enlace::server {
namespace {

constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kEnd = "-----END CERTIFICATE-----";
constexpr std::string_view kIpv4Peer = "ipv4:";
constexpr std::string_view kIpv6Peer = "ipv6:%5B";
constexpr std::string_view kCloseBracket = "%5D";
constexpr size_t kPemBytesMax = 16u << 10;
constexpr size_t kBase64Group = 4;
constexpr size_t kBytesOfGroup = 3;

// Decodes base64 without its line ends; nothing when it is none.
std::optional<Bytes> DecodeBase64(std::string_view text) {
  std::string packed;
  packed.reserve(text.size());
  for (const char c : text) {
    if (c != '\n' && c != '\r') packed.push_back(c);
  }
  if (packed.empty() || packed.size() % kBase64Group != 0) return std::nullopt;
  Bytes bytes(packed.size() / kBase64Group * kBytesOfGroup);
  const int size = EVP_DecodeBlock(bytes.data(), reinterpret_cast<const uint8_t*>(packed.data()),
                                   static_cast<int>(packed.size()));
  if (size < 0) return std::nullopt;
  // OpenSSL counts the padding as zero bytes.
  for (size_t i = packed.size(); i > packed.size() - 2 && packed[i - 1] == '='; --i) {
    bytes.pop_back();
  }
  return bytes;
}

}  // namespace

std::optional<merkle::Hash> FingerprintOfPem(std::string_view pem) {
  const size_t begin = pem.find(kBegin);
  const size_t end = pem.find(kEnd);
  if (pem.size() > kPemBytesMax || begin != 0 || end == std::string_view::npos) return std::nullopt;
  const auto der = DecodeBase64(pem.substr(kBegin.size(), end - kBegin.size()));
  if (!der) return std::nullopt;
  return crypto::Sha256(*der);
}

absl::StatusOr<merkle::Hash> PeerFingerprints::Of(const grpc::ServerContextBase& context) {
  const auto shown = context.auth_context()->FindPropertyValues("x509_pem_cert");
  if (shown.size() != 1) return MakeError(Reason::kUnauthenticated);
  const std::string_view pem(shown[0].data(), shown[0].size());
  {
    const std::shared_lock lock(mutex_);
    const auto known = by_pem_.find(absl::string_view(pem.data(), pem.size()));
    if (known != by_pem_.end()) return known->second;
  }
  const auto fingerprint = FingerprintOfPem(pem);
  if (!fingerprint) return MakeError(Reason::kUnauthenticated);
  const std::unique_lock lock(mutex_);
  if (by_pem_.size() >= kPeersCachedMax) by_pem_.clear();
  by_pem_.emplace(std::string(pem), *fingerprint);
  return *fingerprint;
}

std::string AddressOfPeer(const std::string& peer) {
  sockaddr_storage address{};
  const size_t port = peer.rfind(':');
  if (peer.starts_with(kIpv4Peer) && port > kIpv4Peer.size()) {
    sockaddr_in ipv4{};
    ipv4.sin_family = AF_INET;
    const std::string text = peer.substr(kIpv4Peer.size(), port - kIpv4Peer.size());
    if (inet_pton(AF_INET, text.c_str(), &ipv4.sin_addr) == 1) {
      std::memcpy(&address, &ipv4, sizeof(ipv4));
    }
  }
  const size_t close = peer.find(kCloseBracket);
  if (peer.starts_with(kIpv6Peer) && close != std::string::npos) {
    sockaddr_in6 ipv6{};
    ipv6.sin6_family = AF_INET6;
    const std::string text = peer.substr(kIpv6Peer.size(), close - kIpv6Peer.size());
    if (inet_pton(AF_INET6, text.c_str(), &ipv6.sin6_addr) == 1) {
      std::memcpy(&address, &ipv6, sizeof(ipv6));
    }
  }
  return AddressKey(address);
}

absl::Status CheckDeadline(const grpc::ServerContextBase& context) {
  const auto latest = std::chrono::system_clock::now() + kDeadlineMax + kDeadlineSlack;
  if (context.deadline() <= latest) return absl::OkStatus();
  return MakeError(Reason::kDeadlineRequired, {{"limit_s", std::to_string(kDeadlineMax.count())}});
}

}  // namespace enlace::server
