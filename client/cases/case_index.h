// By which words, document numbers, birth dates and phones a case is found.
//
// Tokens stand in the vault as 8-byte HMACs (Vault::FindNumbers), beside the row of the case in
// table "cases": no word of an alert is in the file, and purging the case takes them along. Words
// are folded (case, accents), document numbers are reduced to letters and digits, so that "Josué"
// finds JOSUE and "X-000 171" finds X000171. A stolen range of blanks can't be found by a token:
// its bounds stand in table "document-ranges" (case key ‖ index), sealed by the case's own data
// key.
//
// Thread safety: free functions; as the vault's.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/vault/vault.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::client::case_index {

// Words shorter than this are no help and are left out.
inline constexpr size_t kWordCharsMin = 2;
// A word with a digit and at least so many letters and digits can be a document number.
inline constexpr size_t kDocumentCharsMin = 4;

// What a search or an alert names, as tokens, each list ascending and without repetition.
struct Terms {
  std::vector<std::string> words;
  std::vector<std::string> documents;
  std::vector<std::string> births;
  std::vector<std::string> phones;

  bool empty() const {
    return words.empty() && documents.empty() && births.empty() && phones.empty();
  }
};

// All terms of an alert: names, places, texts in every language, documents (their zones included),
// birth dates, phones.
Terms TermsOf(const alert::v1::CaseAlert& alert);
// What an officer typed. A date (2004-08-17, 17/08/2004) is a birth date, "+504…" a phone; what can
// be a document number is a document and, besides, a word.
Terms ParseQuery(std::string_view text);

// Whether the document names `number`, by itself or in its machine readable zone; `number` is
// folded (alerts::FoldDocumentNumber).
bool Names(const alert::v1::IdDocument& document, std::string_view number);

// Adds the alert's tokens to its case, which stands in the vault already, and its document ranges
// under `key`, the case's data key.
absl::Status Add(VaultTransaction& tx, const alert::v1::CaseAlert& alert, const DataKeyId& key);

// A range of document numbers that an alert reports.
struct DocumentRange {
  std::string case_ref;
  std::string from, to;  // As written.

  // Whether a number stands in the range: the same letters and number of digits, and a value
  // between both ends.
  bool Holds(std::string_view number) const;
};
absl::StatusOr<std::vector<DocumentRange>> Ranges(const Vault& vault);

}  // namespace enlace::client::case_index
