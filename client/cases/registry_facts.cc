#include "client/cases/registry_facts.h"

#include <algorithm>
#include <memory>
#include <string>

#include "client/cases/registry_directory.h"
#include "crypto/identity/administration.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

using identity::DeviceRecord;
using identity::OfficeRecord;
using identity::OfficerRecord;
using identity::Registry;

constexpr std::string_view kFactsTable = "sync";
constexpr std::string_view kFactsRow = "registry-facts";

absl::Status DamagedFacts() {
  return MakeError(Reason::kVaultDamaged, {{"what", std::string(kFactsRow)}});
}

bool IsAt(const RegistryFacts& facts, const merkle::HeadRef& head) {
  return facts.format() == kFactsFormat && facts.log_size() == head.size &&
         EqualBytes(AsBytes(facts.log_root()), head.root);
}

absl::StatusOr<std::optional<RegistryFacts>> Stored(const Vault& vault) {
  ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> stored,
                          vault.Get(kFactsTable, AsBytes(kFactsRow)));
  if (!stored) return std::nullopt;
  RegistryFacts facts;
  if (!facts.ParseFromArray(stored->view().data(), static_cast<int>(stored->size())))
    return DamagedFacts();
  return facts;
}

// When a certificate is active: its validity, after a suspension that ends by itself. Everything
// else is the registry's to say.
void AddWindow(const Registry& registry, const OfficerRecord& officer,
               const identity::DeviceCertificates& pair, MachineFacts& machine) {
  int64_t from_ms = pair.not_before_ms;
  if (!officer.suspensions.empty() && !officer.suspensions.back().lifted)
    from_ms = std::max(from_ms, officer.suspensions.back().until_ms);
  const identity::LogMoment moment{registry.size(), from_ms};
  const bool active =
      registry.CertificateStateAt(pair.tls_fingerprint, moment) == identity::DeviceState::kActive;
  if (!active) return;
  MachineFacts::Window& window = *machine.add_active();
  window.set_from_ms(from_ms);
  window.set_until_ms(pair.not_after_ms);
}

// Devices of the office and of those that became it, each once, by URI.
std::vector<const DeviceRecord*> DevicesOf(const OfficeRecord& office) {
  std::vector<const OfficeRecord*> offices = {&office};
  std::vector<const DeviceRecord*> devices;
  for (size_t i = 0; i < offices.size(); ++i) {
    const OfficeRecord& one = *offices[i];
    offices.insert(offices.end(), one.predecessors.begin(), one.predecessors.end());
    for (const OfficerRecord* officer : one.officers)
      devices.insert(devices.end(), officer->devices.begin(), officer->devices.end());
  }
  std::ranges::sort(devices, [](const auto* a, const auto* b) { return a->uri < b->uri; });
  devices.erase(std::unique(devices.begin(), devices.end()), devices.end());
  return devices;
}

void AddMachines(const Registry& registry, const OfficeRecord& office, OfficeFacts& facts) {
  for (const DeviceRecord* device : DevicesOf(office)) {
    MachineFacts machine;
    for (const identity::DeviceCertificates& pair : device->certificates)
      AddWindow(registry, *device->officer, pair, machine);
    if (machine.active().empty()) continue;
    machine.set_officer_id(device->officer->id);
    machine.set_handles_cases(identity::HandlesCases(registry.RolesOf(*device, registry.size())));
    *facts.add_machines() = std::move(machine);
  }
}

// A shift's officer may have left: whoever is on duty while it runs is still in the office.
void AddShifts(const OfficeRecord& office, OfficeFacts& facts) {
  for (const identity::DutyShift& shift : office.duty) {
    const auto running = office.OnDutyAt(shift.from_ms);
    if (std::ranges::find(running, &shift) == running.end()) continue;
    vault::v1::ShiftFacts& one = *facts.add_shifts();
    one.set_officer_id(shift.officer_id);
    one.set_from_ms(shift.from_ms);
    one.set_until_ms(shift.until_ms);
    one.set_phone(shift.phone);
  }
}

void AddEntry(const RegistryDirectory& directory, OfficeFacts& facts) {
  const std::optional<alerts::OfficeEntry> entry = directory.FindOffice(facts.office_id());
  if (!entry) return;
  vault::v1::DirectoryEntryFacts& out = *facts.mutable_entry();
  out.set_standing(static_cast<int>(entry->standing));
  out.set_may_open_cases(entry->may_open_cases);
  out.set_may_be_action(entry->may_be_action);
  out.set_may_be_info(entry->may_be_info);
  out.set_tlp_max(entry->tlp_max);
  out.set_successor_office_id(entry->successor_office_id);
}

void AddAuthority(const identity::Charter* charter, OfficeFacts& facts) {
  facts.set_authority(std::string(identity::AuthorityOfOffice(facts.office_id())));
  const identity::Authority* authority =
      charter == nullptr ? nullptr : charter->FindAuthority(facts.authority());
  if (authority == nullptr) return;
  facts.set_country(authority->alpha3);
  facts.set_authority_name_en(authority->name.en);
  facts.set_authority_name_es(authority->name.es);
}

