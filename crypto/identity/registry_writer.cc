#include "crypto/identity/registry_writer.h"

#include <algorithm>
#include <utility>

namespace enlace::identity {

void RegistryWriter::Write(const merkle::Hash& leaf_hash) {
  if (entry_.chain.has_value()) {
    registry_.chain_ = *std::move(entry_.chain);
    registry_.charters_.push_back(
        {index_, registry_.chain_.current(), registry_.chain_.current_hash()});
  }
  if (entry_.statement.has_value()) {
    std::visit(*this, entry_.statement->body);
    registry_.last_sequence_[entry_.signer] = entry_.statement->sequence;
  }
  registry_.last_logged_at_ms_ = entry_.logged_at_ms;
  registry_.tree_.Append(leaf_hash);
}

OfficeRecord& RegistryWriter::AddOffice(const std::string& id) {
  OfficeRecord& office = registry_.offices_.emplace_back();
  office.id = id;
  registry_.office_by_id_.emplace(office.id, &office);
  return office;
}

void RegistryWriter::operator()(const OfficeStated& office) {
  const auto known = registry_.office_by_id_.find(office.office_id);
  OfficeRecord& record =
      known == registry_.office_by_id_.end() ? AddOffice(office.office_id) : *known->second;
  record.versions.push_back({index_, office});
}

OfficerRecord& RegistryWriter::OfficerFor(const DeviceUri& uri) {
  const auto known = registry_.officer_by_id_.find(uri.officer_id());
  if (known != registry_.officer_by_id_.end()) return *known->second;
  OfficerRecord& officer = registry_.officers_.emplace_back();
  officer.id = std::string(uri.officer_id());
  registry_.officer_by_id_.emplace(officer.id, &officer);
  ++registry_.officer_count_[std::string(uri.authority())];
  return officer;
}

DeviceRecord& RegistryWriter::DeviceFor(const DeviceUri& uri) {
  const auto known = registry_.device_by_uri_.find(uri.text());
  if (known != registry_.device_by_uri_.end()) return *known->second;
  OfficerRecord& officer = OfficerFor(uri);
  DeviceRecord& device = registry_.devices_.emplace_back(DeviceRecord{uri, &officer, {}, {}, {}});
  registry_.device_by_uri_.emplace(device.uri.text(), &device);
  officer.devices.push_back(&device);
  return device;
}

void RegistryWriter::Assign(OfficerRecord& officer, const std::vector<std::string>& offices,
                            RoleSet roles) {
  if (!officer.assignments.empty()) {
    for (const std::string& id : officer.assignments.back().offices) {
      std::erase(registry_.office_by_id_.at(id)->officers, &officer);
    }
  }
  officer.assignments.push_back({index_, roles, offices});
  for (const std::string& id : offices)
    registry_.office_by_id_.at(id)->officers.push_back(&officer);
}

void RegistryWriter::operator()(const DeviceEnrolled& device) {
  // The rules have parsed this very text.
  DeviceRecord& record = DeviceFor(DeviceUri::Parse(device.device_uri).value());
  const auto place = static_cast<uint32_t>(record.certificates.size());
  record.certificates.push_back(*entry_.certificates);
  registry_.owner_by_fingerprint_[entry_.certificates->tls_fingerprint] = {&record, place};
  registry_.owner_by_fingerprint_[entry_.certificates->mls_fingerprint] = {&record, place};
  OfficerRecord& officer = *registry_.officer_by_id_.at(record.uri.officer_id());
  officer.card_commitment = device.card_commitment;
  const bool same =
      !officer.assignments.empty() && officer.assignments.back().roles == device.roles &&
      ResolvedOffices(registry_, officer.assignments.back(), index_) == device.offices;
  if (!same) Assign(officer, device.offices, device.roles);
}

void RegistryWriter::operator()(const OfficerAssigned& officer) {
  Assign(*registry_.officer_by_id_.at(officer.officer_id), officer.offices, officer.roles);
}

void RegistryWriter::operator()(const DeviceRevoked& device) {
  DeviceRecord& record = *registry_.device_by_uri_.at(device.device_uri);
  record.revoked_at = index_;
  record.revocation_reason = device.reason;
}

void RegistryWriter::operator()(const OfficerSuspended& officer) {
  registry_.officer_by_id_.at(officer.officer_id)
      ->suspensions.push_back({index_, false, officer.until_ms});
}

void RegistryWriter::operator()(const OfficerReinstated& officer) {
  registry_.officer_by_id_.at(officer.officer_id)->suspensions.push_back({index_, true, 0});
}

void RegistryWriter::MoveOffice(const std::string& from, OfficeRecord& to, bool renamed) {
  OfficeRecord& old_office = *registry_.office_by_id_.at(from);
  old_office.moved_to = to.id;
  old_office.moved_at = index_;
  old_office.renamed = renamed;
  to.predecessors.push_back(&old_office);
}

void RegistryWriter::operator()(const OfficeRenamed& office) {
  OfficeStated stated = registry_.office_by_id_.at(office.old_office_id)->stated();
  stated.office_id = office.new_office_id;
  OfficeRecord& renamed = AddOffice(office.new_office_id);
  renamed.versions.push_back({index_, std::move(stated)});
  renamed.duty = registry_.office_by_id_.at(office.old_office_id)->duty;
  MoveOffice(office.old_office_id, renamed, true);
}

void RegistryWriter::operator()(const OfficeClosed& office) {
  MoveOffice(office.office_id, *registry_.office_by_id_.at(office.successor), false);
}

void RegistryWriter::operator()(const OfficeDuty& duty) {
  registry_.office_by_id_.at(duty.office_id)->duty = duty.shifts;
}

}  // namespace enlace::identity
