#include "server/core/shared_registry.h"

#include <mutex>

#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"
#include "server/core/keys.h"

namespace enlace::server {
namespace {

absl::Status Damaged(uint64_t index, std::string_view what) {
  return MakeError(Reason::kStorageDamaged, {{"what", "registry entry " + std::to_string(index) +
                                                          ": " + std::string(what)}});
}

absl::Status Replay(const storage::Row& row, identity::Registry& registry) {
  storage::KeyReader key(row.key);
  ENLACE_RETURN_IF_ERROR(key.Space().status());
  ENLACE_ASSIGN_OR_RETURN(const uint64_t index, key.U64());
  if (index != registry.size()) return Damaged(registry.size(), "missing");
  const absl::Status applied = registry.Apply(row.value, identity::Trust::kVerifiedBefore);
  return applied.ok() ? applied : Damaged(index, MessageOf(applied));
}

}  // namespace

absl::Status SharedRegistry::Load(const storage::ReadView& view) {
  identity::Registry fresh(charter_root_);
  std::optional<storage::KeyRange> rest = storage::PrefixRange(keys::All(keys::kRegistryLog));
  while (rest) {
    ENLACE_ASSIGN_OR_RETURN(const storage::Page page, view.Scan(*rest));
    for (const storage::Row& row : page.rows) ENLACE_RETURN_IF_ERROR(Replay(row, fresh));
    rest = page.rest;
  }
  const std::unique_lock lock(mutex_);
  registry_ = std::move(fresh);
  return absl::OkStatus();
}

absl::Status SharedRegistry::Append(BytesView entry) {
  // Signatures are verified before the lock is taken: calls wait for the change of state only.
  ENLACE_RETURN_IF_ERROR(registry_.Check(entry));
  const std::unique_lock lock(mutex_);
  return registry_.Apply(entry, identity::Trust::kVerifiedBefore);
}

}  // namespace enlace::server
