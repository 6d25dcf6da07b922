// The parts of validation, one for each region of the model. Internal to the folder.
//
// Thread safety: pure functions; each reports into the given report.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "client/alerts/report.h"
#include "client/alerts/validation.h"
#include "client/texts/time_format.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::alerts {

// What every part sees.
struct Checked {
  const alert::v1::CaseAlert& alert;
  const ValidationContext& context;
  Report& report;
  // The sender's clock is off: deadlines are counted from the server's time and not compared with
  // created_at.
  bool clock_skewed = false;
};

// Strings (UTF-8, control and bidirectional characters, length), codes of newer versions, lengths
// of lists, anywhere.
void CheckFields(const google::protobuf::Message& message, Report& report);

void CheckEnvelope(const Checked& checked);
void CheckDeadlines(const Checked& checked);
void CheckHandling(const Checked& checked);
void CheckConsent(const Checked& checked);
void CheckPersons(const Checked& checked);
void CheckIdentity(const Checked& checked);
void CheckGroup(const Checked& checked);
void CheckEvents(const Checked& checked);
void CheckLinks(const Checked& checked);
void CheckAttachments(const Checked& checked);
void CheckDetail(const Checked& checked);
void CheckRecommended(const Checked& checked);
void CheckDirectory(const Checked& checked);

void CheckDocument(const alert::v1::IdDocument& document, const std::string& path,
                   const Checked& checked);
void CheckMrz(const alert::v1::IdDocument& document, const std::string& path, Report& report);

// Single values, shared by alerts and actions.
void Require(bool present, std::string_view field, Report& report);
void CheckUuid(const std::string& value, std::string_view field, Report& report);
void CheckCaseRef(const std::string& value, std::string_view field, Report& report);
void CheckOfficeId(const std::string& value, std::string_view field, Report& report);
void CheckOfficerId(const std::string& value, std::string_view field, Report& report);
void CheckLanguage(const std::string& value, std::string_view field, Report& report);
void CheckCountry(const std::string& value, std::string_view field, Report& report);
// `country` (alpha-3) is the one that the hint guesses.
void CheckPhone(const std::string& value, std::string_view field, std::string_view country,
                Report& report);
// Reports an impossible date; true when it can be compared.
bool CheckPartialDate(const alert::v1::PartialDate& date, std::string_view field, Report& report);

texts::DateParts PartsOf(const alert::v1::PartialDate& date);
// True when `date` is certainly later than the day of `at_ms`.
bool IsAfter(const alert::v1::PartialDate& date, int64_t at_ms);
// Milliseconds since 1970 of created_at; 0 when it is absent.
int64_t CreatedMs(const alert::v1::CaseAlert& alert);

// The block that a type of alert fills, by its field in the model; empty when none belongs to it.
std::string_view BlockOf(alert::v1::AlertType type);

// "Did you mean": a suffix for a text, empty when there is nothing near.
Phrase DidYouMean(std::string_view nearest);

}  // namespace enlace::alerts
