// What every command of enlace-admin works with: console, profile, vault, server.
//
// Promises that the passphrase is asked once for a run, that nothing is published before
// ConfirmChanges has shown it, and that the registry is refreshed and may be built on before a
// command reads it.
//
// Thread safety: one thread. Ownership: owns lock, vault, replica and session; borrows the rest.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cli_common/console.h"
#include "client/cli_common/passphrase_source.h"
#include "client/enrolment/device_store.h"
#include "client/enrolment/join.h"
#include "client/profile/profile.h"
#include "client/registry/registry_replica.h"
#include "client/session/session_interface.h"
#include "client/texts/time_format.h"
#include "client/vault/vault.h"
#include "crypto/primitives/rng.h"

namespace enlace::client::admin {

struct AdminFlags {
  bool dry_run = false;
  bool yes = false;
  PassphraseSource passphrase;
};

class AdminContext {
 public:
  // `console` and `environment` (how the server is reached, clock and random numbers) must outlive
  // it.
  AdminContext(const Console& console, Profile profile, AdminFlags flags,
               const JoinEnvironment& environment)
      : console_(console),
        profile_(std::move(profile)),
        flags_(std::move(flags)),
        environment_(environment) {}

  const Console& console() const { return console_; }
  const Profile& profile() const { return profile_; }
  const AdminFlags& flags() const { return flags_; }
  const JoinEnvironment& environment() const { return environment_; }
  crypto::Rng& rng() const { return environment_.rng; }
  int64_t now_ms() const { return environment_.now_ms(); }

  // The vault of the profile, unlocked; made first when there is none and `create` is set.
  // CA_MISSING when there is none, PASSPHRASE_WRONG, VAULT_BUSY.
  absl::StatusOr<Vault*> OpenVault(bool create = false);

  // The enrolled administrator's device, its session, and the refreshed registry.
  struct Online {
    DeviceIdentity device;
    std::unique_ptr<SessionInterface> session;
    std::unique_ptr<RegistryReplica> replica;

    const identity::Registry& registry() const { return replica->registry(); }
    std::string authority() const { return std::string(device.uri.authority()); }
  };
  // NOT_ENROLLED before `ca publish`, and the errors of session and replica.
  absl::StatusOr<Online*> Connect();
  // Fetches what was logged meanwhile.
  absl::Status Refresh(Online& online) const;

  // Shows what will change and asks. True to go on; false for --dry-run. PROMPT_IMPOSSIBLE without
  // terminal and --yes, INTERRUPTED when the answer is no.
  absl::StatusOr<bool> ConfirmChanges(const std::vector<std::string>& changes) const;

  // "4 Mar 2027" in the local zone.
  std::string Day(int64_t at_ms) const;
  // "Thu 26 Nov 10:00 (UTC-6)".
  std::string DayAndTime(int64_t at_ms) const;

 private:
  const Console& console_;
  Profile profile_;
  AdminFlags flags_;
  const JoinEnvironment& environment_;
  std::optional<ProfileLock> lock_;
  std::unique_ptr<Vault> vault_;
  std::optional<Online> online_;
};

// USAGE with the text as it is.
absl::Status UsageError(const std::string& what);

}  // namespace enlace::client::admin
