#include "client/delivery/engine_parts.h"

#include "client/enrolment/key_packages.h"
#include "crypto/identity/statement.h"
#include "crypto/primitives/status.h"

namespace enlace::client {

OpenEngine::Parts::Parts(Ground ground, const EngineSeams& seams)
    : profile(std::move(ground.profile)),
      vault(std::move(ground.vault)),
      identity(std::move(ground.identity)),
      own(std::move(ground.own)),
      replica(std::move(ground.replica)),
      session(std::move(ground.session)),
      rooms{*vault, *replica, own, *seams.rng, &signatures},
      services{profile, rooms, *session, seams.now_ms},
      book(rooms),
      offers(services, book),
      outbox(services, book, offers),
      sync(*vault),
      transfers(services, outbox),
      recovery(services, book, offers, outbox, sync),
      pump(services, book, outbox, sync, recovery),
      housekeeping(services, book, offers, outbox, recovery),
      retention(services, book, outbox, transfers),
      composer(services, outbox, transfers, sync),
      actions(services, outbox, transfers) {}

absl::StatusOr<std::unique_ptr<OpenEngine::Parts>> OpenEngine::Parts::Make(
    const Profile& profile, const SecretBytes& master_key, const EngineSeams& seams) {
  ENLACE_ASSIGN_OR_RETURN(
      std::unique_ptr<Vault> vault,
      Vault::OpenWithMasterKey({profile.vault_path(), VaultMode::kOwner}, master_key, *seams.rng));
  ENLACE_ASSIGN_OR_RETURN(DeviceIdentity identity, LoadDevice(*vault));
  ENLACE_ASSIGN_OR_RETURN(OwnDevice own, OwnDeviceOf(identity));
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<RegistryReplica> replica,
                          RegistryReplica::Open({profile.registry_path(), identity.pin, false}));
  ENLACE_ASSIGN_OR_RETURN(
      std::unique_ptr<SessionInterface> session,
      seams.connect(EndpointOf(identity, replica->registry().charter()), TlsIdentityOf(identity)));
  Ground ground{profile,        std::move(vault),   std::move(identity),
                std::move(own), std::move(replica), std::move(session)};
  auto parts = std::make_unique<Parts>(std::move(ground), seams);
  ENLACE_RETURN_IF_ERROR(parts->sync.Load());
  ENLACE_RETURN_IF_ERROR(parts->outbox.Open());
  return parts;
}

absl::Status OpenEngine::Parts::PublishKeyPackages() {
  const identity::Registry& registry = replica->registry();
  const identity::DeviceRecord* record = registry.FindDevice(own.uri.text());
  const bool service =
      record != nullptr &&
      identity::HasRole(registry.RolesOf(*record, registry.size()), identity::Role::kService);
  KeyPackageOrder order;
  order.one_time_count = service ? kKeyPackagesOneTimeService : kKeyPackagesOneTime;
  order.now_ms = services.now_ms();
  return client::PublishKeyPackages(identity, order, *vault, *session, rooms.rng);
}

}  // namespace enlace::client
