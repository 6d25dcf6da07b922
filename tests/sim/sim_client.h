// A device of a simulation: it sends what it has to say until the server took it, follows its
// inbox, and dies now and then. What stands in Durable survives that, as a vault does.
//
// Roles: honest; slow, which takes long over every message of its stream; malicious, which sends
// whatever might confuse the server or the other members and promises nothing.
//
// Thread safety: one thread. Ownership: borrows everything; owns its device and group.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crypto/room/log_chain.h"
#include "tests/sim/sim_server.h"
#include "tests/unit/server/core/room_device.h"

namespace enlace::testing {

enum class Role { kHonest, kSlow, kMalicious };

class SimClient {
 public:
  struct Parts {
    EventLoop& loop;
    SimRandom& random;
    SimNetwork& network;
    Trace& trace;
    SimServer& server;
    World& world;
  };
  // What a client knows of one entry of the room.
  struct LogEntry {
    room::LogHeader header;
    bool readable = true;
  };

  SimClient(const Parts& parts, RoomDevice& device, std::string office, Role role);

  // The device is a member of the room and has seen everything up to `cursor`.
  void Begin(const std::string& room_id, uint64_t cursor);
  void Say(std::string text) { durable_.to_say.push_back(std::move(text)); }
  void SetFaulty(bool faulty) { faulty_ = faulty; }

  Role role() const { return role_; }
  const std::string& uri() const { return device_.uri(); }
  merkle::Hash sender() const { return room::SenderHash(device_.uri()); }
  // Nothing waits to be sent or to come back.
  bool idle() const { return durable_.to_say.empty() && !durable_.message && !durable_.commit; }
  uint64_t cursor() const { return durable_.cursor; }
  uint64_t epoch() const { return device_.group().epoch(); }
  const std::map<uint64_t, LogEntry>& log() const { return durable_.log; }
  // Headers under which the server said that it accepted a message of this device.
  const std::vector<room::LogHeader>& acknowledged() const { return durable_.acknowledged; }
  // Devices whose messages need not be readable.
  void Distrust(const merkle::Hash& sender) { distrusted_.push_back(sender); }
  // What must never happen, when it happened.
  const std::vector<std::string>& broken_promises() const { return broken_; }

 private:
  // Survives the death of the process.
  struct Durable {
    uint64_t cursor = 0;
    std::deque<std::string> to_say;
    std::optional<v1::SendRequest> message;
    std::optional<v1::CommitRequest> commit;
    std::map<uint64_t, LogEntry> log;
    std::vector<room::LogHeader> acknowledged;
    v1::SubscribeRequest seen;
  };

  void Step();
  void Connect();
  void Die();
  void OfferMessage();
  void OfferCommit();
  void MakeMessage();
  void MakeCommit();
  void MessageAnswered(const std::string& request_id,
                       const absl::StatusOr<v1::SendResponse>& answer);
  void CommitAnswered(const std::string& request_id, const absl::Status& status);
  void Confirm();
  void DoHarm();
  void OnMessage(uint64_t life, const v1::SubscribeResponse& message);
  void TakeMessage(uint64_t life, const v1::SubscribeResponse& message);
  void TakeItem(const v1::InboxItem& item);
  void TakeEntry(const v1::RoomEntry& entry);
  void OnEnd(uint64_t life, const absl::Status& status);
  void Break(std::string what) { broken_.push_back(uri() + ": " + std::move(what)); }
  std::string NewRequestId();
  template <typename Answer, typename Request>
  void CallServer(const Request& request, std::function<void(absl::StatusOr<Answer>)> then);

  const Parts parts_;
  RoomDevice& device_;
  const std::string office_;
  const Role role_;
  std::string room_id_;
  Durable durable_;
  std::vector<merkle::Hash> distrusted_;
  std::vector<std::string> broken_;
  bool faulty_ = false;
  // Of the living process.
  uint64_t life_ = 0;
  bool alive_ = true;
  bool connected_ = false;
  int64_t silent_until_ms_ = 0;
  int64_t message_due_ms_ = 0;
  int64_t commit_due_ms_ = 0;
};

}  // namespace enlace::testing
