// Checks of single values, and of what every string, code and list of a message must keep.
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <charconv>

#include "client/alerts/case_ref.h"
#include "client/alerts/codes_check.h"
#include "client/alerts/compose.h"
#include "client/alerts/validation_parts.h"
#include "client/texts/code_names.h"
#include "client/texts/countries.h"

namespace enlace::alerts {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using texts::Language;

constexpr std::string_view kExampleDial = "+504";
constexpr std::string_view kExampleNumber = "9999 0103";

// Fields that hold paragraphs.
constexpr std::string_view kLongFields[] = {
    "description",      "charges",          "modus_operandi", "note",
    "restriction_note", "family_claim",     "belongings",     "physical_description",
    "caption",          "limits",           "intended_route", "companions",
    "clothing",         "care_arrangement", "cause"};

size_t CharsMaxOf(const FieldDescriptor& field) {
  if (field.name() == "subject") return kSubjectCharsMax;
  if (field.name() == "body") return kBodyCharsMax;
  const bool is_long = std::ranges::find(kLongFields, field.name()) != std::end(kLongFields);
  return is_long ? kLongTextCharsMax : kShortTextCharsMax;
}

bool IsMultiline(const FieldDescriptor& field) { return CharsMaxOf(field) > kShortTextCharsMax; }

// "U+202E" of the first character that `problem` is about.
std::string OffendingCode(std::string_view text, bool multiline) {
  const TextProblem problem = CheckText(text, multiline);
  for (size_t end = 1; end <= text.size(); ++end) {
    const bool at_boundary =
        end == text.size() || (static_cast<unsigned char>(text[end]) & 0xc0) != 0x80;
    if (!at_boundary || CheckText(text.substr(0, end), multiline) != problem) continue;
    size_t start = end - 1;
    while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xc0) == 0x80) --start;
    uint32_t value = static_cast<unsigned char>(text[start]);
    if (end - start > 1) value &= 0x7fu >> (end - start);
    for (size_t i = start + 1; i < end; ++i)
      value = value << 6 | (static_cast<unsigned char>(text[i]) & 0x3f);
    char code[16];
    std::snprintf(code, sizeof code, "U+%04X", value);
    return code;
  }
  return "U+FFFD";
}

void CheckString(const std::string& text, const FieldDescriptor& field, const std::string& path,
                 Report& report) {
  if (field.name() == "mrz_lines") return;  // CheckMrz says which characters a zone allows
  const bool multiline = IsMultiline(field);
  switch (CheckText(text, multiline)) {
    case TextProblem::kNone:
      break;
    case TextProblem::kNotUtf8:
      report.Error(Reason::kTextNotUtf8, path);
      break;
    case TextProblem::kControl:
      report.Error(Reason::kControlCharacter, path, {Same("code", OffendingCode(text, multiline))});
      break;
    case TextProblem::kBidi:
      report.Error(Reason::kBidiCharacter, path, {Same("code", OffendingCode(text, multiline))});
      break;
  }
  const size_t count = CharCount(text);
  const size_t limit = CharsMaxOf(field);
  if (count <= limit) return;
  report.Error(Reason::kTextTooLong, path,
               {Same("count", std::to_string(count)), Same("limit", std::to_string(limit))});
}

void CheckEnum(int number, const FieldDescriptor& field, const std::string& path, Report& report) {
  if (number == 0 && field.is_repeated()) return report.Error(Reason::kFieldRequired, path);
  if (field.enum_type()->FindValueByNumber(number) != nullptr) return;
  const std::string digits = std::to_string(number);
  const bool is_type = field.name() == "alert_type";
  const std::string en = (is_type ? "Alert type " : "Code ") + digits +
                         " is newer than this program. Shown as \"unknown " +
                         (is_type ? "type" : "code") + " (" + digits +
                         ")\"; text and deadlines remain usable.";
  const std::string es =
      (is_type ? "El tipo " : "El código ") + digits +
      " es más nuevo que este programa; el texto y los plazos siguen disponibles.";
  report.Warn(Reason::kUnknownEnum, path, {Both("what", en, es)});
}

