#include "client/alerts/codes_check.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "client/texts/countries.h"

namespace enlace::alerts {
namespace {

constexpr size_t kOfficeIdBytesMax = 96;
constexpr size_t kOfficerIdBytesMax = 64;
constexpr size_t kPhoneDigitsMin = 7;
constexpr size_t kPhoneDigitsMax = 15;
constexpr size_t kLanguageTagBytesMax = 35;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsAlpha(char c) { return IsLower(c) || (c >= 'A' && c <= 'Z'); }
bool IsAlnum(char c) { return IsAlpha(c) || IsDigit(c); }

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool IsOfficePart(std::string_view part) {
  if (part.empty() || part.front() == '-' || part.back() == '-') return false;
  return std::ranges::all_of(part, [](char c) { return IsLower(c) || IsDigit(c) || c == '-'; });
}

// Country codes without a territory of ISO 3166-1: ITU's shared and global services.
constexpr std::array<std::string_view, 9> kGlobalPrefixes = {"+800", "+808", "+870", "+878", "+881",
                                                             "+882", "+883", "+888", "+979"};

// Parts of a language tag in the order of RFC 5646, section 2.1.
class TagReader {
 public:
  explicit TagReader(std::string_view tag) : parts_(Split(tag, '-')) {}

  bool IsWellFormed() {
    if (std::ranges::any_of(parts_, [](std::string_view part) {
          return part.empty() || part.size() > 8 || !std::ranges::all_of(part, IsAlnum);
        })) {
      return false;
    }
    if (IsOne(0, 'x')) return PrivateUse();
    if (!Language()) return false;
    Script();
    Region();
    Variants();
    return Extensions() && (next_ == parts_.size() || PrivateUse());
  }

 private:
  std::string_view At(size_t index) const {
    return index < parts_.size() ? parts_[index] : std::string_view();
  }
  bool IsOne(size_t index, char letter) const {
    const std::string_view part = At(index);
    return part.size() == 1 && (part[0] | 0x20) == letter;
  }
  static bool AllAlpha(std::string_view part) { return std::ranges::all_of(part, IsAlpha); }

  bool Language() {
    const std::string_view language = At(next_++);
    if (language.size() < 2 || !AllAlpha(language)) return false;
    if (language.size() > 3) return true;
    for (int extended = 0; extended < 3 && At(next_).size() == 3 && AllAlpha(At(next_));
         ++extended) {
      ++next_;
    }
    return true;
  }
  void Script() {
    if (At(next_).size() == 4 && AllAlpha(At(next_))) ++next_;
  }
  void Region() {
    const std::string_view part = At(next_);
    const bool letters = part.size() == 2 && AllAlpha(part);
    const bool digits = part.size() == 3 && std::ranges::all_of(part, IsDigit);
    if (letters || digits) ++next_;
  }
  void Variants() {
    while (At(next_).size() >= 5 || (At(next_).size() == 4 && IsDigit(At(next_)[0]))) ++next_;
  }
  bool Extensions() {
    while (At(next_).size() == 1 && !IsOne(next_, 'x')) {
      const size_t start = ++next_;
      while (At(next_).size() >= 2) ++next_;
      if (next_ == start) return false;
    }
    return true;
  }
  bool PrivateUse() {
    if (!IsOne(next_, 'x')) return false;
    return ++next_ < parts_.size();
  }

