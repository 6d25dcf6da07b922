// The parts of an open engine in the order in which they depend on each other. Internal to
// client/delivery.
//
// Thread safety: the engine's thread. Ownership: owns everything.
#pragma once

#include "client/delivery/open_engine.h"

namespace enlace::client {

struct OpenEngine::Parts {
  static absl::StatusOr<std::unique_ptr<Parts>> Make(const Profile& profile,
                                                     const SecretBytes& master_key,
                                                     const EngineSeams& seams);

  // What has to be there before the parts that borrow it.
  struct Ground {
    Profile profile;
    std::unique_ptr<Vault> vault;
    DeviceIdentity identity;
    OwnDevice own;
    std::unique_ptr<RegistryReplica> replica;
    std::unique_ptr<SessionInterface> session;
  };
  Parts(Ground ground, const EngineSeams& seams);

  // Makes and uploads key packages up to the target.
  absl::Status PublishKeyPackages();

  Profile profile;
  std::unique_ptr<Vault> vault;
  DeviceIdentity identity;
  OwnDevice own;
  std::unique_ptr<RegistryReplica> replica;
  std::unique_ptr<SessionInterface> session;
  mls::MemorySignatureCache signatures;
  RoomContext rooms;
  Services services;
  RoomBook book;
  Offers offers;
  Outbox outbox;
  SyncState sync;
  Transfers transfers;
  Recovery recovery;
  InboxPump pump;
  Housekeeping housekeeping;
  Retention retention;
  Composer composer;
  CaseActions actions;
};

}  // namespace enlace::client
