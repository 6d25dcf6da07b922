// Reads cases from the vault: everything that a command shows without asking the network.
//
// Opens the vault read-only beside its owner, so that a screen never waits for the agent. Promises
// that what it gives is one consistent state of the vault, that two devices with the same log give
// the same table, and that a message whose signature did not verify is never mixed into a picture.
//
// Thread safety: one thread. Ownership: borrows vault and registry, which outlive it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cases/registry_facts.h"
#include "client/cases/views.h"
#include "client/texts/texts.h"
#include "client/vault/vault.h"
#include "crypto/identity/registry.h"

namespace enlace::client {

// A registry that is replayed when somebody asks for more than its head.
class RegistrySource {
 public:
  virtual ~RegistrySource() = default;
  // Of the newest verified log; of size 0 before the first.
  virtual merkle::HeadRef head() const = 0;
  // The registry, alive as long as the source. LOG_INCONSISTENT when the copy does not hold
  // together.
  virtual absl::StatusOr<const identity::Registry*> Replayed() const = 0;

 protected:
  RegistrySource() = default;
};

class CaseReader {
 public:
  CaseReader(const Vault& vault, const identity::Registry& registry);
  // The registry is not replayed where the vault holds the facts of its head (registry_facts.h).
  CaseReader(const Vault& vault, const RegistrySource& source);

  // Finds a case by its reference in any form, by the number alone when one case of the year of
  // `now_ms` has it, or by an alert's id. CASE_UNKNOWN; CASE_AMBIGUOUS names the candidates;
  // ID_INVALID for what can't be a reference.
  absl::StatusOr<std::string> Resolve(std::string_view text, int64_t now_ms) const;

  absl::StatusOr<InboxView> Inbox(int64_t now_ms) const;
  // `case_ref` as Resolve gave it. SIGNATURE_INVALID or SENDER_INVALID when the newest picture
  // can't be trusted.
  absl::StatusOr<CaseView> Case(std::string_view case_ref, int64_t now_ms) const;
  absl::StatusOr<StatusView> Status(std::string_view case_ref, int64_t now_ms) const;
  // Oldest first.
  absl::StatusOr<std::vector<DeadlineNews>> Deadlines() const;
  // A commented template of an update to the offices of the case other than this device's
  // (alerts/template.h).
  absl::StatusOr<std::string> UpdateTemplate(std::string_view case_ref,
                                             texts::Language language) const;
  absl::StatusOr<MachineView> Machine(int64_t now_ms) const;
  absl::StatusOr<std::vector<OutboxState>> Outbox() const;
  // The offices of the enrolled device, by the newest registry.
  absl::StatusOr<std::vector<std::string>> MyOffices() const;
  // What screens need of the newest registry; alive as long as the reader, the same at one head.
  absl::StatusOr<const RegistryFacts*> Facts() const;
  absl::StatusOr<Freshness> CurrentFreshness() const;

 private:
  const Vault& vault_;
  // One of the two.
  const identity::Registry* registry_ = nullptr;
  const RegistrySource* source_ = nullptr;
  // Those that were read last.
  mutable std::optional<RegistryFacts> facts_;
};

}  // namespace enlace::client
