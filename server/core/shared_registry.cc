#include "server/core/shared_registry.h"

#include <mutex>

#include "crypto/identity/log_entry.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"
#include "server/core/keys.h"

namespace enlace::server {
namespace {

absl::Status Damaged(uint64_t index, std::string_view what) {
  return MakeError(Reason::kStorageDamaged, {{"what", "registry entry " + std::to_string(index) +
                                                          ": " + std::string(what)}});
}

bool IsCharter(BytesView entry) {
  const auto decoded = identity::DecodeLogEntry(entry);
  return decoded.ok() && decoded->kind == identity::LogEntryKind::kCharter;
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
  std::vector<uint64_t> charters;
  std::optional<storage::KeyRange> rest = storage::PrefixRange(keys::All(keys::kRegistryLog));
  while (rest) {
    ENLACE_ASSIGN_OR_RETURN(const storage::Page page, view.Scan(*rest));
    for (const storage::Row& row : page.rows) {
      if (IsCharter(row.value)) charters.push_back(fresh.size());
      ENLACE_RETURN_IF_ERROR(Replay(row, fresh));
    }
    rest = page.rest;
  }
  const std::unique_lock lock(mutex_);
  registry_ = std::move(fresh);
  charter_indexes_ = std::move(charters);
  return absl::OkStatus();
}

absl::Status SharedRegistry::Append(BytesView entry) {
  // Signatures are verified before the lock is taken: calls wait for the change of state only.
  ENLACE_RETURN_IF_ERROR(registry_.Check(entry));
  const std::unique_lock lock(mutex_);
  ENLACE_RETURN_IF_ERROR(registry_.Apply(entry, identity::Trust::kVerifiedBefore));
  if (IsCharter(entry)) charter_indexes_.push_back(registry_.size() - 1);
  return absl::OkStatus();
}

std::vector<uint64_t> SharedRegistry::CharterIndexes() const {
  const std::shared_lock lock(mutex_);
  std::vector<uint64_t> out;
  for (const uint64_t index : charter_indexes_) {
    if (index < durable_size_) out.push_back(index);
  }
  return out;
}

}  // namespace enlace::server
