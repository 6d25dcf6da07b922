// Syntax of the codes and values that alerts carry: offices, phones, languages, dates, hashes,
// texts.
//
// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace enlace::alerts {

// <authority>.<name>[.<unit>]: lower-case letters, digits and dashes, 3 to 96 bytes.
bool IsOfficeId(std::string_view text);
// 1 to 64 letters, digits, dots and dashes.
bool IsOfficerId(std::string_view text);

// "+" and 7 to 15 digits, with a country code that is assigned.
bool IsE164(std::string_view text);
// `text` without spaces, hyphens, dots and brackets, when that is E.164; else nothing. Never adds a
// country.
std::optional<std::string> NormalisePhone(std::string_view text);

// RFC 5646 well-formedness of a language tag.
bool IsLanguageTag(std::string_view tag);

enum class DateProblem { kNone, kImpossible, kDayWithoutMonth, kMonthWithoutYear };
// google.type.Date with unknown parts: 0 is unknown; a day needs a month; 29 February needs a leap
// year when it is known.
DateProblem CheckDate(uint32_t year, uint32_t month, uint32_t day);

// 64 hexadecimal digits.
bool IsSha256Hex(std::string_view text);
// ISO 3166-2: alpha-2 of an assigned country, a dash, 1 to 3 letters or digits.
bool IsSubdivision(std::string_view text);

enum class TextProblem { kNone, kNotUtf8, kControl, kBidi };
// Control characters (newline and tab allowed with `multiline`), bidirectional formatting,
// invisible tag characters.
TextProblem CheckText(std::string_view text, bool multiline);
// Unicode code points; invalid bytes count one each.
size_t CharCount(std::string_view text);
// NFC of `text`; `text` itself when it is not UTF-8.
std::string Nfc(std::string_view text);
// For searching and comparing: NFKD, without marks, case folded: "Josué" and "JOSUE" give the same.
std::string Fold(std::string_view text);
// The words of `text`, folded: letters and digits only.
std::vector<std::string> FoldedWords(std::string_view text);
// A document number folded: upper case, letters and digits only.
std::string FoldDocumentNumber(std::string_view number);

// The candidate nearest to `word` (edit distance at most a third of its length), empty when none is
// near.
std::string NearestOf(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace enlace::alerts