void CheckElement(const Message& message, const FieldDescriptor& field, int index,
                  const std::string& path, Report& report);

void CheckNested(const Message& message, const std::string& path, Report& report) {
  std::vector<const FieldDescriptor*> fields;
  const Reflection* reflection = message.GetReflection();
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const std::string name = Under(path, field->name());
    if (!field->is_repeated()) {
      CheckElement(message, *field, -1, name, report);
      continue;
    }
    const int count = reflection->FieldSize(message, field);
    if (count > kListEntriesMax) {
      report.Error(
          Reason::kListTooLong, name,
          {Same("count", std::to_string(count)), Same("limit", std::to_string(kListEntriesMax))});
    }
    for (int i = 0; i < std::min(count, kListEntriesMax); ++i) {
      CheckElement(message, *field, i, Indexed(name, i), report);
    }
  }
}

// `index` is negative for a field that is no list.
void CheckElement(const Message& message, const FieldDescriptor& field, int index,
                  const std::string& path, Report& report) {
  const Reflection* reflection = message.GetReflection();
  const bool one = index < 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (field.type() == FieldDescriptor::TYPE_BYTES) return;
      return CheckString(one ? reflection->GetString(message, &field)
                             : reflection->GetRepeatedString(message, &field, index),
                         field, path, report);
    case FieldDescriptor::CPPTYPE_ENUM:
      return CheckEnum(one ? reflection->GetEnumValue(message, &field)
                           : reflection->GetRepeatedEnumValue(message, &field, index),
                       field, path, report);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return CheckNested(one ? reflection->GetMessage(message, &field)
                             : reflection->GetRepeatedMessage(message, &field, index),
                         path, report);
    default:
      return;
  }
}

// The prefix of a country, the first where it has several.
std::string_view DialOf(const texts::Country* country) {
  if (country == nullptr) return {};
  return country->dial.substr(0, country->dial.find(','));
}

