#include "client/enrolment/key_packages.h"

#include <array>
#include <utility>
#include <vector>

#include "client/session/request_id.h"
#include "crypto/mls/credential.h"
#include "crypto/mls/framing.h"
#include "crypto/primitives/status.h"
#include "crypto/room/room_policy.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

// A key package may be used this long before it was made, for members whose clocks are behind.
constexpr int64_t kBackdateMs = identity::kBackdateMs;

absl::StatusOr<mls::KeyPackageBundle> MakeOne(const DeviceIdentity& device, int64_t now_ms,
                                              bool last_resort, crypto::Rng& rng) {
  ENLACE_ASSIGN_OR_RETURN(const crypto::SigningKey key, device.mls_key.ToSigningKey());
  mls::KeyPackageOptions options;
  options.lifetime = {static_cast<uint64_t>((now_ms - kBackdateMs) / 1000),
                      static_cast<uint64_t>((now_ms + kKeyPackageLifetimeMs) / 1000)};
  options.last_resort = last_resort;
  return mls::GenerateKeyPackage(LeafProfileOf(device), options, key, rng);
}

// Private parts first: a key package that the server hands out must open when its Welcome comes.
absl::Status Store(const std::vector<mls::KeyPackageBundle>& bundles, Vault& vault) {
  ENLACE_ASSIGN_OR_RETURN(const std::unique_ptr<VaultTransaction> transaction, vault.Begin());
  for (const mls::KeyPackageBundle& bundle : bundles) {
    ENLACE_RETURN_IF_ERROR(transaction->Put(kKeyPackageTable, bundle.key_package.Ref(),
                                            bundle.Serialize().view(), kVaultKey));
  }
  return transaction->Commit();
}

}  // namespace

mls::LeafProfile LeafProfileOf(const DeviceIdentity& device) {
  const std::array<Bytes, 1> chain = {device.mls_certificate.der()};
  mls::LeafProfile profile;
  // A parsed certificate is within every limit of a credential.
  profile.credential = mls::Credential::X509(chain).value();
  profile.capabilities.versions = {mls::kProtocolVersionMls10};
  profile.capabilities.cipher_suites = {crypto::CipherSuite::Rooms().id()};
  profile.capabilities.extensions = {room::kRoomPolicyExtension, room::kGuardCommitmentExtension,
                                     room::kRoomGuardExtension, room::kHeadMarkExtension};
  profile.capabilities.credentials = {mls::kCredentialX509};
  return profile;
}

absl::Status PublishKeyPackages(const DeviceIdentity& device, const KeyPackageOrder& order,
                                Vault& vault, SessionInterface& session, crypto::Rng& rng) {
  std::vector<mls::KeyPackageBundle> bundles;
  v1::UploadKeyPackagesRequest request;
  request.set_request_id(NewRequestId(order.now_ms, rng));
  for (uint32_t i = 0; i < order.one_time_count; ++i) {
    ENLACE_ASSIGN_OR_RETURN(mls::KeyPackageBundle bundle,
                            MakeOne(device, order.now_ms, false, rng));
    request.add_key_packages(ToText(mls::SerializeMessage(bundle.key_package)));
    bundles.push_back(std::move(bundle));
  }
  if (order.last_resort) {
    ENLACE_ASSIGN_OR_RETURN(mls::KeyPackageBundle bundle, MakeOne(device, order.now_ms, true, rng));
    request.set_last_resort(ToText(mls::SerializeMessage(bundle.key_package)));
    bundles.push_back(std::move(bundle));
  }
  ENLACE_RETURN_IF_ERROR(Store(bundles, vault));
  return session.UploadKeyPackages(request, kCallTimeoutMs).status();
}

absl::StatusOr<mls::KeyPackageBundle> LoadKeyPackage(const Vault& vault, BytesView ref) {
  ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> stored,
                          vault.Get(kKeyPackageTable, ref));
  if (!stored.has_value()) return NotFound("no such key package");
  auto bundle = mls::KeyPackageBundle::Parse(stored->view());
  if (!bundle.ok()) {
    return MakeError(Reason::kVaultDamaged, {{"what", std::string(MessageOf(bundle.status()))}});
  }
  return bundle;
}

}  // namespace enlace::client
