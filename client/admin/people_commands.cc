#include "client/admin/people_commands.h"

#include <algorithm>
#include <array>

#include "client/admin/authority_keys.h"
#include "client/admin/invitation_book.h"
#include "client/admin/publisher.h"
#include "client/cli_common/text_file.h"
#include "client/session/request_id.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client::admin {
namespace {

// What --role says, and what a person reads of it.
struct RoleWord {
  std::string_view word;
  identity::Role role;
  std::string_view title;
};
constexpr std::array<RoleWord, 4> kRoles = {
    {{"officer", identity::Role::kOfficer, ENLACE_TEXT("officer")},
     {"supervisor", identity::Role::kSupervisor, ENLACE_TEXT("supervisor")},
     {"service", identity::Role::kService, ENLACE_TEXT("service of a system")},
     {"admin", identity::Role::kAdmin, ENLACE_TEXT("administrator")}}};

struct ReasonWord {
  std::string_view word;
  identity::RevocationReason reason;
};
constexpr std::array<ReasonWord, 6> kRevocations = {
    {{"lost", identity::RevocationReason::kLost},
     {"stolen", identity::RevocationReason::kStolen},
     {"replaced", identity::RevocationReason::kReplaced},
     {"left", identity::RevocationReason::kLeft},
     {"compromised", identity::RevocationReason::kCompromised},
     {"other", identity::RevocationReason::kOther}}};

constexpr int kOfficerNumberMax = 9'999;
constexpr size_t kOfficerNumberDigits = 3;

// `word` is one that RolesOf took.
std::string_view RoleTitle(const std::string& word) {
  return std::find_if(kRoles.begin(), kRoles.end(),
                      [&](const RoleWord& one) { return one.word == word; })
      ->title;
}

// An office leader is an officer too.
absl::StatusOr<identity::RoleSet> RolesOf(const std::string& word) {
  for (const RoleWord& one : kRoles) {
    if (one.word != word) continue;
    identity::RoleSet roles = identity::RoleBit(one.role);
    if (one.role == identity::Role::kSupervisor)
      roles |= identity::RoleBit(identity::Role::kOfficer);
    return roles;
  }
  return UsageError("--role officer|supervisor|service|admin");
}

// The next officer id that neither the registry nor an open invitation uses.
absl::StatusOr<std::string> FreeOfficerId(const identity::Registry& registry,
                                          const std::string& authority,
                                          const std::vector<GivenInvitation>& given) {
  for (int number = 1; number <= kOfficerNumberMax; ++number) {
    std::string digits = std::to_string(number);
    digits.insert(0, kOfficerNumberDigits - std::min(kOfficerNumberDigits, digits.size()), '0');
    std::string id = "ofc-";
    id.append(authority).append("-").append(digits);
    const bool invited = std::any_of(given.begin(), given.end(), [&](const GivenInvitation& one) {
      return one.invitation.device_uri.find("/officers/" + id + "/") != std::string::npos;
    });
    if (!invited && registry.FindOfficer(id) == nullptr) return id;
  }
  return MakeError(Reason::kLimitExceeded,
                   {{"what", "officers"}, {"limit", std::to_string(kOfficerNumberMax)}});
}

absl::StatusOr<identity::DeviceUri> NextDevice(const identity::Registry& registry,
                                               const std::string& officer_id) {
  const identity::OfficerRecord* officer = registry.FindOfficer(officer_id);
  const size_t number = officer == nullptr ? 1 : officer->devices.size() + 1;
  return identity::DeviceUri::Create(officer_id, "dev-" + std::to_string(number));
}

absl::StatusOr<identity::Invitation> FillInvitation(AdminContext& context,
                                                    const AdminContext::Online& online,
                                                    const AuthorityCa& ca,
                                                    const InviteOptions& options) {
  ENLACE_ASSIGN_OR_RETURN(Vault * vault, context.OpenVault());
  ENLACE_ASSIGN_OR_RETURN(const std::vector<GivenInvitation> given, LoadInvitations(*vault));
  std::string officer_id = options.officer_id;
  if (officer_id.empty()) {
    ENLACE_ASSIGN_OR_RETURN(officer_id, FreeOfficerId(online.registry(), ca.authority, given));
  }
  if (!identity::IsOfficerId(officer_id) ||
      identity::AuthorityOfOfficer(officer_id) != ca.authority) {
    return MakeError(Reason::kIdInvalid, {{"id", officer_id},
                                          {"kind", ENLACE_TEXT("officer")},
                                          {"example", "ofc-" + ca.authority + "-007"}});
  }
  ENLACE_ASSIGN_OR_RETURN(const identity::DeviceUri uri, NextDevice(online.registry(), officer_id));
  identity::Invitation fields;
  fields.server_address = online.device.server_address;
  fields.enrolment_address = online.device.enrolment_address;
  const identity::Charter& charter = *online.registry().charter();
  fields.server_certificate = merkle::Sha256(BytesView(charter.server.certificate));
  fields.charter_pin = {charter.root, charter.version};
  fields.authority = ca.authority;
  fields.ca_certificate = ca.fingerprint();
  fields.device_uri = uri.text();
  fields.offices = {options.office};
  ENLACE_ASSIGN_OR_RETURN(fields.roles, RolesOf(options.role));
  fields.card.display_name = options.name;
  fields.administrator_phone = online.device.administrator_phone;
  fields.language = options.language == "en" ? identity::WordLanguage::kEnglish
                                             : identity::WordLanguage::kSpanish;
  return identity::MakeInvitation(std::move(fields), context.now_ms(), context.rng());
}

absl::Status Register(AdminContext& context, AdminContext::Online& online,
                      const GivenInvitation& given) {
  ENLACE_ASSIGN_OR_RETURN(Vault * vault, context.OpenVault());
  // Kept first: an invitation that the server knows and we don't could never be approved.
  ENLACE_RETURN_IF_ERROR(SaveInvitation(given, *vault));
  v1::CreateInvitationRequest request;
  request.set_request_id(NewRequestId(context.now_ms(), context.rng()));
  request.set_invitation_id(ToText(given.id()));
  request.set_expires_at_ms(static_cast<uint64_t>(given.invitation.expires_at_ms));
  const absl::Status created = online.session->CreateInvitation(request, kCallTimeoutMs).status();
  if (created.ok()) return absl::OkStatus();
  // The server's refusal is what the caller has to hear; an entry that stays would only wait in
  // vain.
  const absl::Status deleted = DeleteInvitation(given.id(), *vault);
  return deleted.ok() ? created : deleted;
}

std::string DeviceLine(const AdminContext& context, const identity::DeviceRecord& device,
                       const identity::Registry& registry) {
  const Console& console = context.console();
  const identity::DeviceState state =
      registry.DeviceStateAt(device, registry.Now(context.now_ms()));
  const std::string until = context.Day(device.certificates.back().not_after_ms);
  return console.T(
      ENLACE_TEXT("{device}  {state}, certificate until {day}"),
      {{"device", device.uri.text()},
       {"state", state == identity::DeviceState::kActive ? console.T(ENLACE_TEXT("active"))
                                                         : console.T(ENLACE_TEXT("not active"))},
       {"day", until}});
}

absl::StatusOr<std::string> ResolveDevice(const identity::Registry& registry,
                                          const std::string& text) {
  if (registry.FindDevice(text) != nullptr) return text;
  const identity::OfficerRecord* officer = registry.FindOfficer(text);
  std::vector<const identity::DeviceRecord*> devices;
  if (officer != nullptr) {
    for (const identity::DeviceRecord* device : officer->devices) {
      if (!device->revoked_at) devices.push_back(device);
    }
  }
  if (devices.size() != 1) return MakeError(Reason::kDeviceUnknown, {{"device", text}});
  return devices.front()->uri.text();
}

}  // namespace

