#include "tests/sim/sim_client.h"

#include <algorithm>
#include <limits>

#include "crypto/mls/group_results.h"

namespace enlace::testing {
namespace {

constexpr int64_t kStepMsMax = 150;
constexpr int64_t kAnswerTimeoutMs = 2500;
constexpr int64_t kConnectTimeoutMs = 3000;
constexpr uint64_t kClientDeathsPerMille = 4;
constexpr uint64_t kDropStreamPerMille = 8;
constexpr uint64_t kCommitPerMille = 6;
constexpr int64_t kSlowTakesMs = 1500;

// Errors after which the same request is offered again.
bool IsForLater(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsResourceExhausted(status);
}

}  // namespace

SimClient::SimClient(const Parts& parts, RoomDevice& device, std::string office, Role role)
    : parts_(parts), device_(device), office_(std::move(office)), role_(role) {}

void SimClient::Begin(const std::string& room_id, uint64_t cursor) {
  room_id_ = room_id;
  durable_.cursor = cursor;
  parts_.loop.After(parts_.random.Between(0, kStepMsMax), [this] { Step(); });
}

std::string SimClient::NewRequestId() {
  Bytes id(16);
  for (size_t i = 0; i < 6; ++i)
    id[i] = static_cast<uint8_t>(parts_.loop.now_ms() >> (8 * (5 - i)));
  for (size_t i = 6; i < id.size(); ++i) id[i] = static_cast<uint8_t>(parts_.random.Below(256));
  id[6] = static_cast<uint8_t>(0x70 | (id[6] & 0x0f));
  id[8] = static_cast<uint8_t>(0x80 | (id[8] & 0x3f));
  return ToText(id);
}

// Request and answer each travel; an answer to a life that has ended goes nowhere.
template <typename Answer, typename Request>
void SimClient::CallServer(const Request& request,
                           std::function<void(absl::StatusOr<Answer>)> then) {
  const uint64_t life = life_;
  parts_.network.Send([this, request, then, life] {
    parts_.server.Call<Answer>(device_.device(), request,
                               [this, then, life](absl::StatusOr<Answer> answer) {
                                 parts_.network.Send([this, then, life, answer] {
                                   if (alive_ && life == life_) then(answer);
                                 });
                               });
  });
}

void SimClient::Step() {
  parts_.loop.After(parts_.random.Between(10, kStepMsMax), [this] { Step(); });
  if (!alive_) return;
  if (faulty_ && parts_.random.Chance(kClientDeathsPerMille)) return Die();
  if (faulty_ && connected_ && parts_.random.Chance(kDropStreamPerMille)) {
    parts_.server.Disconnect(uri());
    connected_ = false;
    ++life_;
  }
  if (!connected_ && parts_.loop.now_ms() >= silent_until_ms_) Connect();
  if (role_ == Role::kMalicious && faulty_) return DoHarm();
  if (durable_.commit) return OfferCommit();
  if (durable_.message) return OfferMessage();
  if (faulty_ && role_ == Role::kHonest && parts_.random.Chance(kCommitPerMille))
    return MakeCommit();
  if (!durable_.to_say.empty()) MakeMessage();
}

void SimClient::Die() {
  parts_.trace.Note("client dies " + uri());
  alive_ = false;
  connected_ = false;
  ++life_;
  message_due_ms_ = commit_due_ms_ = 0;
  parts_.server.Disconnect(uri());
  parts_.loop.After(parts_.random.Between(300, 4000), [this] { alive_ = true; });
}

void SimClient::Connect() {
  silent_until_ms_ = parts_.loop.now_ms() + kConnectTimeoutMs;
  v1::SubscribeRequest request = durable_.seen;
  request.set_cursor(durable_.cursor);
  const uint64_t life = ++life_;
  message_due_ms_ = commit_due_ms_ = 0;
  parts_.network.Connect([this, request, life] {
    if (life != life_) return;
    parts_.server.Subscribe(
        device_.device(), request,
        {[this, life](const v1::SubscribeResponse& message) { OnMessage(life, message); },
         [this, life](const absl::Status& status) { OnEnd(life, status); }});
  });
}

void SimClient::MakeMessage() {
  v1::SendRequest request;
  request.set_request_id(NewRequestId());
  request.set_room_id(room_id_);
  *request.mutable_envelope() = device_.MakeEnvelope(durable_.to_say.front(), office_);
  durable_.message = std::move(request);
  message_due_ms_ = 0;
}

void SimClient::OfferMessage() {
  if (parts_.loop.now_ms() < message_due_ms_) return;
  message_due_ms_ = parts_.loop.now_ms() + kAnswerTimeoutMs;
  CallServer<v1::SendResponse>(
      *durable_.message,
      [this, id = durable_.message->request_id()](const absl::StatusOr<v1::SendResponse>& answer) {
        MessageAnswered(id, answer);
      });
}

void SimClient::MessageAnswered(const std::string& request_id,
                                const absl::StatusOr<v1::SendResponse>& answer) {
  if (!durable_.message || durable_.message->request_id() != request_id) return;
  if (answer.ok()) {
    const auto header = room::DecodeLogHeader(AsBytes(answer->acceptance().header()));
    if (!header.ok()) return Break("an acceptance without a header");
    durable_.acknowledged.push_back(*header);
    durable_.message.reset();
    durable_.to_say.pop_front();
    return;
  }
  if (IsForLater(answer.status())) {
    message_due_ms_ = parts_.loop.now_ms() + 200;
    return;
  }
  // Its epoch is over: encrypted anew once the stream has brought the next.
  if (OutcomeName(answer.status()) != "EPOCH_STALE")
    Break("a message is refused: " + OutcomeName(answer.status()));
  durable_.message.reset();
}

void SimClient::MakeCommit() {
  v1::CommitRequest request;
  request.set_request_id(NewRequestId());
  request.set_room_id(room_id_);
  *request.mutable_bundle() = device_.MakeCommit({});
  durable_.commit = std::move(request);
  commit_due_ms_ = 0;
}

void SimClient::OfferCommit() {
  if (parts_.loop.now_ms() < commit_due_ms_) return;
  commit_due_ms_ = parts_.loop.now_ms() + kAnswerTimeoutMs;
  CallServer<v1::CommitResponse>(
      *durable_.commit,
      [this, id = durable_.commit->request_id()](const absl::StatusOr<v1::CommitResponse>& answer) {
        CommitAnswered(id, answer.status());
      });
}

void SimClient::CommitAnswered(const std::string& request_id, const absl::Status& status) {
  if (!durable_.commit || durable_.commit->request_id() != request_id) return;
  // The stream brings it back, or the rival that was first.
  if (status.ok()) return;
  if (IsForLater(status)) {
    commit_due_ms_ = parts_.loop.now_ms() + 200;
    return;
  }
  if (OutcomeName(status) != "EPOCH_STALE" && OutcomeName(status) != "REGISTRY_BEHIND")
    Break("a commit is refused: " + OutcomeName(status));
  device_.group().DiscardPendingCommit();
  durable_.commit.reset();
}

void SimClient::Confirm() {
  v1::ConfirmRequest request;
  request.set_cursor(durable_.cursor);
  CallServer<v1::ConfirmResponse>(request, [](const absl::StatusOr<v1::ConfirmResponse>&) {});
}

void SimClient::OnMessage(uint64_t life, const v1::SubscribeResponse& message) {
  if (!alive_ || life != life_) return;
  connected_ = true;
  if (role_ != Role::kSlow || !faulty_) return TakeMessage(life, message);
  parts_.loop.After(kSlowTakesMs, [this, life, message] {
    if (alive_ && life == life_) TakeMessage(life, message);
  });
}

void SimClient::TakeMessage(uint64_t life, const v1::SubscribeResponse& message) {
  for (const v1::InboxItem& item : message.items()) TakeItem(item);
  if (message.server_sequence() != 0) {
    if (message.server_sequence() < durable_.seen.server_sequence())
      Break("the server's chain went back");
    durable_.seen.set_generation(message.generation());
    durable_.seen.set_server_sequence(message.server_sequence());
    durable_.seen.set_server_head(message.server_head());
  }
  if (!message.items().empty()) Confirm();
  const uint64_t stream = parts_.server.StreamOf(uri());
  parts_.network.SendInOrder(parts_.loop.now_ms(), [this, life, stream] {
    if (life == life_) parts_.server.MessageTaken(uri(), stream);
  });
}

void SimClient::OnEnd(uint64_t life, const absl::Status& status) {
  if (life != life_) return;
  connected_ = false;
  silent_until_ms_ = 0;
  if (OutcomeName(status) == "SERVER_BEHIND") Break("the server is behind what was seen");
}

void SimClient::TakeItem(const v1::InboxItem& item) {
  if (item.cursor() <= durable_.cursor) return Break("an item was sent before");
  if (item.cursor() != durable_.cursor + 1) Break("an item is missing");
  durable_.cursor = item.cursor();
  if (item.has_entry()) TakeEntry(item.entry());
}

void SimClient::TakeEntry(const v1::RoomEntry& entry) {
  const auto header = room::DecodeLogHeader(AsBytes(entry.header()));
  if (!header.ok() || header->content_hash != merkle::Sha256(AsBytes(entry.message())))
    return Break("an entry is not the one of its header");
  if (!durable_.log.empty()) {
    const absl::Status follows =
        room::CheckFollowsInRoom(durable_.log.rbegin()->second.header, *header);
    if (!follows.ok()) Break("the log does not go on: " + std::string(follows.message()));
  }
  LogEntry& known = durable_.log[header->sequence];
  known.header = *header;
  if (header->kind == room::LogKind::kMessage && header->sender == sender()) return;
  const bool own_commit = durable_.commit && durable_.commit->bundle().commit() == entry.message();
  const absl::Status processed = device_.TryProcess(entry.message());
  known.readable = processed.ok();
  // Whatever was pending was made for the epoch that this commit ended.
  if (header->kind == room::LogKind::kCommit && (own_commit || durable_.commit))
    durable_.commit.reset();
  const bool distrusted =
      std::find(distrusted_.begin(), distrusted_.end(), header->sender) != distrusted_.end();
  if (!processed.ok() && !distrusted) Break("an entry can't be read: " + processed.ToString());
}

void SimClient::DoHarm() {
  v1::SendRequest send;
  send.set_request_id(NewRequestId());
  send.set_room_id(room_id_);
  *send.mutable_envelope() = device_.MakeEnvelope("harm", office_);
  std::string& message = *send.mutable_envelope()->mutable_message();
  const auto ignore = [](const auto&) {};
  switch (parts_.random.Below(8)) {
    case 0:  // Well-formed to the server, unreadable to the members.
      message.back() = static_cast<char>(message.back() ^ 1);
      return CallServer<v1::SendResponse>(send, ignore);
    case 1:
      message = "no message at all";
      return CallServer<v1::SendResponse>(send, ignore);
    case 2:
      send.mutable_envelope()->set_epoch(parts_.random.Below(9));
      return CallServer<v1::SendResponse>(send, ignore);
    case 3: {  // The same request id with two bodies.
      CallServer<v1::SendResponse>(send, ignore);
      send.mutable_envelope()->set_urgency(v1::URGENCY_URGENT);
      return CallServer<v1::SendResponse>(send, ignore);
    }
    case 4: {
      v1::CommitRequest commit;
      commit.set_request_id(NewRequestId());
      commit.set_room_id(room_id_);
      commit.mutable_bundle()->set_commit(message);
      return CallServer<v1::CommitResponse>(commit, ignore);
    }
    case 5: {
      v1::ConfirmRequest confirm;
      confirm.set_cursor(std::numeric_limits<uint64_t>::max());
      return CallServer<v1::ConfirmResponse>(confirm, ignore);
    }
    case 6: {
      v1::ReportUnprocessableRequest report;
      report.set_request_id(NewRequestId());
      report.set_room_id(room_id_);
      report.set_epoch(parts_.random.Below(5));
      report.set_commit_hash(std::string(32, 'h'));
      return CallServer<v1::ReportUnprocessableResponse>(report, ignore);
    }
    default:
      send.mutable_envelope()->set_sender_office_id("hn.police");
      return CallServer<v1::SendResponse>(send, ignore);
  }
}

}  // namespace enlace::testing
