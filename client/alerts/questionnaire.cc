#include "client/alerts/questionnaire.h"

#include <algorithm>
#include <charconv>

#include "client/alerts/compose.h"
#include "client/alerts/template.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::alerts {
namespace {

using namespace alert::v1;  // the model, of which nearly every name stands below
using nlohmann::json;
using texts::CodeKind;

constexpr std::string_view kTranslate = "?translation";
constexpr std::string_view kConsent = "?consent";

json ValueOf(const Answers& answers, std::string_view path) {
  const auto found = answers.find(std::string(path));
  return found == answers.end() ? json() : found->second;
}

bool IsYes(const Answers& answers, std::string_view path) {
  return ValueOf(answers, path) == json(true);
}

bool Holds(const Answers& answers, std::string_view path, int number) {
  const json value = ValueOf(answers, path);
  return value.is_array() && std::ranges::find(value, json(number)) != value.end();
}

// Collects questions in order.
class Plan {
 public:
  Question& Ask(std::string path, AnswerKind kind, std::string_view msgid,
                std::string_view hint = "") {
    Question question;
    question.path = std::move(path);
    question.kind = kind;
    question.msgid = msgid;
    question.hint = hint;
    questions_.push_back(std::move(question));
    return questions_.back();
  }
  Question& Code(std::string path, CodeKind codes, std::string_view msgid,
                 std::string_view hint = "") {
    Question& question = Ask(std::move(path), AnswerKind::kCode, msgid, hint);
    question.codes = codes;
    return question;
  }
  Question& Codes(std::string path, CodeKind codes, std::string_view msgid,
                  std::string_view hint = "") {
    Question& question = Code(std::move(path), codes, msgid, hint);
    question.kind = AnswerKind::kCodes;
    return question;
  }
  void Add(std::vector<Question> more) {
    for (Question& question : more) questions_.push_back(std::move(question));
  }
  std::vector<Question> Take() { return std::move(questions_); }