absl::Status OfficerInvite(AdminContext& context, const InviteOptions& options) {
  ENLACE_ASSIGN_OR_RETURN(Vault * vault, context.OpenVault());
  ENLACE_ASSIGN_OR_RETURN(const AuthorityCa ca, LoadCa(*vault));
  ENLACE_ASSIGN_OR_RETURN(AdminContext::Online * online, context.Connect());
  const identity::OfficeRecord* office = online->registry().FindOffice(options.office);
  if (office == nullptr || !office->open())
    return MakeError(Reason::kOfficeUnknown, {{"office", options.office}});
  ENLACE_ASSIGN_OR_RETURN(identity::Invitation invitation,
                          FillInvitation(context, *online, ca, options));
  const Console& console = context.console();
  const std::string officer_id(identity::DeviceUri::Parse(invitation.device_uri)->officer_id());
  ENLACE_ASSIGN_OR_RETURN(
      const bool go_on,
      context.ConfirmChanges({console.T(ENLACE_TEXT("invitation of {name} ({officer}) to {office}"),
                                        {{"name", texts::EscapeForDisplay(options.name)},
                                         {"officer", officer_id},
                                         {"office", options.office}})}));
  if (!go_on) return absl::OkStatus();
  GivenInvitation given{std::move(invitation),
                        static_cast<uint8_t>(identity::ChooseHiddenWord(context.rng())), 0};
  ENLACE_RETURN_IF_ERROR(Register(context, *online, given));
  if (options.out.empty()) {
    console.Line(AsText(identity::EncodeInvitation(given.invitation).view()));
  } else {
    ENLACE_RETURN_IF_ERROR(WriteWholeFile({options.out, false},
                                          identity::EncodeInvitationFile(given.invitation).view()));
  }
  console.Line(console.T(ENLACE_TEXT("Invitation for {name} ({officer}), {office}, {role}."),
                         {{"name", texts::EscapeForDisplay(options.name)},
                          {"officer", officer_id},
                          {"office", options.office},
                          {"role", console.T(RoleTitle(options.role))}}));
  console.Paragraph(
      console.T(ENLACE_TEXT("It serves once, until {time}. Hand it over in person or by a channel "
                            "that you already use."),
                {{"time", context.DayAndTime(given.invitation.expires_at_ms)}}));
  console.Next(console.T(ENLACE_TEXT("Next: enlace-admin pending")));
  console.Json("officer-invite", {{"officer_id", officer_id},
                                  {"office", options.office},
                                  {"expires_at", texts::Rfc3339(given.invitation.expires_at_ms)}});
  return absl::OkStatus();
}