// The number as it was written, in groups: "9999 0103" of "9999-0103"; empty when it is not made of
// digits.
std::string Groups(const std::string& value) {
  std::string out;
  for (const char c : value) {
    const bool separator = std::string_view(" -.()/").find(c) != std::string_view::npos;
    if (!separator && (c < '0' || c > '9')) return "";
    if (!separator) out += c;
    if (separator && !out.empty() && out.back() != ' ') out += ' ';
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace

void CheckFields(const Message& message, Report& report) { CheckNested(message, "", report); }

Phrase DidYouMean(std::string_view nearest) {
  if (nearest.empty()) return {};
  return {" Did you mean " + std::string(nearest) + "?",
          " ¿Quiso decir " + std::string(nearest) + "?"};
}

void Require(bool present, std::string_view field, Report& report) {
  if (!present) report.Error(Reason::kFieldRequired, field);
}

void CheckUuid(const std::string& value, std::string_view field, Report& report) {
  if (value.empty()) return report.Error(Reason::kFieldRequired, field);
  if (!IsUuidV7(value)) report.Error(Reason::kUuidInvalid, field);
}

void CheckCaseRef(const std::string& value, std::string_view field, Report& report) {
  if (value.empty()) return report.Error(Reason::kFieldRequired, field);
  if (!IsCanonicalCaseRef(value))
    report.Error(Reason::kCaseRefInvalid, field, {Same("value", value)});
}

void CheckOfficeId(const std::string& value, std::string_view field, Report& report) {
  if (value.empty()) return report.Error(Reason::kFieldRequired, field);
  if (!IsOfficeId(value)) report.Error(Reason::kOfficeIdInvalid, field, {Same("value", value)});
}

void CheckOfficerId(const std::string& value, std::string_view field, Report& report) {
  if (value.empty()) return report.Error(Reason::kFieldRequired, field);
  if (!IsOfficerId(value)) report.Error(Reason::kOfficerIdInvalid, field, {Same("value", value)});
}

void CheckLanguage(const std::string& value, std::string_view field, Report& report) {
  if (!IsLanguageTag(value)) report.Error(Reason::kLanguageInvalid, field, {Same("value", value)});
}

void CheckCountry(const std::string& value, std::string_view field, Report& report) {
  const texts::Country* country = texts::FindCountry(value);
  if (country != nullptr && country->alpha3 == value) return;
  std::string upper = value;
  std::ranges::transform(upper, upper.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  });
  const texts::Country* meant = texts::FindCountry(upper);
  report.Error(
      Reason::kCountryUnknown, field,
      {Same("value", value), {"nearest", DidYouMean(meant == nullptr ? "" : meant->alpha3)}});
}

void CheckPhone(const std::string& value, std::string_view field, std::string_view country_code,
                Report& report) {
  if (value.empty() || IsE164(value)) return;
  const texts::Country* country = texts::FindCountry(country_code);
  const std::string_view dial = DialOf(country);
  const std::string groups = Groups(value);
  const auto normalised = NormalisePhone(value);
  std::string example = std::string(kExampleDial) + " " + std::string(kExampleNumber);
  if (normalised) example = *normalised;
  Phrase guess;
  if (!normalised && !dial.empty() && !groups.empty()) {
    example = std::string(dial) + " " + groups;
    const std::string code(dial);
    guess.en =
        " Was it " + texts::CountryName(Language::kEnglish, country_code) + " (" + code + ")?";
    guess.es =
        " ¿Es de " + texts::CountryName(Language::kSpanish, country_code) + " (" + code + ")?";
  }
  report.Error(Reason::kPhoneNotE164, field, {Same("example", example), {"guess", guess}});
}

texts::DateParts PartsOf(const alert::v1::PartialDate& date) {
  return {date.year(), date.month(), date.day(), date.approximate()};
}

bool CheckPartialDate(const alert::v1::PartialDate& date, std::string_view field, Report& report) {
  constexpr std::string_view kUseZeroEn = " Use 0 for an unknown day or month.";
  constexpr std::string_view kUseZeroEs = " Use 0 si no conoce el día o el mes.";
  Phrase what;
  switch (CheckDate(date.year(), date.month(), date.day())) {
    case DateProblem::kNone:
      return true;
    case DateProblem::kDayWithoutMonth:
      what = {"A day needs its month.", "Un día necesita su mes."};
      break;
    case DateProblem::kMonthWithoutYear:
      what = {"A month needs its year or its day.", "Un mes necesita su año o su día."};
      break;
    case DateProblem::kImpossible: {
      const texts::DateParts parts = PartsOf(date);
      const bool named =
          parts.month >= 1 && parts.month <= 12 && parts.day != 0 && parts.year <= 9999;
      const std::string raw = std::to_string(parts.year) + "-" + std::to_string(parts.month) + "-" +
                              std::to_string(parts.day);
      what.en = (named ? texts::LongDateText(Language::kEnglish, parts) : "The date " + raw) +
                " does not exist.";
      what.es =
          (named ? "El " + texts::LongDateText(Language::kSpanish, parts) : "La fecha " + raw) +
          " no existe.";
      break;
    }
  }
  what.en += kUseZeroEn;
  what.es += kUseZeroEs;
  report.Error(Reason::kDateInvalid, field, {{"what", what}});
  return false;
}

bool IsAfter(const alert::v1::PartialDate& date, int64_t at_ms) {
  const std::string day = texts::IsoDay(at_ms);
  const auto number = [&day](size_t from, size_t count) {
    uint32_t value = 0;
    std::from_chars(day.data() + from, day.data() + from + count, value);
    return value;
  };
  const uint32_t year = number(0, 4);
  const uint32_t month = number(5, 2);
  if (date.year() == 0 || date.year() != year) return date.year() > year;
  if (date.month() == 0 || date.month() != month) return date.month() > month;
  return date.day() > number(8, 2);
}

int64_t CreatedMs(const alert::v1::CaseAlert& alert) {
  return alert.has_created_at() ? ToMs(alert.created_at()) : 0;
}

}  // namespace enlace::alerts
