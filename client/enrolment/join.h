// The first day of a device: from an invitation to an enrolled profile.
//
//   Join::Begin     reads the invitation, follows the charter from its pinned root at the server
//                   whose certificate the invitation names. Nothing has been sent or written yet.
//   Join::Request   makes vault and keys, sends the signing requests with their MAC, gives the six
//                   words. A refusal leaves nothing behind.
//   Join::Resume    continues a request of an earlier run from its vault.
//   Join::Finish    asks for the outcome. Once approved: verifies that the logged statement admits
//                   exactly our keys under the charter's CA, then makes the profile an enrolled one
//                   in a single transaction, then uploads key packages.
//
// The invitation's code is never sent; it stands in the vault only until the outcome is known.
// Thread safety: one thread. Ownership: holds the profile's lock, and its vault from Request or
// Resume on.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/enrolment/device_store.h"
#include "client/profile/profile.h"
#include "client/registry/registry_replica.h"
#include "client/session/session.h"
#include "client/vault/vault.h"
#include "crypto/identity/charter_chain.h"
#include "crypto/identity/enrolment.h"
#include "crypto/identity/invitation.h"
#include "crypto/primitives/rng.h"

namespace enlace::client {

// How a Join reaches the world; tests put their own server here.
struct JoinEnvironment {
  crypto::Rng& rng;
  std::function<int64_t()> now_ms;
  std::function<absl::StatusOr<std::unique_ptr<EnrolmentInterface>>(const ServerEndpoint&)>
      connect_enrolment;
  std::function<absl::StatusOr<std::unique_ptr<SessionInterface>>(const ServerEndpoint&,
                                                                  const ClientIdentity&)>
      connect;
  PassphraseCost cost = {};

  // gRPC and the system's clock.
  static JoinEnvironment OfSystem(crypto::Rng& rng);
};

// What became of a finished Join.
struct Joined {
  DeviceIdentity device;
  std::vector<std::string> offices;
  // OK, or why no key packages could be uploaded: the next sync does it.
  absl::Status key_packages;
};

class Join {
 public:
  // ALREADY_ENROLLED, INVITATION_INVALID, INVITATION_SPENT when it expired, SERVER_UNREACHABLE,
  // SERVER_IDENTITY, CHARTER_REJECTED, CHARTER_EXPIRED, CA_NOT_IN_CHARTER, VAULT_BUSY.
  // ENROLMENT_PENDING when a request of this profile waits already: resume that one. `environment`
  // must outlive the Join.
  static absl::StatusOr<std::unique_ptr<Join>> Begin(const Profile& profile,
                                                     std::string_view invitation,
                                                     const JoinEnvironment& environment);
  // NOT_ENROLLED when nothing waits in this profile, ALREADY_ENROLLED, PASSPHRASE_WRONG.
  static absl::StatusOr<std::unique_ptr<Join>> Resume(const Profile& profile,
                                                      const SecretBytes& passphrase,
                                                      const JoinEnvironment& environment);

  virtual ~Join() = default;
  Join(const Join&) = delete;
  Join& operator=(const Join&) = delete;

  virtual const identity::Invitation& invitation() const = 0;
  // The verified charter; null after Resume until Finish has fetched it.
  virtual const identity::Charter* charter() const = 0;

  // After the person agreed. PASSPHRASE_WEAK, INVITATION_UNKNOWN, INVITATION_SPENT and the
  // session's errors; the profile is then as before. Only after SERVER_UNREACHABLE the request is
  // kept, since it may have arrived: Finish, also of a later run, sends it again.
  virtual absl::Status Request(const SecretBytes& passphrase) = 0;
  // The six words of the request; there must be one.
  virtual std::array<std::string, identity::kVerificationWords> words() const = 0;

  // ENROLMENT_PENDING while nobody has decided: ask again later. ENROLMENT_REJECTED: the profile is
  // empty again. REGISTRY_ENTRY_INVALID or LOG_INCONSISTENT when what the server says does not
  // verify: nothing is stored.
  virtual absl::StatusOr<Joined> Finish() = 0;

 protected:
  Join() = default;
};

// True when a request waits in this profile; asks without opening the vault.
bool HasPendingJoin(const Profile& profile);

// Setting that a finished Join leaves in the profile's config: the officer's id, for messages that
// come before the vault is open.
inline constexpr std::string_view kOfficerSetting = "officer";

// Charters of an enrolment listener, followed from the pin; the newest, in force at `now_ms`.
// CHARTER_MISSING, CHARTER_REJECTED, CHARTER_EXPIRED.
absl::StatusOr<identity::CharterChain> FollowCharters(EnrolmentInterface& server,
                                                      const identity::CharterPin& pin,
                                                      int64_t now_ms);

}  // namespace enlace::client
