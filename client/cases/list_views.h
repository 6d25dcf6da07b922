// What lists over many cases show, as plain values: all cases, search results, documents, offices.
//
// Computed by CaseFinder (case_finder.h) and Directory (office_directory.h); drawn by the command
// line and the gateway. Texts are as their authors wrote them: a screen escapes them. Codes are
// numbers of enlace.alert.v1, instants milliseconds since 1970 (0 = absent).
//
// Thread safety: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/alerts/workflow.h"
#include "client/cases/views.h"

namespace enlace::client {

// One case in a list.
struct CaseRow {
  std::string case_ref;
  std::string alert_id;
  int alert_type = 0;
  int priority = 0;
  int status = 0;
  alerts::CaseState state = alerts::CaseState::kOpen;
  int outcome = 0;
  std::string from_office_id;
  // State and role of my office's row; 0 where my offices only sent the case.
  int my_state = 0;
  int my_role = 0;
  bool i_am_origin = false;
  // The earliest deadline that has passed: of my office, or, for what my office sent, of any
  // office that owes something; 0 = none.
  int64_t overdue_since_ms = 0;
  int64_t opened_at_ms = 0;
  int64_t newest_at_ms = 0;
  std::string subject;
  bool updated_unread = false;
};

struct CasesView {
  std::vector<std::string> office_ids;
  Freshness freshness;
  // Open cases first, each part from the newest to the oldest; at most the wanted number.
  std::vector<CaseRow> rows;
  // Of all cases that the filter lets pass.
  size_t matching = 0;
  size_t open = 0;
  size_t overdue = 0;
};

// A case whose sender wanted it looked at again: is it still needed, or can it be closed?
struct ReviewRow {
  CaseRow the_case;
  int64_t review_at_ms = 0;
  // When the case deletes itself, whatever was decided; 0 = the sender named no day.
  int64_t delete_after_ms = 0;
};

struct ReviewView {
  std::vector<std::string> office_ids;
  Freshness freshness;
  // Until when review dates were looked for.
  int64_t until_ms = 0;
  // The earliest review date first; at most the wanted number.
  std::vector<ReviewRow> rows;
  // Of all cases whose date comes until then, and of those whose date has passed.
  size_t matching = 0;
  size_t due = 0;
};

// By what a case was found, in the order of trust.
enum class Match { kDocument, kBirthDate, kPhone, kWords };

struct SearchRow {
  CaseRow the_case;
  // All that fit, the strongest first.
  std::vector<Match> matches;
};

struct SearchView {
  std::string query;
  Freshness freshness;
  // Document hits first, then birth dates, phones, words; more than one kind before one alone;
  // then the newest. At most the wanted number.
  std::vector<SearchRow> rows;
  size_t matching = 0;
};

// One report of a document by an office.
struct DocumentReport {
  std::string case_ref;
  int alert_type = 0;
  int status = 0;
  alerts::CaseState state = alerts::CaseState::kOpen;
  std::string from_office_id;
  // Who reported this document and when: the message that first named it.
  std::string by_office_id;
  int64_t at_ms = 0;
  std::string person_local_id;
  int type = 0;
  int finding = 0;
  std::string number, number_to, issuing_state;
  // The number lies within a reported range and was not named by itself.
  bool in_range = false;
};

struct DocumentsView {
  // As asked: the number, and what a zone on the input gave.
  std::string number;
  std::string issuing_state;
  // Digits of the zone that are wrong: nothing else of it is used.
  bool zone_fails = false;
  Freshness freshness;
  std::vector<DocumentReport> reports;
};

}  // namespace enlace::client
