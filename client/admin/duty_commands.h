// enlace-admin office duty: who answers for an office, when, on which phone.
//
// Thread safety: free functions. Errors: as each says, and those of AdminContext and
// PublishStatements.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/admin/admin_context.h"
#include "client/texts/time_format.h"
#include "crypto/identity/statement.h"

namespace enlace::client::admin {

struct OfficeDutyOptions {
  std::string office_id;
  // One shift, added to the roster: all three, or none. Times are RFC 3339 or, without an offset,
  // in the office's zone.
  std::string officer_id;
  std::string from;
  std::string until;
  std::string phone;
  // Lines "officer,from,until,phone" in place of the whole roster; "-" is stdin.
  std::string csv_file;
  // Takes the roster away.
  bool clear = false;
};
// Without a shift, file or --clear it shows the roster. USAGE, OFFICE_UNKNOWN,
// DUTY_LINE_INVALID with the number of the line.
absl::Status OfficeDuty(AdminContext& context, const OfficeDutyOptions& options);

// Shifts of a CSV text, in the roster's order; an optional first line "officer,from,until,phone".
// DUTY_LINE_INVALID.
absl::StatusOr<std::vector<identity::DutyShift>> ParseDutyCsv(std::string_view csv,
                                                              const texts::Zone& zone);

}  // namespace enlace::client::admin
