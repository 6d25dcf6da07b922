// The running server's ear for its operator: a Unix socket in the data folder.
//
// One line asks, one line of JSON answers, one asker at a time. The socket is open to the server's
// own user alone (mode 0600 in a folder of mode 0700); there is no other authorisation.
//
// Thread safety: Create and destruction from one thread; the handler is called on the socket's own
// thread. Ownership: owns socket and thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "absl/status/statusor.h"
#include "server/listener/unique_fd.h"

namespace enlace::server {

inline constexpr size_t kControlLineBytesMax = 8192;
inline constexpr std::chrono::milliseconds kControlReadTimeout{2000};

class ControlServer {
 public:
  // Answers a line (without its end) with a line.
  using Handler = std::function<std::string(std::string_view)>;

  // Replaces a socket that a crash left at `path`: the caller holds the folder's lock. UNAVAILABLE
  // when it can't listen.
  static absl::StatusOr<std::unique_ptr<ControlServer>> Create(const std::filesystem::path& path,
                                                               Handler handler);
  ~ControlServer();

 private:
  ControlServer(std::filesystem::path path, UniqueFd socket, UniqueFd stop_event, Handler handler);
  void Run();
  void Serve(const UniqueFd& peer);

  const std::filesystem::path path_;
  const UniqueFd socket_;
  const UniqueFd stop_event_;
  const Handler handler_;
  std::thread thread_;
};

// Asks the server of the folder. UNAVAILABLE when none runs; DEADLINE_EXCEEDED when it does not
// answer in time.
absl::StatusOr<std::string> AskServer(const std::filesystem::path& path, const std::string& line,
                                      std::chrono::milliseconds timeout);

}  // namespace enlace::server
