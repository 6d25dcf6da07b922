// Finds cases in the vault: the list of all, the search, and reports of a document.
//
// Promises that a list of tens of thousands of cases is read without opening each of them
// (case_list.h), that a search names only cases whose decrypted messages really hold what was asked
// for (8-byte tokens may collide), and that a document is matched by its number before any name is
// looked at.
//
// Thread safety: one thread. Ownership: borrows vault and reader, which outlive it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cases/case_reader.h"
#include "client/cases/list_views.h"
#include "client/vault/vault.h"

namespace enlace::client {

inline constexpr size_t kCasesShownDefault = 100;
inline constexpr size_t kSearchShownDefault = 50;
inline constexpr size_t kListShownMax = 100'000;

// How far ahead `Reviews` looks.
inline constexpr int64_t kReviewAheadDaysDefault = 7;
inline constexpr int64_t kReviewAheadDaysMax = 3650;

struct CaseFilter {
  bool open_only = false;
  bool overdue_only = false;
  // Takes part as origin or recipient; empty = any.
  std::string office_id;
  // enlace.alert.v1.AlertType; 0 = any.
  int alert_type = 0;
  // Last message at or after; 0 = any.
  int64_t since_ms = 0;
  size_t limit = kCasesShownDefault;
};

// A document as an officer gave it: a number, or the lines of a machine readable zone.
struct DocumentQuery {
  std::string number;
  std::vector<std::string> mrz_lines;
};

class CaseFinder {
 public:
  CaseFinder(const Vault& vault, const CaseReader& reader) : vault_(vault), reader_(reader) {}

  absl::StatusOr<CasesView> Cases(const CaseFilter& filter, int64_t now_ms) const;
  // Open cases whose review date has passed or comes within `ahead_ms`; what is closed or withdrawn
  // was decided on and only waits for its deletion. `limit` bounds the rows.
  absl::StatusOr<ReviewView> Reviews(int64_t ahead_ms, size_t limit, int64_t now_ms) const;
  // `limit` bounds the rows. USAGE when the text holds nothing that can be searched for.
  absl::StatusOr<SearchView> Search(std::string_view text, size_t limit, int64_t now_ms) const;
  // All offices' reports of a document, the newest first. USAGE without a number and for lines that
  // are no zone.
  absl::StatusOr<DocumentsView> Documents(const DocumentQuery& query) const;

 private:
  const Vault& vault_;
  const CaseReader& reader_;
};

}  // namespace enlace::client
