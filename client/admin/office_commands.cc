#include "client/admin/office_commands.h"

#include <algorithm>

#include "client/admin/publisher.h"
#include "client/texts/code_names.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client::admin {
namespace {

// "mx.trafficking" sits in the network "trafficking"; an office whose name says no network sits in
// all of them.
std::vector<std::string> NetworksFor(const OfficeCreateOptions& options,
                                     const identity::Charter& charter) {
  if (!options.networks.empty()) return options.networks;
  std::vector<std::string> all;
  for (const identity::Network& network : charter.networks) {
    if (options.office_id.ends_with("." + network.id)) return {network.id};
    all.push_back(network.id);
  }
  return all;
}

std::string NameOr(const std::string& name, const OfficeCreateOptions& options) {
  return name.empty() ? options.office_id : name;
}

nlohmann::json JsonOf(const identity::OfficeRecord& office, const identity::Registry& registry,
                      int64_t now_ms) {
  const identity::OfficeStated& stated = office.stated();
  return {{"office_id", office.id},
          {"name_es", stated.name.es},
          {"name_en", stated.name.en},
          {"networks", stated.networks},
          {"duty_phone", stated.duty_phone},
          {"active_machines", registry.ActiveDevicesOf(office.id, now_ms).size()}};
}

}  // namespace

absl::Status OfficeCreate(AdminContext& context, const OfficeCreateOptions& options) {
  ENLACE_ASSIGN_OR_RETURN(Vault * vault, context.OpenVault());
  ENLACE_ASSIGN_OR_RETURN(const AuthorityCa ca, LoadCa(*vault));
  if (!identity::IsOfficeId(options.office_id) ||
      identity::AuthorityOfOffice(options.office_id) != ca.authority) {
    return MakeError(Reason::kIdInvalid, {{"id", options.office_id},
                                          {"kind", ENLACE_TEXT("office")},
                                          {"example", ca.authority + ".consular"}});
  }
  ENLACE_ASSIGN_OR_RETURN(AdminContext::Online * online, context.Connect());
  if (online->registry().FindOffice(options.office_id) != nullptr) {
    return MakeError(Reason::kOfficeExists, {{"office", options.office_id}});
  }
  identity::OfficeStated office;
  office.office_id = options.office_id;
  office.name = {NameOr(options.name_es, options), NameOr(options.name_en, options)};
  office.networks = NetworksFor(options, *online->registry().charter());
  office.languages = options.languages.empty() ? std::vector<std::string>{"es"} : options.languages;
  std::sort(office.networks.begin(), office.networks.end());
  std::sort(office.languages.begin(), office.languages.end());
  office.time_zone = options.time_zone;
  office.duty_phone = options.duty_phone;
  const Console& console = context.console();
  ENLACE_ASSIGN_OR_RETURN(const bool go_on,
                          context.ConfirmChanges({console.T(ENLACE_TEXT("new office {office}"),
                                                            {{"office", options.office_id}})}));
  if (!go_on) return absl::OkStatus();
  ENLACE_RETURN_IF_ERROR(PublishStatements(context, ca, {office}));
  console.Line(console.T(ENLACE_TEXT("{tick} Office {office} is in the registry."),
                         {{"tick", console.glyphs().tick}, {"office", options.office_id}}));
  console.Next(console.T(
      ENLACE_TEXT("Next: enlace-admin officer invite --office {office} --name NAME --out FILE"),
      {{"office", options.office_id}}));
  console.Json("office-create", {{"office_id", options.office_id}});
  return absl::OkStatus();
}

absl::Status OfficeList(AdminContext& context, bool all) {
  ENLACE_ASSIGN_OR_RETURN(AdminContext::Online * online, context.Connect());
  const Console& console = context.console();
  const int64_t now_ms = context.now_ms();
  nlohmann::json list = nlohmann::json::array();
  for (const identity::OfficeRecord* office : online->registry().Offices()) {
    if (!office->open()) continue;
    if (!all && identity::AuthorityOfOffice(office->id) != online->authority()) continue;
    const size_t machines = online->registry().ActiveDevicesOf(office->id, now_ms).size();
    std::string networks;
    for (const std::string& network : office->stated().networks) {
      networks += (networks.empty() ? "" : ", ") + texts::NetworkName(console.language(), network);
    }
    console.Line(texts::PadRight(office->id, 24) +
                 texts::PadRight(texts::Plural(console.language(), "{count} machine",
                                               "{count} machines", machines),
                                 14) +
                 texts::EscapeForDisplay(networks));
    list.push_back(JsonOf(*office, online->registry(), now_ms));
  }
  console.Json("office-list", {{"offices", list}});
  return absl::OkStatus();
}

}  // namespace enlace::client::admin
