#include "client/alerts/template.h"

#include <gtest/gtest.h>

#include <set>

#include "client/alerts/compose.h"
#include "client/alerts/validation.h"
#include "client/texts/display.h"
#include "tests/unit/alerts/case_files.h"

namespace enlace::alerts {
namespace {

using texts::Language;

FillInputs Inputs() {
  FillInputs inputs;
  inputs.now_ms = 1'795'000'000'000;
  inputs.case_ref = "HN-2026-000001";
  inputs.office_id = "hn.consular";
  inputs.country = "HND";
  inputs.officer_id = "ofc-hn-007";
  return inputs;
}

std::set<std::string> ErrorFields(const alert::v1::CaseAlert& alert) {
  std::set<std::string> fields;
  for (const Violation& violation : ValidateAlert(alert, {})) {
    if (violation.severity == Severity::kError) fields.insert(violation.field);
  }
  return fields;
}

class Templates : public testing::TestWithParam<std::tuple<int, Language>> {};

TEST_P(Templates, AreReadWithoutAComplaint_AndAskOnlyForWhatStandsEmpty) {
  const auto [type, language] = GetParam();
  const std::string text = AlertTemplate(type, language);
  ParsedAlert parsed = ParseAlertJson(text);
  ASSERT_TRUE(parsed.alert) << text;
  EXPECT_TRUE(parsed.violations.empty()) << parsed.violations[0].field << text;
  FillDefaults(*parsed.alert, Inputs());
  EXPECT_EQ(parsed.alert->alert_type(), type);
  const std::set<std::string> allowed = {"handling.tlp",
                                         "handling.consent",
                                         "handling.origin_country_disclosure",
                                         "recipients[0].office_id",
                                         "subject",
                                         "body",
                                         "translations[0].body",
                                         "evaluation",
                                         "events[0].type",
                                         "persons[0].documents[0].number"};
  for (const std::string& field : ErrorFields(*parsed.alert))
    EXPECT_TRUE(allowed.contains(field)) << field;
  // An untouched template is never sent.
  EXPECT_TRUE(ErrorFields(*parsed.alert).contains("handling.tlp"));
}

TEST_P(Templates, FilledIn_AreSound) {
  const auto [type, language] = GetParam();
  alert::v1::CaseAlert alert = *ParseAlertJson(AlertTemplate(type, language)).alert;
  FillDefaults(alert, Inputs());
  alert.mutable_handling()->set_tlp(alert::v1::TLP_AMBER_STRICT);
  alert.mutable_handling()->set_origin_country_disclosure(alert::v1::ORIGIN_DISCLOSURE_PERMITTED);
  alert.mutable_recipients(0)->set_office_id("mx.consular");
  alert.set_subject("asunto");
  alert.set_body("texto");
  alert.clear_translations();
  alert.clear_events();
  alert.mutable_evaluation()->set_source(alert::v1::SOURCE_RELIABILITY_A);
  alert.mutable_evaluation()->set_information(alert::v1::INFORMATION_CREDIBILITY_1);
  for (auto& person : *alert.mutable_persons()) person.clear_documents();
  EXPECT_EQ(ErrorFields(alert), std::set<std::string>());
}

TEST_P(Templates, FitTheScreen) {
  const auto [type, language] = GetParam();
  const std::string text = AlertTemplate(type, language);
  for (const std::string& line : texts::Wrap(text, 100'000))
    EXPECT_LE(texts::DisplayWidth(line), 100u) << line;
}

INSTANTIATE_TEST_SUITE_P(Types, Templates,
                         testing::Combine(testing::Range(1, 19),
                                          testing::Values(Language::kEnglish, Language::kSpanish)));

TEST(Templates, Comments_SpeakTheLanguage) {
  EXPECT_NE(AlertTemplate(1, Language::kSpanish).find("// Quién puede leerla."), std::string::npos);
  EXPECT_NE(AlertTemplate(1, Language::kEnglish).find("// Who may read it."), std::string::npos);
}

TEST(UpdateTemplate, IsAnUpdateOfTheCase_ThatOnlyLacksItsText) {
  const alert::v1::CaseAlert base = CaseOf("A01");
  const std::string text =
      UpdateTemplate(base, {{"hn.consular", 1}, {"gt.consular", 2}}, Language::kSpanish);
  ParsedAlert parsed = ParseAlertJson(text);
  ASSERT_TRUE(parsed.alert);
  EXPECT_TRUE(parsed.violations.empty()) << text;
  FillInputs inputs = Inputs();
  inputs.office_id = "mx.consular";
  inputs.country = "MEX";
  FillDefaults(*parsed.alert, inputs);
  EXPECT_EQ(ErrorFields(*parsed.alert), (std::set<std::string>{"subject", "body"}));
  EXPECT_EQ(parsed.alert->case_ref(), base.case_ref());
  EXPECT_EQ(parsed.alert->links(0).alert_id(), base.alert_id());
  EXPECT_EQ(parsed.alert->persons_size(), 3);
  // No name of the case is copied into a file on disk.
  EXPECT_EQ(text.find("Olvin"), std::string::npos);
}

}  // namespace
}  // namespace enlace::alerts
