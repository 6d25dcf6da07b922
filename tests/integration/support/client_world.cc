#include "tests/integration/support/client_world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "client/alerts/alert_json.h"
#include "client/alerts/compose.h"
#include "client/enrolment/device_store.h"
#include "client/session/session.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"
#include "tests/unit/alerts/case_files.h"

namespace enlace::testing {
namespace {

using client::DeviceIdentity;
using nlohmann::json;

constexpr int64_t kUntilMs = 30'000;
constexpr auto kPollPause = std::chrono::milliseconds(2);

void Must(const absl::Status& status, const char* what) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s: %s\n", what, status.ToString().c_str());
  std::abort();
}

// Argon2id's cost is another test's matter.
client::PassphraseCost Cheap() {
  client::PassphraseCost cost;
  cost.memory_bytes = 8u << 20;
  cost.passes = 1;
  return cost;
}

client::Profile MakeProfile(const std::filesystem::path& home, const std::string& name) {
  client::Profile::Request request;
  request.name = name;
  request.system_config = "";
  request.environment = [home](std::string_view key) -> std::optional<std::string> {
    if (key == "ENLACE_HOME") return home.string();
    return std::nullopt;
  };
  absl::StatusOr<client::Profile> profile = client::Profile::Open(request);
  Must(profile.status(), "profile");
  return *std::move(profile);
}

// Off, or up to date with nothing left to send.
bool IsIdle(Officer& officer) {
  if (!officer.is_on()) return true;
  const auto state = officer.Call("sync-state", json::object());
  return state.ok() && state->value("online", false) && state->value("replayed", false) &&
         state->value("caught_up", false) && state->value("queued", 1) == 0 &&
         state->value("housekeeping", 1) == 0 && state->value("owed", 1) == 0 &&
         state->value("uploads", 1) == 0;
}

}  // namespace

void PumpHost::PostAfter(int64_t delay_ms, std::function<void()> task) {
  const std::lock_guard<std::mutex> lock(mutex_);
  tasks_.emplace(NowMs() + delay_ms, std::move(task));
}

bool PumpHost::RunDue() {
  std::vector<std::function<void()>> due;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto end = tasks_.upper_bound(NowMs());
    for (auto task = tasks_.begin(); task != end; ++task) due.push_back(std::move(task->second));
    tasks_.erase(tasks_.begin(), end);
  }
  for (const std::function<void()>& task : due) task();
  return !due.empty();
}

void PumpHost::Drop() {
  const std::lock_guard<std::mutex> lock(mutex_);
  tasks_.clear();
}

Officer::Officer(LiveRcm& rcm, const LiveRcm::DeviceOrder& order, int64_t* clock_offset_ms)
    : office_(order.offices.front()), device_(rcm.Enrol(order)), clock_offset_ms_(clock_offset_ms) {
  const std::string name = order.officer + "-" + order.device;
  home_ = (rcm.server().root() / "home").string();
  profile_ = MakeProfile(home_, name);
  const SecretBytes passphrase = SecretBytes::CopyOf(AsBytes("puente maíz lunes tambor"));
  auto vault = client::Vault::Create(profile_->vault_path(), passphrase, rng_, Cheap());
  Must(vault.status(), "vault");
  const std::string port = std::to_string(rcm.server().port());
  DeviceIdentity identity{device_.uri,
                          device_.tls,
                          device_.mls,
                          device_.tls_key.Clone(),
                          device_.mls_key.Clone(),
                          {rcm.world().charter().root, 1},
                          "localhost:" + port,
                          "localhost:" + std::to_string(rcm.server().enrolment_port()),
                          {},
                          ""};
  auto tx = (*vault)->Begin();
  Must(tx.status(), "transaction");
  Must(client::SaveDevice(identity, **tx), "identity");
  Must((*tx)->Commit(), "commit");
  master_key_ = (*vault)->master_key().Clone();
  tx->reset();
  // The first copy of the registry, as joining leaves it.
  auto replica = client::RegistryReplica::Open({profile_->registry_path(), identity.pin, false});
  Must(replica.status(), "replica");
  auto session = client::Session::Connect(client::EndpointOf(identity, &rcm.world().charter()),
                                          client::TlsIdentityOf(identity));
  Must(session.status(), "session");
  Must((*replica)->Refresh(**session, NowMs(), client::kCallTimeoutMs), "registry");
}

Officer::~Officer() { TurnOff(); }

void Officer::ReopenProfile() {
  const std::filesystem::path home = home_;
  const std::string name = profile_->name();
  profile_.reset();
  profile_ = MakeProfile(home, name);
}

void Officer::TurnOn() {
  client::EngineSeams seams;
  seams.rng = std::make_unique<crypto::SystemRng>();
  seams.now_ms = [this] { return NowMs() + *clock_offset_ms_; };
  seams.connect = [this](const client::ServerEndpoint& endpoint,
                         const client::ClientIdentity& identity)
      -> absl::StatusOr<std::unique_ptr<client::SessionInterface>> {
    ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<client::SessionInterface> session,
                            client::Session::Connect(endpoint, identity));
    if (wrap_) session = wrap_(std::move(session));
    return session;
  };
  engine_ = client::MakeDeliveryEngine(std::move(seams));
  operations_ = engine_->Operations();
  Must(engine_->Open(*profile_, master_key_, host_), "engine");
}

void Officer::TurnOff() {
  if (engine_ == nullptr) return;
  engine_->Close();
  host_.Drop();
  engine_.reset();
}

absl::StatusOr<json> Officer::Call(const std::string& op, const json& args) {
  const auto found = operations_.find(op);
  if (found == operations_.end()) std::abort();
  return found->second(args);
}

