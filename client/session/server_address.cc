#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "client/session/session.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr size_t kDnsNameBytesMax = 253;

bool IsPort(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port >= 1 && port <= 65535;
}

bool IsDnsName(std::string_view name) {
  if (name.empty() || name.size() > kDnsNameBytesMax || name.front() == '-' ||
      name.front() == '.') {
    return false;
  }
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
  });
}

bool IsHost(std::string_view host) {
  if (!host.starts_with("[")) return IsDnsName(host);
  if (!host.ends_with("]")) return false;
  in6_addr address;
  return inet_pton(AF_INET6, std::string(host.substr(1, host.size() - 2)).c_str(), &address) == 1;
}

}  // namespace

absl::Status CheckServerAddress(std::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon != std::string_view::npos && IsHost(address.substr(0, colon)) &&
      IsPort(address.substr(colon + 1))) {
    return absl::OkStatus();
  }
  return MakeError(Reason::kUsage, {{"what", "\"" + std::string(address) + "\" ≠ host:port"},
                                    {"program", "enlace"}});
}

}  // namespace enlace::client
