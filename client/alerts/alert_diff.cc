#include "client/alerts/alert_diff.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "client/alerts/compose.h"
#include "client/alerts/report.h"
#include "client/texts/code_names.h"
#include "client/texts/time_format.h"

namespace enlace::alerts {
namespace {

using alert::v1::CaseAlert;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::Timestamp;
using texts::CodeKind;

// Fields of the alert that are no part of the picture's facts.
constexpr std::string_view kLeftOut[] = {
    "schema_version",  "alert_id", "case_ref",        "message_type", "created_at", "ack_due_at",
    "response_due_at", "sender",   "recipients",      "language",     "subject",    "body",
    "translations",    "links",    "corrected_fields"};

struct EnumKind {
  std::string_view name;
  CodeKind kind;
};
constexpr EnumKind kKinds[] = {
    {"AlertType", CodeKind::kAlertType},
    {"Priority", CodeKind::kPriority},
    {"RequestedAction", CodeKind::kRequestedAction},
    {"Tlp", CodeKind::kTlp},
    {"HandlingCode", CodeKind::kHandlingCode},
    {"Purpose", CodeKind::kPurpose},
    {"OriginDisclosure", CodeKind::kOriginDisclosure},
    {"ConsentStatus", CodeKind::kConsentStatus},
    {"ConsentBasis", CodeKind::kConsentBasis},
    {"SourceReliability", CodeKind::kSourceReliability},
    {"InformationCredibility", CodeKind::kInformationCredibility},
    {"PersonRole", CodeKind::kPersonRole},
    {"Sex", CodeKind::kSex},
    {"Vulnerability", CodeKind::kVulnerability},
    {"DocumentType", CodeKind::kDocumentType},
    {"DocumentFinding", CodeKind::kDocumentFinding},
};

DateParts PartsOf(const Message& message) {
  alert::v1::PartialDate date;
  date.CopyFrom(message);
  return {date.year(), date.month(), date.day(), date.approximate()};
}

std::string DateText(const DateParts& date) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%04u-%02u-%02u", date.year, date.month, date.day);
  std::string text = buffer;
  if (date.day == 0) text.resize(7);
  if (date.day == 0 && date.month == 0) text.resize(4);
  return date.year == 0 && date.month == 0 && date.day == 0 ? "" : text;
}

std::string TimeText(const Message& message) {
  Timestamp time;
  time.CopyFrom(message);
  return texts::Rfc3339(ToMs(time));
}

bool IsDate(const FieldDescriptor& field) {
  return field.message_type() == alert::v1::PartialDate::descriptor();
}
bool IsTime(const FieldDescriptor& field) {
  return field.message_type() == Timestamp::descriptor();
}

std::string CodeText(const FieldDescriptor& field, int number) {
  const auto* value = field.enum_type()->FindValueByNumber(number);
  return value == nullptr ? std::to_string(number) : value->name();
}

// One value of a field that holds no message of ours.
std::string ScalarText(const Message& message, const FieldDescriptor& field) {
  const Reflection* reflection = message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection->GetString(message, &field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(message, &field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_UINT32:
      return std::to_string(reflection->GetUInt32(message, &field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return std::to_string(reflection->GetUInt64(message, &field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return CodeText(field, reflection->GetEnumValue(message, &field));
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      std::array<char, 32> buffer{};
      const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(),
                                     reflection->GetDouble(message, &field))
                           .ptr;
      return {buffer.data(), end};
    }
    default:
      return "";
  }
}

std::string ListText(const Message& message, const FieldDescriptor& field) {
  const Reflection* reflection = message.GetReflection();
  std::string out;
  for (int i = 0; i < reflection->FieldSize(message, &field); ++i) {
    if (i > 0) out += ", ";
    out += field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM
               ? CodeText(field, reflection->GetRepeatedEnumValue(message, &field, i))
               : reflection->GetRepeatedString(message, &field, i);
  }
  return out;
}

class Differ {
 public:
  void Compare(const Message& before, const Message& after, const std::string& path) {
    const auto& type = *before.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      const bool left_out =
          path.empty() && std::ranges::find(kLeftOut, field.name()) != std::end(kLeftOut);
      if (!left_out) CompareField(before, after, field, Under(path, field.name()));
    }
  }

  std::vector<FieldChange> Take() && { return std::move(changes_); }

 private:
  void CompareField(const Message& before, const Message& after, const FieldDescriptor& field,
                    const std::string& path) {
    const bool nested = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (field.is_repeated() && nested) return CompareList(before, after, field, path);
    if (field.is_repeated()) return Changed(path, ListText(before, field), ListText(after, field));
    if (!nested) return CompareScalar(before, after, field, path);
    const Message& old_value = before.GetReflection()->GetMessage(before, &field);
    const Message& new_value = after.GetReflection()->GetMessage(after, &field);
    if (IsDate(field)) return CompareDate(old_value, new_value, path);
    if (IsTime(field)) return CompareTime(before, after, field, path);
    Compare(old_value, new_value, path);
  }

  void Changed(const std::string& path, const std::string& old_value,
               const std::string& new_value) {
    if (old_value == new_value) return;
    FieldChange change;
    change.field = path;
    change.old_value = old_value;
    change.new_value = new_value;
    change.corrected = !old_value.empty();
    changes_.push_back(std::move(change));
  }

  void CompareScalar(const Message& before, const Message& after, const FieldDescriptor& field,
                     const std::string& path) {
    const size_t count = changes_.size();
    const bool was_set = before.GetReflection()->HasField(before, &field);
    const bool is_set = after.GetReflection()->HasField(after, &field);
    const bool flag = field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL;
    Changed(path, was_set || flag ? ScalarText(before, field) : "",
            is_set || flag ? ScalarText(after, field) : "");
    if (changes_.size() == count || field.cpp_type() != FieldDescriptor::CPPTYPE_ENUM) return;
    for (const EnumKind& known : kKinds) {
      if (known.name == field.enum_type()->name())
        changes_.back().code_kind = static_cast<int>(known.kind);
    }
    changes_.back().old_code = before.GetReflection()->GetEnumValue(before, &field);
    changes_.back().new_code = after.GetReflection()->GetEnumValue(after, &field);
  }

  void CompareDate(const Message& before, const Message& after, const std::string& path) {
    const size_t count = changes_.size();
    Changed(path, DateText(PartsOf(before)), DateText(PartsOf(after)));
    if (changes_.size() == count) return;
    changes_.back().is_date = true;
    changes_.back().old_date = PartsOf(before);
    changes_.back().new_date = PartsOf(after);
  }

  void CompareTime(const Message& before, const Message& after, const FieldDescriptor& field,
                   const std::string& path) {
    const auto text = [&field](const Message& message) {
      if (!message.GetReflection()->HasField(message, &field)) return std::string();
      return TimeText(message.GetReflection()->GetMessage(message, &field));
    };
    Changed(path, text(before), text(after));
  }

  void CompareList(const Message& before, const Message& after, const FieldDescriptor& field,
                   const std::string& path) {
    const Reflection* reflection = after.GetReflection();
    const int old_count = reflection->FieldSize(before, &field);
    const int new_count = reflection->FieldSize(after, &field);
    for (int i = 0; i < new_count; ++i) {
      const Message& element = reflection->GetRepeatedMessage(after, &field, i);
      const std::string key = KeyOf(element).empty() ? std::to_string(i) : KeyOf(element);
      const Message* other = FindByKey(before, field, element, i);
      const std::string name = path + "[" + key + "]";
      if (other == nullptr) {
        Changed(name, "", key);
      } else {
        Compare(*other, element, name);
      }
    }
    for (int i = 0; i < old_count; ++i) {
      const Message& element = reflection->GetRepeatedMessage(before, &field, i);
      const std::string key = KeyOf(element).empty() ? std::to_string(i) : KeyOf(element);
      if (FindByKey(after, field, element, i) == nullptr) Changed(path + "[" + key + "]", key, "");
    }
  }

  static const Message* FindByKey(const Message& holder, const FieldDescriptor& field,
                                  const Message& element, int index) {
    const Reflection* reflection = holder.GetReflection();
    const std::string key = KeyOf(element);
    const int count = reflection->FieldSize(holder, &field);
    if (key.empty())
      return index < count ? &reflection->GetRepeatedMessage(holder, &field, index) : nullptr;
    for (int i = 0; i < count; ++i) {
      const Message& other = reflection->GetRepeatedMessage(holder, &field, i);
      if (KeyOf(other) == key) return &other;
    }
    return nullptr;
  }

  std::vector<FieldChange> changes_;
};

}  // namespace

std::string KeyOf(const Message& element) {
  if (const auto* person = dynamic_cast<const alert::v1::Person*>(&element))
    return person->local_id();
  if (const auto* file = dynamic_cast<const alert::v1::Attachment*>(&element))
    return file->attachment_id();
  if (const auto* share = dynamic_cast<const alert::v1::CountryCount*>(&element))
    return share->country();
  const auto* document = dynamic_cast<const alert::v1::IdDocument*>(&element);
  if (document == nullptr) return "";
  return std::to_string(document->type()) + ":" + document->number();
}

std::vector<FieldChange> Differences(const CaseAlert& before, const CaseAlert& after) {
  Differ differ;
  differ.Compare(before, after, "");
  return std::move(differ).Take();
}

}  // namespace enlace::alerts
