// The offices that this device acts for, beside the registry that says so: lists need nothing else
// of the registry, whose log grows for years and is replayed whole.
//
// One row of the vault, table "sync" row "offices": U64 size ‖ root ‖ Vector(office id)*, the head
// of the log that the offices follow from. It is sealed like every row, so that nobody who can
// write the vault's file can make it say something else; and it counts only at its own head:
// whoever reads it at another one asks the registry.
//
// Thread safety: free functions; as the vault's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/vault/vault.h"
#include "crypto/identity/registry.h"

namespace enlace::client {

// Ids, resolved, by the registry; none for a device that it does not hold.
std::vector<std::string> OfficesByRegistry(const identity::Registry& registry,
                                           std::string_view device_uri);

// Notes the device's offices at the registry's head; writes nothing when they stand there already.
absl::Status RememberOffices(Vault& vault, const identity::Registry& registry,
                             std::string_view device_uri);

// What was noted at `head`; nothing when it was noted at another one or never. VAULT_DAMAGED.
absl::StatusOr<std::optional<std::vector<std::string>>> RememberedOffices(
    const Vault& vault, const merkle::HeadRef& head);

}  // namespace enlace::client
