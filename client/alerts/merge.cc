#include "client/alerts/merge.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "client/alerts/alert_diff.h"
#include "client/alerts/compose.h"
#include "client/alerts/report.h"

namespace enlace::alerts {
namespace {

using alert::v1::CaseAlert;
using alert::v1::Handling;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::Timestamp;
using google::protobuf::util::MessageDifferencer;

// Fields of an alert that an update does not change: who opened the case, for whom, and how real it
// is.
constexpr std::string_view kFixed[] = {"schema_version", "alert_id", "case_ref",
                                       "message_type",   "status",   "sender",
                                       "recipients",     "handling", "corrected_fields"};

// Paths of corrected_fields in one form: persons by local_id, also where the update names them by
// their place in it.
std::set<std::string> CorrectedPaths(const CaseAlert& update) {
  std::set<std::string> paths;
  for (const std::string& path : update.corrected_fields()) {
    const size_t open = path.find("persons[");
    const size_t start = open == 0 ? std::string("persons[").size() : std::string::npos;
    const size_t close = start == std::string::npos ? start : path.find(']', start);
    int index = -1;
    if (close != std::string::npos)
      std::from_chars(path.data() + start, path.data() + close, index);
    if (index >= 0 && index < update.persons_size()) {
      paths.insert("persons[" + update.persons(index).local_id() + path.substr(close));
    } else {
      paths.insert(path);
    }
  }
  return paths;
}

// Applies one update to the picture.
class Merger {
 public:
  explicit Merger(std::set<std::string> corrected) : corrected_(std::move(corrected)) {}

  void Apply(const Message& update, const std::string& path, Message& picture) {
    const Reflection* reflection = update.GetReflection();
    std::vector<const FieldDescriptor*> fields;
    reflection->ListFields(update, &fields);
    for (const FieldDescriptor* field : fields) {
      const bool fixed =
          path.empty() && std::ranges::find(kFixed, field->name()) != std::end(kFixed);
      if (!fixed) ApplyField(update, *field, Under(path, field->name()), picture);
    }
    CopyUnknown(update, picture);
  }

  // Fields that corrected_fields names and the update leaves out.
  void Empty(const Message& update, const std::string& path, Message& picture) {
    const auto& type = *picture.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor* field = type.field(i);
      const std::string name = Under(path, field->name());
      const bool fixed =
          path.empty() && std::ranges::find(kFixed, field->name()) != std::end(kFixed);
      const bool absent = field->is_repeated()
                              ? update.GetReflection()->FieldSize(update, field) == 0
                              : !update.GetReflection()->HasField(update, field);
      if (!fixed && absent && corrected_.contains(name))
        picture.GetReflection()->ClearField(&picture, field);
    }
  }

 private:
  void ApplyField(const Message& update, const FieldDescriptor& field, const std::string& path,
                  Message& picture) {
    if (field.is_repeated()) return ApplyList(update, field, path, picture);
    const Reflection* reflection = update.GetReflection();
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || IsValue(field)) {
      return CopyField(update, field, picture);
    }
    Message* nested = picture.GetReflection()->MutableMessage(&picture, &field);
    Apply(reflection->GetMessage(update, &field), path, *nested);
    Empty(reflection->GetMessage(update, &field), path, *nested);
  }

  // Messages that are one value: parts of two dates do not mix.
  static bool IsValue(const FieldDescriptor& field) {
    const auto* type = field.message_type();
    return type == alert::v1::PartialDate::descriptor() || type == Timestamp::descriptor() ||
           type == alert::v1::Group::descriptor() || type == alert::v1::Evaluation::descriptor();
  }

  static void CopyField(const Message& update, const FieldDescriptor& field, Message& picture) {
    std::unique_ptr<Message> one(update.New());
    one->CopyFrom(update);
    std::vector<const FieldDescriptor*> fields;
    one->GetReflection()->ListFields(*one, &fields);
    for (const FieldDescriptor* other : fields) {
      if (other != &field) one->GetReflection()->ClearField(one.get(), other);
    }
    one->GetReflection()->MutableUnknownFields(one.get())->Clear();
    picture.GetReflection()->ClearField(&picture, &field);
    picture.MergeFrom(*one);
  }

  static void CopyUnknown(const Message& update, Message& picture) {
    picture.GetReflection()->MutableUnknownFields(&picture)->MergeFrom(
        update.GetReflection()->GetUnknownFields(update));
  }

