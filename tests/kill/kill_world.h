// What the clients of the kill test share: the live server that is killed, its devices and rooms.
//
// Thread safety: everything but Prepare and Restart can be called from any thread. Ownership: owns
// the server and the rooms; clients borrow it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tests/integration/support/live_rcm.h"

namespace enlace::testing {

inline constexpr size_t kKillWriters = 16;
inline constexpr size_t kKillReaders = 16;
inline constexpr size_t kKillRooms = 4;

class KillWorld {
 public:
  explicit KillWorld(std::filesystem::path journals) : journals_(std::move(journals)) {}

  // Starts the server, enrols the devices, founds the rooms: writer w founds or is in room w %
  // kKillRooms, and every reader is in all of them.
  void Prepare();

  // The server dies and comes back. False when it does not start again.
  bool Restart();
  LiveServer& server() { return rcm_.server(); }

  std::filesystem::path FolderOf(std::string_view prefix, size_t number) const;
  const LiveDevice& writer(size_t number) const { return writers_[number]; }
  const LiveDevice& reader(size_t number) const { return readers_[number]; }
  std::shared_ptr<grpc::Channel> Connect(const LiveDevice& device);
  v1::SendRequest NewMessage(size_t writer);

  // Returns when the server was started since `seen`, which it updates, or after a while.
  void WaitForServer(uint64_t& seen);
  // Pauses between bursts, at most `pause`, shorter when writing is to end.
  void Pause(std::chrono::milliseconds pause);

  // Writers end once their last attempt is answered; readers once they have read everything.
  void StopWriting();
  void StopReading();
  bool writing() const { return writing_; }
  bool reading() const { return reading_; }

  // Something that must not happen: noted, printed, and the run fails.
  void Fail(const std::string& what);
  bool failed() const { return failed_; }

 private:
  const std::filesystem::path journals_;
  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t starts_ = 0;
  std::atomic<bool> writing_{true};
  std::atomic<bool> reading_{true};
  std::atomic<bool> failed_{false};
  LiveRcm rcm_;
  std::vector<LiveDevice> writers_;
  std::vector<LiveDevice> readers_;
  std::vector<LiveRoom> rooms_;
};

// The reason's name, or the code, of a call's end.
std::string NameOfEnd(const grpc::Status& status);
// True for an end that a killed server explains.
bool IsOfKilledServer(const grpc::Status& status);

}  // namespace enlace::testing
