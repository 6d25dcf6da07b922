#include "server/core/key_package_core.h"

#include "crypto/mls/framing.h"
#include "crypto/mls/key_package.h"
#include "server/core/keys.h"
#include "server/core/limits.h"
#include "server/core/store_io.h"

namespace enlace::server {
namespace {

using store::v1::KeyPackageState;

absl::Status Invalid(std::string_view what) {
  return MakeError(Reason::kKeyPackageInvalid, {{"what", std::string(what)}});
}

absl::StatusOr<mls::KeyPackage> ParseKeyPackage(BytesView message) {
  ENLACE_ASSIGN_OR_RETURN(mls::MlsMessage parsed, mls::MlsMessage::Parse(message));
  auto* key_package = std::get_if<mls::KeyPackage>(&parsed.body);
  if (key_package == nullptr) return InvalidArgument("not a key package");
  return std::move(*key_package);
}

bool Expired(BytesView message, int64_t now_ms) {
  const auto key_package = ParseKeyPackage(message);
  if (!key_package.ok()) return true;
  const auto lifetime = key_package->leaf_node().lifetime();
  return !lifetime || !lifetime->Contains(static_cast<uint64_t>(now_ms / kSecondMs));
}

}  // namespace

absl::Status KeyPackageCore::CheckOwn(const Caller& caller, BytesView message, bool last_resort,
                                      int64_t now_ms) const {
  if (message.size() > kKeyPackageBytesMax) return Invalid("too long");
  const auto key_package = ParseKeyPackage(message);
  if (!key_package.ok()) return Invalid(MessageOf(key_package.status()));
  if (key_package->last_resort() != last_resort) return Invalid("last_resort");
  mls::LeafRules rules;
  rules.now_s = static_cast<uint64_t>(now_ms / kSecondMs);
  rules.lifetime_s_max = static_cast<uint64_t>(kKeyPackageLifetimeMsMax / kSecondMs);
  const absl::Status valid = mls::ValidateKeyPackage(*key_package, rules);
  if (!valid.ok()) return Invalid(MessageOf(valid));
  const mls::LeafNode& leaf = key_package->leaf_node();
  const merkle::Hash* certificate = leaf.credential().SoleCertificate();
  if (certificate == nullptr) return Invalid("credential");
  const identity::Registry& registry = registry_.latest();
  const merkle::Hash& fingerprint = *certificate;
  const identity::DeviceRecord* device = registry.FindDeviceByMls(fingerprint);
  if (device == nullptr || device->uri.text() != caller.device_uri)
    return Invalid("certificate of another device");
  if (registry.CertificateStateAt(fingerprint, registry.Now(now_ms)) !=
      identity::DeviceState::kActive) {
    return Invalid("certificate not active");
  }
  if (!EqualBytes(registry.FindCertificates(fingerprint)->mls_key, leaf.signature_key())) {
    return Invalid("signature key is not the certificate's");
  }
  return absl::OkStatus();
}

absl::Status KeyPackageCore::Upload(const Caller& caller,
                                    const v1::UploadKeyPackagesRequest& request, int64_t now_ms,
                                    v1::UploadKeyPackagesResponse& answer) {
  Bytes key = keys::KeyPackageState(caller.device_uri);
  ENLACE_ASSIGN_OR_RETURN(const auto stored, ReadRecord<KeyPackageState>(store_, key));
  KeyPackageState state = stored.value_or(KeyPackageState());
  const uint64_t count =
      state.next() - state.first() + static_cast<uint64_t>(request.key_packages().size());
  if (count > kOneTimeKeyPackagesMax) {
    return MakeError(Reason::kLimitExceeded,
                     {{"what", "key packages"}, {"limit", std::to_string(kOneTimeKeyPackagesMax)}});
  }
  for (const std::string& message : request.key_packages()) {
    ENLACE_RETURN_IF_ERROR(CheckOwn(caller, AsBytes(message), false, now_ms));
    store_.Put(keys::KeyPackage(caller.device_uri, state.next()), message);
    state.set_next(state.next() + 1);
  }
  if (!request.last_resort().empty()) {
    ENLACE_RETURN_IF_ERROR(CheckOwn(caller, AsBytes(request.last_resort()), true, now_ms));
    state.set_last_resort(request.last_resort());
  }
  WriteRecord(store_, std::move(key), state);
  answer.set_one_time_count(static_cast<uint32_t>(count));
  return absl::OkStatus();
}

KeyPackageCore::Claims& KeyPackageCore::ClaimsOf(const Caller& caller, int64_t now_ms) {
  Claims& claims = claims_[caller.device_uri];
  const int64_t hour = now_ms / kHourMs;
  if (claims.hour != hour) claims = {hour, 0, {}};
  return claims;
}

absl::Status KeyPackageCore::Claim(const Caller& caller, const v1::ClaimKeyPackagesRequest& request,
                                   int64_t now_ms, v1::ClaimKeyPackagesResponse& answer) {
  const auto count = static_cast<size_t>(request.device_uris().size());
  if (count > kClaimDevicesMax) {
    return MakeError(Reason::kLimitExceeded,
                     {{"what", "devices"}, {"limit", std::to_string(kClaimDevicesMax)}});
  }
  Claims& claims = ClaimsOf(caller, now_ms);
  if (claims.devices + count > kClaimsPerHourMax) {
    return MakeRetryableError(
        Reason::kLimitExceeded, (claims.hour + 1) * kHourMs - now_ms,
        {{"what", "claims in an hour"}, {"limit", std::to_string(kClaimsPerHourMax)}});
  }
  for (const std::string& uri : request.device_uris()) {
    ++claims.devices;
    ENLACE_ASSIGN_OR_RETURN(std::string key_package, ClaimOne(uri, claims, now_ms));
    v1::ClaimedKeyPackage& claimed = *answer.add_key_packages();
    claimed.set_device_uri(uri);
    claimed.set_key_package(std::move(key_package));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> KeyPackageCore::ClaimOne(std::string_view device_uri, Claims& claims,
                                                     int64_t now_ms) {
  const identity::Registry& registry = registry_.latest();
  const identity::DeviceRecord* device = registry.FindDevice(device_uri);
  if (device == nullptr || !registry.IsActiveAt(*device, registry.Now(now_ms)))
    return std::string();
  Bytes key = keys::KeyPackageState(device_uri);
  ENLACE_ASSIGN_OR_RETURN(auto state, ReadRecord<KeyPackageState>(store_, key));
  if (!state) return std::string();
  uint32_t& taken = claims.one_time_of[std::string(device_uri)];
  std::string key_package;
  if (taken < kClaimsOfOneDevicePerHourMax) {
    ENLACE_ASSIGN_OR_RETURN(key_package, TakeOldest(device_uri, *state, now_ms));
  }
  if (!key_package.empty()) ++taken;
  if (key_package.empty() && !Expired(AsBytes(state->last_resort()), now_ms))
    key_package = state->last_resort();
  WriteRecord(store_, std::move(key), *state);
  return key_package;
}

absl::StatusOr<std::string> KeyPackageCore::TakeOldest(std::string_view device_uri,
                                                       KeyPackageState& state, int64_t now_ms) {
  while (state.first() < state.next()) {
    Bytes key = keys::KeyPackage(device_uri, state.first());
    state.set_first(state.first() + 1);
    ENLACE_ASSIGN_OR_RETURN(const auto message, store_.Get(key));
    if (!message) return DamagedRecord(key);
    store_.Delete(std::move(key));
    if (!Expired(*message, now_ms)) return ToText(*message);
  }
  return std::string();
}

absl::Status KeyPackageCore::Forget(std::string_view device_uri) {
  ENLACE_ASSIGN_OR_RETURN(const auto state, store_.Get(keys::KeyPackageState(device_uri)));
  if (!state) return absl::OkStatus();
  store_.DeleteRange(storage::PrefixRange(keys::KeyPackages(device_uri)));
  store_.Delete(keys::KeyPackageState(device_uri));
  return absl::OkStatus();
}

}  // namespace enlace::server
