// What screens need of the registry, kept in the vault with the head of the log that it follows
// from: the log grows for years and is replayed whole, which takes longer than anything else that a
// command does.
//
// One row of the vault, table "sync" row "registry-facts": RegistryFacts. It is sealed like every
// row, so that nobody who can write the vault's file can make it say something else; and it counts
// only at its own head: whoever reads it at another one asks the registry. It depends on the log
// alone, never on a clock: what is true for a time says for which.
//
// Promises that at its head every answer here is the registry's own.
// Thread safety: free functions; as the vault's.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/alerts/directory_view.h"
#include "client/vault/vault.h"
#include "crypto/identity/registry.h"
#include "enlace/vault/v1/registry_facts.pb.h"

namespace enlace::client {

using vault::v1::MachineFacts;
using vault::v1::OfficeFacts;
using vault::v1::RegistryFacts;

inline constexpr uint32_t kFactsFormat = 1;

// `device_uri` may be empty or unknown: it acts for no office.
RegistryFacts FactsOf(const identity::Registry& registry, std::string_view device_uri);

// Notes the facts at the registry's head; writes nothing when they stand there already.
absl::Status RememberFacts(Vault& vault, const identity::Registry& registry,
                           std::string_view device_uri);

// What was noted at `head`; nothing when it was noted at another one, in another format or never.
// VAULT_DAMAGED.
absl::StatusOr<std::optional<RegistryFacts>> RememberedFacts(const Vault& vault,
                                                             const merkle::HeadRef& head);

// Under this very id; null when it never existed.
const OfficeFacts* FindOffice(const RegistryFacts& facts, std::string_view office_id);
// What the office has become; null likewise.
const OfficeFacts* ResolveOffice(const RegistryFacts& facts, std::string_view office_id);
// Machines of an open office that are active at `now_ms`.
std::vector<const MachineFacts*> ActiveMachinesOf(const OfficeFacts& office, int64_t now_ms);

// The directory of offices that alerts are checked against. Borrows the facts.
class FactsDirectory final : public alerts::DirectoryView {
 public:
  explicit FactsDirectory(const RegistryFacts& facts) : facts_(facts) {}

  std::optional<alerts::OfficeEntry> FindOffice(std::string_view office_id) const override;
  std::vector<std::string> OfficeIds() const override;

 private:
  const RegistryFacts& facts_;
};

}  // namespace enlace::client