 private:
  std::vector<Question> questions_;
};

void AskMatter(int type, Plan& plan) {
  plan.Ask(std::string(kAnswerActionOffices), AnswerKind::kOffices,
           ENLACE_TEXT("Which offices shall act?"), ENLACE_TEXT("Separate several by commas."))
      .required = true;
  plan.Ask(std::string(kAnswerInfoOffices), AnswerKind::kOffices,
           ENLACE_TEXT("Which offices shall only be informed?"));
  plan.Ask("subject", AnswerKind::kText, ENLACE_TEXT("Subject"),
           ENLACE_TEXT("At most 120 characters. No names of persons: notifications show it."))
      .required = true;
  plan.Ask("body", AnswerKind::kLines, ENLACE_TEXT("What happened, and what you ask for."),
           ENLACE_TEXT("An empty line ends the text."))
      .required = true;
  plan.Code("priority", CodeKind::kPriority, ENLACE_TEXT("Priority")).preset =
      static_cast<int>(DefaultPriority(static_cast<AlertType>(type)));
  plan.Codes("requested_actions", CodeKind::kRequestedAction, ENLACE_TEXT("What is asked for"))
      .preset = UsualActions(type);
}

void AskHandling(int type, const Answers& answers, Plan& plan) {
  const int purpose = UsualPurpose(type);
  plan.Code("handling.tlp", CodeKind::kTlp, ENLACE_TEXT("Who may read it. There is no default."))
      .required = true;
  plan.Code("handling.purpose", CodeKind::kPurpose, ENLACE_TEXT("Purpose")).preset = purpose;
  Question& codes =
      plan.Codes("handling.codes", CodeKind::kHandlingCode, ENLACE_TEXT("Handling codes"),
                 ENLACE_TEXT("H3 needs a restriction_note."));
  if (purpose == PURPOSE_PREVENT_COMBAT_CRIME) codes.preset = json::array({HANDLING_CODE_H0});
  if (Holds(answers, "handling.codes", HANDLING_CODE_H3)) {
    plan.Ask("handling.restriction_note", AnswerKind::kText, ENLACE_TEXT("What the restriction is"))
        .required = true;
  }
  plan.Code("handling.origin_country_disclosure", CodeKind::kOriginDisclosure,
            ENLACE_TEXT("May the country of origin know? NOT_PERMITTED keeps its offices out."))
      .required = true;
  plan.Code("evaluation.source", CodeKind::kSourceReliability, ENLACE_TEXT("The source is"));
  plan.Code("evaluation.information", CodeKind::kInformationCredibility,
            ENLACE_TEXT("The information is"));
}

int UsualRole(int type) {
  if (type == ALERT_TYPE_DEATH_OR_REMAINS) return PERSON_ROLE_DECEASED;
  return type == ALERT_TYPE_TRAFFICKING_VICTIM ? PERSON_ROLE_VICTIM : PERSON_ROLE_SUBJECT;
}

bool UsuallyPseudonymous(int type) {
  return type == ALERT_TYPE_TRAFFICKING_VICTIM || type == ALERT_TYPE_UNACCOMPANIED_CHILD ||
         type == ALERT_TYPE_SEPARATED_CHILD;
}

void AskDocument(const std::string& at, const Answers& answers, Plan& plan) {
  plan.Ask("?" + at, AnswerKind::kYesNo, ENLACE_TEXT("Is there a document?")).preset = false;
  if (!IsYes(answers, "?" + at)) return;
  plan.Code(at + ".type", CodeKind::kDocumentType, ENLACE_TEXT("Kind of document")).preset =
      static_cast<int>(DOCUMENT_TYPE_PASSPORT);
  plan.Ask(at + ".number", AnswerKind::kText, ENLACE_TEXT("Number of the document"));
  plan.Ask(at + ".issuing_state", AnswerKind::kCountry, ENLACE_TEXT("Issuing State"),
           ENLACE_TEXT("ISO 3166-1 alpha-3: HND, SLV, MEX"));
  plan.Code(at + ".finding", CodeKind::kDocumentFinding, ENLACE_TEXT("What was found")).preset =
      static_cast<int>(DOCUMENT_FINDING_NOT_CHECKED);
}

void AskPerson(int type, size_t index, const Answers& answers, Plan& plan) {
  const std::string at = "persons[" + std::to_string(index) + "]";
  plan.Code(at + ".role", CodeKind::kPersonRole, ENLACE_TEXT("Role of the person")).preset =
      index == 0 ? json(UsualRole(type)) : json(static_cast<int>(PERSON_ROLE_COMPANION));
  plan.Ask(at + ".pseudonym", AnswerKind::kYesNo, ENLACE_TEXT("Is the name a pseudonym?"),
           ENLACE_TEXT("Yes: the names that follow are not real. Real names of children and "
                       "victims are withheld until an office accepts."))
      .preset = index == 0 && UsuallyPseudonymous(type);
  plan.Ask(at + ".given_names", AnswerKind::kText, ENLACE_TEXT("Given names"));
  plan.Ask(at + ".family_names", AnswerKind::kText, ENLACE_TEXT("Family names"));
  plan.Ask(at + ".birth_date", AnswerKind::kDate, ENLACE_TEXT("Date of birth"),
           ENLACE_TEXT("2004-08-17, 2004-08 or 2004"));
  if (ValueOf(answers, at + ".birth_date").is_null()) {
    plan.Ask(at + ".age_years_min", AnswerKind::kCount, ENLACE_TEXT("Age in years, at least"));
    plan.Ask(at + ".age_years_max", AnswerKind::kCount, ENLACE_TEXT("Age in years, at most"));
  }
  plan.Code(at + ".sex", CodeKind::kSex, ENLACE_TEXT("Sex"));
  plan.Ask(at + ".nationalities", AnswerKind::kCountries, ENLACE_TEXT("Nationalities"),
           ENLACE_TEXT("ISO 3166-1 alpha-3: HND, SLV, MEX"));
  plan.Ask(at + ".languages", AnswerKind::kLanguages, ENLACE_TEXT("Languages"),
           ENLACE_TEXT("es, en, quc, mam, ht"));
  plan.Ask(at + ".phones", AnswerKind::kPhones, ENLACE_TEXT("Telephones"),
           ENLACE_TEXT("With country code: +50499990103"));
  plan.Ask(at + ".physical_description", AnswerKind::kText, ENLACE_TEXT("Description"));
  plan.Codes(at + ".vulnerabilities", CodeKind::kVulnerability, ENLACE_TEXT("Vulnerabilities"));
  AskDocument(at + ".documents[0]", answers, plan);
}

// One after the other, as long as the answer is yes.
void AskPersons(int type, const Answers& answers, Plan& plan) {
  for (size_t i = 0; i < kAskedPersonsMax; ++i) {
    const std::string gate = "?persons[" + std::to_string(i) + "]";
    plan.Ask(gate, AnswerKind::kYesNo,
             i == 0 ? std::string_view(ENLACE_TEXT("Is the alert about a known person?"))
                    : std::string_view(ENLACE_TEXT("Another person?")))
        .preset = i == 0;
    if (!IsYes(answers, gate)) return;
    AskPerson(type, i, answers, plan);
  }
}

void AskConsent(const Answers& answers, Plan& plan) {
  if (!IsYes(answers, "?persons[0]")) return;
  plan.Ask(std::string(kConsent), AnswerKind::kYesNo,
           ENLACE_TEXT("Is there a basis for sharing the identity?"),
           ENLACE_TEXT(
               "Needed when the identity of a living person is shared; without it, leave it out."))
      .preset = false;
  if (!IsYes(answers, kConsent)) return;
  plan.Code("handling.consent.status", CodeKind::kConsentStatus, ENLACE_TEXT("Consent")).required =
      true;
  plan.Code("handling.consent.basis", CodeKind::kConsentBasis, ENLACE_TEXT("Basis")).required =
      true;
  plan.Ask("handling.consent.recorded_at", AnswerKind::kTime, ENLACE_TEXT("When it was recorded"),
           ENLACE_TEXT("2026-11-16 09:20, in the zone of this machine"));
}

void AskGroup(const Answers& answers, Plan& plan) {
  plan.Ask("group.total", AnswerKind::kCount, ENLACE_TEXT("How many persons"));
  if (ValueOf(answers, "group.total").is_null()) return;
  plan.Ask("group.women", AnswerKind::kCount, ENLACE_TEXT("Women"));
  plan.Ask("group.men", AnswerKind::kCount, ENLACE_TEXT("Men"));
  plan.Ask("group.girls", AnswerKind::kCount, ENLACE_TEXT("Girls"));
  plan.Ask("group.boys", AnswerKind::kCount, ENLACE_TEXT("Boys"));
  plan.Ask("group.unaccompanied_children", AnswerKind::kCount,
           ENLACE_TEXT("Unaccompanied children"));
  plan.Ask("group.by_nationality", AnswerKind::kShares, ENLACE_TEXT("By nationality"),
           ENLACE_TEXT("HND 12, SLV 3"));
}

void AskEvent(const Answers& answers, Plan& plan) {
  const std::string gate = "?events[0]";
  plan.Ask(gate, AnswerKind::kYesNo, ENLACE_TEXT("Is a time or a place known?")).preset = true;
  if (!IsYes(answers, gate)) return;
  const std::string at = "events[0]";
  plan.Code(at + ".type", CodeKind::kEventType, ENLACE_TEXT("What happened there")).required = true;
  plan.Ask(at + ".time_zone", AnswerKind::kZone, ENLACE_TEXT("Time zone of the place"),
           ENLACE_TEXT("The zone of the place: America/Tegucigalpa"));
  plan.Ask(at + ".at", AnswerKind::kTime, ENLACE_TEXT("When"),
           ENLACE_TEXT("2026-11-16 09:20, in the zone of the place"));
  plan.Ask(at + ".place", AnswerKind::kText, ENLACE_TEXT("Place"));
  plan.Ask(at + ".country", AnswerKind::kCountry, ENLACE_TEXT("Country"),
           ENLACE_TEXT("ISO 3166-1 alpha-3: HND, SLV, MEX"));
}

void AskEnd(const Answers& answers, Plan& plan) {
  plan.Ask(std::string(kTranslate), AnswerKind::kYesNo,
           ENLACE_TEXT("Do you add a translation yourself?"))
      .preset = false;
  if (IsYes(answers, kTranslate)) {
    plan.Ask("translations[0].subject", AnswerKind::kText, ENLACE_TEXT("Subject, translated"))
        .required = true;
    plan.Ask("translations[0].body", AnswerKind::kLines, ENLACE_TEXT("Text, translated"),
             ENLACE_TEXT("An empty line ends the text."))
        .required = true;
  }
  plan.Ask(std::string(kAnswerFiles), AnswerKind::kFiles, ENLACE_TEXT("Files to attach"),
           ENLACE_TEXT("Separate several by commas."));
}

// The place of a path in the object, made when it is not there: "persons[0].sex".
json& PlaceIn(json& object, std::string_view path) {
  json* place = &object;
  while (!path.empty()) {
    const size_t end = std::min(path.find('.'), path.size());
    std::string_view part = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    const size_t bracket = part.find('[');
    place = &(*place)[std::string(part.substr(0, bracket))];
    if (bracket == std::string_view::npos) continue;
    size_t index = 0;
    std::from_chars(part.data() + bracket + 1, part.data() + part.size() - 1, index);
    place = &(*place)[index];
  }
  return *place;
}

void AddRecipients(const Answers& answers, std::string_view path, const char* role, json& alert) {
  for (const json& office : ValueOf(answers, path))
    alert["recipients"].push_back({{"office_id", office}, {"role", role}});
}

std::string Tag(bool spanish) { return spanish ? "es" : "en"; }

}  // namespace

