// The registry: who exists, as the log says. A pure state machine that both the server and every
// client run.
//
// It takes log entries in order and refuses any that is not authorised at its place by the charter
// in force there: wrong signature, foreign CA, gap in a signer's numbering, device or office that
// does not exist. It promises that the same entries give the same answers everywhere, that an entry
// that is refused changes nothing, and that every answer about the past is what it was then
// (LogMoment). It keeps no entry: whoever stores the log does.
//
// Invariants: 1. size() entries were applied, and root() is their RFC 6962 root. 2. The first entry
// is a charter that carries the founding keys of the pinned root. 3. Records never disappear. 4. A
// TLS or MLS certificate belongs to one device. Thread safety: as a vector's: const calls may run
// together. Ownership: owns all records; pointers that it gives stay valid while it lives, moved or
// not.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/identity/charter_chain.h"
#include "crypto/identity/limits.h"
#include "crypto/identity/log_entry.h"
#include "crypto/identity/registry_records.h"
#include "crypto/merkle/signed_head.h"
#include "crypto/merkle/tree.h"

namespace enlace::identity {

// Whether Apply verifies signatures and certificates. kVerifiedBefore is for replaying a stored log
// whose root at this size was verified by this installation before; every other rule is applied all
// the same.
enum class Trust { kVerify, kVerifiedBefore };

class Registry {
 public:
  // An empty registry that will accept only the log of this charter root.
  explicit Registry(const merkle::Hash& charter_root);
  Registry(Registry&&) noexcept;
  Registry& operator=(Registry&&) noexcept;
  ~Registry();

  // Applies the next entry (EncodeLogEntry's bytes). INVALID_ARGUMENT for a malformed entry,
  // PERMISSION_DENIED for one that its signer may not make, FAILED_PRECONDITION for one that does
  // not fit the state (gap in numbering, time that goes back, unknown or used name), NOT_FOUND for
  // a thing that it names and nobody has created.
  absl::Status Apply(BytesView entry, Trust trust = Trust::kVerify);
  // What Apply with kVerify would answer: for a server before it makes an entry durable.
  absl::Status Check(BytesView entry) const;

  uint64_t size() const { return tree_.size(); }
  merkle::Hash root() const { return tree_.Root(); }
  merkle::HeadRef head() const { return {size(), root()}; }
  const merkle::Tree& tree() const { return tree_; }
  // logged_at_ms of the last entry; 0 when empty.
  int64_t last_logged_at_ms() const { return last_logged_at_ms_; }

  // OK when the server of the charter in force at the head's size signed it and, for a size that is
  // here, its root is ours. DATA_LOSS when it is not (a fork, when the signature verifies);
  // OUT_OF_RANGE when the size is ahead of ours.
  absl::Status CheckHead(const merkle::SignedHead& head) const;
  // The same for an unsigned reference: OK when ours had this root at this size.
  absl::Status CheckHeadRef(const merkle::HeadRef& head) const;

  // The charter in force now or in a log of `size` entries; null before the first.
  const Charter* charter() const { return CharterAt(size()); }
  const Charter* CharterAt(uint64_t size) const;
  // Hash of that charter's body (CharterHash); null likewise.
  const merkle::Hash* CharterHashAt(uint64_t size) const;
  // The charter with this version, when the log holds it.
  const Charter* CharterByVersion(uint64_t version) const;

  const OfficeRecord* FindOffice(std::string_view office_id) const;
  // The office that `office_id` has become by renames and closings in a log of `size` entries; null
  // when it never existed.
  const OfficeRecord* ResolveOffice(std::string_view office_id, uint64_t size) const;
  const OfficeRecord* ResolveOffice(std::string_view office_id) const {
    return ResolveOffice(office_id, size());
  }
  // All offices that were ever created, in order of creation.
  std::vector<const OfficeRecord*> Offices() const;

  const OfficerRecord* FindOfficer(std::string_view officer_id) const;
  // All officers of an authority, in order of first enrolment.
  std::vector<const OfficerRecord*> OfficersOf(std::string_view authority) const;

  const DeviceRecord* FindDevice(std::string_view device_uri) const;
  const DeviceRecord* FindDeviceByTls(const merkle::Hash& tls_fingerprint) const;
  const DeviceRecord* FindDeviceByMls(const merkle::Hash& mls_fingerprint) const;
  // Pair of certificates that has this TLS or MLS fingerprint; null when none.
  const DeviceCertificates* FindCertificates(const merkle::Hash& fingerprint) const;

  // State of one certificate (TLS or MLS fingerprint) of a device at a moment. kActive needs:
  // logged before, valid at the time, its CA named by the charter then, the device not revoked, its
  // officer not suspended and in at least one office.
  DeviceState CertificateStateAt(const merkle::Hash& fingerprint, const LogMoment& moment) const;
  // The same for a device: the state of its best certificate.
  DeviceState DeviceStateAt(const DeviceRecord& device, const LogMoment& moment) const;
  bool IsActiveAt(const DeviceRecord& device, const LogMoment& moment) const {
    return DeviceStateAt(device, moment) == DeviceState::kActive;
  }
  // The moment "here and now": all entries, at `now_ms`.
  LogMoment Now(int64_t now_ms) const { return {size(), now_ms}; }

  // Ids, resolved, of the offices that the device acts for in a log of `size` entries.
  std::vector<std::string> OfficesOf(const DeviceRecord& device, uint64_t size) const;
  // True when the device's officer belongs to what `office_id` has become at `size`.
  bool BelongsTo(const DeviceRecord& device, std::string_view office_id, uint64_t size) const;
  RoleSet RolesOf(const DeviceRecord& device, uint64_t size) const;
  // Devices of an office (of what it has become) that are active at `now`; those of offices that
  // were merged into it too.
  std::vector<const DeviceRecord*> ActiveDevicesOf(std::string_view office_id,
                                                   int64_t now_ms) const;
  // True when the device is active at `now` and an admin of `authority`.
  bool IsAdminOf(const DeviceRecord& device, std::string_view authority, int64_t now_ms) const;

  // Number that the next statement of the signer with this certificate fingerprint must carry.
  uint64_t NextSequence(const merkle::Hash& signer) const;

 private:
  friend class RegistryRules;
  friend class RegistryWriter;

  struct CharterEpoch {
    uint64_t logged_at = 0;
    Charter charter;
    merkle::Hash hash{};
  };
  struct CertificateOwner {
    DeviceRecord* device = nullptr;
    uint32_t index = 0;
  };
  DeviceState StateOf(const DeviceRecord& device, const DeviceCertificates& pair,
                      const LogMoment& moment) const;

  merkle::Tree tree_;
  int64_t last_logged_at_ms_ = 0;
  CharterChain chain_;
  std::deque<CharterEpoch> charters_;
  std::deque<OfficeRecord> offices_;
  std::deque<OfficerRecord> officers_;
  std::deque<DeviceRecord> devices_;
  // Keys are views of the ids inside the records.
  std::unordered_map<std::string_view, OfficeRecord*> office_by_id_;
  std::unordered_map<std::string_view, OfficerRecord*> officer_by_id_;
  std::unordered_map<std::string_view, DeviceRecord*> device_by_uri_;
  std::unordered_map<std::string, uint64_t> officer_count_;  // By authority.
  std::unordered_map<merkle::Hash, CertificateOwner, merkle::HashOfHash> owner_by_fingerprint_;
  std::unordered_map<merkle::Hash, uint64_t, merkle::HashOfHash> last_sequence_;
};

}  // namespace enlace::identity