  std::vector<std::string_view> parts_;
  size_t next_ = 0;
};

bool IsLeapYear(uint32_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

uint32_t DaysOf(uint32_t year, uint32_t month) {
  constexpr std::array<uint32_t, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap_day = month == 2 && (year == 0 || IsLeapYear(year));
  return kDays[month - 1] + (leap_day ? 1 : 0);
}

bool IsBidiOrHidden(int32_t value) {
  constexpr int32_t kZeroWidthNonJoiner = 0x200c;
  constexpr int32_t kZeroWidthJoiner = 0x200d;
  constexpr int32_t kSoftHyphen = 0xad;
  if (value == kZeroWidthJoiner || value == kZeroWidthNonJoiner || value == kSoftHyphen)
    return false;
  constexpr uint32_t kHidden = U_GC_CF_MASK | U_GC_ZL_MASK | U_GC_ZP_MASK;
  return (U_GET_GC_MASK(value) & kHidden) != 0;
}

icu::UnicodeString FromText(std::string_view text) {
  return icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
}

std::string ToText(const icu::UnicodeString& text) {
  std::string out;
  return text.toUTF8String(out);
}

icu::UnicodeString Normalised(const icu::Normalizer2* (*form)(UErrorCode&),
                              const icu::UnicodeString& text) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = form(error);
  if (U_FAILURE(error)) return text;
  const icu::UnicodeString out = normalizer->normalize(text, error);
  return U_SUCCESS(error) ? out : text;
}

// Levenshtein's distance, in bytes.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

bool IsOfficeId(std::string_view text) {
  if (text.size() < 3 || text.size() > kOfficeIdBytesMax) return false;
  const auto parts = Split(text, '.');
  return (parts.size() == 2 || parts.size() == 3) && std::ranges::all_of(parts, IsOfficePart);
}

bool IsOfficerId(std::string_view text) {
  if (text.empty() || text.size() > kOfficerIdBytesMax || !IsAlnum(text.front())) return false;
  return std::ranges::all_of(text, [](char c) { return IsAlnum(c) || c == '.' || c == '-'; });
}

bool IsE164(std::string_view text) {
  if (!text.starts_with('+')) return false;
  const std::string_view digits = text.substr(1);
  if (digits.size() < kPhoneDigitsMin || digits.size() > kPhoneDigitsMax) return false;
  if (!std::ranges::all_of(digits, IsDigit)) return false;
  if (texts::CountryOfPhone(text) != nullptr) return true;
  return std::ranges::any_of(kGlobalPrefixes,
                             [&](std::string_view prefix) { return text.starts_with(prefix); });
}

std::optional<std::string> NormalisePhone(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (std::string_view(" -.()/").find(c) == std::string_view::npos) digits += c;
  }
  if (!IsE164(digits)) return std::nullopt;
  return digits;
}

bool IsLanguageTag(std::string_view tag) {
  return !tag.empty() && tag.size() <= kLanguageTagBytesMax && TagReader(tag).IsWellFormed();
}

DateProblem CheckDate(uint32_t year, uint32_t month, uint32_t day) {
  if (year > 9999 || month > 12) return DateProblem::kImpossible;
  if (day != 0 && month == 0)
    return day > 31 ? DateProblem::kImpossible : DateProblem::kDayWithoutMonth;
  if (month != 0 && day > DaysOf(year, month)) return DateProblem::kImpossible;
  if (month != 0 && day == 0 && year == 0) return DateProblem::kMonthWithoutYear;
  return DateProblem::kNone;
}

bool IsSha256Hex(std::string_view text) {
  return text.size() == 64 &&
         std::ranges::all_of(text, [](unsigned char c) { return std::isxdigit(c) != 0; });
}

bool IsSubdivision(std::string_view text) {
  const size_t dash = text.find('-');
  if (dash != 2 || texts::FindCountry(text.substr(0, 2)) == nullptr) return false;
  const std::string_view part = text.substr(3);
  return !part.empty() && part.size() <= 3 &&
         std::ranges::all_of(part, [](char c) { return IsAlnum(c) && !IsLower(c); });
}

TextProblem CheckText(std::string_view text, bool multiline) {
  const auto* data = reinterpret_cast<const uint8_t*>(text.data());
  const auto length = static_cast<int32_t>(text.size());
  for (int32_t i = 0; i < length;) {
    UChar32 value = 0;
    U8_NEXT(data, i, length, value);
    if (value < 0) return TextProblem::kNotUtf8;
    if (multiline && (value == '\n' || value == '\t')) continue;
    if (U_GET_GC_MASK(value) & U_GC_CC_MASK) return TextProblem::kControl;
    if (IsBidiOrHidden(value)) return TextProblem::kBidi;
  }
  return TextProblem::kNone;
}

size_t CharCount(std::string_view text) {
  const auto* data = reinterpret_cast<const uint8_t*>(text.data());
  const auto length = static_cast<int32_t>(text.size());
  size_t count = 0;
  for (int32_t i = 0; i < length; ++count) {
    UChar32 value = 0;
    U8_NEXT(data, i, length, value);
  }
  return count;
}

std::string Nfc(std::string_view text) {
  if (CheckText(text, true) == TextProblem::kNotUtf8) return std::string(text);
  return ToText(Normalised(&icu::Normalizer2::getNFCInstance, FromText(text)));
}

std::string Fold(std::string_view text) {
  const icu::UnicodeString folded = Normalised(&icu::Normalizer2::getNFKDInstance, FromText(text));
  icu::UnicodeString bare;
  for (int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) {
    const UChar32 value = folded.char32At(i);
    if ((U_GET_GC_MASK(value) & U_GC_M_MASK) == 0) bare.append(value);
  }
  return ToText(bare.foldCase());
}

std::vector<std::string> FoldedWords(std::string_view text) {
  const icu::UnicodeString folded = FromText(Fold(text));
  std::vector<std::string> words;
  icu::UnicodeString word;
  for (int32_t i = 0; i <= folded.length(); i = folded.moveIndex32(i, 1)) {
    const bool end = i == folded.length();
    if (!end && u_isalnum(folded.char32At(i))) {
      word.append(folded.char32At(i));
    } else if (!word.isEmpty()) {
      words.push_back(ToText(word));
      word.remove();
    }
    if (end) break;
  }
  return words;
}

std::string FoldDocumentNumber(std::string_view number) {
  std::string out;
  for (const char c : Fold(number)) {
    if (IsAlnum(c)) out += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return out;
}

std::string NearestOf(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string wanted = Fold(word.substr(0, kOfficeIdBytesMax));
  std::string best;
  size_t best_distance = std::max<size_t>(wanted.size() / 3, 1) + 1;
  for (const std::string& candidate : candidates) {
    const size_t distance = EditDistance(wanted, Fold(candidate));
    if (distance >= best_distance) continue;
    best_distance = distance;
    best = candidate;
  }
  return best;
}

}  // namespace enlace::alerts
