#include "server/app/control.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "crypto/primitives/status.h"

namespace enlace::server {
namespace {

constexpr int kBacklog = 8;
constexpr size_t kAnswerBytesMax = 1u << 20;

absl::StatusOr<sockaddr_un> AddressOf(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string text = path.string();
  if (text.size() >= sizeof(address.sun_path)) {
    return InvalidArgument("the path of the data folder is too long for a socket: " + text);
  }
  std::memcpy(address.sun_path, text.c_str(), text.size() + 1);
  return address;
}

absl::Status SocketError(const std::filesystem::path& path) {
  return MakeStatus(absl::StatusCode::kUnavailable, path.string() + ": " + std::strerror(errno));
}

// Reads up to the end of a line; nothing when that does not come in time or is too long.
std::optional<std::string> ReadLine(int fd, size_t bytes_max, std::chrono::milliseconds timeout) {
  const auto end = std::chrono::steady_clock::now() + timeout;
  std::string line;
  while (line.size() <= bytes_max) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    pollfd ready{fd, POLLIN, 0};
    if (left.count() <= 0 || poll(&ready, 1, static_cast<int>(left.count())) <= 0) break;
    std::array<char, 4096> chunk{};
    const ssize_t got = recv(fd, chunk.data(), chunk.size(), 0);
    if (got <= 0) break;
    line.append(chunk.data(), static_cast<size_t>(got));
    if (line.ends_with('\n')) return line.substr(0, line.size() - 1);
  }
  return std::nullopt;
}

bool SendLine(int fd, std::string line) {
  line.push_back('\n');
  for (size_t sent = 0; sent < line.size();) {
    const ssize_t part = send(fd, line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
    if (part <= 0) return false;
    sent += static_cast<size_t>(part);
  }
  return true;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ControlServer>> ControlServer::Create(
    const std::filesystem::path& path, Handler handler) {
  ENLACE_ASSIGN_OR_RETURN(const sockaddr_un address, AddressOf(path));
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  UniqueFd stop_event(eventfd(0, EFD_CLOEXEC));
  if (!socket || !stop_event) return SocketError(path);
  unlink(path.c_str());
  if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0 || listen(socket.get(), kBacklog) != 0) {
    return SocketError(path);
  }
  return std::unique_ptr<ControlServer>(
      new ControlServer(path, std::move(socket), std::move(stop_event), std::move(handler)));
}

ControlServer::ControlServer(std::filesystem::path path, UniqueFd socket, UniqueFd stop_event,
                             Handler handler)
    : path_(std::move(path)),
      socket_(std::move(socket)),
      stop_event_(std::move(stop_event)),
      handler_(std::move(handler)),
      thread_([this] { Run(); }) {}

ControlServer::~ControlServer() {
  eventfd_write(stop_event_.get(), 1);
  thread_.join();
  unlink(path_.c_str());
}

void ControlServer::Run() {
  std::array<pollfd, 2> waits{{{socket_.get(), POLLIN, 0}, {stop_event_.get(), POLLIN, 0}}};
  while (waits[1].revents == 0) {
    if (poll(waits.data(), waits.size(), -1) < 0) continue;
    if (waits[0].revents == 0) continue;
    const UniqueFd peer(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (peer) Serve(peer);
  }
}

void ControlServer::Serve(const UniqueFd& peer) {
  const auto line = ReadLine(peer.get(), kControlLineBytesMax, kControlReadTimeout);
  // An asker that went away gets no answer and needs none.
  if (line) static_cast<void>(SendLine(peer.get(), handler_(*line)));
}

absl::StatusOr<std::string> AskServer(const std::filesystem::path& path, const std::string& line,
                                      std::chrono::milliseconds timeout) {
  ENLACE_ASSIGN_OR_RETURN(const sockaddr_un address, AddressOf(path));
  const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket ||
      connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return SocketError(path);
  }
  if (!SendLine(socket.get(), line)) return SocketError(path);
  auto answer = ReadLine(socket.get(), kAnswerBytesMax, timeout);
  if (!answer) {
    return MakeStatus(absl::StatusCode::kDeadlineExceeded, "the server gave no whole answer");
  }
  return *std::move(answer);
}

}  // namespace enlace::server
