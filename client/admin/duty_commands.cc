#include "client/admin/duty_commands.h"

#include <algorithm>
#include <tuple>

#include "client/admin/publisher.h"
#include "client/alerts/codes_check.h"
#include "client/alerts/local_time.h"
#include "client/cli_common/text_file.h"
#include "client/registry/membership.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client::admin {
namespace {

constexpr size_t kFields = 4;

absl::Status LineInvalid(size_t line, std::string_view field) {
  return MakeError(Reason::kDutyLineInvalid,
                   {{"line", std::to_string(line)}, {"field", std::string(field)}});
}

std::vector<std::string> Fields(std::string_view line) {
  std::vector<std::string> fields;
  // A field more than there may be is enough to refuse the line.
  while (fields.size() <= kFields) {
    const size_t end = line.find(',');
    std::string field(line.substr(0, end));
    field.erase(0, std::min(field.find_first_not_of(" \t"), field.size()));
    while (!field.empty() && (field.back() == ' ' || field.back() == '\t')) field.pop_back();
    fields.push_back(std::move(field));
    if (end == std::string_view::npos) break;
    line.remove_prefix(end + 1);
  }
  return fields;
}

absl::StatusOr<identity::DutyShift> ParseShift(const std::vector<std::string>& fields, size_t line,
                                               const texts::Zone& zone) {
  if (fields.size() < kFields - 1 || fields.size() > kFields)
    return LineInvalid(line, "officer,from,until,phone");
  identity::DutyShift shift;
  shift.officer_id = fields[0];
  const auto from = alerts::ParseTimeIn(fields[1], zone);
  const auto until = alerts::ParseTimeIn(fields[2], zone);
  if (!identity::IsOfficerId(shift.officer_id)) return LineInvalid(line, "officer");
  if (!from) return LineInvalid(line, "from");
  const bool ends = until && *until > *from && *until - *from <= identity::kDutyShiftMsMax;
  if (!ends) return LineInvalid(line, "until");
  shift.from_ms = *from;
  shift.until_ms = *until;
  if (fields.size() == kFields && !fields[3].empty()) {
    const auto phone = alerts::NormalisePhone(fields[3]);
    if (!phone) return LineInvalid(line, "phone");
    shift.phone = *phone;
  }
  return shift;
}

bool SameStart(const identity::DutyShift& a, const identity::DutyShift& b) {
  return a.officer_id == b.officer_id && a.from_ms == b.from_ms;
}

void Sort(std::vector<identity::DutyShift>& shifts) {
  std::ranges::sort(shifts, [](const identity::DutyShift& a, const identity::DutyShift& b) {
    return std::tie(a.from_ms, a.officer_id) < std::tie(b.from_ms, b.officer_id);
  });
}

// The roster as it shall be.
absl::StatusOr<std::vector<identity::DutyShift>> NewRoster(const OfficeDutyOptions& options,
                                                           const identity::OfficeRecord& office,
                                                           int64_t now_ms) {
  const texts::Zone zone =
      texts::Zone::FromName(office.stated().time_zone).value_or(texts::Zone::Utc());
  if (options.clear) return std::vector<identity::DutyShift>();
  if (!options.csv_file.empty()) {
    ENLACE_ASSIGN_OR_RETURN(const std::string csv, ReadWholeFile(options.csv_file));
    return ParseDutyCsv(csv, zone);
  }
  ENLACE_ASSIGN_OR_RETURN(
      identity::DutyShift added,
      ParseShift({options.officer_id, options.from, options.until, options.phone}, 1, zone));
  // What is over leaves the roster, so that it does not grow without end.
  std::vector<identity::DutyShift> shifts;
  for (const identity::DutyShift& shift : office.duty) {
    if (shift.until_ms > now_ms && !SameStart(shift, added)) shifts.push_back(shift);
  }
  shifts.push_back(std::move(added));
  Sort(shifts);
  return shifts;
}

// A shift of somebody who can't read what the office gets would only mislead.
absl::Status CheckOfficers(const identity::Registry& registry, const identity::OfficeRecord& office,
                           const std::vector<identity::DutyShift>& shifts) {
  for (const identity::DutyShift& shift : shifts) {
    if (!WorksIn(registry, shift.officer_id, office.id)) {
      return MakeError(Reason::kOfficerNotInOffice,
                       {{"officer", shift.officer_id}, {"office", office.id}});
    }
  }
  return absl::OkStatus();
}

std::string ShiftText(const AdminContext& context, const identity::DutyShift& shift,
                      const identity::OfficeRecord& office) {
  const texts::Language language = context.console().language();
  const texts::Zone zone =
      texts::Zone::FromName(office.stated().time_zone).value_or(texts::Zone::Utc());
  const auto time = [&](int64_t at_ms) {
    return texts::ShortDay(language, zone, at_ms, context.now_ms()) + " " +
           texts::ClockTime(zone, at_ms);
  };
  const std::string& phone = shift.phone.empty() ? office.stated().duty_phone : shift.phone;
  return shift.officer_id + "  " + time(shift.from_ms) + " - " + time(shift.until_ms) + " (" +
         texts::OffsetName(zone, shift.from_ms) + ")  " + phone;
}

void ShowRoster(const AdminContext& context, const identity::OfficeRecord& office) {
  const Console& console = context.console();
  nlohmann::json shifts = nlohmann::json::array();
  for (const identity::DutyShift& shift : office.duty) {
    const bool now = shift.from_ms <= context.now_ms() && context.now_ms() < shift.until_ms;
    console.Line((now ? "* " : "  ") + ShiftText(context, shift, office));
    shifts.push_back({{"officer_id", shift.officer_id},
                      {"from", texts::Rfc3339(shift.from_ms)},
                      {"until", texts::Rfc3339(shift.until_ms)},
                      {"phone", shift.phone},
                      {"now", now}});
  }
  if (office.duty.empty())
    console.Line(console.T(ENLACE_TEXT("{office} has no roster."), {{"office", office.id}}));
  console.Json("office-duty", {{"office_id", office.id}, {"shifts", shifts}});
}

// One way of changing the roster, and all that it needs.
absl::Status CheckOptions(const OfficeDutyOptions& options) {
  const bool one = !options.officer_id.empty();
  const bool part =
      one || !options.from.empty() || !options.until.empty() || !options.phone.empty();
  const bool whole = one && !options.from.empty() && !options.until.empty();
  const int ways = int{part} + int{!options.csv_file.empty()} + int{options.clear};
  if (ways <= 1 && part == whole) return absl::OkStatus();
  return UsageError("--officer ID --from TIME --until TIME | --csv FILE | --clear");
}

absl::Status Publish(AdminContext& context, const AuthorityCa& ca,
                     const identity::OfficeRecord& office,
                     std::vector<identity::DutyShift> shifts) {
  const Console& console = context.console();
  std::vector<std::string> changes;
  changes.reserve(shifts.size() + 1);
  for (const identity::DutyShift& shift : shifts)
    changes.push_back(ShiftText(context, shift, office));
  if (shifts.empty())
    changes.push_back(console.T(ENLACE_TEXT("{office} has no roster."), {{"office", office.id}}));
  ENLACE_ASSIGN_OR_RETURN(const bool go_on, context.ConfirmChanges(changes));
  if (!go_on) return absl::OkStatus();
  const std::string office_id = office.id;
  const size_t count = shifts.size();
  ENLACE_RETURN_IF_ERROR(
      PublishStatements(context, ca, {identity::OfficeDuty{office_id, std::move(shifts)}}));
  console.Line(console.T(
      ENLACE_TEXT("{tick} The roster of {office}: {shifts}."),
      {{"tick", console.glyphs().tick},
       {"office", office_id},
       {"shifts", texts::Plural(console.language(), "{count} shift", "{count} shifts", count)}}));
  console.Next(console.T(ENLACE_TEXT("Officers see it: enlace directory {office}"),
                         {{"office", office_id}}));
  console.Json("office-duty", {{"office_id", office_id}, {"shifts", count}});
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<identity::DutyShift>> ParseDutyCsv(std::string_view csv,
                                                              const texts::Zone& zone) {
  std::vector<identity::DutyShift> shifts;
  for (size_t line = 1; !csv.empty(); ++line) {
    const size_t end = csv.find('\n');
    std::string_view text = csv.substr(0, end);
    csv.remove_prefix(end == std::string_view::npos ? csv.size() : end + 1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    const bool is_header = line == 1 && text.starts_with("officer,");
    if (is_header || text.empty() || text.starts_with('#')) continue;
    ENLACE_ASSIGN_OR_RETURN(identity::DutyShift shift, ParseShift(Fields(text), line, zone));
    const bool twice = std::ranges::any_of(
        shifts, [&](const identity::DutyShift& other) { return SameStart(shift, other); });
    if (twice || shifts.size() == identity::kDutyShiftsMax) return LineInvalid(line, "from");
    shifts.push_back(std::move(shift));
  }
  Sort(shifts);
  return shifts;
}

absl::Status OfficeDuty(AdminContext& context, const OfficeDutyOptions& options) {
  ENLACE_RETURN_IF_ERROR(CheckOptions(options));
  ENLACE_ASSIGN_OR_RETURN(AdminContext::Online * online, context.Connect());
  const identity::OfficeRecord* office = online->registry().FindOffice(options.office_id);
  if (office == nullptr || !office->open())
    return MakeError(Reason::kOfficeUnknown, {{"office", options.office_id}});
  if (options.officer_id.empty() && options.csv_file.empty() && !options.clear) {
    ShowRoster(context, *office);
    return absl::OkStatus();
  }
  ENLACE_ASSIGN_OR_RETURN(Vault * vault, context.OpenVault());
  ENLACE_ASSIGN_OR_RETURN(const AuthorityCa ca, LoadCa(*vault));
  ENLACE_ASSIGN_OR_RETURN(std::vector<identity::DutyShift> shifts,
                          NewRoster(options, *office, context.now_ms()));
  ENLACE_RETURN_IF_ERROR(CheckOfficers(online->registry(), *office, shifts));
  return Publish(context, ca, *office, std::move(shifts));
}

}  // namespace enlace::client::admin
