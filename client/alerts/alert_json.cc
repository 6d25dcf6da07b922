#include "client/alerts/alert_json.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "client/alerts/codes_check.h"
#include "client/alerts/compose.h"
#include "client/alerts/report.h"
#include "crypto/primitives/status.h"

namespace enlace::alerts {
namespace {

using alert::v1::CaseAlert;
using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using Json = nlohmann::ordered_json;

// The names in the object that is being read, one set for each open object; arrays push an empty
// one.
class Guardian : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(size_t) override { return Open(); }
  bool start_array(size_t) override { return Open(); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool key(string_t& name) override {
    if (!names_.back().insert(name).second) duplicates_.push_back(name);
    return true;
  }
  bool parse_error(size_t position, const std::string& token,
                   const nlohmann::detail::exception&) override {
    error_position_ = position;
    error_token_ = token;
    return false;
  }

  bool too_deep() const { return too_deep_; }
  size_t error_position() const { return error_position_; }
  const std::string& error_token() const { return error_token_; }
  const std::vector<std::string>& duplicates() const { return duplicates_; }

 private:
  bool Open() {
    names_.emplace_back();
    too_deep_ = names_.size() > static_cast<size_t>(kAlertJsonDepthMax);
    return !too_deep_;
  }
  bool Close() {
    names_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> names_;
  std::vector<std::string> duplicates_;
  bool too_deep_ = false;
  size_t error_position_ = 0;
  std::string error_token_;
};

// A number of exactly `count` digits at `text`'s start, taken off it.
std::optional<int> TakeDigits(std::string_view& text, size_t count) {
  int value = 0;
  if (text.size() < count) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + count, value);
  if (error != std::errc() || end != text.data() + count || text.front() == '-')
    return std::nullopt;
  text.remove_prefix(count);
  return value;
}

bool TakeOne(std::string_view& text, std::string_view allowed) {
  if (text.empty() || allowed.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// Fraction of a second in milliseconds; digits beyond are dropped.
std::optional<int64_t> TakeFraction(std::string_view& text) {
  if (!TakeOne(text, ".")) return 0;
  int64_t value = 0;
  size_t digits = 0;
  for (; !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())); ++digits) {
    if (digits < 3) value = value * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  for (size_t i = digits; i < 3; ++i) value *= 10;
  return value;
}

// Minutes of "Z" or "+hh:mm"; the whole rest must be that.
std::optional<int> OffsetOf(std::string_view rest) {
  if (rest == "Z" || rest == "z") return 0;
  const int sign = rest.starts_with('-') ? -1 : 1;
  if (!TakeOne(rest, "+-")) return std::nullopt;
  const auto hours = TakeDigits(rest, 2);
  if (!hours || !TakeOne(rest, ":")) return std::nullopt;
  const auto minutes = TakeDigits(rest, 2);
  if (!minutes || !rest.empty() || *hours > 23 || *minutes > 59) return std::nullopt;
  return sign * (*hours * 60 + *minutes);
}

// Date and time of RFC 3339 as if it were UTC, taken off `text`; what is left is the offset.
std::optional<int64_t> TakeDateTime(std::string_view& text) {
  const auto year = TakeDigits(text, 4);
  if (!year || *year == 0 || !TakeOne(text, "-")) return std::nullopt;
  const auto month = TakeDigits(text, 2);
  if (!month || !TakeOne(text, "-")) return std::nullopt;
  const auto day = TakeDigits(text, 2);
  if (!day || !TakeOne(text, "Tt ")) return std::nullopt;
  const auto hour = TakeDigits(text, 2);
  if (!hour || !TakeOne(text, ":")) return std::nullopt;
  const auto minute = TakeDigits(text, 2);
  if (!minute || !TakeOne(text, ":")) return std::nullopt;
  const auto second = TakeDigits(text, 2);
  const auto millis = second ? TakeFraction(text) : std::nullopt;
  if (!millis || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return ((days * 24 + *hour) * 60 + *minute) * 60'000 + *second * 1'000 + *millis;
}

bool LacksOffsetOnly(std::string_view text) { return TakeDateTime(text) && text.empty(); }

// Fills a message from JSON and reports what does not fit.
class Reader {
 public:
  explicit Reader(Report& report) : report_(report) {}

  void ReadMessage(const Json& json, const std::string& path, Message& message) {
    if (!json.is_object()) return Expected(path, "an object in braces", "un objeto entre llaves");
    for (const auto& [name, value] : json.items()) {
      const FieldDescriptor* field = FindField(*message.GetDescriptor(), name);
      if (field == nullptr) {
        UnknownField(*message.GetDescriptor(), path, name);
      } else if (!value.is_null()) {
        ReadField(value, Under(path, field->name()), *field, message);
      }
    }
  }

 private:
  static const FieldDescriptor* FindField(const Descriptor& type, const std::string& name) {
    const FieldDescriptor* field = type.FindFieldByName(name);
    return field == nullptr ? type.FindFieldByCamelcaseName(name) : field;
  }

  void Expected(const std::string& path, std::string_view en, std::string_view es) {
    Phrase phrase{std::string(en), std::string(es)};
    phrase.en.front() =
        static_cast<char>(std::toupper(static_cast<unsigned char>(phrase.en.front())));
    report_.Error(Reason::kFieldType, path, {{"expected", phrase}});
  }

  static Value Nearest(const std::string& nearest) {
    if (nearest.empty()) return Same("nearest", "");
    return Both("nearest", " Did you mean " + nearest + "?", " ¿Quiso decir " + nearest + "?");
  }

  void UnknownField(const Descriptor& type, const std::string& path, const std::string& name) {
    std::vector<std::string> names;
    names.reserve(static_cast<size_t>(type.field_count()));
    for (int i = 0; i < type.field_count(); ++i) names.push_back(type.field(i)->name());
    report_.Error(Reason::kUnknownField, Under(path, name),
                  {Same("name", name), Nearest(NearestOf(name, names))});
  }

  void ReadField(const Json& value, const std::string& path, const FieldDescriptor& field,
                 Message& message) {
    if (!field.is_repeated()) {
      if (IsSecondOfOneof(field, message)) return;
      return ReadValue(value, path, field, message);
    }
    if (!value.is_array()) return Expected(path, "a list in brackets", "una lista entre corchetes");
    int index = 0;
    for (const Json& element : value) ReadValue(element, Indexed(path, index++), field, message);
  }

  // Two blocks of one oneof: the second would silently replace the first.
  bool IsSecondOfOneof(const FieldDescriptor& field, const Message& message) {
    const auto* oneof = field.real_containing_oneof();
    if (oneof == nullptr || !message.GetReflection()->HasOneof(message, oneof)) return false;
    const std::string& other =
        message.GetReflection()->GetOneofFieldDescriptor(message, oneof)->name();
    report_.Error(Reason::kFieldDuplicate, field.name(),
                  {Same("name", other + ", " + field.name())});
    return true;
  }

  void ReadValue(const Json& value, const std::string& path, const FieldDescriptor& field,
                 Message& message) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return ReadNested(value, path, field, message);
      case FieldDescriptor::CPPTYPE_ENUM:
        return ReadEnum(value, path, field, message);
      case FieldDescriptor::CPPTYPE_STRING:
        return ReadString(value, path, field, message);
      case FieldDescriptor::CPPTYPE_BOOL:
        return ReadBool(value, path, field, message);
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return ReadDouble(value, path, field, message);
      default:
        return ReadUnsigned(value, path, field, message);
    }
  }

  void ReadNested(const Json& value, const std::string& path, const FieldDescriptor& field,
                  Message& message) {
    const Reflection* reflection = message.GetReflection();
    Message* nested = field.is_repeated() ? reflection->AddMessage(&message, &field)
                                          : reflection->MutableMessage(&message, &field);
    auto* time = dynamic_cast<google::protobuf::Timestamp*>(nested);
    if (time == nullptr) return ReadMessage(value, path, *nested);
    if (!value.is_string()) {
      reflection->ClearField(&message, &field);
      return Expected(path, "a time such as \"2026-11-16T15:20:00Z\"",
                      "una hora como «2026-11-16T15:20:00Z»");
    }
    const auto& text = value.get_ref<const std::string&>();
    if (text.empty()) return reflection->ClearField(&message, &field);
    if (const auto at_ms = ParseRfc3339(text)) {
      *time = FromMs(*at_ms);
      return;
    }
    reflection->ClearField(&message, &field);
    const Reason reason =
        LacksOffsetOnly(text) ? Reason::kTimestampNoOffset : Reason::kTimestampInvalid;
    report_.Error(reason, path, {Same("value", text)});
  }

  void ReadEnum(const Json& value, const std::string& path, const FieldDescriptor& field,
                Message& message) {
    const EnumDescriptor& type = *field.enum_type();
    std::optional<int> number;
    if (value.is_number_integer()) number = IntegerOf<int>(value);
    // An empty text is a line of a template that was not filled in.
    if (value.is_string() && value.get_ref<const std::string&>().empty()) return;
    if (value.is_string()) {
      const auto* found = type.FindValueByName(value.get_ref<const std::string&>());
      if (found == nullptr) return UnknownCode(value.get_ref<const std::string&>(), path, type);
      number = found->number();
    }
    if (!number)
      return Expected(path, "a code such as \"" + type.value(1)->name() + "\"",
                      "un código como «" + type.value(1)->name() + "»");
    const Reflection* reflection = message.GetReflection();
    if (field.is_repeated()) {
      reflection->AddEnumValue(&message, &field, *number);
    } else {
      reflection->SetEnumValue(&message, &field, *number);
    }
  }

  void UnknownCode(const std::string& code, const std::string& path, const EnumDescriptor& type) {
    std::vector<std::string> names;
    for (int i = 1; i < type.value_count(); ++i) names.push_back(type.value(i)->name());
    const std::string nearest = NearestOf(code, names);
    Phrase what{"\"" + code + "\" is no code of this field.",
                "«" + code + "» no es un código de este campo."};
    if (!nearest.empty()) {
      what.en += " Did you mean " + nearest + "?";
      what.es += " ¿Quiso decir " + nearest + "?";
    }
    report_.Error(Reason::kUnknownEnum, path, {{"what", what}});
  }

  void ReadString(const Json& value, const std::string& path, const FieldDescriptor& field,
                  Message& message) {
    if (!value.is_string()) return Expected(path, "a text in quotes", "un texto entre comillas");
    const Reflection* reflection = message.GetReflection();
    const auto& text = value.get_ref<const std::string&>();
    if (field.is_repeated()) {
      reflection->AddString(&message, &field, text);
    } else {
      reflection->SetString(&message, &field, text);
    }
  }

  void ReadBool(const Json& value, const std::string& path, const FieldDescriptor& field,
                Message& message) {
    if (!value.is_boolean()) return Expected(path, "true or false", "true o false");
    message.GetReflection()->SetBool(&message, &field, value.get<bool>());
  }

  void ReadDouble(const Json& value, const std::string& path, const FieldDescriptor& field,
                  Message& message) {
    if (!value.is_number()) return Expected(path, "a number", "un número");
    message.GetReflection()->SetDouble(&message, &field, value.get<double>());
  }

  // uint32 and uint64, also as a text (protobuf JSON writes 64-bit numbers so).
  void ReadUnsigned(const Json& value, const std::string& path, const FieldDescriptor& field,
                    Message& message) {
    const Reflection* reflection = message.GetReflection();
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64) {
      if (const auto number = IntegerOf<uint64_t>(value))
        return reflection->SetUInt64(&message, &field, *number);
    } else if (const auto number = IntegerOf<uint32_t>(value)) {
      return reflection->SetUInt32(&message, &field, *number);
    }
    Expected(path, "a whole number, zero or more", "un número entero, cero o más");
  }

