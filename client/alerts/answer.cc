#include "client/alerts/answer.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "client/alerts/codes_check.h"
#include "client/alerts/local_time.h"
#include "client/texts/countries.h"
#include "client/texts/time_format.h"

namespace enlace::alerts {
namespace {

using nlohmann::json;
using texts::Language;

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::vector<std::string_view> Parts(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find(','), text.size());
    const std::string_view part = Trim(text.substr(0, end));
    if (!part.empty()) parts.push_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::optional<uint32_t> Number(std::string_view text) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<json> ReadCode(texts::CodeKind kind, std::string_view text, Language language) {
  if (const auto number = texts::CodeNumber(kind, text)) return json(*number);
  const auto table = texts::CodeTable(kind);
  if (const auto place = Number(text)) {
    if (*place < 1 || *place > table.size()) return std::nullopt;
    return json(table[*place - 1].number);
  }
  const std::string wanted = Fold(text);
  std::optional<json> found;
  bool several = false;
  for (const texts::CodeRow& row : table) {
    const std::string name = Fold(texts::CodeName(language, kind, row.number));
    if (name == wanted) return json(row.number);
    if (!name.starts_with(wanted)) continue;
    several = several || found.has_value();
    found = json(row.number);
  }
  return several ? std::nullopt : found;
}

std::optional<json> ReadCountry(std::string_view text) {
  std::string code(text);
  for (char& c : code) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  if (const texts::Country* country = texts::FindCountry(code)) return json(country->alpha3);
  if (texts::IsIcaoPersonCode(code) || texts::IsIcaoIssuerCode(code)) return json(code);
  const std::string wanted = Fold(text);
  for (const texts::Country& country : texts::Countries()) {
    for (const Language language : {Language::kEnglish, Language::kSpanish}) {
      if (Fold(texts::CountryName(language, country.alpha3)) == wanted) return json(country.alpha3);
    }
  }
  return std::nullopt;
}

// "2004-08-17", "2004-08", "2004", or the day first: "17/08/2004".
std::optional<json> ReadDate(std::string_view text) {
  const bool day_first = text.find('/') != std::string_view::npos;
  const char separator = day_first ? '/' : '-';
  uint32_t parts[3] = {0, 0, 0};
  size_t count = 0;
  while (!text.empty() && count < 3) {
    const size_t end = std::min(text.find(separator), text.size());
    const auto number = Number(text.substr(0, end));
    if (!number) return std::nullopt;
    parts[count++] = *number;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (day_first && count != 3) return std::nullopt;
  if (day_first) std::swap(parts[0], parts[2]);
  constexpr uint32_t kYearMin = 1800, kYearMax = 9999;
  const bool sound = text.empty() && parts[0] >= kYearMin && parts[0] <= kYearMax &&
                     CheckDate(parts[0], parts[1], parts[2]) == DateProblem::kNone;
  if (!sound) return std::nullopt;
  return json{{"year", parts[0]}, {"month", parts[1]}, {"day", parts[2]}};
}

std::optional<json> ReadYesNo(std::string_view text) {
  const std::string word = Fold(text);
  for (const std::string_view yes : {"s", "si", "y", "yes", "true"}) {
    if (word == yes) return json(true);
  }
  for (const std::string_view no : {"n", "no", "false"}) {
    if (word == no) return json(false);
  }
  return std::nullopt;
}

std::optional<json> ReadOffice(std::string_view text, const AnswerContext& context) {
  const bool known = context.offices.empty()
                         ? IsOfficeId(text)
                         : std::ranges::find(context.offices, text) != context.offices.end();
  if (!known) return std::nullopt;
  return json(text);
}

std::optional<json> ReadPhone(std::string_view text) {
  const auto phone = NormalisePhone(text);
  if (!phone) return std::nullopt;
  return json(*phone);
}

// "HND 12".
std::optional<json> ReadShare(std::string_view text) {
  const size_t space = text.rfind(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const auto country = ReadCountry(Trim(text.substr(0, space)));
  const auto count = Number(text.substr(space + 1));
  if (!country || !count) return std::nullopt;
  return json{{"country", *country}, {"count", *count}};
}

// One element of an answer that is a list.
std::optional<json> ReadElement(const Question& question, std::string_view part,
                                const AnswerContext& context) {
  switch (question.kind) {
    case AnswerKind::kCodes:
      return ReadCode(question.codes, part, context.language);
    case AnswerKind::kOffices:
      return ReadOffice(part, context);
    case AnswerKind::kCountries:
      return ReadCountry(part);
    case AnswerKind::kLanguages:
      return IsLanguageTag(part) ? std::optional<json>(part) : std::nullopt;
    case AnswerKind::kPhones:
      return ReadPhone(part);
    case AnswerKind::kShares:
      return ReadShare(part);
    default:
      return json(part);
  }
}

bool IsList(AnswerKind kind) {
  switch (kind) {
    case AnswerKind::kCodes:
    case AnswerKind::kOffices:
    case AnswerKind::kCountries:
    case AnswerKind::kLanguages:
    case AnswerKind::kPhones:
    case AnswerKind::kShares:
    case AnswerKind::kList:
    case AnswerKind::kFiles:
      return true;
    default:
      return false;
  }
}

std::optional<json> ReadOne(const Question& question, std::string_view text,
                            const AnswerContext& context) {
  switch (question.kind) {
    case AnswerKind::kCode:
      return ReadCode(question.codes, text, context.language);
    case AnswerKind::kCountry:
      return ReadCountry(text);
    case AnswerKind::kDate:
      return ReadDate(text);
    case AnswerKind::kZone:
      return texts::IsIanaZone(text) ? std::optional<json>(text) : std::nullopt;
    case AnswerKind::kTime: {
      const auto at_ms = ParseTimeIn(text, context.zone);
      return at_ms ? std::optional<json>(texts::Rfc3339(*at_ms)) : std::nullopt;
    }
    case AnswerKind::kYesNo:
      return ReadYesNo(text);
    case AnswerKind::kCount: {
      const auto count = Number(text);
      return count ? std::optional<json>(*count) : std::nullopt;
    }
    default:
      return json(text);
  }
}

std::string DateText(const json& date) {
  char text[32];
  const int year = date.value("year", 0), month = date.value("month", 0),
            day = date.value("day", 0);
  if (month == 0) return std::to_string(year);
  std::snprintf(text, sizeof(text), day == 0 ? "%04d-%02d" : "%04d-%02d-%02d", year, month, day);
  return text;
}

std::string OneText(const Question& question, const json& value, Language language) {
  const bool code = question.kind == AnswerKind::kCode || question.kind == AnswerKind::kCodes;
  if (code && value.is_number()) {
    return texts::CodeName(language, question.codes, value.get<int>());
  }
  if (value.is_boolean()) return texts::Text(language, value.get<bool>() ? "yes" : "no");
  if (question.kind == AnswerKind::kDate && value.is_object()) return DateText(value);
  if (question.kind == AnswerKind::kShares && value.is_object()) {
    return value.value("country", std::string()) + " " + std::to_string(value.value("count", 0));
  }
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace

std::optional<json> ReadAnswer(const Question& question, std::string_view text,
                               const AnswerContext& context) {
  text = Trim(text);
  if (text.empty()) return json();
  if (!IsList(question.kind)) return ReadOne(question, text, context);
  json list = json::array();
  for (const std::string_view part : Parts(text)) {
    const std::optional<json> element = ReadElement(question, part, context);
    if (!element) return std::nullopt;
    list.push_back(*element);
  }
  return list.empty() ? json() : list;
}

std::string AnswerText(const Question& question, const json& value, Language language) {
  if (value.is_null()) return {};
  if (!value.is_array()) return OneText(question, value, language);
  std::string out;
  for (const json& element : value)
    out += (out.empty() ? "" : ", ") + OneText(question, element, language);
  return out;
}

}  // namespace enlace::alerts
