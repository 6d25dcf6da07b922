// What crosses the agent's socket about sends and actions, as JSON, and back.
//
// Thread safety: free functions. A wrong kind of value throws nlohmann::json::exception inside the
// reading functions, which turn it into INVALID_ARGUMENT.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "absl/status/statusor.h"
#include "client/cases/views.h"

namespace enlace::client {

// Metadata key under which ALERT_REFUSED carries its violations.
inline constexpr std::string_view kViolationsKey = "violations";

nlohmann::json ViolationsToJson(const alerts::Violations& violations);
// ALERT_REFUSED with all violations in its metadata, as programs show them.
absl::Status AlertRefusedError(const alerts::Violations& violations);
absl::StatusOr<alerts::Violations> ViolationsFromJson(const nlohmann::json& value);
nlohmann::json OutcomeToJson(const SendOutcome& outcome);
absl::StatusOr<SendOutcome> SendOutcomeFromJson(const nlohmann::json& value);
nlohmann::json OutcomeToJson(const ActionOutcome& outcome);
absl::StatusOr<ActionOutcome> ActionOutcomeFromJson(const nlohmann::json& value);

}  // namespace enlace::client
