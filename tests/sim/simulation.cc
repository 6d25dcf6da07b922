#include "tests/sim/simulation.h"

#include <algorithm>
#include <set>

#include "server/core/verify.h"

namespace enlace::testing {
namespace {

constexpr size_t kClients = 8;
constexpr size_t kAuthorities = 2;
constexpr size_t kSlowClient = 6;
constexpr size_t kMaliciousClient = 7;
constexpr int kMessagesPerClient = 5;
constexpr int64_t kFaultsMs = 45'000;
constexpr int64_t kRestMsMax = 240'000;
constexpr int64_t kLookMs = 1000;

Role RoleOf(size_t number) {
  if (number == kSlowClient) return Role::kSlow;
  return number == kMaliciousClient ? Role::kMalicious : Role::kHonest;
}

// Half of the devices belong to the room's origin, half to the other office.
std::string AuthorityOf(size_t number) { return number % 2 == 0 ? "hn" : "mx"; }

server::CoreOptions OptionsFor(World& world) {
  server::CoreOptions options;
  options.charter_root = world.charter().root;
  options.log_key = &world.server_key();
  options.rng = &world.rng();
  return options;
}

}  // namespace

Simulation::Simulation(uint64_t seed)
    : random_(seed),
      world_(static_cast<uint8_t>(seed)),
      loop_(world_.now_ms()),
      trace_(loop_),
      network_(loop_, random_),
      server_({loop_, random_, network_, trace_, world_}, OptionsFor(world_)) {}

template <typename Answer, typename Request>
absl::StatusOr<Answer> Simulation::Do(const WorldDevice& device, const Request& request) {
  server::Core& core = server_.core();
  const auto caller = core.callers().Resolve(device.tls.fingerprint(), world_.now_ms());
  if (!caller.ok()) return caller.status();
  Answer answer;
  absl::Status outcome = core.Apply(server::Call{*caller, world_.now_ms()}, request, answer);
  if (outcome.ok()) outcome = Commit();
  if (!outcome.ok()) return outcome;
  return answer;
}

// The charter, then each authority's office and first administrator by the enrolment listener, then
// the other devices by their authority's administrator: the order of the log is the world's.
bool Simulation::Bootstrap() {
  if (!Publish(nullptr)) return false;
  for (size_t i = 0; i < kClients; ++i) {
    const std::string authority = AuthorityOf(i);
    const bool first = i < kAuthorities;
    if (first) world_.AddOffice(authority + ".consular");
    WorldDevice device = world_.AddDevice(
        "ofc-" + authority + "-10" + std::to_string(i), "dev-1", {authority + ".consular"},
        identity::RoleBit(identity::Role::kOfficer) | identity::RoleBit(identity::Role::kAdmin));
    devices_.push_back(std::make_unique<RoomDevice>(world_, std::move(device)));
    if (!Publish(first ? nullptr : &devices_[i % kAuthorities]->device())) return false;
  }
  return true;
}

bool Simulation::Publish(const WorldDevice* admin) {
  v1::BootstrapRequest bootstrap;
  v1::PublishRequest publish;
  for (; published_ < world_.entries().size(); ++published_) {
    bootstrap.add_entries(ToText(world_.entries()[published_]));
    publish.add_entries(ToText(world_.entries()[published_]));
  }
  absl::Status outcome;
  if (admin != nullptr) {
    publish.set_request_id(RequestId());
    outcome = Do<v1::PublishResponse>(*admin, publish).status();
  } else {
    v1::BootstrapResponse answer;
    outcome = server_.core().Apply(world_.now_ms(), bootstrap, answer);
    if (outcome.ok()) outcome = Commit();
  }
  if (!outcome.ok()) Find("publishing: " + outcome.ToString());
  return outcome.ok();
}

std::string Simulation::RequestId() {
  Bytes id = world_.rng().PublicBytes(16);
  for (size_t i = 0; i < 6; ++i) id[i] = static_cast<uint8_t>(world_.now_ms() >> (8 * (5 - i)));
  id[6] = static_cast<uint8_t>(0x70 | (id[6] & 0x0f));
  id[8] = static_cast<uint8_t>(0x80 | (id[8] & 0x3f));
  return ToText(id);
}

absl::Status Simulation::Commit() {
  const absl::Status written =
      server_.engine().Commit(server_.core().TakeBatch(), storage::Durability::kSynced);
  server_.core().Committed();
  return written;
}

// The first device founds the room with all others, who join by its Welcome.
bool Simulation::FoundRoom() {
  room::RoomPolicy policy;
  policy.networks = {"consular"};
  policy.origin_office = "hn.consular";
  policy.participants = {{"mx.consular", room::OfficeRole::kAction}};
  std::vector<std::string> key_packages;
  for (size_t i = 1; i < kClients; ++i) key_packages.push_back(devices_[i]->MakeKeyPackage());
  room_id_ = RequestId();
  v1::CreateRoomRequest request = devices_[0]->Found(room_id_, policy, key_packages);
  request.set_request_id(RequestId());
  const auto created = Do<v1::CreateRoomResponse>(devices_[0]->device(), request);
  if (!created.ok()) {
    Find("founding: " + created.status().ToString());
    return false;
  }
  devices_[0]->Process(request.bundle().commit());
  for (size_t i = 0; i < kClients; ++i) {
    RoomDevice& device = *devices_[i];
    const auto inbox = server_.core().reader().ReadInbox(device.uri(), 0);
    if (!inbox.ok() || inbox->items.empty()) return false;
    const v1::InboxItem& last = inbox->items.back();
    if (i > 0) device.Join(last.welcome().welcome(), Tree(device));
    auto client = std::make_unique<SimClient>(
        SimClient::Parts{loop_, random_, network_, trace_, server_, world_}, device,
        AuthorityOf(i) + ".consular", RoleOf(i));
    client->Distrust(room::SenderHash(devices_[kMaliciousClient]->uri()));
    client->Begin(room_id_, last.cursor());
    clients_.push_back(std::move(client));
  }
  return true;
}

Bytes Simulation::Tree(const RoomDevice& device) const {
  v1::GetTreeRequest request;
  request.set_room_id(room_id_);
  request.set_epoch(1);
  const server::Core& core = server_.core();
  const auto caller = core.callers().Resolve(device.device().tls.fingerprint(), world_.now_ms());
  const auto answer = core.reader().GetTree(*caller, request, world_.now_ms());
  return answer.ok() ? ToBytes(AsBytes(answer->chunk())) : Bytes();
}

void Simulation::SetFaulty(bool faulty) {
  trace_.Note(faulty ? "faults begin" : "faults end");
  network_.SetFaulty(faulty);
  server_.SetFaulty(faulty);
  for (const auto& client : clients_) client->SetFaulty(faulty);
}

bool Simulation::AtRest() const {
  if (!server_.up()) return false;
  return std::all_of(clients_.begin(), clients_.end(), [this](const auto& client) {
    if (client->role() == Role::kMalicious) return true;
    const auto waiting = server_.core().reader().ReadInbox(client->uri(), client->cursor());
    return client->idle() && waiting.ok() && waiting->items.empty();
  });
}

void Simulation::JudgeClient(const SimClient& client, const SimClient& reference) {
  if (client.role() == Role::kMalicious) return;
  for (const std::string& broken : client.broken_promises()) Find(broken);
  if (!client.idle()) Find(client.uri() + ": something is still on its way");
  if (client.epoch() != reference.epoch()) Find(client.uri() + ": it is in another epoch");
  // The founder's log begins before the others': they are compared from the first common entry.
  for (const auto& [sequence, entry] : reference.log()) {
    const auto own = client.log().find(sequence);
    if (own == client.log().end()) {
      Find(client.uri() + ": an entry is missing");
    } else if (!(own->second.header == entry.header)) {
      Find(client.uri() + ": another log than others have");
    }
  }
  std::set<merkle::Hash> contents;
  for (const auto& [sequence, entry] : client.log()) {
    const bool message = entry.header.kind == room::LogKind::kMessage;
    const bool again = message && !contents.insert(entry.header.content_hash).second;
    const bool harm = entry.header.sender == clients_[kMaliciousClient]->sender();
    if (again && !harm) Find(client.uri() + ": a message twice");
  }
}

void Simulation::Judge() {
  if (!server_.trouble().empty()) Find("server: " + server_.trouble());
  const SimClient& reference = *clients_.front();
  for (const auto& client : clients_) {
    JudgeClient(*client, reference);
    if (client->role() == Role::kMalicious) continue;
    result_.acknowledged += client->acknowledged().size();
    if (client->acknowledged().size() != kMessagesPerClient)
      Find(client->uri() + ": not every message was accepted once");
    for (const room::LogHeader& header : client->acknowledged()) {
      const auto held = reference.log().find(header.sequence);
      if (held == reference.log().end() || !(held->second.header == header))
        Find(client->uri() + ": an acknowledged message is lost");
    }
  }
  result_.epochs = reference.epoch();
  result_.crashes = server_.crashes();
  if (!server_.up()) return Find("the server is down");
  const auto report = server::VerifyStore(server_.engine(), world_.charter().root);
  if (!report.ok()) return Find("verify: " + report.status().ToString());
  for (const server::Finding& finding : report->findings)
    Find("store: " + finding.where + ": " + finding.what);
}

SimulationResult Simulation::Run() {
  const auto advance = [this](int64_t ms) { world_.Advance(ms); };
  const bool prepared = server_.Start() && Bootstrap() && FoundRoom();
  if (!prepared) Find("the room does not come to be " + server_.trouble());
  if (prepared) {
    for (const auto& client : clients_) {
      for (int i = 0; i < kMessagesPerClient; ++i) client->Say("message " + std::to_string(i));
    }
    SetFaulty(true);
    loop_.RunUntil(loop_.now_ms() + kFaultsMs, advance);
    SetFaulty(false);
    const int64_t end_ms = loop_.now_ms() + kRestMsMax;
    while (loop_.now_ms() < end_ms && !AtRest()) loop_.RunUntil(loop_.now_ms() + kLookMs, advance);
    Judge();
  }
  result_.trace = trace_.lines();
  return std::move(result_);
}

}  // namespace enlace::testing
