#include "client/alerts/template.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "client/alerts/compose.h"
#include "client/alerts/validation_parts.h"
#include "client/texts/code_names.h"
#include "client/texts/display.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::alerts {
namespace {

using namespace alert::v1;  // the model, of which nearly every name stands below
using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using texts::Language;
using texts::Text;

constexpr size_t kCommentColumns = 92;
constexpr size_t kIndent = 2;

// One line of the template: a value, or an object or list with lines of its own.
struct Node {
  std::string name;
  // Ready to print; empty for an object or a list.
  std::string value;
  bool is_list = false;
  std::vector<std::string> comments;
  std::vector<Node> children;
};

std::string Quoted(std::string_view text) { return nlohmann::json(text).dump(); }

std::string NameOf(const EnumDescriptor* type, int number) {
  const auto* value = number == 0 ? nullptr : type->FindValueByNumber(number);
  return value == nullptr ? "" : value->name();
}

// "TLP_CLEAR, TLP_GREEN, ...": what a field takes.
std::string CodesOf(const EnumDescriptor* type) {
  std::string out;
  for (int i = 1; i < type->value_count(); ++i) out += (i > 1 ? ", " : "") + type->value(i)->name();
  return out;
}

void Print(const Node& node, size_t depth, bool last, std::string& out) {
  const std::string indent(depth * kIndent, ' ');
  for (const std::string& comment : node.comments) {
    for (const std::string& line : texts::Wrap(comment, kCommentColumns - indent.size()))
      out += indent + "// " + line + "\n";
  }
  out += indent + (node.name.empty() ? "" : Quoted(node.name) + ": ");
  if (!node.value.empty()) {
    out += node.value;
  } else {
    out += node.is_list ? "[\n" : "{\n";
    for (size_t i = 0; i < node.children.size(); ++i)
      Print(node.children[i], depth + 1, i + 1 == node.children.size(), out);
    out += indent + (node.is_list ? "]" : "}");
  }
  out += last ? "\n" : ",\n";
}

// Makes nodes in one language.
class Writer {
 public:
  explicit Writer(Language language) : language_(language) {}

  Node Plain(std::string_view name, std::string_view text, std::string_view comment = "") const {
    return Make(name, Quoted(text), comment);
  }
  Node Raw(std::string_view name, std::string value, std::string_view comment = "") const {
    return Make(name, std::move(value), comment);
  }
  // A code with the list of those that are possible.
  Node Code(std::string_view name, const EnumDescriptor* type, int number,
            std::string_view comment = "") const {
    Node node = Make(name, Quoted(NameOf(type, number)), comment);
    node.comments.push_back(CodesOf(type));
    return node;
  }
  Node Codes(std::string_view name, const EnumDescriptor* type, const std::vector<int>& numbers,
             std::string_view comment = "") const {
    std::string list;
    for (const int number : numbers)
      list += (list.empty() ? "" : ", ") + Quoted(NameOf(type, number));
    Node node = Make(name, "[" + list + "]", comment);
    node.comments.push_back(CodesOf(type));
    return node;
  }
  Node Object(std::string_view name, std::vector<Node> children,
              std::string_view comment = "") const {
    Node node = Make(name, "", comment);
    node.children = std::move(children);
    return node;
  }
  Node List(std::string_view name, std::vector<Node> elements,
            std::string_view comment = "") const {
    Node node = Object(name, std::move(elements), comment);
    node.is_list = true;
    return node;
  }

  // Every field of a block, empty.
  Node Block(std::string_view name, const Descriptor* type) const {
    std::vector<Node> children;
    for (int i = 0; i < type->field_count(); ++i) children.push_back(Empty(*type->field(i)));
    return Object(name, std::move(children), ENLACE_TEXT("Leave out what is not known."));
  }

  std::string Words(std::string_view msgid) const { return Text(language_, msgid); }
  Language language() const { return language_; }

 private:
  Node Make(std::string_view name, std::string value, std::string_view comment) const {
    Node node;
    node.name = name;
    node.value = std::move(value);
    if (!comment.empty()) node.comments.push_back(Text(language_, comment));
    return node;
  }

  Node Empty(const FieldDescriptor& field) const {
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      return field.is_repeated() ? Codes(field.name(), field.enum_type(), {})
                                 : Code(field.name(), field.enum_type(), 0);
    }
    if (field.is_repeated()) return Raw(field.name(), "[]");
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) return Raw(field.name(), "false");
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      return Plain(field.name(), "", ENLACE_TEXT("A time with offset: 2026-11-16T09:20:00-06:00"));
    }
    return Plain(field.name(), "");
  }

  Language language_;
};

}  // namespace

