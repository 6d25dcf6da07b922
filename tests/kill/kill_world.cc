#include "tests/kill/kill_world.h"

#include <cstdio>

#include "proto/errors/reasons.h"
#include "proto/errors/rpc_status.h"
#include "tests/kill/journal.h"

namespace enlace::testing {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLookAgain{200};

std::string Padded(size_t number, int digits) {
  std::string text = std::to_string(number);
  return std::string(static_cast<size_t>(digits) - std::min<size_t>(text.size(), digits), '0') +
         text;
}

}  // namespace

std::string NameOfEnd(const grpc::Status& status) {
  const std::string name = status.ok() ? "OK" : InfoOf(FromGrpc(status)).name;
  return name.empty() ? "code " + std::to_string(status.error_code()) + " " + status.error_message()
                      : name;
}

bool IsOfKilledServer(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::UNAVAILABLE ||
         status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
         status.error_code() == grpc::StatusCode::CANCELLED;
}

void KillWorld::Prepare() {
  if (!rcm_.server().Start()) std::abort();
  rcm_.Bootstrap();
  for (size_t i = 0; i < kKillWriters; ++i)
    writers_.push_back(rcm_.NewDevice("ofc-hn-1" + Padded(i, 2), "hn.consular"));
  for (size_t i = 0; i < kKillReaders; ++i)
    readers_.push_back(rcm_.NewDevice("ofc-mx-2" + Padded(i, 2), "mx.consular"));
  for (size_t room = 0; room < kKillRooms; ++room) {
    std::vector<const LiveDevice*> members;
    for (size_t i = room + kKillRooms; i < kKillWriters; i += kKillRooms)
      members.push_back(&writers_[i]);
    for (const LiveDevice& reader : readers_) members.push_back(&reader);
    rooms_.push_back(rcm_.Found(writers_[room], members));
  }
  starts_ = 1;
}

bool KillWorld::Restart() {
  const std::lock_guard lock(mutex_);
  rcm_.server().Kill();
  if (!rcm_.server().Start()) return false;
  ++starts_;
  changed_.notify_all();
  return true;
}

std::filesystem::path KillWorld::FolderOf(std::string_view prefix, size_t number) const {
  return journals_ / (std::string(prefix) + Padded(number, 2));
}

std::shared_ptr<grpc::Channel> KillWorld::Connect(const LiveDevice& device) {
  const std::lock_guard lock(mutex_);
  return rcm_.Channel(device);
}

v1::SendRequest KillWorld::NewMessage(size_t writer) {
  const std::lock_guard lock(mutex_);
  LiveRoom& room = rooms_[writer % kKillRooms];
  room.group->ReserveGenerations(1);
  return rcm_.Message(room, writers_[writer], "from writer " + std::to_string(writer));
}

void KillWorld::WaitForServer(uint64_t& seen) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kLookAgain, [&] { return starts_ != seen || failed_; });
  seen = starts_;
}

void KillWorld::Pause(milliseconds pause) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, pause, [&] { return !writing_ || failed_; });
}

void KillWorld::StopWriting() {
  const std::lock_guard lock(mutex_);
  writing_ = false;
  changed_.notify_all();
}

void KillWorld::StopReading() { reading_ = false; }

void KillWorld::Fail(const std::string& what) {
  std::fprintf(stderr, "FAILED: %s\n", what.c_str());
  failed_ = true;
}

}  // namespace enlace::testing
