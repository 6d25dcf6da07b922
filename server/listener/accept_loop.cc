#include "server/listener/accept_loop.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "crypto/primitives/status.h"
#include "server/listener/limits.h"

namespace enlace::server {
namespace {

constexpr size_t kConnectionsMin = 4;

UniqueFd OpenSpare() { return UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC)); }

absl::Status SystemError(const std::string& what) {
  return MakeStatus(absl::StatusCode::kUnavailable, what + ": " + std::strerror(errno));
}

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size_bytes = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

absl::StatusOr<SocketAddress> ParseAddress(const std::string& text, uint16_t port) {
  SocketAddress address;
  sockaddr_in ipv4{};
  sockaddr_in6 ipv6{};
  if (inet_pton(AF_INET, text.c_str(), &ipv4.sin_addr) == 1) {
    ipv4.sin_family = AF_INET;
    ipv4.sin_port = htons(port);
    std::memcpy(&address.storage, &ipv4, sizeof(ipv4));
    address.size_bytes = sizeof(ipv4);
    return address;
  }
  if (inet_pton(AF_INET6, text.c_str(), &ipv6.sin6_addr) == 1) {
    ipv6.sin6_family = AF_INET6;
    ipv6.sin6_port = htons(port);
    std::memcpy(&address.storage, &ipv6, sizeof(ipv6));
    address.size_bytes = sizeof(ipv6);
    return address;
  }
  return InvalidArgument("\"" + text + "\" is not a numeric address");
}

bool SetFlag(int fd, int level, int name) {
  const int on = 1;
  return setsockopt(fd, level, name, &on, sizeof(on)) == 0;
}

absl::StatusOr<UniqueFd> OpenListening(const std::string& text, uint16_t port) {
  ENLACE_ASSIGN_OR_RETURN(const SocketAddress address, ParseAddress(text, port));
  UniqueFd fd(socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return SystemError("socket for " + text);
  if (!SetFlag(fd.get(), SOL_SOCKET, SO_REUSEADDR)) return SystemError("SO_REUSEADDR");
  if (bind(fd.get(), address.get(), address.size_bytes) != 0) {
    return SystemError("bind " + text + " port " + std::to_string(port));
  }
  if (listen(fd.get(), kListenBacklog) != 0) return SystemError("listen " + text);
  return fd;
}

absl::StatusOr<uint16_t> PortOf(int fd) {
  SocketAddress address;
  address.size_bytes = sizeof(address.storage);
  if (getsockname(fd, address.get(), &address.size_bytes) != 0) return SystemError("getsockname");
  if (address.storage.ss_family == AF_INET) {
    sockaddr_in ipv4;
    std::memcpy(&ipv4, &address.storage, sizeof(ipv4));
    return ntohs(ipv4.sin_port);
  }
  sockaddr_in6 ipv6;
  std::memcpy(&ipv6, &address.storage, sizeof(ipv6));
  return ntohs(ipv6.sin6_port);
}

}  // namespace

absl::StatusOr<std::unique_ptr<AcceptLoop>> AcceptLoop::Listen(const AcceptOptions& options) {
  if (options.addresses.empty()) return InvalidArgument("no address to listen on");
  std::unique_ptr<AcceptLoop> loop(new AcceptLoop(options.limits));
  loop->port_ = options.port;
  for (const std::string& address : options.addresses) {
    ENLACE_ASSIGN_OR_RETURN(UniqueFd socket, OpenListening(address, loop->port_));
    ENLACE_ASSIGN_OR_RETURN(loop->port_, PortOf(socket.get()));
    loop->sockets_.push_back(std::move(socket));
  }
  loop->stop_event_ = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  loop->spare_ = OpenSpare();
  if (!loop->stop_event_ || !loop->spare_) return SystemError("descriptors of the accept loop");
  return loop;
}

AcceptLoop::~AcceptLoop() { Stop(); }

void AcceptLoop::Start(Taker taker) {
  taker_ = std::move(taker);
  thread_ = std::thread([this] { Run(); });
}

void AcceptLoop::Stop() {
  if (thread_.joinable()) {
    eventfd_write(stop_event_.get(), 1);
    thread_.join();
  }
  sockets_.clear();
}

AcceptCounts AcceptLoop::counts() const {
  AcceptCounts counts;
  counts.accepted = accepted_.load();
  counts.refused_address_full = refused_address_full_.load();
  counts.refused_table_full = refused_table_full_.load();
  counts.refused_no_descriptor = refused_no_descriptor_.load();
  counts.open = open_.load();
  return counts;
}

void AcceptLoop::Run() {
  std::vector<pollfd> waits;
  for (const UniqueFd& socket : sockets_) waits.push_back({socket.get(), POLLIN, 0});
  waits.push_back({stop_event_.get(), POLLIN, 0});
  while (true) {
    const int ready = poll(waits.data(), waits.size(), static_cast<int>(kSweepInterval.count()));
    if (ready < 0 && errno != EINTR) continue;
    if (waits.back().revents != 0) return;
    if (ready <= 0) table_.Sweep();
    for (size_t i = 0; ready > 0 && i + 1 < waits.size(); ++i) {
      if (waits[i].revents != 0) Drain(waits[i].fd);
    }
    open_.store(table_.size());
  }
}

void AcceptLoop::Drain(int listening_fd) {
  // Bounded by the backlog, so that a flood on one address does not starve the stop event.
  for (int i = 0; i < kListenBacklog; ++i) {
    SocketAddress peer;
    peer.size_bytes = sizeof(peer.storage);
    UniqueFd socket(
        accept4(listening_fd, peer.get(), &peer.size_bytes, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket) {
      Admit(std::move(socket), AddressKey(peer.storage));
      continue;
    }
    if (errno == ECONNABORTED || errno == EINTR) continue;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      RefuseWithSpare(listening_fd);
    }
    return;
  }
}

void AcceptLoop::Admit(UniqueFd socket, const std::string& address_key) {
  switch (table_.Admit(socket.get(), address_key)) {
    case Admission::kAddressFull:
      refused_address_full_.fetch_add(1);
      return;
    case Admission::kTableFull:
      refused_table_full_.fetch_add(1);
      return;
    case Admission::kAdmitted:
      break;
  }
  accepted_.fetch_add(1);
  // Small answers go out at once. A socket on which this fails is broken, and its reader finds out.
  SetFlag(socket.get(), IPPROTO_TCP, TCP_NODELAY);
  taker_(std::move(socket));
}

void AcceptLoop::RefuseWithSpare(int listening_fd) {
  if (!spare_) spare_ = OpenSpare();
  if (!spare_) {
    pollfd stop{stop_event_.get(), POLLIN, 0};
    poll(&stop, 1, static_cast<int>(kDescriptorPause.count()));
    return;
  }
  spare_.Reset();
  UniqueFd refused(accept4(listening_fd, nullptr, nullptr, SOCK_CLOEXEC));
  if (refused) refused_no_descriptor_.fetch_add(1);
  refused.Reset();
  spare_ = OpenSpare();
}

size_t ConnectionsThatDescriptorsAllow() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return kConnectionsMin;
  const auto descriptors = static_cast<size_t>(limit.rlim_cur);
  if (descriptors < kReservedDescriptors + kConnectionsMin) return kConnectionsMin;
  return descriptors - kReservedDescriptors;
}

}  // namespace enlace::server