int UsualPurpose(int type) {
  switch (type) {
    case ALERT_TYPE_MISSING_MIGRANT:
    case ALERT_TYPE_DEATH_OR_REMAINS:
      return PURPOSE_SEARCH_AND_FAMILY_LINKS;
    case ALERT_TYPE_UNACCOMPANIED_CHILD:
    case ALERT_TYPE_SEPARATED_CHILD:
      return PURPOSE_CHILD_PROTECTION;
    case ALERT_TYPE_TRAFFICKING_VICTIM:
    case ALERT_TYPE_LABOUR_EXPLOITATION:
      return PURPOSE_VICTIM_PROTECTION;
    case ALERT_TYPE_SMUGGLING_INTELLIGENCE:
    case ALERT_TYPE_DOCUMENT_FRAUD:
    case ALERT_TYPE_LOST_STOLEN_DOCUMENT:
      return PURPOSE_PREVENT_COMBAT_CRIME;
    case ALERT_TYPE_STRANDED_MIGRANTS:
    case ALERT_TYPE_ASSISTED_RETURN:
    case ALERT_TYPE_RETURN_NOTIFICATION:
      return PURPOSE_RETURN_LOGISTICS;
    case ALERT_TYPE_MASS_EVENT:
      return PURPOSE_DISASTER_RESPONSE;
    default:
      return PURPOSE_CONSULAR_PROTECTION;
  }
}

std::vector<int> UsualActions(int type) {
  switch (type) {
    case ALERT_TYPE_MISSING_MIGRANT:
      return {REQUESTED_ACTION_LOCATE_PERSON, REQUESTED_ACTION_PROVIDE_INFORMATION};
    case ALERT_TYPE_UNACCOMPANIED_CHILD:
    case ALERT_TYPE_SEPARATED_CHILD:
      return {REQUESTED_ACTION_FIND_FAMILY, REQUESTED_ACTION_CONFIRM_NATIONALITY};
    case ALERT_TYPE_DETAINED_NATIONAL:
      return {REQUESTED_ACTION_CONSULAR_VISIT};
    case ALERT_TYPE_DEATH_OR_REMAINS:
      return {REQUESTED_ACTION_VERIFY_IDENTITY, REQUESTED_ACTION_NOTIFY_NEXT_OF_KIN};
    case ALERT_TYPE_TRAFFICKING_VICTIM:
    case ALERT_TYPE_LIFE_AT_RISK:
      return {REQUESTED_ACTION_PROTECT_PERSON};
    case ALERT_TYPE_SMUGGLING_INTELLIGENCE:
      return {REQUESTED_ACTION_MONITOR_ROUTE};
    case ALERT_TYPE_DOCUMENT_FRAUD:
    case ALERT_TYPE_LOST_STOLEN_DOCUMENT:
      return {REQUESTED_ACTION_CHECK_DOCUMENT};
    case ALERT_TYPE_STRANDED_MIGRANTS:
    case ALERT_TYPE_ASSISTED_RETURN:
      return {REQUESTED_ACTION_ARRANGE_SAFE_RETURN};
    case ALERT_TYPE_RETURN_NOTIFICATION:
      return {REQUESTED_ACTION_RECEIVE_AT_BORDER};
    case ALERT_TYPE_NATIONALITY_VERIFICATION:
      return {REQUESTED_ACTION_CONFIRM_NATIONALITY};
    default:
      return {REQUESTED_ACTION_PROVIDE_INFORMATION};
  }
}

