// The devices and rooms that a load runs on, against a server process of its own.
//
// Rooms are real: founded over the wire by MLS commits that the server checks. Messages are valid
// framing around random bytes, since the server can't look into them: what making ciphertext costs
// is the client's affair. The last 16 bytes of a message are a mark and the time at which it was
// sent, so that who receives it knows how long it took.
//
// Thread safety: set up by one thread; a device's channel and stubs can be used by all. Ownership:
// owns server, devices and rooms.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "enlace/v1/inbox.grpc.pb.h"
#include "enlace/v1/room.grpc.pb.h"
#include "tests/integration/support/live_rcm.h"

namespace enlace::bench {

using SteadyTime = std::chrono::steady_clock::time_point;

struct FleetOptions {
  size_t senders = 8;
  // Found by the senders in turn, so that each sender has rooms / senders of them.
  size_t rooms = 8;
  // Devices of a room, its founder included.
  size_t room_size = 2;
  // Devices that are in no room.
  size_t idle_devices = 0;
  // Another build of the server; empty takes the one of this build.
  std::string server_program = {};
};

struct BenchDevice {
  explicit BenchDevice(testing::LiveDevice live) : device(std::move(live)) {}

  // Opens the connection: mutual TLS, one for each device.
  void Connect(const testing::LiveRcm& rcm);

  testing::LiveDevice device;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::RoomService::Stub> rooms;
  std::unique_ptr<v1::InboxService::Stub> inbox;
  // The last cursor that a follower has seen.
  uint64_t cursor = 0;
};

struct BenchRoom {
  std::string id;
  uint64_t epoch = 0;
  BenchDevice* founder = nullptr;
};

class Fleet {
 public:
  // Starts a server with a fresh folder, enrols everybody, founds the rooms. Aborts the program
  // when a step fails.
  explicit Fleet(const FleetOptions& options);

  testing::LiveRcm& rcm() { return rcm_; }
  std::vector<std::unique_ptr<BenchDevice>>& senders() { return senders_; }
  std::vector<std::unique_ptr<BenchDevice>>& receivers() { return receivers_; }
  std::vector<std::unique_ptr<BenchDevice>>& idle() { return idle_; }
  const std::vector<BenchRoom>& rooms() const { return rooms_; }
  std::vector<BenchDevice*> Members();
  // Another room of the first sender with `members`.
  BenchRoom FoundRoom(const std::vector<const BenchDevice*>& members);
  // Connects all devices of rooms, for the first time or to a server that was started again.
  void ConnectMembers();

 private:
  using Devices = std::vector<std::unique_ptr<BenchDevice>>;

  void Add(size_t count, const std::string& office, Devices& devices);
  BenchRoom Found(BenchDevice& founder, const std::vector<const BenchDevice*>& members);

  testing::LiveRcm rcm_;
  Devices senders_;
  Devices receivers_;
  Devices idle_;
  std::vector<BenchRoom> rooms_;
};

// Makes messages of one room. Thread safety: one thread.
class MessageMaker {
 public:
  // `payload_bytes` is the size of the ciphertext, at least 16.
  MessageMaker(const BenchRoom& room, size_t payload_bytes, uint64_t seed);

  // A new request with fresh payload, marked with `sent_at`.
  void Fill(SteadyTime sent_at, v1::SendRequest& request);

 private:
  std::string frame_;
  const size_t payload_bytes_;
  uint64_t random_;
};

// When a message of MessageMaker was sent; nothing for any other message.
std::optional<SteadyTime> SentAt(std::string_view message);

}  // namespace enlace::bench
