// A modified client of a case's origin: it ignores the guard and adds a device of an excluded
// office to the room.
//
//   enlace_attack_ghost --profile NAME --passphrase-file FILE --case REF --office OFFICE
//
// It does what every honest client refuses: names the office in the room's policy and adds its
// device, in a commit that is valid by all rules that the server and the members can share. Exits 0
// when the server accepted it. The profile's agent must not run.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <iostream>

#include "client/cases/case_store.h"
#include "client/cli_common/console.h"
#include "client/cli_common/exit_code.h"
#include "client/cli_common/passphrase_source.h"
#include "client/delivery/content_signing.h"
#include "client/delivery/inbox_pump.h"
#include "client/enrolment/device_store.h"
#include "client/profile/profile.h"
#include "client/registry/registry_replica.h"
#include "client/rooms/room.h"
#include "client/session/request_id.h"
#include "client/session/session.h"
#include "crypto/primitives/status.h"
#include "crypto/primitives/system_rng.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

struct Options {
  std::string profile;
  PassphraseSource passphrase;
  std::string case_ref;
  std::string office;
};

int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

absl::StatusOr<mls::KeyPackage> Claim(SessionInterface& session, const identity::Registry& registry,
                                      const std::string& office, crypto::Rng& rng) {
  v1::ClaimKeyPackagesRequest claim;
  claim.set_request_id(NewRequestId(NowMs(), rng));
  for (const identity::DeviceRecord* device : registry.ActiveDevicesOf(office, NowMs())) {
    claim.add_device_uris(device->uri.text());
  }
  ENLACE_ASSIGN_OR_RETURN(const v1::ClaimKeyPackagesResponse claimed,
                          session.ClaimKeyPackages(claim, kCallTimeoutMs));
  for (const v1::ClaimedKeyPackage& one : claimed.key_packages()) {
    if (one.key_package().empty()) continue;
    ENLACE_ASSIGN_OR_RETURN(mls::MlsMessage message,
                            mls::MlsMessage::Parse(AsBytes(one.key_package())));
    if (auto* key_package = std::get_if<mls::KeyPackage>(&message.body))
      return std::move(*key_package);
  }
  return NotFound("the office has no device with a key package");
}

absl::Status Attack(const Options& options) {
  Profile::Request request;
  request.name = options.profile;
  ENLACE_ASSIGN_OR_RETURN(const Profile profile, Profile::Open(request));
  ENLACE_ASSIGN_OR_RETURN(const ProfileLock lock, profile.LockOwner());
  crypto::SystemRng rng;
  const Console console(Console::Setup{});
  ENLACE_ASSIGN_OR_RETURN(const SecretBytes passphrase,
                          ReadPassphrase(options.passphrase, console));
  ENLACE_ASSIGN_OR_RETURN(const std::unique_ptr<Vault> vault,
                          Vault::Open({profile.vault_path(), VaultMode::kOwner}, passphrase, rng));
  ENLACE_ASSIGN_OR_RETURN(const DeviceIdentity identity, LoadDevice(*vault));
  ENLACE_ASSIGN_OR_RETURN(const OwnDevice own, OwnDeviceOf(identity));
  ENLACE_ASSIGN_OR_RETURN(const std::unique_ptr<RegistryReplica> replica,
                          RegistryReplica::Open({profile.registry_path(), identity.pin, false}));
  ENLACE_ASSIGN_OR_RETURN(const std::unique_ptr<Session> session,
                          Session::Connect(EndpointOf(identity, replica->registry().charter()),
                                           TlsIdentityOf(identity)));
  ENLACE_RETURN_IF_ERROR(replica->Refresh(*session, NowMs(), kCallTimeoutMs));
  const RoomContext context{*vault, *replica, own, rng, nullptr};

  ENLACE_ASSIGN_OR_RETURN(const auto record, CaseStore(*vault).Find(options.case_ref));
  if (!record) return MakeError(Reason::kCaseUnknown, {{"case", options.case_ref}});
  ENLACE_ASSIGN_OR_RETURN(const std::unique_ptr<Room> room,
                          Room::Load(context, AsBytes(record->room_id())));
  CommitIntent intent;
  ENLACE_ASSIGN_OR_RETURN(intent.policy, room->Policy());
  intent.policy->participants.push_back({options.office, room::OfficeRole::kInfo});
  std::sort(intent.policy->participants.begin(), intent.policy->participants.end(),
            [](const auto& a, const auto& b) { return a.office_id < b.office_id; });
  ENLACE_ASSIGN_OR_RETURN(mls::KeyPackage ghost,
                          Claim(*session, replica->registry(), options.office, rng));
  intent.adds.push_back(std::move(ghost));

  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, vault->Begin());
  ENLACE_ASSIGN_OR_RETURN(const PreparedCommit prepared, room->PrepareCommit(*tx, intent));
  ENLACE_RETURN_IF_ERROR(tx->Commit());
  v1::CommitRequest commit;
  commit.set_request_id(NewRequestId(NowMs(), rng));
  commit.set_room_id(record->room_id());
  FillBundle(prepared, {}, *commit.mutable_bundle());
  return session->Commit(commit, kCallTimeoutMs).status();
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App cli("Adds a device of an excluded office to a room, as no honest client does.");
  cli.add_option("--profile", options.profile)->required();
  cli.add_option("--passphrase-file", options.passphrase.file)->required();
  cli.add_option("--case", options.case_ref)->required();
  cli.add_option("--office", options.office)->required();
  CLI11_PARSE(cli, argc, argv);
  const absl::Status attacked = Attack(options);
  if (attacked.ok()) {
    std::cout << "the ghost's commit was accepted by the server\n";
    return 0;
  }
  Console(Console::Setup{}).Error(attacked);
  return ExitNumberOf(attacked);
}

}  // namespace
}  // namespace enlace::client

int main(int argc, char** argv) { return enlace::client::Main(argc, argv); }
