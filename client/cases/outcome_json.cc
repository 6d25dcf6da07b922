#include "client/cases/outcome_json.h"

#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

using nlohmann::json;

// Runs `read`; a value of the wrong kind is INVALID_ARGUMENT.
template <typename Result, typename Read>
absl::StatusOr<Result> Reading(Read read) {
  try {
    return read();
  } catch (const json::exception& wrong) {
    return InvalidArgument(wrong.what());
  }
}

}  // namespace

absl::Status AlertRefusedError(const alerts::Violations& violations) {
  return MakeError(Reason::kAlertRefused,
                   {{"errors", std::to_string(alerts::CountErrors(violations))},
                    {std::string(kViolationsKey), ViolationsToJson(violations).dump()}});
}

json ViolationsToJson(const alerts::Violations& violations) {
  json list = json::array();
  for (const alerts::Violation& one : violations) {
    list.push_back({{"field", one.field},
                    {"reason", one.reason},
                    {"severity", one.severity == alerts::Severity::kError ? "error" : "warning"},
                    {"message_en", one.message_en},
                    {"message_es", one.message_es},
                    {"hint_en", one.hint_en},
                    {"hint_es", one.hint_es}});
  }
  return list;
}

absl::StatusOr<alerts::Violations> ViolationsFromJson(const json& value) {
  return Reading<alerts::Violations>([&] {
    alerts::Violations violations;
    for (const json& one : value) {
      violations.push_back(
          {one.at("field"), one.at("reason"),
           one.at("severity") == "error" ? alerts::Severity::kError : alerts::Severity::kWarning,
           one.at("message_en"), one.at("message_es"), one.at("hint_en"), one.at("hint_es")});
    }
    return violations;
  });
}

json OutcomeToJson(const SendOutcome& outcome) {
  return {{"case_ref", outcome.case_ref},
          {"alert_id", outcome.alert_id},
          {"state", static_cast<int>(outcome.state)},
          {"accepted_at_ms", outcome.accepted_at_ms},
          {"status", outcome.status},
          {"tlp", outcome.tlp},
          {"offices", outcome.offices},
          {"devices", outcome.devices},
          {"offices_without_devices", outcome.offices_without_devices},
          {"attachments", outcome.attachments},
          {"attachment_bytes", outcome.attachment_bytes},
          {"uploaded_bytes", outcome.uploaded_bytes},
          {"warnings", ViolationsToJson(outcome.warnings)}};
}

absl::StatusOr<SendOutcome> SendOutcomeFromJson(const json& value) {
  SendOutcome outcome;
  const absl::StatusOr<bool> read = Reading<bool>([&] {
    outcome.case_ref = value.at("case_ref");
    outcome.alert_id = value.at("alert_id");
    outcome.state = static_cast<alerts::RowState>(value.at("state").get<int>());
    outcome.accepted_at_ms = value.at("accepted_at_ms");
    outcome.status = value.at("status");
    outcome.tlp = value.at("tlp");
    outcome.offices = value.at("offices").get<std::vector<std::pair<std::string, int>>>();
    outcome.devices = value.at("devices");
    outcome.offices_without_devices =
        value.at("offices_without_devices").get<std::vector<std::string>>();
    outcome.attachments = value.at("attachments");
    outcome.attachment_bytes = value.at("attachment_bytes");
    outcome.uploaded_bytes = value.at("uploaded_bytes");
    return true;
  });
  ENLACE_RETURN_IF_ERROR(read.status());
  ENLACE_ASSIGN_OR_RETURN(outcome.warnings, ViolationsFromJson(value.at("warnings")));
  return outcome;
}

json OutcomeToJson(const ActionOutcome& outcome) {
  return {{"case_ref", outcome.case_ref},
          {"office_id", outcome.office_id},
          {"officer_id", outcome.officer_id},
          {"status", outcome.status},
          {"action", outcome.action},
          {"steps", outcome.steps},
          {"assignee_officer_id", outcome.assignee_officer_id},
          {"other_office_id", outcome.other_office_id},
          {"state", static_cast<int>(outcome.state)},
          {"at_ms", outcome.at_ms},
          {"response_due_ms", outcome.response_due_ms},
          {"by_origin", outcome.by_origin},
          {"already_done", outcome.already_done}};
}

absl::StatusOr<ActionOutcome> ActionOutcomeFromJson(const json& value) {
  return Reading<ActionOutcome>([&] {
    ActionOutcome outcome;
    outcome.case_ref = value.at("case_ref");
    outcome.office_id = value.at("office_id");
    outcome.officer_id = value.at("officer_id");
    outcome.status = value.at("status");
    outcome.action = value.at("action");
    outcome.steps = value.at("steps").get<std::vector<int>>();
    outcome.assignee_officer_id = value.at("assignee_officer_id");
    outcome.other_office_id = value.at("other_office_id");
    outcome.state = static_cast<alerts::RowState>(value.at("state").get<int>());
    outcome.at_ms = value.at("at_ms");
    outcome.response_due_ms = value.at("response_due_ms");
    outcome.by_origin = value.at("by_origin");
    outcome.already_done = value.at("already_done");
    return outcome;
  });
}

}  // namespace enlace::client