  template <typename Integer>
  static std::optional<Integer> IntegerOf(const Json& value) {
    std::string text;
    if (value.is_string()) text = value.get<std::string>();
    if (value.is_number_integer()) text = value.dump();
    Integer number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
      return std::nullopt;
    return number;
  }

  Report& report_;
};

void ReportSyntax(std::string_view json, const Guardian& guardian, Report& report) {
  if (guardian.too_deep()) {
    const std::string limit = std::to_string(kAlertJsonDepthMax);
    return report.Error(Reason::kJsonTooDeep, "", {Same("limit", limit)});
  }
  const std::string_view before = json.substr(0, guardian.error_position());
  const auto line =
      std::ranges::count(before.substr(0, before.empty() ? 0 : before.size() - 1), '\n') + 1;
  const size_t start =
      before.size() < 2 ? std::string_view::npos : before.rfind('\n', before.size() - 2);
  const std::string_view in_line =
      start == std::string_view::npos ? before : before.substr(start + 1);
  constexpr size_t kTokenBytesMax = 40;
  std::string token = guardian.error_token().substr(0, kTokenBytesMax);
  if (CheckText(token, false) != TextProblem::kNone) token = "?";
  report.Error(Reason::kJsonInvalid, "",
               {Same("line", std::to_string(line)),
                Same("column", std::to_string(std::max<size_t>(CharCount(in_line), 1))),
                token.empty()
                    ? Both("problem", "the text ends too early", "el texto termina antes de tiempo")
                    : Both("problem", "unexpected " + token, "no se esperaba " + token)});
}

template <typename Proto>
absl::StatusOr<std::string> ToJson(const Proto& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!status.ok()) return MakeStatus(absl::StatusCode::kInternal, status.ToString());
  return json;
}

}  // namespace

