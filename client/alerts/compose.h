// What the library fills in so that officers need not: ids, times, sender, deadlines, retention
// (`send --new`).
//
// Only what is absent is filled; TLP and consent never are (rule 3, rule 4). Times and random bytes
// come from outside.
//
// Thread safety: pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "client/alerts/violation.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::alerts {

// An authority's windows, in milliseconds from created_at. Defaults of DOMAIN.md by priority.
struct Windows {
  int64_t ack_ms = 0;
  int64_t response_ms = 0;
};
Windows DefaultWindows(alert::v1::Priority priority);
alert::v1::Priority DefaultPriority(alert::v1::AlertType type);

struct FillInputs {
  int64_t now_ms = 0;
  std::array<uint8_t, 10> random{};
  std::string case_ref;
  std::string office_id;
  std::string country;
  std::string unit;
  std::string officer_id;
  std::string duty_phone;
  // The authority's own windows; zero = the default of the priority.
  Windows windows;
  // Zero: review after 90 days, delete after 3 years.
  int64_t review_after_ms = 0;
  int64_t delete_after_ms = 0;
  // The language of the officer, for an alert that names none ("es").
  std::string language;
};
void FillDefaults(alert::v1::CaseAlert& alert, const FillInputs& inputs);

// New ids and times for an alert that was written earlier: created_at becomes now; every other time
// of the envelope and of handling keeps its distance from it. Events and consent keep their times.
void Retime(alert::v1::CaseAlert& alert, const FillInputs& inputs);

// RFC 9562 UUID version 7 in lower-case text.
std::string MakeUuidV7(int64_t now_ms, const std::array<uint8_t, 10>& random);
bool IsUuidV7(std::string_view text);

int64_t ToMs(const google::protobuf::Timestamp& time);
google::protobuf::Timestamp FromMs(int64_t time_ms);

}  // namespace enlace::alerts
