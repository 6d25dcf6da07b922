// Officers with real vaults and engines against a real server: everything but the command line and
// the passphrase. Every device runs in this process; the test's thread is each engine's thread.
//
// Helpers abort the program when a step that a test does not ask about fails. Thread safety: one
// thread. Ownership: as values; folders and the server's process are gone with the world.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "client/agent/agent.h"
#include "client/cases/case_reader.h"
#include "client/delivery/engine.h"
#include "client/profile/profile.h"
#include "client/registry/registry_replica.h"
#include "client/session/session_interface.h"
#include "client/vault/vault.h"
#include "crypto/primitives/system_rng.h"
#include "enlace/alert/v1/alert.pb.h"
#include "tests/integration/support/live_rcm.h"

namespace enlace::testing {

// References of the given cases A01 (its update is A10) and A02.
inline constexpr const char* kCaseA01 = "HN-2026-000412";
inline constexpr const char* kCaseA02 = "MX-2026-001877";

// Runs what an engine posts, when the test says so.
class PumpHost final : public client::AgentHost {
 public:
  void Post(std::function<void()> task) override { PostAfter(0, std::move(task)); }
  void PostAfter(int64_t delay_ms, std::function<void()> task) override;
  void NotifyChange() override {}
  // Runs the tasks that are due; false when there was none.
  bool RunDue();
  void Drop();

 private:
  std::mutex mutex_;
  std::multimap<int64_t, std::function<void()>> tasks_;
};

// One device of an officer.
class Officer {
 public:
  Officer(LiveRcm& rcm, const LiveRcm::DeviceOrder& order, int64_t* clock_offset_ms);
  ~Officer();

  // Opens and closes the engine: a machine that is on, or off.
  void TurnOn();
  void TurnOff();
  bool is_on() const { return engine_ != nullptr; }
  // What stands between this machine and the server from the next TurnOn on: a server that lies.
  using Wrap = std::function<std::unique_ptr<client::SessionInterface>(
      std::unique_ptr<client::SessionInterface>)>;
  void SetWrap(Wrap wrap) { wrap_ = std::move(wrap); }
  // Reads the profile's settings anew, while the machine is off.
  void ReopenProfile();

  absl::StatusOr<nlohmann::json> Call(const std::string& op, const nlohmann::json& args);
  // A workflow step; `more` has what the action needs.
  absl::StatusOr<nlohmann::json> Act(const std::string& case_ref, int action,
                                     nlohmann::json more = nlohmann::json::object());
  absl::StatusOr<nlohmann::json> Send(const alert::v1::CaseAlert& alert,
                                      const std::vector<std::string>& attach = {});
  // What `show` would draw; a case that is not there is an error.
  absl::StatusOr<client::CaseView> Show(const std::string& case_ref);
  bool RunDue() { return host_.RunDue(); }

  // The vault beside the engine, read-only.
  std::unique_ptr<client::Vault> OpenVault() const;
  // The vault as its owner has it, while the machine is off: for a modified client.
  std::unique_ptr<client::Vault> OpenVaultAsOwner();
  const client::Profile& profile() const { return *profile_; }
  const std::string& office() const { return office_; }
  const WorldDevice& device() const { return device_; }

 private:
  std::string office_;
  WorldDevice device_;
  std::string home_;
  std::optional<client::Profile> profile_;
  SecretBytes master_key_;
  mutable crypto::SystemRng rng_;
  int64_t* clock_offset_ms_;
  Wrap wrap_;
  PumpHost host_;
  std::unique_ptr<client::AgentEngine> engine_;
  std::map<std::string, client::AgentOperation, std::less<>> operations_;
};

class ClientWorld {
 public:
  // Authorities of all given cases; the server runs.
  ClientWorld();

  // Enrols a device and turns it on. Offices are made on demand, in both networks.
  Officer& Add(const std::string& officer, const std::string& office,
               const std::string& device = "dev-1");
  // The same, but for turning it on.
  Officer& Enrol(const std::string& officer, const std::string& office,
                 const std::string& device = "dev-1");
  void AddOffice(const std::string& office);

  // Runs all devices until the condition holds; fails the test after 30 s.
  void Until(const std::function<bool()>& condition, const std::string& what);
  // Runs all devices until each is up to date and has nothing to send.
  void Settle();

  LiveRcm& rcm() { return rcm_; }
  // Added to every device's clock.
  int64_t clock_offset_ms = 0;

 private:
  bool RunDue();

  LiveRcm rcm_;
  std::deque<Officer> officers_;
};

// A given case as if it were written now: fresh id, times moved, without attachments.
alert::v1::CaseAlert FreshCase(const std::string& id);
// One with these recipients instead.
struct To {
  std::string office_id;
  bool action = true;
};
alert::v1::CaseAlert FreshCase(const std::string& id, const std::vector<To>& recipients);

}  // namespace enlace::testing