std::vector<Question> QuestionsFor(int type, const Answers& answers) {
  Plan plan;
  AskMatter(type, plan);
  AskHandling(type, answers, plan);
  if (IsAboutGroup(type)) AskGroup(answers, plan);
  AskPersons(type, answers, plan);
  AskConsent(answers, plan);
  AskEvent(answers, plan);
  plan.Add(BlockQuestions(type));
  AskEnd(answers, plan);
  return plan.Take();
}

std::optional<Question> NextQuestion(int type, const Answers& answers) {
  for (Question& question : QuestionsFor(type, answers)) {
    if (!answers.contains(question.path)) return std::move(question);
  }
  return std::nullopt;
}

std::optional<std::string> LastAnswered(int type, const Answers& answers) {
  std::optional<std::string> last;
  for (const Question& question : QuestionsFor(type, answers)) {
    if (!answers.contains(question.path)) break;
    last = question.path;
  }
  return last;
}

json AlertOf(int type, const Answers& answers, texts::Language language) {
  const bool spanish = language == texts::Language::kSpanish;
  json alert{{"alert_type", type}, {"language", Tag(spanish)}};
  AddRecipients(answers, kAnswerActionOffices, "ROLE_ACTION", alert);
  AddRecipients(answers, kAnswerInfoOffices, "ROLE_INFO", alert);
  for (const Question& question : QuestionsFor(type, answers)) {
    const json value = ValueOf(answers, question.path);
    if (question.path.starts_with('?') || value.is_null()) continue;
    PlaceIn(alert, question.path) = value;
  }
  if (alert.contains("persons")) {
    for (size_t i = 0; i < alert["persons"].size(); ++i)
      alert["persons"][i]["local_id"] = "p" + std::to_string(i + 1);
  }
  if (alert.contains("translations")) {
    alert["translations"][0]["language"] = Tag(!spanish);
    alert["translations"][0]["origin"] = "TRANSLATION_ORIGIN_HUMAN";
  }
  return alert;
}

std::vector<std::string> PathsFor(std::string_view field, int type, const Answers& answers) {
  std::vector<std::string> paths;
  const bool recipients = field.starts_with("recipients");
  for (const Question& question : QuestionsFor(type, answers)) {
    const std::string_view path = question.path;
    const bool steers_offices = path == kAnswerActionOffices || path == kAnswerInfoOffices;
    const bool same = path == field || field.starts_with(std::string(path) + "[") ||
                      field.starts_with(std::string(path) + ".") ||
                      path.starts_with(std::string(field) + ".") ||
                      path == "?" + std::string(field);
    if ((recipients && steers_offices) || (!field.empty() && same)) paths.emplace_back(path);
  }
  return paths;
}

}  // namespace enlace::alerts