  void ApplyList(const Message& update, const FieldDescriptor& field, const std::string& path,
                 Message& picture) {
    const bool is_text = path == "translations" || path == "requested_actions";
    if (is_text || (corrected_.contains(path) && path != "persons"))
      return CopyField(update, field, picture);
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE)
      return ApplyMessages(update, field, path, picture);
    const Reflection* reflection = update.GetReflection();
    for (int i = 0; i < reflection->FieldSize(update, &field); ++i)
      AddValue(update, field, i, picture);
  }

  static void AddValue(const Message& update, const FieldDescriptor& field, int index,
                       Message& picture) {
    const Reflection* reflection = update.GetReflection();
    const int count = reflection->FieldSize(picture, &field);
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      const int value = reflection->GetRepeatedEnumValue(update, &field, index);
      for (int i = 0; i < count; ++i) {
        if (reflection->GetRepeatedEnumValue(picture, &field, i) == value) return;
      }
      return reflection->AddEnumValue(&picture, &field, value);
    }
    const std::string value = reflection->GetRepeatedString(update, &field, index);
    for (int i = 0; i < count; ++i) {
      if (reflection->GetRepeatedString(picture, &field, i) == value) return;
    }
    reflection->AddString(&picture, &field, value);
  }

  void ApplyMessages(const Message& update, const FieldDescriptor& field, const std::string& path,
                     Message& picture) {
    const Reflection* reflection = update.GetReflection();
    for (int i = 0; i < reflection->FieldSize(update, &field); ++i) {
      const Message& element = reflection->GetRepeatedMessage(update, &field, i);
      Message* known = Find(picture, field, element);
      if (known == nullptr) {
        reflection->AddMessage(&picture, &field)->CopyFrom(element);
      } else if (!KeyOf(element).empty()) {
        const std::string name = path + "[" + KeyOf(element) + "]";
        ApplyElement(element, name, *known);
      }
    }
  }

  void ApplyElement(const Message& element, const std::string& name, Message& known) {
    auto* person = dynamic_cast<alert::v1::Person*>(&known);
    const auto* said = dynamic_cast<const alert::v1::Person*>(&element);
    const bool was_pseudonym = person != nullptr && person->pseudonym();
    Apply(element, name, known);
    Empty(element, name, known);
    if (person == nullptr || said == nullptr) return;
    // The mark belongs to the names: without names the update says nothing of it.
    const bool names = !said->given_names().empty() || !said->family_names().empty();
    person->set_pseudonym(names ? said->pseudonym() : was_pseudonym);
  }

  // The element of the same key; without a key, an equal one.
  static Message* Find(Message& picture, const FieldDescriptor& field, const Message& element) {
    const Reflection* reflection = picture.GetReflection();
    const std::string key = KeyOf(element);
    for (int i = 0; i < reflection->FieldSize(picture, &field); ++i) {
      Message* other = reflection->MutableRepeatedMessage(&picture, &field, i);
      const bool same =
          key.empty() ? MessageDifferencer::Equals(*other, element) : KeyOf(*other) == key;
      if (same) return other;
    }
    return nullptr;
  }

  std::set<std::string> corrected_;
};

bool IsUpdateOf(const CaseAlert& opening, const CaseAlert& message) {
  return message.message_type() == alert::v1::MESSAGE_TYPE_UPDATE &&
         message.case_ref() == opening.case_ref();
}

int Strictness(int tlp) {
  return tlp == 0 || !alert::v1::Tlp_IsValid(tlp) ? static_cast<int>(alert::v1::TLP_RED) : tlp;
}

bool HasCode(const Handling& handling, int code) {
  return std::ranges::find(handling.codes(), code) != handling.codes().end();
}

// Fields in which `update` is less strict than the case.
std::vector<std::string> Loosened(const Handling& room, const Handling& update) {
  std::vector<std::string> fields;
  if (Strictness(update.tlp()) < Strictness(room.tlp())) fields.emplace_back("handling.tlp");
  if (!std::ranges::all_of(room.codes(), [&](int code) { return HasCode(update, code); })) {
    fields.emplace_back("handling.codes");
  }
  const bool forbidden =
      room.origin_country_disclosure() == alert::v1::ORIGIN_DISCLOSURE_NOT_PERMITTED;
  if (forbidden &&
      update.origin_country_disclosure() != alert::v1::ORIGIN_DISCLOSURE_NOT_PERMITTED) {
    fields.emplace_back("handling.origin_country_disclosure");
  }
  return fields;
}

// What stays as the case has it where the update says nothing.
void FillFromRoom(const Handling& room, Handling& handling) {
  if (room.purpose() != 0) handling.set_purpose(room.purpose());
  if (!handling.has_consent() && room.has_consent()) *handling.mutable_consent() = room.consent();
  if (handling.legal_basis().empty()) handling.set_legal_basis(room.legal_basis());
  if (room.restriction_note().empty() || handling.restriction_note() == room.restriction_note())
    return;
  const std::string added =
      handling.restriction_note().empty() ? "" : "\n" + handling.restriction_note();
  handling.set_restriction_note(room.restriction_note() + added);
}

