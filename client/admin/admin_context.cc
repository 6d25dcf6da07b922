#include "client/admin/admin_context.h"

#include <utility>

#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client::admin {

absl::Status UsageError(const std::string& what) {
  return MakeError(Reason::kUsage, {{"what", what}, {"program", "enlace-admin"}});
}

absl::StatusOr<Vault*> AdminContext::OpenVault(bool create) {
  if (vault_ != nullptr) return vault_.get();
  if (!lock_.has_value()) {
    ENLACE_ASSIGN_OR_RETURN(ProfileLock lock, profile_.LockOwner());
    lock_.emplace(std::move(lock));
  }
  const std::string path = profile_.vault_path();
  if (Vault::Exists(path)) {
    ENLACE_ASSIGN_OR_RETURN(const SecretBytes passphrase,
                            ReadPassphrase(flags_.passphrase, console_));
    ENLACE_ASSIGN_OR_RETURN(vault_, Vault::Open({path, VaultMode::kOwner}, passphrase, rng()));
    return vault_.get();
  }
  if (!create) return MakeError(Reason::kCaMissing);
  ENLACE_ASSIGN_OR_RETURN(const SecretBytes passphrase,
                          ReadNewPassphrase(flags_.passphrase, console_));
  ENLACE_ASSIGN_OR_RETURN(vault_, Vault::Create(path, passphrase, rng(), environment_.cost));
  return vault_.get();
}

absl::StatusOr<AdminContext::Online*> AdminContext::Connect() {
  if (online_.has_value()) return &*online_;
  ENLACE_ASSIGN_OR_RETURN(Vault * vault, OpenVault());
  ENLACE_ASSIGN_OR_RETURN(DeviceIdentity device, LoadDevice(*vault));
  ENLACE_ASSIGN_OR_RETURN(auto replica,
                          RegistryReplica::Open({profile_.registry_path(), device.pin, false}));
  ENLACE_ASSIGN_OR_RETURN(auto session,
                          environment_.connect(EndpointOf(device, replica->registry().charter()),
                                               TlsIdentityOf(device)));
  Online online{std::move(device), std::move(session), std::move(replica)};
  ENLACE_RETURN_IF_ERROR(Refresh(online));
  online_.emplace(std::move(online));
  return &*online_;
}

absl::Status AdminContext::Refresh(Online& online) const {
  ENLACE_RETURN_IF_ERROR(online.replica->Refresh(*online.session, now_ms(), kCallTimeoutMs));
  return online.replica->CheckMaySend(now_ms());
}

absl::StatusOr<bool> AdminContext::ConfirmChanges(const std::vector<std::string>& changes) const {
  for (const std::string& change : changes) console_.Line("  " + change);
  if (flags_.dry_run) {
    console_.Line(console_.T(ENLACE_TEXT("Nothing was changed (--dry-run).")));
    return false;
  }
  if (flags_.yes) return true;
  ENLACE_ASSIGN_OR_RETURN(const bool agreed,
                          console_.Confirm({console_.T(ENLACE_TEXT("Go on? [y/N]")),
                                            console_.T(ENLACE_TEXT("your agreement")), "--yes"}));
  if (!agreed) return MakeError(Reason::kInterrupted);
  return true;
}

std::string AdminContext::Day(int64_t at_ms) const {
  const auto zone = texts::Zone::OfHost(texts::ProcessEnvironment());
  return texts::DayMonthYear(console_.language(), zone, at_ms);
}

std::string AdminContext::DayAndTime(int64_t at_ms) const {
  const auto zone = texts::Zone::OfHost(texts::ProcessEnvironment());
  return texts::ShortDay(console_.language(), zone, at_ms, now_ms()) + " " +
         texts::ClockTime(zone, at_ms) + " (" + texts::OffsetName(zone, at_ms) + ")";
}

}  // namespace enlace::client::admin
