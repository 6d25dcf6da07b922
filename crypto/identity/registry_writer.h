// The effect of an accepted entry on the registry's records.
//
// Internal to this folder. Promises nothing for an entry that was not checked against this very
// state.
//
// Thread safety: one thread. Ownership: borrows the registry.
#pragma once

#include "crypto/identity/registry.h"
#include "crypto/identity/registry_rules.h"

namespace enlace::identity {

class RegistryWriter {
 public:
  RegistryWriter(Registry& registry, CheckedEntry& entry)
      : registry_(registry), entry_(entry), index_(registry.size()) {}

  // Applies the entry, whose leaf hash is `leaf_hash`.
  void Write(const merkle::Hash& leaf_hash);

  // Effect of each kind of statement.
  void operator()(const OfficeStated& office);
  void operator()(const DeviceEnrolled& device);
  void operator()(const OfficerAssigned& officer);
  void operator()(const DeviceRevoked& device);
  void operator()(const OfficerSuspended& officer);
  void operator()(const OfficerReinstated& officer);
  void operator()(const OfficeRenamed& office);
  void operator()(const OfficeClosed& office);
  void operator()(const OfficeDuty& duty);

 private:
  OfficeRecord& AddOffice(const std::string& id);
  OfficerRecord& OfficerFor(const DeviceUri& uri);
  DeviceRecord& DeviceFor(const DeviceUri& uri);
  void Assign(OfficerRecord& officer, const std::vector<std::string>& offices, RoleSet roles);
  void MoveOffice(const std::string& from, OfficeRecord& to, bool renamed);

  Registry& registry_;
  CheckedEntry& entry_;
  uint64_t index_;
};

}  // namespace enlace::identity