// The earlier of both; what is absent is later than everything.
Timestamp Earlier(bool has_a, const Timestamp& a, bool has_b, const Timestamp& b) {
  if (!has_a) return b;
  return has_b && ToMs(b) < ToMs(a) ? b : a;
}

void ApplyUpdate(const CaseAlert& update, CaseAlert& picture) {
  Handling handling = update.handling();
  TightenHandling(picture.handling(), handling);
  Merger merger(CorrectedPaths(update));
  merger.Apply(update, "", picture);
  merger.Empty(update, "", picture);
  *picture.mutable_handling() = handling;
}

void Record(const OrderedAlert& message, std::vector<FieldChange> changes, MergedCase& merged) {
  for (FieldChange& change : changes) {
    change.by_office_id = message.office_id;
    change.by_officer_id = message.officer_id;
    change.at_ms = message.accepted_at_ms;
    change.alert_id = message.alert->alert_id();
    merged.changes.push_back(std::move(change));
  }
  ++merged.update_count;
  merged.last_office_id = message.office_id;
  merged.last_at_ms = message.accepted_at_ms;
}

}  // namespace

std::vector<FieldChange> MergedCase::ChangesOf(std::string_view field) const {
  std::vector<FieldChange> found;
  std::ranges::copy_if(changes, std::back_inserter(found),
                       [field](const FieldChange& change) { return change.field == field; });
  return found;
}

int StricterTlp(int a, int b) { return std::max(Strictness(a), Strictness(b)); }

void TightenHandling(const Handling& room, Handling& handling) {
  if (handling.tlp() == 0) handling.set_tlp(room.tlp());
  handling.set_tlp(static_cast<alert::v1::Tlp>(StricterTlp(room.tlp(), handling.tlp())));
  for (const int code : room.codes()) {
    if (!HasCode(handling, code)) handling.add_codes(static_cast<alert::v1::HandlingCode>(code));
  }
  std::ranges::sort(*handling.mutable_codes());
  if (room.origin_country_disclosure() == alert::v1::ORIGIN_DISCLOSURE_NOT_PERMITTED ||
      handling.origin_country_disclosure() == 0) {
    handling.set_origin_country_disclosure(room.origin_country_disclosure());
  }
  for (const std::string& country : room.excluded_countries()) {
    const auto& known = handling.excluded_countries();
    if (std::ranges::find(known, country) == known.end()) handling.add_excluded_countries(country);
  }
  FillFromRoom(room, handling);
  if (room.has_delete_after() || handling.has_delete_after()) {
    const Timestamp first = Earlier(room.has_delete_after(), room.delete_after(),
                                    handling.has_delete_after(), handling.delete_after());
    *handling.mutable_delete_after() = first;
  }
  if (room.has_review_at() || handling.has_review_at()) {
    const Timestamp first = Earlier(room.has_review_at(), room.review_at(),
                                    handling.has_review_at(), handling.review_at());
    *handling.mutable_review_at() = first;
  }
}

CaseAlert MergeAlerts(std::span<const OrderedAlert> messages) {
  if (messages.empty()) return {};
  CaseAlert picture = *messages.front().alert;
  for (const OrderedAlert& message : messages.subspan(1)) {
    if (IsUpdateOf(picture, *message.alert)) ApplyUpdate(*message.alert, picture);
  }
  return picture;
}

MergedCase Merge(std::span<const OrderedAlert> messages) {
  MergedCase merged;
  if (messages.empty()) return merged;
  CaseAlert picture = *messages.front().alert;
  std::vector<size_t> event_origins(static_cast<size_t>(picture.events_size()), 0);
  merged.last_office_id = messages.front().office_id;
  merged.last_at_ms = messages.front().accepted_at_ms;
  for (const OrderedAlert& message : messages.subspan(1)) {
    if (!IsUpdateOf(picture, *message.alert)) continue;
    const CaseAlert before = picture;
    for (std::string& field : Loosened(before.handling(), message.alert->handling())) {
      merged.refused_loosening.push_back(std::move(field));
    }
    ApplyUpdate(*message.alert, picture);
    Record(message, Differences(before, picture), merged);
    event_origins.resize(static_cast<size_t>(picture.events_size()), merged.update_count);
  }
  merged.picture = ViewOf(picture);
  for (size_t i = 0; i < event_origins.size(); ++i)
    merged.picture.events[i].update_index = event_origins[i];
  return merged;
}

}  // namespace enlace::alerts
