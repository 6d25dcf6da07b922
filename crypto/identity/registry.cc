#include "crypto/identity/registry.h"

#include <algorithm>
#include <utility>

#include "crypto/identity/registry_rules.h"
#include "crypto/identity/registry_writer.h"
#include "crypto/primitives/status.h"

namespace enlace::identity {
namespace {

template <typename Map, typename Key>
auto* FindIn(const Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : found->second;
}

}  // namespace

Registry::Registry(const merkle::Hash& charter_root) : chain_(charter_root) {}
Registry::Registry(Registry&&) noexcept = default;
Registry& Registry::operator=(Registry&&) noexcept = default;
Registry::~Registry() = default;

absl::Status Registry::Apply(BytesView entry, Trust trust) {
  ENLACE_ASSIGN_OR_RETURN(CheckedEntry checked, RegistryRules(*this, trust).Check(entry));
  RegistryWriter(*this, checked).Write(merkle::LeafHash(entry));
  return absl::OkStatus();
}

absl::Status Registry::Check(BytesView entry) const {
  return RegistryRules(*this, Trust::kVerify).Check(entry).status();
}

absl::Status Registry::CheckHead(const merkle::SignedHead& head) const {
  if (head.head.size > size())
    return MakeStatus(absl::StatusCode::kOutOfRange, "the head is newer than our registry");
  const Charter* charter = CharterAt(head.head.size);
  if (charter == nullptr) return DataLoss("the head is of a log without a charter");
  ENLACE_RETURN_IF_ERROR(merkle::VerifyHead(head, charter->server.log_key));
  return CheckHeadRef(head.head);
}

absl::Status Registry::CheckHeadRef(const merkle::HeadRef& head) const {
  ENLACE_ASSIGN_OR_RETURN(const merkle::Hash root, tree_.RootAt(head.size));
  return root == head.root ? absl::OkStatus()
                           : DataLoss("the registry had another root at this size");
}

const Charter* Registry::CharterAt(uint64_t size) const {
  const auto found =
      std::find_if(charters_.rbegin(), charters_.rend(),
                   [size](const CharterEpoch& epoch) { return epoch.logged_at < size; });
  return found == charters_.rend() ? nullptr : &found->charter;
}

const merkle::Hash* Registry::CharterHashAt(uint64_t size) const {
  const auto found =
      std::find_if(charters_.rbegin(), charters_.rend(),
                   [size](const CharterEpoch& epoch) { return epoch.logged_at < size; });
  return found == charters_.rend() ? nullptr : &found->hash;
}

const Charter* Registry::CharterByVersion(uint64_t version) const {
  const auto found = std::find_if(
      charters_.begin(), charters_.end(),
      [version](const CharterEpoch& epoch) { return epoch.charter.version == version; });
  return found == charters_.end() ? nullptr : &found->charter;
}

const OfficeRecord* Registry::FindOffice(std::string_view office_id) const {
  return FindIn(office_by_id_, office_id);
}

const OfficeRecord* Registry::ResolveOffice(std::string_view office_id, uint64_t size) const {
  const OfficeRecord* office = FindOffice(office_id);
  // Each move leads to an office that was open then, so the path has no circle.
  while (office != nullptr && !office->open() && office->moved_at < size)
    office = FindOffice(office->moved_to);
  return office != nullptr && office->StatedAt(size) != nullptr ? office : nullptr;
}

std::vector<const OfficeRecord*> Registry::Offices() const {
  std::vector<const OfficeRecord*> all;
  for (const OfficeRecord& office : offices_) all.push_back(&office);
  return all;
}

const OfficerRecord* Registry::FindOfficer(std::string_view officer_id) const {
  return FindIn(officer_by_id_, officer_id);
}

std::vector<const OfficerRecord*> Registry::OfficersOf(std::string_view authority) const {
  std::vector<const OfficerRecord*> all;
  for (const OfficerRecord& officer : officers_) {
    if (AuthorityOfOfficer(officer.id) == authority) all.push_back(&officer);
  }
  return all;
}

const DeviceRecord* Registry::FindDevice(std::string_view device_uri) const {
  return FindIn(device_by_uri_, device_uri);
}

const DeviceRecord* Registry::FindDeviceByTls(const merkle::Hash& tls_fingerprint) const {
  const DeviceCertificates* pair = FindCertificates(tls_fingerprint);
  const bool is_tls = pair != nullptr && pair->tls_fingerprint == tls_fingerprint;
  return is_tls ? owner_by_fingerprint_.at(tls_fingerprint).device : nullptr;
}

const DeviceRecord* Registry::FindDeviceByMls(const merkle::Hash& mls_fingerprint) const {
  const DeviceCertificates* pair = FindCertificates(mls_fingerprint);
  const bool is_mls = pair != nullptr && pair->mls_fingerprint == mls_fingerprint;
  return is_mls ? owner_by_fingerprint_.at(mls_fingerprint).device : nullptr;
}

const DeviceCertificates* Registry::FindCertificates(const merkle::Hash& fingerprint) const {
  const auto found = owner_by_fingerprint_.find(fingerprint);
  if (found == owner_by_fingerprint_.end()) return nullptr;
  return &found->second.device->certificates[found->second.index];
}

DeviceState Registry::StateOf(const DeviceRecord& device, const DeviceCertificates& pair,
                              const LogMoment& moment) const {
  if (pair.logged_at >= moment.size) return DeviceState::kNotLogged;
  if (CharterAt(moment.size)->FindCa(device.uri.authority(), pair.ca_fingerprint) == nullptr) {
    return DeviceState::kCaNotNamed;
  }
  if (device.revoked_at.has_value() && *device.revoked_at < moment.size)
    return DeviceState::kRevoked;
  if (device.officer->SuspendedAt(moment)) return DeviceState::kSuspended;
  const Assignment* assignment = device.officer->AssignmentAt(moment.size);
  if (assignment == nullptr || assignment->offices.empty()) return DeviceState::kUnassigned;
  if (moment.time_ms < pair.not_before_ms) return DeviceState::kNotYetValid;
  return moment.time_ms > pair.not_after_ms ? DeviceState::kExpired : DeviceState::kActive;
}

DeviceState Registry::CertificateStateAt(const merkle::Hash& fingerprint,
                                         const LogMoment& moment) const {
  const auto found = owner_by_fingerprint_.find(fingerprint);
  if (found == owner_by_fingerprint_.end()) return DeviceState::kNotLogged;
  const CertificateOwner& owner = found->second;
  return StateOf(*owner.device, owner.device->certificates[owner.index], moment);
}

DeviceState Registry::DeviceStateAt(const DeviceRecord& device, const LogMoment& moment) const {
  DeviceState state = DeviceState::kNotLogged;
  for (const DeviceCertificates& pair : device.certificates) {
    const DeviceState next = StateOf(device, pair, moment);
    if (next == DeviceState::kActive) return next;
    if (next != DeviceState::kNotLogged) state = next;
  }
  return state;
}

std::vector<std::string> Registry::OfficesOf(const DeviceRecord& device, uint64_t size) const {
  const Assignment* assignment = device.officer->AssignmentAt(size);
  return assignment == nullptr ? std::vector<std::string>()
                               : ResolvedOffices(*this, *assignment, size);
}

bool Registry::BelongsTo(const DeviceRecord& device, std::string_view office_id,
                         uint64_t size) const {
  const OfficeRecord* office = ResolveOffice(office_id, size);
  const Assignment* assignment = device.officer->AssignmentAt(size);
  if (office == nullptr || assignment == nullptr) return false;
  return std::any_of(assignment->offices.begin(), assignment->offices.end(),
                     [&](const std::string& id) { return ResolveOffice(id, size) == office; });
}

RoleSet Registry::RolesOf(const DeviceRecord& device, uint64_t size) const {
  const Assignment* assignment = device.officer->AssignmentAt(size);
  return assignment == nullptr ? RoleSet{0} : assignment->roles;
}

std::vector<const DeviceRecord*> Registry::ActiveDevicesOf(std::string_view office_id,
                                                           int64_t now_ms) const {
  const OfficeRecord* office = ResolveOffice(office_id);
  if (office == nullptr) return {};
  std::vector<const OfficeRecord*> offices = {office};
  std::vector<const DeviceRecord*> devices;
  for (size_t i = 0; i < offices.size(); ++i) {
    offices.insert(offices.end(), offices[i]->predecessors.begin(), offices[i]->predecessors.end());
    for (const OfficerRecord* officer : offices[i]->officers) {
      std::copy_if(officer->devices.begin(), officer->devices.end(), std::back_inserter(devices),
                   [&](const DeviceRecord* device) { return IsActiveAt(*device, Now(now_ms)); });
    }
  }
  // An officer of two offices that became one is met twice.
  std::sort(devices.begin(), devices.end(), [](auto* a, auto* b) { return a->uri < b->uri; });
  devices.erase(std::unique(devices.begin(), devices.end()), devices.end());
  return devices;
}

bool Registry::IsAdminOf(const DeviceRecord& device, std::string_view authority,
                         int64_t now_ms) const {
  return device.uri.authority() == authority && HasRole(RolesOf(device, size()), Role::kAdmin) &&
         IsActiveAt(device, Now(now_ms));
}

uint64_t Registry::NextSequence(const merkle::Hash& signer) const {
  const auto found = last_sequence_.find(signer);
  return found == last_sequence_.end() ? 1 : found->second + 1;
}

}  // namespace enlace::identity
