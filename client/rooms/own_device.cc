#include "client/rooms/own_device.h"

#include "client/enrolment/key_packages.h"
#include "crypto/primitives/status.h"
#include "crypto/room/log_chain.h"
#include "crypto/room/room_policy.h"

namespace enlace::client {

absl::StatusOr<OwnDevice> OwnDeviceOf(const DeviceIdentity& identity) {
  ENLACE_ASSIGN_OR_RETURN(crypto::SigningKey key, identity.mls_key.ToSigningKey());
  return OwnDevice{identity.uri, identity.mls_certificate.fingerprint(),
                   room::SenderHash(identity.uri.text()), std::move(key), LeafProfileOf(identity)};
}

mls::RequiredCapabilities RoomCapabilities() {
  mls::RequiredCapabilities required;
  required.extension_types = {room::kRoomPolicyExtension, room::kGuardCommitmentExtension};
  required.credential_types = {mls::kCredentialX509};
  return required;
}

}  // namespace enlace::client
