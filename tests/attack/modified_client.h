// A device whose program keeps to no rule: it signs and sends whatever a test gives it, with the
// real keys of an enrolled officer, into rooms that it is in.
//
// The officer's own engine must be off meanwhile. Thread safety: one thread. Ownership: borrows the
// officer; owns what it opened.
#pragma once

#include <memory>
#include <string>

#include "client/delivery/services.h"
#include "client/registry/registry_replica.h"
#include "client/rooms/room.h"
#include "client/session/session.h"
#include "crypto/primitives/system_rng.h"
#include "enlace/alert/v1/content.pb.h"
#include "tests/integration/support/client_world.h"

namespace enlace::testing {

class ModifiedClient {
 public:
  explicit ModifiedClient(Officer& officer);

  // Signs `content` and sends it into the case's room under an envelope that names `office`. What
  // the server says.
  absl::Status SendToCase(const std::string& case_ref, const alert::v1::Content& content,
                          const std::string& office);
  // A commit of its own making in the case's room: adds `entering` as a participant with one of
  // its devices.
  absl::Status LetIn(const std::string& case_ref, const std::string& entering,
                     room::OfficeRole role);

  // The same for any room that this device is in.
  absl::Status LetInto(BytesView room_id, const std::string& entering, room::OfficeRole role);

  // An action of this officer, filled but for what the test changes.
  alert::v1::Content Action(const std::string& case_ref, const std::string& alert_id, int action);
  // Raw calls under this device's certificate.
  client::SessionInterface& session() { return *session_; }

 private:
  absl::StatusOr<std::unique_ptr<client::Room>> RoomOf(const std::string& case_ref);

  Officer& officer_;
  crypto::SystemRng rng_;
  std::unique_ptr<client::Vault> vault_;
  client::DeviceIdentity identity_;
  client::OwnDevice own_;
  std::unique_ptr<client::RegistryReplica> replica_;
  std::unique_ptr<client::SessionInterface> session_;
  client::RoomContext context_;
};

// `attacker` runs the modified program once, then the honest one again, and everybody sees what
// came of it. What `attack` returned.
template <typename Attack>
absl::Status RunModified(ClientWorld& world, Officer& attacker, Attack attack) {
  attacker.TurnOff();
  absl::Status done;
  {
    ModifiedClient client(attacker);
    done = attack(client);
  }
  attacker.TurnOn();
  world.Settle();
  return done;
}

// An alert as a message of its case's room.
alert::v1::Content ContentOf(const alert::v1::CaseAlert& alert);

// The reason of the newest refused step of the case of A01 at a machine; empty when none was
// refused.
std::string LastRefusal(Officer& officer);

}  // namespace enlace::testing