std::optional<int64_t> ParseRfc3339(std::string_view text) {
  const auto local_ms = TakeDateTime(text);
  if (!local_ms) return std::nullopt;
  const auto offset_minutes = OffsetOf(text);
  if (!offset_minutes) return std::nullopt;
  return *local_ms - int64_t{*offset_minutes} * 60'000;
}

ParsedAlert ParseAlertJson(std::string_view json) {
  ParsedAlert parsed;
  Report report;
  if (json.size() > kAlertJsonSizeBytesMax) {
    report.Error(Reason::kJsonTooLarge, "",
                 {Same("size", std::to_string(json.size())),
                  Same("limit", std::to_string(kAlertJsonSizeBytesMax))});
    parsed.violations = std::move(report).Take();
    return parsed;
  }
  // A byte order mark is what some editors leave at the start.
  if (json.starts_with("\xef\xbb\xbf")) json.remove_prefix(3);
  Guardian guardian;
  if (!Json::sax_parse(json, &guardian, nlohmann::detail::input_format_t::json, true, true)) {
    ReportSyntax(json, guardian, report);
  } else {
    for (const std::string& name : guardian.duplicates()) {
      report.Error(Reason::kFieldDuplicate, name, {Same("name", name)});
    }
    Reader(report).ReadMessage(Json::parse(json, nullptr, false, true), "", parsed.alert.emplace());
  }
  parsed.violations = std::move(report).Take();
  return parsed;
}

absl::StatusOr<std::string> AlertToJson(const CaseAlert& alert) { return ToJson(alert); }

absl::StatusOr<std::string> ActionToJson(const alert::v1::CaseAction& action) {
  return ToJson(action);
}

}  // namespace enlace::alerts
