// A small RCM for tests: charter keys, authorities with their CAs, a server key, and a registry
// that is fed with statements.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "crypto/identity/issue.h"
#include "crypto/identity/registry.h"
#include "tests/unit/identity/test_rng.h"

namespace enlace::testing {

inline constexpr int64_t kWorldStartMs = 1'795'000'000'000;

// A device with all that it and its peers know.
struct WorldDevice {
  identity::DeviceUri uri;
  identity::PrivateKey tls_key;
  identity::PrivateKey mls_key;
  identity::Certificate tls;
  identity::Certificate mls;

  crypto::SigningKey signing_key() const { return *mls_key.ToSigningKey(); }
};

class World {
 public:
  // Charter version 1 with members hn, mx, pa, observer co and organisation iom, logged.
  explicit World(uint8_t seed = 1);

  identity::Registry& registry() { return registry_; }
  crypto::Rng& rng() { return rng_; }
  int64_t now_ms() const { return now_ms_; }
  void Advance(int64_t ms) { now_ms_ += ms; }
  const crypto::SigningKey& server_key() const { return server_key_; }
  const identity::Charter& charter() const { return charter_; }
  const std::vector<crypto::SigningKey>& charter_keys() const { return charter_keys_; }
  const identity::Certificate& ca(const std::string& authority) const {
    return cas_.at(authority).certificate;
  }
  const identity::PrivateKey& ca_key(const std::string& authority) const {
    return cas_.at(authority).key;
  }

  // A charter signed by the first two of the three charter keys.
  identity::SignedCharter Sign(const identity::Charter& charter) const;
  // Logs the next version with the changes that `change` makes.
  template <typename Change>
  absl::Status LogCharter(Change change) {
    identity::Charter next = charter_;
    ++next.version;
    change(next);
    identity::SortCharter(next);
    const absl::Status status = Log(identity::MakeLogEntry(Sign(next), now_ms_));
    if (status.ok()) charter_ = next;
    return status;
  }

  // The next charter, with one authority more.
  void Admit(const std::string& id, identity::Standing standing, const std::string& alpha3);

  // A statement of the authority's CA with its next number.
  identity::SignedStatement State(const std::string& authority, identity::StatementBody body);
  // The same, signed by a device.
  identity::SignedStatement StateBy(const WorldDevice& device, identity::StatementBody body);
  absl::Status Log(const identity::LogEntry& entry);
  absl::Status LogStatement(const std::string& authority, identity::StatementBody body) {
    return Log(identity::MakeLogEntry(State(authority, std::move(body)), now_ms_));
  }

  static identity::OfficeStated Office(const std::string& id,
                                       std::vector<std::string> networks = {"consular"});
  // States an office; aborts the test program when it is refused.
  void AddOffice(const std::string& id, std::vector<std::string> networks = {"consular"});
  // Keys and certificates of a device, not logged.
  WorldDevice MakeDevice(const std::string& officer, const std::string& device);
  static identity::DeviceEnrolled Enrolment(
      const WorldDevice& device, std::vector<std::string> offices,
      identity::RoleSet roles = identity::RoleBit(identity::Role::kOfficer));
  // Makes and logs a device; aborts the test program when it is refused.
  WorldDevice AddDevice(const std::string& officer, const std::string& device,
                        std::vector<std::string> offices,
                        identity::RoleSet roles = identity::RoleBit(identity::Role::kOfficer));

  // The server's signed head now.
  merkle::SignedHead Head() const {
    return merkle::SignHead(registry_.head(), now_ms_, server_key_);
  }
  // All entries that were logged.
  const std::vector<Bytes>& entries() const { return entries_; }

 private:
  struct Ca {
    identity::PrivateKey key;
    identity::Certificate certificate;
  };

  identity::Charter FoundingCharter();
  identity::Authority AddAuthority(const std::string& id, identity::Standing standing,
                                   const std::string& alpha3);

  TestRng rng_;
  int64_t now_ms_ = kWorldStartMs;
  std::vector<crypto::SigningKey> charter_keys_;
  crypto::SigningKey server_key_;
  std::map<std::string, Ca> cas_;
  identity::Charter charter_;
  identity::Registry registry_;
  std::vector<Bytes> entries_;
};

}  // namespace enlace::testing
