// What every operation on a room needs of its surroundings.
//
// Thread safety: as its parts. Ownership: borrows all; they outlive every room.
#pragma once

#include "client/registry/registry_replica.h"
#include "client/rooms/own_device.h"
#include "client/vault/vault.h"
#include "crypto/mls/signature_cache.h"
#include "crypto/primitives/rng.h"

namespace enlace::client {

struct RoomContext {
  Vault& vault;
  RegistryReplica& replica;
  const OwnDevice& device;
  crypto::Rng& rng;
  mls::SignatureCache* signatures = nullptr;

  const identity::Registry& registry() const { return replica.registry(); }
};

}  // namespace enlace::client
