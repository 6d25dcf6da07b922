#include "client/enrolment/device_store.h"

#include <utility>

#include "crypto/codec/reader.h"
#include "crypto/mls/secret_codec.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

absl::Status Damaged(std::string_view what) {
  return MakeError(Reason::kVaultDamaged, {{"what", std::string(what)}});
}

SecretBytes Encode(const DeviceIdentity& device) {
  mls::SecretWriter writer(4096);
  writer.U16(kDeviceRecordVersion);
  writer.Vector(AsBytes(device.uri.text()));
  writer.Vector(device.tls_certificate.der());
  writer.Vector(device.mls_certificate.der());
  writer.Vector(device.tls_key.pkcs8().view());
  writer.Vector(device.mls_key.pkcs8().view());
  writer.Raw(device.pin.root);
  writer.U64(device.pin.lowest_version);
  writer.Vector(AsBytes(device.server_address));
  writer.Vector(AsBytes(device.enrolment_address));
  writer.Raw(device.server_certificate);
  writer.Vector(AsBytes(device.administrator_phone));
  return writer.Take();
}

// The fields as they stand, before they are understood.
struct RawDevice {
  BytesView uri, tls_certificate, mls_certificate, tls_key, mls_key, root, server_address,
      enrolment_address, server_certificate, phone;
  uint64_t lowest_version = 0;
};

absl::Status ReadRaw(codec::Reader& reader, RawDevice& raw) {
  for (BytesView* field :
       {&raw.uri, &raw.tls_certificate, &raw.mls_certificate, &raw.tls_key, &raw.mls_key}) {
    ENLACE_RETURN_IF_ERROR(reader.ReadVector(*field));
  }
  ENLACE_RETURN_IF_ERROR(reader.ReadFixed(merkle::kHashBytes, raw.root));
  ENLACE_RETURN_IF_ERROR(reader.ReadU64(raw.lowest_version));
  ENLACE_RETURN_IF_ERROR(reader.ReadVector(raw.server_address));
  ENLACE_RETURN_IF_ERROR(reader.ReadVector(raw.enrolment_address));
  ENLACE_RETURN_IF_ERROR(reader.ReadFixed(merkle::kHashBytes, raw.server_certificate));
  ENLACE_RETURN_IF_ERROR(reader.ReadVector(raw.phone));
  return reader.Done();
}

merkle::Hash HashOf(BytesView bytes) {
  merkle::Hash hash{};
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

absl::StatusOr<DeviceIdentity> Understand(const RawDevice& raw) {
  ENLACE_ASSIGN_OR_RETURN(auto uri, identity::DeviceUri::Parse(AsText(raw.uri)));
  ENLACE_ASSIGN_OR_RETURN(auto tls, identity::Certificate::FromDer(raw.tls_certificate));
  ENLACE_ASSIGN_OR_RETURN(auto mls, identity::Certificate::FromDer(raw.mls_certificate));
  ENLACE_ASSIGN_OR_RETURN(auto tls_key, identity::PrivateKey::FromPkcs8(raw.tls_key));
  ENLACE_ASSIGN_OR_RETURN(auto mls_key, identity::PrivateKey::FromPkcs8(raw.mls_key));
  return DeviceIdentity{std::move(uri),
                        std::move(tls),
                        std::move(mls),
                        std::move(tls_key),
                        std::move(mls_key),
                        {HashOf(raw.root), raw.lowest_version},
                        ToText(raw.server_address),
                        ToText(raw.enrolment_address),
                        HashOf(raw.server_certificate),
                        ToText(raw.phone)};
}

}  // namespace

absl::Status SaveDevice(const DeviceIdentity& device, VaultTransaction& transaction,
                        std::string_view row) {
  return transaction.Put(kDeviceTable, AsBytes(row), Encode(device).view(), kVaultKey);
}

absl::StatusOr<DeviceIdentity> LoadDevice(const Vault& vault, std::string_view row) {
  ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> stored,
                          vault.Get(kDeviceTable, AsBytes(row)));
  if (!stored.has_value()) return MakeError(Reason::kNotEnrolled);
  codec::Reader reader(stored->view());
  uint16_t version = 0;
  if (!reader.ReadU16(version).ok()) return Damaged("device");
  if (version > kDeviceRecordVersion) {
    return MakeError(Reason::kProgramTooOld, {{"what", "vault.db"}});
  }
  RawDevice raw;
  if (!ReadRaw(reader, raw).ok()) return Damaged("device");
  auto device = Understand(raw);
  if (!device.ok()) return Damaged(MessageOf(device.status()));
  return device;
}

ServerEndpoint EndpointOf(const DeviceIdentity& device, const identity::Charter* charter) {
  ServerEndpoint endpoint{device.server_address, device.server_certificate};
  if (charter != nullptr) {
    endpoint.server_certificate = merkle::Sha256(BytesView(charter->server.certificate));
  }
  return endpoint;
}

ClientIdentity TlsIdentityOf(const DeviceIdentity& device) {
  return {device.tls_certificate.der(), device.tls_key.pkcs8().Clone()};
}

}  // namespace enlace::client