void AddStated(const identity::OfficeStated& stated, OfficeFacts& facts) {
  facts.set_name_en(stated.name.en);
  facts.set_name_es(stated.name.es);
  for (const std::string& network : stated.networks) facts.add_networks(network);
  for (const std::string& language : stated.languages) facts.add_languages(language);
  facts.set_time_zone(stated.time_zone);
  facts.set_duty_phone(stated.duty_phone);
  facts.set_supervisor(stated.supervisor);
  facts.set_stand_in(stated.successor);
}

OfficeFacts OfficeFactsOf(const Registry& registry, const OfficeRecord& office) {
  OfficeFacts facts;
  facts.set_office_id(office.id);
  const OfficeRecord* resolved = registry.ResolveOffice(office.id);
  facts.set_resolved_id(resolved == nullptr ? office.id : resolved->id);
  facts.set_open(office.open());
  facts.set_administration(identity::IsAdministrationOffice(office.id));
  AddAuthority(registry.charter(), facts);
  AddStated(office.stated(), facts);
  AddEntry(RegistryDirectory(registry), facts);
  AddShifts(office, facts);
  if (office.open()) AddMachines(registry, office, facts);
  return facts;
}

}  // namespace

RegistryFacts FactsOf(const Registry& registry, std::string_view device_uri) {
  RegistryFacts facts;
  facts.set_format(kFactsFormat);
  facts.set_log_size(registry.size());
  facts.set_log_root(ToText(registry.root()));
  facts.set_device_uri(std::string(device_uri));
  if (const DeviceRecord* device = registry.FindDevice(device_uri)) {
    for (const std::string& office : registry.OfficesOf(*device, registry.size()))
      facts.add_own_office_ids(office);
  }
  if (const identity::Charter* charter = registry.charter()) {
    facts.mutable_charter()->set_version(charter->version);
    facts.mutable_charter()->set_threshold(static_cast<uint32_t>(charter->threshold));
    facts.mutable_charter()->set_keys(static_cast<uint32_t>(charter->keys.size()));
  }
  for (const OfficeRecord* office : registry.Offices())
    *facts.add_offices() = OfficeFactsOf(registry, *office);
  return facts;
}

absl::Status RememberFacts(Vault& vault, const Registry& registry, std::string_view device_uri) {
  ENLACE_ASSIGN_OR_RETURN(const std::optional<RegistryFacts> stored, Stored(vault));
  if (stored && IsAt(*stored, registry.head()) && stored->device_uri() == device_uri)
    return absl::OkStatus();
  const std::string row = FactsOf(registry, device_uri).SerializeAsString();
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, vault.Begin());
  ENLACE_RETURN_IF_ERROR(tx->Put(kFactsTable, AsBytes(kFactsRow), AsBytes(row), kVaultKey));
  return tx->Commit();
}

absl::StatusOr<std::optional<RegistryFacts>> RememberedFacts(const Vault& vault,
                                                             const merkle::HeadRef& head) {
  ENLACE_ASSIGN_OR_RETURN(std::optional<RegistryFacts> stored, Stored(vault));
  if (stored && !IsAt(*stored, head)) stored.reset();
  return stored;
}

const OfficeFacts* FindOffice(const RegistryFacts& facts, std::string_view office_id) {
  const auto found = std::ranges::find_if(
      facts.offices(), [&](const OfficeFacts& office) { return office.office_id() == office_id; });
  return found == facts.offices().end() ? nullptr : &*found;
}

const OfficeFacts* ResolveOffice(const RegistryFacts& facts, std::string_view office_id) {
  const OfficeFacts* office = FindOffice(facts, office_id);
  if (office == nullptr || office->open()) return office;
  return FindOffice(facts, office->resolved_id());
}

std::vector<const MachineFacts*> ActiveMachinesOf(const OfficeFacts& office, int64_t now_ms) {
  std::vector<const MachineFacts*> machines;
  for (const MachineFacts& machine : office.machines()) {
    const bool active = std::ranges::any_of(machine.active(), [&](const auto& window) {
      return window.from_ms() <= now_ms && now_ms <= window.until_ms();
    });
    if (active) machines.push_back(&machine);
  }
  return machines;
}

std::optional<alerts::OfficeEntry> FactsDirectory::FindOffice(std::string_view office_id) const {
  const OfficeFacts* office = client::FindOffice(facts_, office_id);
  if (office == nullptr || !office->has_entry()) return std::nullopt;
  const vault::v1::DirectoryEntryFacts& stored = office->entry();
  alerts::OfficeEntry entry;
  entry.office_id = office->office_id();
  entry.authority = office->authority();
  entry.country = office->country();
  entry.standing = static_cast<alerts::Standing>(stored.standing());
  entry.networks.assign(office->networks().begin(), office->networks().end());
  entry.closed = !office->open();
  entry.successor_office_id = stored.successor_office_id();
  entry.may_open_cases = stored.may_open_cases();
  entry.may_be_action = stored.may_be_action();
  entry.may_be_info = stored.may_be_info();
  entry.tlp_max = stored.tlp_max();
  return entry;
}

std::vector<std::string> FactsDirectory::OfficeIds() const {
  std::vector<std::string> ids;
  for (const OfficeFacts& office : facts_.offices()) {
    if (office.open() && !office.administration()) ids.push_back(office.office_id());
  }
  return ids;
}

}  // namespace enlace::client
