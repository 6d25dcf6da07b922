#include "tests/bench/fleet.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "crypto/mls/framing.h"

namespace enlace::bench {
namespace {

using testing::LiveDevice;

constexpr std::string_view kMark = "enlaceBM";
constexpr size_t kTrailerBytes = 16;
constexpr size_t kEncryptedSenderDataBytes = 28;
// Payloads are stretches of one pool of random bytes, which no compression shrinks.
constexpr size_t kPoolBytes = 8u << 20;
constexpr uint64_t kPoolSeed = 0x9e3779b97f4a7c15;

// Loopback is one address, and everybody comes from there.
constexpr const char* kConfiguration =
    "[limits]\nconnections = 8192\nconnections_per_address = 8192\n";

uint64_t NextRandom(uint64_t& state) {
  // xorshift64*
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return state * 0x2545f4914f6cdd1d;
}

const std::string& Pool() {
  static const std::string pool = [] {
    std::string bytes(kPoolBytes, '\0');
    uint64_t state = kPoolSeed;
    for (size_t i = 0; i + 8 <= bytes.size(); i += 8) {
      const uint64_t random = NextRandom(state);
      std::memcpy(bytes.data() + i, &random, 8);
    }
    return bytes;
  }();
  return pool;
}

void SetRequestId(uint64_t random, std::string& id) {
  const auto now_ms = static_cast<uint64_t>(testing::NowMs());
  static std::atomic<uint64_t> counter{0};
  const uint64_t count = counter.fetch_add(1, std::memory_order_relaxed);
  id.resize(16);
  for (size_t i = 0; i < 6; ++i) id[i] = static_cast<char>(now_ms >> (8 * (5 - i)));
  id[6] = static_cast<char>(0x70 | ((count >> 8) & 0x0f));
  id[7] = static_cast<char>(count);
  id[8] = static_cast<char>(0x80 | (random & 0x3f));
  const uint64_t rest = random >> 8 ^ count << 16;
  std::memcpy(id.data() + 9, &rest, 7);
}

}  // namespace

void BenchDevice::Connect(const testing::LiveRcm& rcm) {
  channel = rcm.Channel(device);
  rooms = v1::RoomService::NewStub(channel);
  inbox = v1::InboxService::NewStub(channel);
}

Fleet::Fleet(const FleetOptions& options) : rcm_(kConfiguration, options.server_program) {
  if (!rcm_.server().Start()) {
    std::fprintf(stderr, "the server does not start:\n%s\n", rcm_.server().Log().c_str());
    std::abort();
  }
  rcm_.Bootstrap();
  Add(options.senders, "hn.sending", senders_);
  const size_t others = options.room_size - 1;
  Add(options.senders * others, "mx.receiving", receivers_);
  Add(options.idle_devices, "mx.idle", idle_);
  ConnectMembers();
  for (size_t i = 0; i < options.rooms; ++i) {
    const size_t sender = i % options.senders;
    std::vector<const BenchDevice*> members;
    for (size_t j = 0; j < others; ++j) members.push_back(receivers_[sender * others + j].get());
    rooms_.push_back(Found(*senders_[sender], members));
  }
}

void Fleet::Add(size_t count, const std::string& office, Devices& devices) {
  if (count == 0) return;
  for (LiveDevice& device : rcm_.NewDevices(count, office)) {
    devices.push_back(std::make_unique<BenchDevice>(std::move(device)));
  }
}

void Fleet::ConnectMembers() {
  for (BenchDevice* device : Members()) device->Connect(rcm_);
}

std::vector<BenchDevice*> Fleet::Members() {
  std::vector<BenchDevice*> out;
  for (const auto& device : senders_) out.push_back(device.get());
  for (const auto& device : receivers_) out.push_back(device.get());
  return out;
}

BenchRoom Fleet::FoundRoom(const std::vector<const BenchDevice*>& members) {
  return Found(*senders_.front(), members);
}

BenchRoom Fleet::Found(BenchDevice& founder, const std::vector<const BenchDevice*>& members) {
  std::vector<const LiveDevice*> live;
  for (const BenchDevice* member : members) live.push_back(&member->device);
  const testing::LiveRoom room = rcm_.Found(founder.device, live);
  return {ToText(room.id), room.group->epoch(), &founder};
}

MessageMaker::MessageMaker(const BenchRoom& room, size_t payload_bytes, uint64_t seed)
    : payload_bytes_(std::max(payload_bytes, kTrailerBytes)), random_(kPoolSeed + seed) {
  mls::PrivateMessage message;
  message.group_id = ToBytes(AsBytes(room.id));
  message.epoch = room.epoch;
  message.encrypted_sender_data = Bytes(kEncryptedSenderDataBytes, 0x5a);
  message.ciphertext = Bytes(payload_bytes_, 0);
  frame_ = ToText(mls::SerializeMessage(message));
}

void MessageMaker::Fill(SteadyTime sent_at, v1::SendRequest& request) {
  const uint64_t random = NextRandom(random_);
  SetRequestId(random, *request.mutable_request_id());
  std::string& message = *request.mutable_envelope()->mutable_message();
  message = frame_;
  const size_t start = message.size() - payload_bytes_;
  const std::string& pool = Pool();
  std::memcpy(message.data() + start, pool.data() + random % (pool.size() - payload_bytes_),
              payload_bytes_ - kTrailerBytes);
  char* trailer = message.data() + message.size() - kTrailerBytes;
  const auto ticks = static_cast<int64_t>(sent_at.time_since_epoch().count());
  std::memcpy(trailer, kMark.data(), kMark.size());
  std::memcpy(trailer + kMark.size(), &ticks, sizeof(ticks));
}

std::optional<SteadyTime> SentAt(std::string_view message) {
  if (message.size() < kTrailerBytes) return std::nullopt;
  const char* trailer = message.data() + message.size() - kTrailerBytes;
  if (std::string_view(trailer, kMark.size()) != kMark) return std::nullopt;
  int64_t ticks = 0;
  std::memcpy(&ticks, trailer + kMark.size(), sizeof(ticks));
  return SteadyTime(SteadyTime::duration(ticks));
}

}  // namespace enlace::bench
