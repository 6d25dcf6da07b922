// What compose asks, what it understands, and the alert that comes of it.
#include "client/alerts/questionnaire.h"

#include <gtest/gtest.h>

#include <set>

#include "client/alerts/alert_json.h"
#include "client/alerts/answer.h"
#include "client/alerts/compose.h"
#include "client/alerts/validation.h"
#include "client/texts/display.h"
#include "tests/unit/alerts/fake_directory.h"

namespace enlace::alerts {
namespace {

using nlohmann::json;
using texts::CodeKind;
using texts::Language;

constexpr int kTypesEnd = 19;

AnswerContext Context() {
  AnswerContext context;
  context.language = Language::kEnglish;
  context.zone = *texts::Zone::FromName("America/Tegucigalpa");
  return context;
}

Question OfKind(AnswerKind kind, CodeKind codes = CodeKind::kAlertType) {
  Question question;
  question.path = "x";
  question.kind = kind;
  question.codes = codes;
  return question;
}

// Something that can be typed for each kind.
std::string Typed(const Question& question) {
  switch (question.kind) {
    case AnswerKind::kCode:
    case AnswerKind::kCodes:
      return "1";
    case AnswerKind::kOffices:
      return question.path == kAnswerActionOffices ? "mx.consular" : "iom.sanjose";
    case AnswerKind::kCountry:
      return "HND";
    case AnswerKind::kCountries:
      return "HND, slv";
    case AnswerKind::kLanguages:
      return "es, quc";
    case AnswerKind::kPhones:
      return "+504 9999 0103";
    case AnswerKind::kDate:
      return "2001-06-14";
    case AnswerKind::kZone:
      return "America/Tegucigalpa";
    case AnswerKind::kTime:
      return "2026-11-10 09:20";
    case AnswerKind::kYesNo:
      return "yes";
    case AnswerKind::kCount:
      return "3";
    case AnswerKind::kShares:
      return "HND 3";
    default:
      return "texto";
  }
}

// Every question answered; the second person is not asked about.
Answers AllAnswered(int type) {
  Answers answers;
  while (const auto question = NextQuestion(type, answers)) {
    const bool second_person = question->path == "?persons[1]";
    const auto value = ReadAnswer(*question, second_person ? "no" : Typed(*question), Context());
    EXPECT_TRUE(value && !value->is_null()) << question->path;
    if (!value || !answers.emplace(question->path, *value).second) break;
  }
  return answers;
}

class Questionnaires : public testing::TestWithParam<int> {};

TEST_P(Questionnaires, EveryAnswer_IsAFieldOfTheModel) {
  const Answers answers = AllAnswered(GetParam());
  const std::string text = AlertOf(GetParam(), answers, Language::kSpanish).dump(1);
  const ParsedAlert parsed = ParseAlertJson(text);
  ASSERT_TRUE(parsed.alert) << text;
  EXPECT_TRUE(parsed.violations.empty()) << parsed.violations[0].field << "\n" << text;
  EXPECT_EQ(parsed.alert->alert_type(), GetParam());
  EXPECT_EQ(parsed.alert->recipients_size(), 2);
  EXPECT_EQ(parsed.alert->persons_size(), 1);
  EXPECT_EQ(parsed.alert->persons(0).local_id(), "p1");
}

TEST_P(Questionnaires, AskEachPathOnce_InBothLanguages) {
  std::set<std::string> paths;
  for (const Question& question : QuestionsFor(GetParam(), AllAnswered(GetParam()))) {
    EXPECT_TRUE(paths.insert(question.path).second) << question.path;
    EXPECT_TRUE(texts::HasText(Language::kSpanish, question.msgid)) << question.msgid;
    if (!question.hint.empty()) {
      EXPECT_TRUE(texts::HasText(Language::kSpanish, question.hint)) << question.hint;
    }
  }
}

TEST_P(Questionnaires, WhatTheySuggest_IsAnAnswerToTheQuestion) {
  for (const Question& question : QuestionsFor(GetParam(), {})) {
    if (question.preset.is_null()) continue;
    const std::string shown = AnswerText(question, question.preset, Language::kEnglish);
    EXPECT_FALSE(shown.empty()) << question.path;
    EXPECT_EQ(ReadAnswer(question, shown, Context()), question.preset) << question.path << shown;
  }
}

INSTANTIATE_TEST_SUITE_P(Types, Questionnaires, testing::Range(1, kTypesEnd));

TEST(Questionnaire, AnsweredWithCare_MaySend) {
  Answers answers = AllAnswered(alert::v1::ALERT_TYPE_MISSING_MIGRANT);
  answers["handling.origin_country_disclosure"] =
      static_cast<int>(alert::v1::ORIGIN_DISCLOSURE_PERMITTED);
  answers["persons[0].documents[0].number"] = "X00000171";
  alert::v1::CaseAlert alert =
      *ParseAlertJson(
           AlertOf(alert::v1::ALERT_TYPE_MISSING_MIGRANT, answers, Language::kSpanish).dump())
           .alert;
  FillInputs fill;
  fill.now_ms = 1'795'063'920'000;
  fill.case_ref = "HN-2026-000001";
  fill.office_id = "hn.consular";
  fill.country = "HND";
  fill.officer_id = "ofc-hn-007";
  FillDefaults(alert, fill);
  const FakeDirectory directory;
  ValidationContext context;
  context.directory = &directory;
  for (const Violation& violation : ValidateAlert(alert, context)) {
    EXPECT_NE(violation.severity, Severity::kError) << violation.field << " " << violation.reason;
  }
}

TEST(Questionnaire, WithoutPersons_AsksNothingAboutThem) {
  Answers answers{{"?persons[0]", json(false)}};
  for (const Question& question : QuestionsFor(1, answers))
    EXPECT_FALSE(question.path.starts_with("persons[")) << question.path;
}

TEST(Questionnaire, AnotherPerson_IsAskedAboutAfterAYes) {
  Answers answers{{"?persons[0]", json(true)}, {"?persons[1]", json(true)}};
  std::set<std::string> paths;
  for (const Question& question : QuestionsFor(1, answers)) paths.insert(question.path);
  EXPECT_TRUE(paths.contains("persons[1].given_names"));
  EXPECT_TRUE(paths.contains("?persons[2]"));
}

TEST(Questionnaire, GoingBack_LeadsToTheLastAnswer) {
  Answers answers;
  EXPECT_FALSE(LastAnswered(1, answers));
  answers["?action"] = json::array({"mx.consular"});
  answers["?info"] = json();
  EXPECT_EQ(LastAnswered(1, answers), "?info");
  answers.erase("?info");
  EXPECT_EQ(NextQuestion(1, answers)->path, "?info");
}

TEST(Questionnaire, H3_AsksForTheRestriction) {
  Answers answers{{"handling.codes", json::array({4})}};
  bool asked = false;
  for (const Question& question : QuestionsFor(1, answers))
    asked = asked || question.path == "handling.restriction_note";
  EXPECT_TRUE(asked);
}

TEST(Questionnaire, AViolation_LeadsToItsQuestion) {
  const Answers answers = AllAnswered(1);
  EXPECT_EQ(PathsFor("persons[0].birth_date", 1, answers),
            std::vector<std::string>{"persons[0].birth_date"});
  EXPECT_EQ(PathsFor("persons[0].phones[1]", 1, answers),
            std::vector<std::string>{"persons[0].phones"});
  EXPECT_EQ(PathsFor("recipients[0].office_id", 1, answers),
            (std::vector<std::string>{"?action", "?info"}));
  EXPECT_FALSE(PathsFor("handling.consent", 1, answers).empty());
  EXPECT_TRUE(PathsFor("", 1, answers).empty());
}

TEST(Answer, ACode_ByPlaceWordOrName) {
  const Question priority = OfKind(AnswerKind::kCode, CodeKind::kPriority);
  const int urgent = *texts::CodeNumber(CodeKind::kPriority, "urgent");
  EXPECT_EQ(ReadAnswer(priority, "URGENT", Context()), json(urgent));
  EXPECT_EQ(ReadAnswer(priority, " urg ", Context()), json(urgent));
  const auto table = texts::CodeTable(CodeKind::kPriority);
  EXPECT_EQ(ReadAnswer(priority, "1", Context()), json(table[0].number));
  EXPECT_FALSE(ReadAnswer(priority, "0", Context()));
  EXPECT_FALSE(ReadAnswer(priority, "99", Context()));
  EXPECT_FALSE(ReadAnswer(priority, "quickly", Context()));
}

TEST(Answer, ANameThatSeveralBeginWith_IsRefused) {
  const Question means = OfKind(AnswerKind::kCode, CodeKind::kTlp);
  EXPECT_FALSE(ReadAnswer(means, "TLP", Context()));
}

TEST(Answer, SeveralCodes_OneWrongRefusesAll) {
  const Question codes = OfKind(AnswerKind::kCodes, CodeKind::kHandlingCode);
  EXPECT_EQ(ReadAnswer(codes, "H0, h2", Context()), json::array({1, 3}));
  EXPECT_FALSE(ReadAnswer(codes, "H0, H9", Context()));
  EXPECT_EQ(ReadAnswer(codes, " , ", Context()), json());
}

TEST(Answer, Dates_AreAsKnown_AndReal) {
  const Question date = OfKind(AnswerKind::kDate);
  EXPECT_EQ(*ReadAnswer(date, "2004-08-17", Context()),
            (json{{"year", 2004}, {"month", 8}, {"day", 17}}));
  EXPECT_EQ(*ReadAnswer(date, "17/08/2004", Context()),
            (json{{"year", 2004}, {"month", 8}, {"day", 17}}));
  EXPECT_EQ(*ReadAnswer(date, "2004", Context()), (json{{"year", 2004}, {"month", 0}, {"day", 0}}));
  for (const char* bad :
       {"2004-02-30", "30/02/2004", "08/2004", "04", "2004-13", "2004-08-17-1", "yesterday"})
    EXPECT_FALSE(ReadAnswer(date, bad, Context())) << bad;
}

TEST(Answer, ATimeWithoutOffset_IsLocal) {
  const Question time = OfKind(AnswerKind::kTime);
  EXPECT_EQ(ReadAnswer(time, "2026-11-16 09:20", Context()), json("2026-11-16T15:20:00Z"));
  EXPECT_EQ(ReadAnswer(time, "2026-11-16T09:20:00-03:00", Context()), json("2026-11-16T12:20:00Z"));
  EXPECT_FALSE(ReadAnswer(time, "09:20", Context()));
  EXPECT_FALSE(ReadAnswer(time, "2026-02-30 09:20", Context()));
}

TEST(Answer, ATimeOnTheDayThatSummerTimeBegins_HasTheOffsetOfItsHour) {
  AnswerContext context = Context();
  context.zone = *texts::Zone::FromName("America/New_York");
  const Question time = OfKind(AnswerKind::kTime);
  // 2026-03-08 02:00 is skipped there.
  EXPECT_EQ(ReadAnswer(time, "2026-03-08 01:30", context), json("2026-03-08T06:30:00Z"));
  EXPECT_EQ(ReadAnswer(time, "2026-03-08 03:30", context), json("2026-03-08T07:30:00Z"));
}

TEST(Answer, ACountry_ByCodeOrName) {
  const Question country = OfKind(AnswerKind::kCountry);
  for (const char* typed : {"HND", "hnd", "HN", "Honduras"})
    EXPECT_EQ(ReadAnswer(country, typed, Context()), json("HND")) << typed;
  EXPECT_EQ(ReadAnswer(country, "México", Context()), json("MEX"));
  EXPECT_EQ(ReadAnswer(country, "XXA", Context()), json("XXA"));
  EXPECT_FALSE(ReadAnswer(country, "Atlantis", Context()));
}

TEST(Answer, AnOfficeThatIsNotThere_IsRefused) {
  AnswerContext context = Context();
  context.offices = {"mx.consular", "us.consular"};
  const Question offices = OfKind(AnswerKind::kOffices);
  EXPECT_EQ(ReadAnswer(offices, "us.consular,mx.consular", context),
            json::array({"us.consular", "mx.consular"}));
  EXPECT_FALSE(ReadAnswer(offices, "mx.consulado", context));
}

TEST(Answer, CountsAndPhones_AreWhatTheySay) {
  EXPECT_EQ(
      *ReadAnswer(OfKind(AnswerKind::kShares), "Honduras 12, SLV 3", Context()),
      (json::array({{{"country", "HND"}, {"count", 12}}, {{"country", "SLV"}, {"count", 3}}})));
  EXPECT_FALSE(ReadAnswer(OfKind(AnswerKind::kShares), "12", Context()));
  EXPECT_FALSE(ReadAnswer(OfKind(AnswerKind::kCount), "-1", Context()));
  EXPECT_FALSE(ReadAnswer(OfKind(AnswerKind::kPhones), "9999 0103", Context()));
}

TEST(Answer, Nothing_IsLeftOut) {
  for (const AnswerKind kind : {AnswerKind::kText, AnswerKind::kCode, AnswerKind::kDate,
                                AnswerKind::kYesNo, AnswerKind::kOffices})
    EXPECT_EQ(ReadAnswer(OfKind(kind), "  ", Context()), json());
}

}  // namespace
}  // namespace enlace::alerts