absl::StatusOr<json> Officer::Act(const std::string& case_ref, int action, json more) {
  more["case"] = case_ref;
  more["action"] = action;
  return Call("act", more);
}

absl::StatusOr<json> Officer::Send(const alert::v1::CaseAlert& alert,
                                   const std::vector<std::string>& attach) {
  ENLACE_ASSIGN_OR_RETURN(const std::string text, alerts::AlertToJson(alert));
  return Call("send", {{"json", text}, {"attach", attach}});
}

std::unique_ptr<client::Vault> Officer::OpenVault() const {
  auto vault = client::Vault::OpenWithMasterKey(
      {profile_->vault_path(), client::VaultMode::kReader}, master_key_, rng_);
  Must(vault.status(), "vault");
  return *std::move(vault);
}

std::unique_ptr<client::Vault> Officer::OpenVaultAsOwner() {
  if (is_on()) std::abort();
  auto vault = client::Vault::OpenWithMasterKey({profile_->vault_path(), client::VaultMode::kOwner},
                                                master_key_, rng_);
  Must(vault.status(), "vault");
  return *std::move(vault);
}

absl::StatusOr<client::CaseView> Officer::Show(const std::string& case_ref) {
  const std::unique_ptr<client::Vault> vault = OpenVault();
  ENLACE_ASSIGN_OR_RETURN(const DeviceIdentity identity, client::LoadDevice(*vault));
  ENLACE_ASSIGN_OR_RETURN(
      const auto replica,
      client::RegistryReplica::Open({profile_->registry_path(), identity.pin, /*read_only=*/true}));
  return client::CaseReader(*vault, replica->registry()).Case(case_ref, NowMs());
}

ClientWorld::ClientWorld() {
  World& world = rcm_.world();
  using identity::Standing;
  for (const auto& [id, alpha3] : std::map<std::string, std::string>{{"us", "USA"},
                                                                     {"gt", "GTM"},
                                                                     {"sv", "SLV"},
                                                                     {"cr", "CRI"},
                                                                     {"bz", "BLZ"},
                                                                     {"ca", "CAN"},
                                                                     {"ni", "NIC"},
                                                                     {"do", "DOM"}}) {
    world.Admit(id, Standing::kMember, alpha3);
  }
  world.Admit("ts", Standing::kOrganisation, "");
  world.Admit("unhcr", Standing::kOrganisation, "");
  Must(world.LogCharter([&](identity::Charter& charter) {
    const auto certificate = identity::Certificate::FromPem(rcm_.server().certificate_pem());
    Must(certificate.status(), "server certificate");
    charter.server.certificate = certificate->der();
    for (identity::StandingPermissions& one : charter.permissions) {
      one.be_action = true;
      one.be_info = true;
      one.highest_tlp = identity::Tlp::kRed;
    }
  }),
       "charter");
  if (!rcm_.server().Start()) std::abort();
  rcm_.Bootstrap({"hn", "mx", "pa", "us", "gt", "sv", "cr", "bz", "ca", "ni", "do", "co", "iom",
                  "ts", "unhcr"});
}

void ClientWorld::AddOffice(const std::string& office) {
  if (rcm_.world().registry().FindOffice(office) != nullptr) return;
  rcm_.world().AddOffice(office, {"consular", "trafficking"});
  rcm_.Publish();
}

Officer& ClientWorld::Add(const std::string& officer, const std::string& office,
                          const std::string& device) {
  Officer& added = Enrol(officer, office, device);
  added.TurnOn();
  Until([&] { return IsIdle(added); }, "the new machine");
  return added;
}

Officer& ClientWorld::Enrol(const std::string& officer, const std::string& office,
                            const std::string& device) {
  AddOffice(office);
  LiveRcm::DeviceOrder order;
  order.officer = officer;
  order.device = device;
  order.offices = {office};
  return officers_.emplace_back(rcm_, order, &clock_offset_ms);
}

bool ClientWorld::RunDue() {
  bool ran = false;
  for (Officer& officer : officers_) ran = officer.RunDue() || ran;
  return ran;
}

void ClientWorld::Until(const std::function<bool()>& condition, const std::string& what) {
  const int64_t until = NowMs() + kUntilMs;
  while (!condition()) {
    if (NowMs() > until) {
      ADD_FAILURE() << "waited in vain for: " << what;
      return;
    }
    if (!RunDue()) std::this_thread::sleep_for(kPollPause);
  }
}

void ClientWorld::Settle() {
  Until([&] { return std::all_of(officers_.begin(), officers_.end(), IsIdle); }, "first replay");
  for (Officer& officer : officers_) {
    if (officer.is_on()) Must(officer.Call("sync", json::object()).status(), "sync");
  }
  Until([&] { return std::all_of(officers_.begin(), officers_.end(), IsIdle); }, "all up to date");
}

alert::v1::CaseAlert FreshCase(const std::string& id) {
  alert::v1::CaseAlert alert = alerts::CaseOf(id);
  crypto::SystemRng rng;
  alerts::FillInputs inputs;
  inputs.now_ms = NowMs();
  rng.Fill(inputs.random);
  alerts::Retime(alert, inputs);
  alert.clear_attachments();
  return alert;
}

alert::v1::CaseAlert FreshCase(const std::string& id, const std::vector<To>& recipients) {
  alert::v1::CaseAlert alert = FreshCase(id);
  alert.clear_recipients();
  for (const To& to : recipients) {
    alert::v1::Recipient& one = *alert.add_recipients();
    one.set_office_id(to.office_id);
    one.set_role(to.action ? alert::v1::ROLE_ACTION : alert::v1::ROLE_INFO);
  }
  return alert;
}

}  // namespace enlace::testing
