#include "client/cli/verify_view.h"

#include <algorithm>

#include "client/cli/json_parts.h"
#include "client/cli/sheet.h"
#include "client/texts/display.h"
#include "crypto/merkle/hash.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

using Kind = VerifiedEntry::Kind;

constexpr std::string_view kLabel = "enlace verify 1";
constexpr uint32_t kBitsOfAWord = 11;

std::vector<const identity::DeviceRecord*> DevicesOf(const identity::OfficeRecord& office) {
  std::vector<const identity::DeviceRecord*> devices;
  for (const identity::OfficerRecord* officer : office.officers)
    devices.insert(devices.end(), officer->devices.begin(), officer->devices.end());
  return devices;
}

void AddMachines(const identity::Registry& registry,
                 const std::vector<const identity::DeviceRecord*>& devices, int64_t now_ms,
                 VerifyView& view) {
  for (const identity::DeviceRecord* device : devices) {
    view.machines.push_back(
        {device->uri.text(), registry.DeviceStateAt(*device, registry.Now(now_ms)),
         device->certificates.front().not_before_ms, device->certificates.back().not_after_ms});
  }
}

void AddHistory(const identity::OfficerRecord& officer, VerifyView& view) {
  for (const identity::Assignment& assignment : officer.assignments)
    view.history.push_back({Kind::kAssigned, assignment.logged_at, assignment.offices, 0});
  for (const identity::SuspensionChange& change : officer.suspensions) {
    view.history.push_back(
        {change.lifted ? Kind::kResumed : Kind::kSuspended, change.logged_at, {}, change.until_ms});
  }
}

void AddHistory(const identity::OfficeRecord& office, VerifyView& view) {
  for (const identity::OfficeVersion& version : office.versions)
    view.history.push_back({Kind::kStated, version.logged_at, {}, 0});
  if (!office.open()) view.history.push_back({Kind::kMoved, office.moved_at, {office.moved_to}, 0});
}

// The words of a digest: its first 66 bits, 11 for each word.
std::array<uint32_t, identity::kVerificationWords> WordsOf(const merkle::Hash& digest) {
  std::array<uint32_t, identity::kVerificationWords> words{};
  for (size_t i = 0; i < words.size() * kBitsOfAWord; ++i) {
    const uint32_t bit = (digest[i / 8] >> (7 - i % 8)) & 1u;
    words[i / kBitsOfAWord] = words[i / kBitsOfAWord] << 1 | bit;
  }
  return words;
}

void AddWords(const identity::Registry& registry,
              const std::vector<const identity::DeviceRecord*>& devices, int64_t now_ms,
              VerifyView& view) {
  std::vector<merkle::Hash> active;
  for (const identity::DeviceRecord* device : devices) {
    if (registry.IsActiveAt(*device, registry.Now(now_ms)))
      active.push_back(device->certificates.back().mls_fingerprint);
  }
  std::ranges::sort(active);
  Bytes input = ToBytes(kLabel);
  Append(input, registry.charter()->root);
  Append(input, AsBytes(view.subject));
  for (const merkle::Hash& fingerprint : active) Append(input, fingerprint);
  view.words = WordsOf(merkle::Sha256(input));
}

std::string StateText(identity::DeviceState state, const Sheet& sheet) {
  switch (state) {
    case identity::DeviceState::kActive:
      return sheet.T("active");
    case identity::DeviceState::kRevoked:
      return sheet.T("REVOKED");
    case identity::DeviceState::kSuspended:
      return sheet.T("SUSPENDED");
    case identity::DeviceState::kExpired:
      return sheet.T("expired");
    default:
      return sheet.T("not active");
  }
}

std::string EntryText(const VerifiedEntry& entry, const Sheet& sheet) {
  std::string offices;
  for (const std::string& office : entry.offices) offices += (offices.empty() ? "" : ", ") + office;
  switch (entry.kind) {
    case Kind::kAssigned:
      return offices.empty() ? sheet.T("in no office")
                             : sheet.T("in {offices}", {{"offices", offices}});
    case Kind::kSuspended:
      return entry.until_ms == 0
                 ? sheet.T("suspended until further notice")
                 : sheet.T("suspended until {time}", {{"time", TimeOf(sheet, entry.until_ms)}});
    case Kind::kResumed:
      return sheet.T("suspended no longer");
    case Kind::kStated:
      return sheet.T("stated by its authority");
    case Kind::kMoved:
      break;
  }
  return sheet.T("now {offices}", {{"offices", offices}});
}

void DrawMachines(const VerifyView& view, Sheet& sheet) {
  sheet.Line(sheet.T("Machines ({count})", {{"count", std::to_string(view.machines.size())}}));
  for (const VerifiedMachine& machine : view.machines) {
    sheet.Text(sheet.Dotted({sheet.Safe(machine.uri), StateText(machine.state, sheet),
                             sheet.T("since {day}", {{"day", texts::IsoDay(machine.since_ms)}}),
                             sheet.T("until {day}", {{"day", texts::IsoDay(machine.until_ms)}})}),
               2);
  }
}

