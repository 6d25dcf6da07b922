#include "tests/sim/sim_server.h"

#include <limits>

#include "proto/errors/reasons.h"

namespace enlace::testing {
namespace {

constexpr size_t kGroupMax = 16;
constexpr int64_t kTickMs = 1000;
constexpr uint64_t kServerDeathsPerMille = 6;
constexpr int64_t kFaultMsMin = 3000;
constexpr int64_t kFaultMsMax = 12'000;
constexpr uint64_t kUnlimitedBytes = std::numeric_limits<uint64_t>::max();
// Less than what the store of a simulation holds: every put is refused.
constexpr uint64_t kFullBytes = 1000;

}  // namespace

std::string OutcomeName(const absl::Status& status) {
  if (status.ok()) return "OK";
  const std::string name = InfoOf(status).name;
  return name.empty() ? std::string(absl::StatusCodeToString(status.code())) : name;
}

SimServer::SimServer(const Parts& parts, server::CoreOptions options)
    : parts_(parts), options_(std::move(options)) {}

absl::Status SimServer::Open() {
  auto engine = storage::OpenMemoryEngine(disk_);
  if (!engine.ok()) return engine.status();
  engine_ = std::move(*engine);
  auto core = server::Core::Open(*engine_, options_, parts_.loop.now_ms());
  if (!core.ok()) return core.status();
  core_ = std::move(*core);
  return absl::OkStatus();
}

bool SimServer::Start() {
  const absl::Status opened = Open();
  if (!opened.ok()) {
    parts_.trace.Note("server does not start: " + OutcomeName(opened));
    // A disk that refuses to write is no damage; a store that is refused is.
    if (absl::IsDataLoss(opened)) trouble_ = opened.ToString();
    engine_.reset();
    disk_->Crash();
    return false;
  }
  options_.high_water = core_->durable_head();
  ++process_;
  commit_planned_ = false;
  parts_.trace.Note("server starts");
  Tick();
  return true;
}

void SimServer::SetFaulty(bool faulty) {
  faulty_ = faulty;
  disk_->SetCapacity(kUnlimitedBytes);
  if (faulty) PlanFault();
}

void SimServer::Crash() {
  if (!up()) return;
  parts_.trace.Note("server dies");
  ++crashes_;
  ++process_;
  queue_.clear();
  core_.reset();
  disk_->Crash();
  engine_.reset();
  while (!streams_.empty())
    EndStream(streams_.begin()->first, absl::UnavailableError("connection lost"));
  PlanStart();
}

void SimServer::PlanStart() {
  parts_.loop.After(parts_.random.Between(100, 3000), [this] {
    disk_->SetCapacity(kUnlimitedBytes);
    if (!up() && trouble_.empty() && !Start()) PlanStart();
  });
}

void SimServer::PlanFault() {
  parts_.loop.After(parts_.random.Between(kFaultMsMin, kFaultMsMax), [this] {
    if (!faulty_) return;
    if (up()) DiskFault();
    PlanFault();
  });
}

void SimServer::DiskFault() {
  switch (parts_.random.Below(3)) {
    case 0: {
      const bool lost = parts_.random.Chance(500);
      parts_.trace.Note(lost ? "a sync fails and loses" : "a sync fails and keeps");
      disk_->FailSync(1, lost ? storage::FailedSync::kLost : storage::FailedSync::kWritten);
      // A disk that failed once stays read-only until the operator starts the server again.
      parts_.loop.After(parts_.random.Between(500, 2000), [this, process = process_] {
        if (process == process_) Crash();
      });
      return;
    }
    case 1:
      parts_.trace.Note("the disk is full");
      disk_->SetCapacity(kFullBytes);
      parts_.loop.After(parts_.random.Between(500, 4000),
                        [this] { disk_->SetCapacity(kUnlimitedBytes); });
      return;
    default:
      Crash();
  }
}

bool SimServer::DiesHere(const char* point) {
  if (!faulty_ || !parts_.random.Chance(kServerDeathsPerMille)) return false;
  parts_.trace.Note(std::string("at ") + point);
  Crash();
  return true;
}

void SimServer::Enqueue(Operation operation) {
  if (!up()) return;
  queue_.push_back(std::move(operation));
  if (commit_planned_) return;
  commit_planned_ = true;
  parts_.loop.After(parts_.random.Between(0, 4), [this, process = process_] {
    if (process == process_) CommitGroup();
  });
}

absl::Status SimServer::Write() {
  if (!core_->has_writes()) return absl::OkStatus();
  return engine_->Commit(core_->TakeBatch(), storage::Durability::kSynced);
}

void SimServer::CommitGroup() {
  commit_planned_ = false;
  std::vector<std::pair<Operation, absl::Status>> group;
  while (!queue_.empty() && group.size() < kGroupMax) {
    Operation operation = std::move(queue_.front());
    queue_.pop_front();
    const absl::Status decided = operation.decide();
    group.emplace_back(std::move(operation), decided);
  }
  if (DiesHere("decided")) return;
  const absl::Status written = Write();
  if (written.ok()) {
    core_->Committed();
  } else {
    parts_.trace.Note("a group is not written: " + OutcomeName(written));
    core_->Abandon();
  }
  if (DiesHere("durable")) return;
  for (auto& [operation, decided] : group) {
    operation.settle(decided.ok() ? written : decided);
    if (DiesHere("acknowledged")) return;
  }
  PumpStreams();
  if (queue_.empty()) return;
  commit_planned_ = true;
  parts_.loop.After(0, [this, process = process_] {
    if (process == process_) CommitGroup();
  });
}

// The timers, and the mark that the shell writes every second.
void SimServer::Tick() {
  Enqueue({[this] {
             const int64_t now_ms = parts_.loop.now_ms();
             const auto ticked = core_->Tick(now_ms);
             if (!ticked.ok()) return ticked.status();
             return core_->ContinueFanOut(now_ms).status();
           },
           [this](const absl::Status& outcome) {
             if (outcome.ok() && up()) options_.high_water = core_->durable_head();
           }});
  parts_.loop.After(kTickMs, [this, process = process_] {
    if (process == process_) Tick();
  });
}

void SimServer::Subscribe(const WorldDevice& device, const v1::SubscribeRequest& request,
                          StreamEnd end) {
  if (!up()) return;
  const std::string uri = device.uri.text();
  if (streams_.contains(uri)) EndStream(uri, MakeError(Reason::kStreamReplaced));
  Stream stream;
  stream.number = ++streams_made_;
  stream.sent = request.cursor();
  stream.end = std::move(end);
  const absl::Status seen = core_->reader().CheckSeen(request);
  auto& opened = streams_[uri] = std::move(stream);
  if (!seen.ok()) return EndStream(uri, seen);
  Pump(uri, opened);
}

uint64_t SimServer::StreamOf(const std::string& device_uri) const {
  const auto found = streams_.find(device_uri);
  return found == streams_.end() ? 0 : found->second.number;
}

void SimServer::MessageTaken(const std::string& device_uri, uint64_t stream) {
  const auto found = streams_.find(device_uri);
  if (found == streams_.end() || found->second.number != stream) return;
  found->second.writing = false;
  Pump(device_uri, found->second);
}

void SimServer::Disconnect(const std::string& device_uri) { streams_.erase(device_uri); }

void SimServer::EndStream(const std::string& device_uri, const absl::Status& status) {
  const auto found = streams_.find(device_uri);
  const Stream stream = std::move(found->second);
  streams_.erase(found);
  parts_.network.SendInOrder(stream.last_arrival_ms,
                             [end = stream.end, status] { end.on_end(status); });
}

void SimServer::PumpStreams() {
  for (auto& [uri, stream] : streams_) Pump(uri, stream);
}

void SimServer::Pump(const std::string& device_uri, Stream& stream) {
  if (!up() || stream.writing) return;
  const auto page = core_->reader().ReadInbox(device_uri, stream.sent);
  if (!page.ok()) {
    trouble_ = "an inbox can't be read: " + page.status().ToString();
    return;
  }
  if (page->items.empty() && stream.told_standing) return;
  v1::SubscribeResponse message;
  for (const v1::InboxItem& item : page->items) *message.add_items() = item;
  const auto position = core_->reader().Position();
  if (!page->more && position.ok()) {
    message.set_replayed(true);
    message.set_generation(ToText(position->generation));
    message.set_server_sequence(position->server_sequence);
    message.set_server_head(ToText(position->server_head));
    stream.told_standing = true;
  }
  if (!page->items.empty()) stream.sent = page->items.back().cursor();
  stream.writing = true;
  stream.last_arrival_ms = parts_.network.SendInOrder(
      stream.last_arrival_ms, [end = stream.end, message] { end.on_message(message); });
}

}  // namespace enlace::testing