bool IsAboutGroup(int type) {
  return type == ALERT_TYPE_STRANDED_MIGRANTS || type == ALERT_TYPE_MASS_EVENT;
}
namespace {

bool HasDocuments(int type) {
  return type == ALERT_TYPE_DOCUMENT_FRAUD || type == ALERT_TYPE_LOST_STOLEN_DOCUMENT ||
         type == ALERT_TYPE_NATIONALITY_VERIFICATION || type == ALERT_TYPE_DETAINED_NATIONAL;
}

Node HandlingNode(const Writer& w, int type) {
  const bool crime = UsualPurpose(type) == PURPOSE_PREVENT_COMBAT_CRIME;
  std::vector<Node> fields = {
      w.Code("tlp", Tlp_descriptor(), 0, ENLACE_TEXT("Who may read it. There is no default.")),
      w.Codes("codes", HandlingCode_descriptor(),
              crime ? std::vector<int>{HANDLING_CODE_H0} : std::vector<int>{},
              ENLACE_TEXT("H3 needs a restriction_note.")),
      w.Code("purpose", Purpose_descriptor(), UsualPurpose(type)),
      w.Code("origin_country_disclosure", OriginDisclosure_descriptor(), 0,
             ENLACE_TEXT("May the country of origin know? NOT_PERMITTED keeps its offices out.")),
      w.Object(
          "consent",
          {w.Code("status", ConsentStatus_descriptor(), 0),
           w.Code("basis", ConsentBasis_descriptor(), 0),
           w.Plain("recorded_at", "",
                   ENLACE_TEXT("A time with offset: 2026-11-16T09:20:00-06:00"))},
          ENLACE_TEXT(
              "Needed when the identity of a living person is shared; without it, leave it out."))};
  return w.Object("handling", std::move(fields));
}

Node DocumentNode(const Writer& w) {
  return w.Object(
      "",
      {w.Code("type", DocumentType_descriptor(), DOCUMENT_TYPE_PASSPORT), w.Plain("number", ""),
       w.Plain("issuing_state", "", ENLACE_TEXT("ISO 3166-1 alpha-3: HND, SLV, MEX")),
       w.Raw("mrz_lines", "[]", ENLACE_TEXT("The machine readable zone, exactly as it is read.")),
       w.Code("finding", DocumentFinding_descriptor(), DOCUMENT_FINDING_NOT_CHECKED)});
}

Node PersonNode(const Writer& w, int type) {
  const PersonRole role = type == ALERT_TYPE_DEATH_OR_REMAINS     ? PERSON_ROLE_DECEASED
                          : type == ALERT_TYPE_TRAFFICKING_VICTIM ? PERSON_ROLE_VICTIM
                                                                  : PERSON_ROLE_SUBJECT;
  std::vector<Node> fields = {
      w.Plain("local_id", "p1"),
      w.Code("role", PersonRole_descriptor(), role),
      w.Raw("pseudonym", "false",
            ENLACE_TEXT("true: the names below are not real. Real names of children and victims "
                        "are withheld until an "
                        "office accepts.")),
      w.Plain("given_names", ""),
      w.Plain("family_names", ""),
      w.Raw("birth_date", R"({"year": 0, "month": 0, "day": 0})", ENLACE_TEXT("0 is unknown.")),
      w.Code("sex", Sex_descriptor(), 0),
      w.Raw("nationalities", "[]", ENLACE_TEXT("ISO 3166-1 alpha-3: HND, SLV, MEX")),
      w.Raw("languages", "[]", ENLACE_TEXT("es, en, quc, mam, ht")),
      w.Raw("phones", "[]", ENLACE_TEXT("With country code: +50499990103")),
      w.Codes("vulnerabilities", Vulnerability_descriptor(), {})};
  if (HasDocuments(type)) fields.push_back(w.List("documents", {DocumentNode(w)}));
  return w.Object("", std::move(fields));
}

Node EventNode(const Writer& w) {
  return w.Object(
      "", {w.Code("type", EventType_descriptor(), 0),
           w.Plain("at", "", ENLACE_TEXT("A time with offset: 2026-11-16T09:20:00-06:00")),
           w.Plain("time_zone", "", ENLACE_TEXT("The zone of the place: America/Tegucigalpa")),
           w.Plain("place", ""),
           w.Plain("country", "", ENLACE_TEXT("ISO 3166-1 alpha-3: HND, SLV, MEX"))});
}

Node GroupNode(const Writer& w) {
  std::vector<Node> fields;
  for (const char* name : {"total", "women", "men", "girls", "boys", "unaccompanied_children"})
    fields.push_back(w.Raw(name, "0"));
  fields.push_back(
      w.Raw("by_nationality", "[]", ENLACE_TEXT("{\"country\": \"HND\", \"count\": 3}")));
  return w.Object("group", std::move(fields), ENLACE_TEXT("Counts instead of names."));
}

Node TextNode(const Writer& w, std::string_view name) {
  return w.Plain(name, "",
                 name == "subject"
                     ? std::string_view(ENLACE_TEXT(
                           "At most 120 characters. No names of persons: notifications show it."))
                     : std::string_view(ENLACE_TEXT("What happened, and what you ask for.")));
}

std::string Tag(Language language) { return language == Language::kSpanish ? "es" : "en"; }

Node TranslationNode(const Writer& w) {
  const Language other =
      w.language() == Language::kSpanish ? Language::kEnglish : Language::kSpanish;
  return w.Object("", {w.Plain("language", Tag(other)), w.Plain("subject", ""), w.Plain("body", ""),
                       w.Code("origin", TranslationOrigin_descriptor(), TRANSLATION_ORIGIN_HUMAN)});
}

Node RecipientNode(const Writer& w, std::string_view office_id, int role) {
  return w.Object(
      "", {w.Plain("office_id", office_id), w.Plain("role", NameOf(Role_descriptor(), role))});
}

std::string Finish(const Writer& w, Node root, std::string_view how) {
  root.comments.push_back(w.Words(how));
  std::string out;
  Print(root, 0, true, out);
  return out;
}

}  // namespace

