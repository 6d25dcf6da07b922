#include "server/listener/connection_table.h"

#include <netinet/in.h>

#include <cstring>
#include <optional>

namespace enlace::server {
namespace {

constexpr size_t kIpv6PrefixBytes = 8;
constexpr size_t kIpv4MappedPrefixBytes = 12;

// The socket's cookie; nothing when `fd` is closed or is no socket any more.
std::optional<uint64_t> CookieOf(int fd) {
  uint64_t cookie = 0;
  socklen_t size = sizeof(cookie);
  if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &size) != 0) return std::nullopt;
  return cookie;
}

std::string RawText(const void* data, size_t size_bytes) {
  std::string text(size_bytes, '\0');
  std::memcpy(text.data(), data, size_bytes);
  return text;
}

}  // namespace

std::string AddressKey(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    sockaddr_in ipv4;
    std::memcpy(&ipv4, &address, sizeof(ipv4));
    return "4" + RawText(&ipv4.sin_addr, sizeof(ipv4.sin_addr));
  }
  if (address.ss_family != AF_INET6) return "?";
  sockaddr_in6 ipv6;
  std::memcpy(&ipv6, &address, sizeof(ipv6));
  if (IN6_IS_ADDR_V4MAPPED(&ipv6.sin6_addr)) {
    return "4" + RawText(ipv6.sin6_addr.s6_addr + kIpv4MappedPrefixBytes, sizeof(in_addr));
  }
  return "6" + RawText(&ipv6.sin6_addr, kIpv6PrefixBytes);
}

Admission ConnectionTable::Admit(int fd, const std::string& address_key) {
  // The number was given out anew, so its former connection is gone.
  if (const auto former = by_fd_.find(fd); former != by_fd_.end()) Drop(former);
  if (by_fd_.size() >= limits_.in_all || AddressFull(address_key)) Sweep();
  if (by_fd_.size() >= limits_.in_all) return Admission::kTableFull;
  if (AddressFull(address_key)) return Admission::kAddressFull;
  const std::optional<uint64_t> cookie = CookieOf(fd);
  if (!cookie) return Admission::kTableFull;
  by_fd_.emplace(fd, Entry{*cookie, address_key});
  ++per_address_[address_key];
  return Admission::kAdmitted;
}

void ConnectionTable::Sweep() {
  for (auto entry = by_fd_.begin(); entry != by_fd_.end();) {
    const auto current = entry++;
    if (CookieOf(current->first) != current->second.cookie) Drop(current);
  }
}

bool ConnectionTable::AddressFull(const std::string& address_key) const {
  const auto count = per_address_.find(address_key);
  return count != per_address_.end() && count->second >= limits_.per_address;
}

void ConnectionTable::Drop(std::unordered_map<int, Entry>::iterator entry) {
  const auto count = per_address_.find(entry->second.address_key);
  if (--count->second == 0) per_address_.erase(count);
  by_fd_.erase(entry);
}

}  // namespace enlace::server
