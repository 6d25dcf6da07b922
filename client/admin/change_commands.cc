#include "client/admin/change_commands.h"

#include <algorithm>

#include "client/admin/publisher.h"
#include "client/alerts/local_time.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client::admin {
namespace {

// What a command states, and how it tells it: before in the present, after with a tick.
struct Change {
  std::string command;
  identity::StatementBody body;
  std::string announced;
  nlohmann::json result;
};

absl::Status Publish(AdminContext& context, Change change) {
  ENLACE_ASSIGN_OR_RETURN(Vault * vault, context.OpenVault());
  ENLACE_ASSIGN_OR_RETURN(const AuthorityCa ca, LoadCa(*vault));
  ENLACE_ASSIGN_OR_RETURN(const bool go_on, context.ConfirmChanges({change.announced}));
  if (!go_on) return absl::OkStatus();
  ENLACE_RETURN_IF_ERROR(PublishStatements(context, ca, {std::move(change.body)}));
  const Console& console = context.console();
  console.Line(std::string(console.glyphs().tick) + " " + change.announced);
  console.Json(change.command, change.result);
  return absl::OkStatus();
}

absl::StatusOr<const identity::OfficerRecord*> OfficerOf(const AdminContext::Online& online,
                                                         const std::string& officer_id) {
  const identity::OfficerRecord* officer = online.registry().FindOfficer(officer_id);
  if (officer != nullptr && !officer->assignments.empty()) return officer;
  return MakeError(Reason::kIdInvalid, {{"id", officer_id},
                                        {"kind", ENLACE_TEXT("officer")},
                                        {"example", "enlace-admin officer list"}});
}

absl::StatusOr<const identity::OfficeRecord*> OpenOffice(const AdminContext::Online& online,
                                                         const std::string& office_id) {
  const identity::OfficeRecord* office = online.registry().FindOffice(office_id);
  if (office != nullptr && office->open()) return office;
  return MakeError(Reason::kOfficeUnknown, {{"office", office_id}});
}

std::string Joined(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ", ") + item;
  return out;
}

}  // namespace

absl::Status OfficerMove(AdminContext& context, const MoveOptions& options) {
  ENLACE_ASSIGN_OR_RETURN(AdminContext::Online * online, context.Connect());
  ENLACE_ASSIGN_OR_RETURN(const identity::OfficerRecord* officer,
                          OfficerOf(*online, options.officer_id));
  std::vector<std::string> offices = options.offices;
  std::ranges::sort(offices);
  offices.erase(std::unique(offices.begin(), offices.end()), offices.end());
  for (const std::string& office : offices)
    ENLACE_RETURN_IF_ERROR(OpenOffice(*online, office).status());
  const identity::Assignment& held = officer->assignments.back();
  const std::string announced = context.console().T(
      ENLACE_TEXT("{officer}: from {old} to {new}"),
      {{"officer", officer->id}, {"old", Joined(held.offices)}, {"new", Joined(offices)}});
  const nlohmann::json result = {{"officer_id", officer->id}, {"offices", offices}};
  return Publish(context,
                 {"officer-move", identity::OfficerAssigned{officer->id, offices, held.roles},
                  announced, result});
}

absl::Status OfficerSuspend(AdminContext& context, const SuspendOptions& options) {
  int64_t until_ms = 0;
  if (!options.until.empty()) {
    const auto parsed =
        alerts::ParseTimeIn(options.until, texts::Zone::OfHost(texts::ProcessEnvironment()));
    if (!parsed || *parsed <= context.now_ms()) return UsageError("--until 2026-11-20T08:00");
    until_ms = *parsed;
  }
  ENLACE_ASSIGN_OR_RETURN(AdminContext::Online * online, context.Connect());
  ENLACE_ASSIGN_OR_RETURN(const identity::OfficerRecord* officer,
                          OfficerOf(*online, options.officer_id));
  const Console& console = context.console();
  const std::string announced =
      until_ms == 0
          ? console.T(
                ENLACE_TEXT("{officer} is suspended until further notice; nothing is deleted"),
                {{"officer", officer->id}})
          : console.T(ENLACE_TEXT("{officer} is suspended until {time}; nothing is deleted"),
                      {{"officer", officer->id}, {"time", context.DayAndTime(until_ms)}});
  nlohmann::json until = nullptr;
  if (until_ms != 0) until = texts::Rfc3339(until_ms);
  const nlohmann::json result = {{"officer_id", officer->id}, {"until", until}};
  return Publish(context, {"officer-suspend", identity::OfficerSuspended{officer->id, until_ms},
                           announced, result});
}

absl::Status OfficerResume(AdminContext& context, const std::string& officer_id) {
  ENLACE_ASSIGN_OR_RETURN(AdminContext::Online * online, context.Connect());
  ENLACE_ASSIGN_OR_RETURN(const identity::OfficerRecord* officer, OfficerOf(*online, officer_id));
  const std::string announced = context.console().T(ENLACE_TEXT("{officer} is suspended no longer"),
                                                    {{"officer", officer->id}});
  return Publish(context, {"officer-resume",
                           identity::OfficerReinstated{officer->id},
                           announced,
                           {{"officer_id", officer->id}}});
}

absl::Status OfficeRename(AdminContext& context, const std::string& from, const std::string& to) {
  ENLACE_ASSIGN_OR_RETURN(AdminContext::Online * online, context.Connect());
  ENLACE_RETURN_IF_ERROR(OpenOffice(*online, from).status());
  if (!identity::IsOfficeId(to) || identity::AuthorityOfOffice(to) != online->authority()) {
    return MakeError(Reason::kIdInvalid, {{"id", to},
                                          {"kind", ENLACE_TEXT("office")},
                                          {"example", online->authority() + ".consular"}});
  }
  if (online->registry().FindOffice(to) != nullptr)
    return MakeError(Reason::kOfficeExists, {{"office", to}});
  const std::string announced = context.console().T(
      ENLACE_TEXT("{old} is called {new} from now on; what is sent to {old} reaches it"),
      {{"old", from}, {"new", to}});
  return Publish(context, {"office-rename",
                           identity::OfficeRenamed{from, to},
                           announced,
                           {{"office_id", to}, {"renamed_from", from}}});
}

absl::Status OfficeClose(AdminContext& context, const std::string& office,
                         const std::string& successor) {
  ENLACE_ASSIGN_OR_RETURN(AdminContext::Online * online, context.Connect());
  ENLACE_RETURN_IF_ERROR(OpenOffice(*online, office).status());
  ENLACE_RETURN_IF_ERROR(OpenOffice(*online, successor).status());
  if (office == successor) return UsageError("--successor");
  const std::string announced =
      context.console().T(ENLACE_TEXT("{office} is closed; {successor} takes over its open cases"),
                          {{"office", office}, {"successor", successor}});
  return Publish(context, {"office-close",
                           identity::OfficeClosed{office, successor},
                           announced,
                           {{"office_id", office}, {"successor", successor}}});
}

}  // namespace enlace::client::admin
