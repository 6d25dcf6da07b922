// What every command of `enlace` works with: profile, console, screen, and the ways to the vault.
//
// A reading command opens the vault beside its owner with the master key that the agent hands out;
// everything that changes something is asked of the agent, which is started when none runs (CLI.md
// rule 8).
//
// Thread safety: one thread. Ownership: owns all of it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/agent/agent_client.h"
#include "client/cases/case_reader.h"
#include "client/cli/registry_copy.h"
#include "client/cli/screen.h"
#include "client/cli_common/console.h"
#include "client/cli_common/passphrase_source.h"
#include "client/profile/profile.h"
#include "client/vault/vault.h"
#include "crypto/primitives/system_rng.h"

namespace enlace::client {

// The options that all commands have.
struct GlobalOptions {
  std::string profile;
  std::string lang;
  std::string output = "text";
  bool quiet = false;
  bool verbose = false;
  bool no_color = false;
  bool long_ids = false;
  PassphraseSource passphrase;
};

// The vault of the profile, open for reading, with the registry.
struct OpenVault {
  std::unique_ptr<Vault> vault;
  std::unique_ptr<RegistryCopy> registry;
  std::unique_ptr<CaseReader> reader;
};

// The registry as commands read it that need no vault.
struct PublicRegistry {
  RegistryFacts facts;
  // When it was last fetched; 0 = never.
  int64_t refreshed_at_ms = 0;
};

class App {
 public:
  static absl::StatusOr<std::unique_ptr<App>> Create(const GlobalOptions& options);

  const Profile& profile() const { return profile_; }
  const Console& console() const { return console_; }
  const GlobalOptions& options() const { return options_; }
  crypto::Rng& rng() { return rng_; }
  int64_t now_ms() const;
  Screen MakeScreen() const;

  // The agent, started and unlocked when it has to be; then with what came meanwhile, where the
  // server answers in time. NOT_ENROLLED, PASSPHRASE_WRONG,
  // PROMPT_IMPOSSIBLE.
  absl::StatusOr<AgentClient> Agent();
  // The vault for reading; unlocks as Agent() does.
  absl::StatusOr<OpenVault> Open();
  // What is public to members: from the vault where it is open already, else from the profile's
  // copy of the registry, which needs no vault. NOT_ENROLLED, LOG_INCONSISTENT.
  absl::StatusOr<PublicRegistry> ReadRegistry();
  // One operation of the agent. Violations of ALERT_REFUSED are in the status; see Fail.
  absl::StatusOr<nlohmann::json> Call(std::string_view op, const nlohmann::json& args,
                                      int timeout_ms);

  // Prints a page, or `object` in JSON mode.
  void Show(std::string_view command, const Page& page, const nlohmann::json& object) const;
  // The same for long lists: makes only the one that is shown.
  void ShowOne(std::string_view command, const std::function<Page()>& draw,
               const std::function<nlohmann::json()>& object) const;
  // Prints the error with its violations; the exit code.
  int Fail(const absl::Status& status, const std::string& file_name = {}) const;

 private:
  absl::StatusOr<OpenVault> OpenWith(AgentClient& agent);
  void Print(const Page& page) const;
  void AwaitFirstReplay(AgentClient& agent) const;
  absl::Status WithLocalTime(const absl::Status& status) const;
  App(GlobalOptions options, Profile profile, const Console::Setup& setup);

  GlobalOptions options_;
  Profile profile_;
  Console console_;
  crypto::SystemRng rng_;
};

}  // namespace enlace::client