std::string AlertTemplate(int type, Language language) {
  const Writer w(language);
  const Priority priority = DefaultPriority(static_cast<AlertType>(type));
  std::vector<Node> fields = {
      w.Plain("alert_type", NameOf(AlertType_descriptor(), type)),
      w.Code("priority", Priority_descriptor(), priority),
      w.Codes("requested_actions", RequestedAction_descriptor(), UsualActions(type)),
      HandlingNode(w, type),
      w.List(
          "recipients", {RecipientNode(w, "", ROLE_ACTION)},
          ENLACE_TEXT("ROLE_ACTION answers, ROLE_INFO is informed. The offices: enlace directory")),
      w.Plain("language", Tag(language)),
      TextNode(w, "subject"),
      TextNode(w, "body"),
      w.List("translations", {TranslationNode(w)},
             ENLACE_TEXT("Leave it out when there is no translation.")),
      w.Object("evaluation", {w.Code("source", SourceReliability_descriptor(), 0),
                              w.Code("information", InformationCredibility_descriptor(), 0)})};
  if (IsAboutGroup(type)) {
    fields.push_back(GroupNode(w));
  } else {
    fields.push_back(w.List("persons", {PersonNode(w, type)}));
  }
  fields.push_back(
      w.List("events", {EventNode(w)}, ENLACE_TEXT("Leave it out when nothing is known.")));
  const std::string_view block = BlockOf(static_cast<AlertType>(type));
  if (!block.empty()) {
    const auto* field = CaseAlert::descriptor()->FindFieldByName(std::string(block));
    fields.push_back(w.Block(block, field->message_type()));
  }
  Node root = w.Object("", std::move(fields));
  root.comments.push_back(texts::CodeName(language, texts::CodeKind::kAlertType, type) + ".");
  return Finish(
      w, std::move(root),
      ENLACE_TEXT("Fill in what is empty and delete what you do not know. Then: enlace check FILE, "
                  "enlace send --new FILE"));
}

std::string UpdateTemplate(const CaseAlert& picture,
                           const std::vector<std::pair<std::string, int>>& recipients,
                           Language language) {
  const Writer w(language);
  std::vector<Node> offices;
  for (const auto& [office_id, role] : recipients)
    offices.push_back(RecipientNode(w, office_id, role));
  std::vector<Node> persons;
  for (const Person& person : picture.persons()) {
    persons.push_back(w.Object("", {w.Plain("local_id", person.local_id()),
                                    w.Plain("role", NameOf(PersonRole_descriptor(), person.role())),
                                    w.Raw("pseudonym", person.pseudonym() ? "true" : "false")}));
  }
  const Handling& handling = picture.handling();
  const std::vector<int> codes(handling.codes().begin(), handling.codes().end());
  std::vector<Node> fields = {
      w.Plain("message_type", "MESSAGE_TYPE_UPDATE"),
      w.Plain("case_ref", picture.case_ref()),
      w.Plain("status", NameOf(Status_descriptor(), picture.status())),
      w.Plain("alert_type", NameOf(AlertType_descriptor(), picture.alert_type())),
      w.Code("priority", Priority_descriptor(), picture.priority()),
      w.Codes("requested_actions", RequestedAction_descriptor(),
              {REQUESTED_ACTION_INFORMATION_ONLY}),
      w.Object("handling",
               {w.Plain("tlp", NameOf(Tlp_descriptor(), handling.tlp())),
                w.Codes("codes", HandlingCode_descriptor(), codes),
                w.Plain("restriction_note", handling.restriction_note()),
                w.Plain("purpose", NameOf(Purpose_descriptor(), handling.purpose())),
                w.Plain("origin_country_disclosure", NameOf(OriginDisclosure_descriptor(),
                                                            handling.origin_country_disclosure()))},
               ENLACE_TEXT("As in the case; it can only become stricter.")),
      w.List("recipients", std::move(offices)),
      w.Plain("language", Tag(language)),
      TextNode(w, "subject"),
      TextNode(w, "body"),
      w.List(
          "persons", std::move(persons),
          ENLACE_TEXT(
              "What you leave out is unchanged. Add to a person only what is new or different.")),
      w.Raw("corrected_fields", "[]",
            ENLACE_TEXT("What you replace or empty: \"persons[p1].birth_date\". Lists grow unless "
                        "they stand here.")),
      w.List("links", {w.Object("", {w.Plain("type", "LINK_TYPE_UPDATES"),
                                     w.Plain("alert_id", picture.alert_id()),
                                     w.Plain("case_ref", picture.case_ref())})})};
  return Finish(
      w, w.Object("", std::move(fields)),
      ENLACE_TEXT(
          "An update. Fill in what is empty. Then: enlace check FILE, enlace send --new FILE"));
}

}  // namespace enlace::alerts