std::string_view KindWord(Kind kind) {
  switch (kind) {
    case Kind::kAssigned:
      return "assigned";
    case Kind::kSuspended:
      return "suspended";
    case Kind::kResumed:
      return "resumed";
    case Kind::kStated:
      return "stated";
    case Kind::kMoved:
      break;
  }
  return "moved";
}

}  // namespace

absl::StatusOr<VerifyView> Verify(const identity::Registry& registry, const std::string& subject,
                                  int64_t now_ms) {
  const identity::OfficerRecord* officer = registry.FindOfficer(subject);
  const identity::OfficeRecord* office = registry.FindOffice(subject);
  const identity::Charter* charter = registry.charter();
  if ((officer == nullptr && office == nullptr) || charter == nullptr)
    return MakeError(Reason::kOfficeUnknown, {{"office", subject}});
  VerifyView view;
  view.subject = subject;
  view.is_office = office != nullptr;
  view.registry_size = registry.size();
  view.authority = std::string(office != nullptr ? identity::AuthorityOfOffice(subject)
                                                 : identity::AuthorityOfOfficer(subject));
  view.charter_version = charter->version;
  if (const identity::Authority* authority = charter->FindAuthority(view.authority)) {
    view.authority_name_en = authority->name.en;
    view.authority_name_es = authority->name.es;
    for (const identity::Certificate& ca : authority->cas)
      view.cas.push_back(identity::ShortFingerprint(ca.fingerprint()));
  }
  std::vector<const identity::DeviceRecord*> devices;
  if (office != nullptr) {
    devices = DevicesOf(*office);
    AddHistory(*office, view);
  } else {
    devices.assign(officer->devices.begin(), officer->devices.end());
    AddHistory(*officer, view);
  }
  AddMachines(registry, devices, now_ms, view);
  AddWords(registry, devices, now_ms, view);
  std::ranges::stable_sort(view.history, {}, &VerifiedEntry::logged_at);
  return view;
}

Page RenderVerify(const VerifyView& view, const Screen& screen) {
  Sheet sheet(screen);
  const bool spanish = screen.language() == texts::Language::kSpanish;
  const std::string& name = spanish ? view.authority_name_es : view.authority_name_en;
  sheet.Line(sheet.Safe(view.subject));
  std::string cas;
  for (const std::string& ca : view.cas) cas += (cas.empty() ? "" : ", ") + ca;
  sheet.Field(sheet.T("Vouched"),
              view.cas.empty() ? sheet.T("by nobody: the charter no longer names {authority}",
                                         {{"authority", view.authority}})
                               : sheet.T("by {authority}, CA {cas}, named by charter v{version}",
                                         {{"authority", name.empty() ? view.authority : name},
                                          {"cas", cas},
                                          {"version", std::to_string(view.charter_version)}}));
  DrawMachines(view, sheet);
  sheet.Line(sheet.T("History"));
  for (const VerifiedEntry& entry : view.history) {
    sheet.Text(
        sheet.T("entry {index}", {{"index", texts::Count(screen.language(), entry.logged_at)}}) +
            "  " + EntryText(entry, sheet),
        2);
  }
  sheet.Line();
  sheet.Text(sheet.T("Words to compare by telephone; who sees the same registry reads the same:"));
  std::string words;
  for (const uint32_t index : view.words) {
    words +=
        (words.empty() ? "    " : "   ") +
        std::string(identity::WordAt(
            spanish ? identity::WordLanguage::kSpanish : identity::WordLanguage::kEnglish, index));
  }
  sheet.Line(words);
  return sheet.Take();
}

nlohmann::json JsonOf(const VerifyView& view) {
  nlohmann::json machines = nlohmann::json::array();
  for (const VerifiedMachine& machine : view.machines) {
    machines.push_back({{"device_uri", machine.uri},
                        {"state", identity::DeviceStateName(machine.state)},
                        {"since", TimeOrNull(machine.since_ms)},
                        {"until", TimeOrNull(machine.until_ms)}});
  }
  nlohmann::json history = nlohmann::json::array();
  for (const VerifiedEntry& entry : view.history) {
    history.push_back({{"entry", entry.logged_at},
                       {"kind", KindWord(entry.kind)},
                       {"offices", entry.offices},
                       {"until", TimeOrNull(entry.until_ms)}});
  }
  nlohmann::json words = nlohmann::json::object();
  for (const auto& [tag, language] : {std::pair("es", identity::WordLanguage::kSpanish),
                                      std::pair("en", identity::WordLanguage::kEnglish)}) {
    for (const uint32_t index : view.words)
      words[tag].push_back(std::string(identity::WordAt(language, index)));
  }
  return {{"subject", view.subject},
          {"authority", view.authority},
          {"charter_version", view.charter_version},
          {"cas", view.cas},
          {"machines", machines},
          {"history", history},
          {"registry_entries", view.registry_size},
          {"words", words}};
}

}  // namespace enlace::client