absl::Status OfficerList(AdminContext& context) {
  ENLACE_ASSIGN_OR_RETURN(AdminContext::Online * online, context.Connect());
  const Console& console = context.console();
  const identity::Registry& registry = online->registry();
  nlohmann::json list = nlohmann::json::array();
  for (const identity::OfficerRecord* officer : registry.OfficersOf(online->authority())) {
    const identity::Assignment* assignment = officer->AssignmentAt(registry.size());
    std::string offices;
    for (const std::string& office : assignment->offices)
      offices += (offices.empty() ? "" : ", ") + office;
    console.Line(texts::PadRight(officer->id, 20) + " " + texts::PadRight(offices, 30) + " " +
                 texts::Plural(console.language(), "{count} machine", "{count} machines",
                               officer->devices.size()));
    list.push_back({{"officer_id", officer->id},
                    {"offices", assignment->offices},
                    {"machines", officer->devices.size()}});
  }
  console.Json("officer-list", {{"officers", list}});
  return absl::OkStatus();
}

absl::Status DeviceList(AdminContext& context, const std::string& of) {
  ENLACE_ASSIGN_OR_RETURN(AdminContext::Online * online, context.Connect());
  const identity::Registry& registry = online->registry();
  nlohmann::json list = nlohmann::json::array();
  for (const identity::OfficerRecord* officer : registry.OfficersOf(online->authority())) {
    const identity::Assignment* assignment = officer->AssignmentAt(registry.size());
    const bool in_office = std::find(assignment->offices.begin(), assignment->offices.end(), of) !=
                           assignment->offices.end();
    if (!of.empty() && officer->id != of && !in_office) continue;
    for (const identity::DeviceRecord* device : officer->devices) {
      context.console().Line(DeviceLine(context, *device, registry));
      list.push_back(
          {{"device_uri", device->uri.text()},
           {"active", registry.IsActiveAt(*device, registry.Now(context.now_ms()))},
           {"certificate_until", texts::Rfc3339(device->certificates.back().not_after_ms)}});
    }
  }
  context.console().Json("device-list", {{"devices", list}});
  return absl::OkStatus();
}

absl::Status DeviceRevoke(AdminContext& context, const RevokeOptions& options) {
  const auto reason =
      std::find_if(kRevocations.begin(), kRevocations.end(),
                   [&](const ReasonWord& one) { return one.word == options.reason; });
  if (reason == kRevocations.end())
    return UsageError("--reason lost|stolen|replaced|left|compromised|other");
  ENLACE_ASSIGN_OR_RETURN(Vault * vault, context.OpenVault());
  ENLACE_ASSIGN_OR_RETURN(const AuthorityCa ca, LoadCa(*vault));
  ENLACE_ASSIGN_OR_RETURN(AdminContext::Online * online, context.Connect());
  ENLACE_ASSIGN_OR_RETURN(const std::string uri, ResolveDevice(online->registry(), options.device));
  const Console& console = context.console();
  ENLACE_ASSIGN_OR_RETURN(const bool go_on,
                          context.ConfirmChanges({console.T(
                              ENLACE_TEXT("{device} is revoked for ever"), {{"device", uri}})}));
  if (!go_on) return absl::OkStatus();
  ENLACE_RETURN_IF_ERROR(
      PublishStatements(context, ca, {identity::DeviceRevoked{uri, reason->reason}}));
  console.Line(console.T(ENLACE_TEXT("{tick} {device} is revoked. It is refused from now on."),
                         {{"tick", console.glyphs().tick}, {"device", uri}}));
  console.Json("device-revoke", {{"device_uri", uri}});
  return absl::OkStatus();
}

}  // namespace enlace::client::admin
