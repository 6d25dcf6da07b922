// Lists, search and document reports over a vault.
#include "client/cases/case_finder.h"

#include <gmock/gmock.h>

#include "client/cases/case_index.h"
#include "proto/errors/reasons.h"
#include "tests/unit/cases/case_world.h"

namespace enlace::client::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr size_t kAll = 1000;

std::vector<std::string> References(const CasesView& view) {
  std::vector<std::string> references;
  for (const CaseRow& row : view.rows) references.push_back(row.case_ref);
  return references;
}

class CaseFinderTest : public ::testing::Test {
 protected:
  CasesView Cases(const CaseFilter& filter, int64_t now_ms = kCaseNowMs) {
    auto view = cases_.finder().Cases(filter, now_ms);
    EXPECT_TRUE(view.ok()) << view.status();
    return view.value_or(CasesView());
  }
  std::vector<std::string> Search(std::string_view text) {
    const auto view = cases_.finder().Search(text, kAll, kCaseNowMs);
    EXPECT_TRUE(view.ok()) << view.status();
    std::vector<std::string> references;
    if (!view.ok()) return references;
    for (const SearchRow& row : view->rows) references.push_back(row.the_case.case_ref);
    EXPECT_EQ(view->matching, view->rows.size());
    return references;
  }
  alert::v1::Person& AddPerson(alert::v1::CaseAlert& alert) {
    alert::v1::Person& person = *alert.add_persons();
    person.set_local_id("p" + std::to_string(alert.persons_size()));
    person.set_role(alert::v1::PERSON_ROLE_SUBJECT);
    return person;
  }
  void Close(const std::string& case_ref, const std::string& alert_id) {
    alert::v1::CaseAction action;
    action.set_action_id("close-1");
    action.set_alert_id(alert_id);
    action.set_case_ref(case_ref);
    action.set_action(alert::v1::ACTION_CLOSE);
    action.set_outcome(alert::v1::OUTCOME_LOCATED_ALIVE);
    action.mutable_actor()->set_office_id("hn.consular");
    action.mutable_actor()->set_officer_id("ofc-hn-001");
    cases_.AddAction(action, {"hn.consular"});
  }

  CaseWorld cases_;
};

TEST_F(CaseFinderTest, Cases_OpenFirst_ThenNewest) {
  const alert::v1::CaseAlert closed = SmallAlert("HN-2026-000003");
  cases_.AddAlert(SmallAlert("HN-2026-000001"), {"hn.consular", kCaseNowMs - 2 * kHourMs});
  cases_.AddAlert(SmallAlert("HN-2026-000002"), {"hn.consular", kCaseNowMs - kHourMs});
  cases_.AddAlert(closed, {"hn.consular", kCaseNowMs});
  Close("HN-2026-000003", closed.alert_id());
  const CasesView all = Cases({});
  EXPECT_THAT(References(all), ElementsAre("HN-2026-000002", "HN-2026-000001", "HN-2026-000003"));
  EXPECT_EQ(all.matching, 3u);
  EXPECT_EQ(all.open, 2u);
  EXPECT_EQ(all.rows.back().state, alerts::CaseState::kClosed);
  CaseFilter open;
  open.open_only = true;
  EXPECT_THAT(References(Cases(open)), ElementsAre("HN-2026-000002", "HN-2026-000001"));
  CaseFilter one;
  one.limit = 1;
  EXPECT_THAT(References(Cases(one)), ElementsAre("HN-2026-000002"));
  EXPECT_EQ(Cases(one).matching, 3u);
}

TEST_F(CaseFinderTest, Reviews_AreOpenCasesWhoseDateHasCome_TheEarliestFirst) {
  const auto add = [&](const std::string& case_ref, int64_t review_at_ms) {
    alert::v1::CaseAlert alert = SmallAlert(case_ref);
    alert.mutable_handling()->clear_review_at();
    if (review_at_ms != 0)
      alert.mutable_handling()->mutable_review_at()->set_seconds(review_at_ms / 1000);
    cases_.AddAlert(alert, {"hn.consular", kCaseNowMs - 100 * kHourMs});
    return alert.alert_id();
  };
  constexpr int64_t kDayMs = 24 * kHourMs;
  add("HN-2026-000001", kCaseNowMs - kDayMs);
  add("HN-2026-000002", kCaseNowMs - 2 * kDayMs);
  add("HN-2026-000003", kCaseNowMs + kDayMs);
  add("HN-2026-000004", kCaseNowMs + kDayMs + 1000);
  add("HN-2026-000005", 0);
  Close("HN-2026-000006", add("HN-2026-000006", kCaseNowMs - 3 * kDayMs));
  const auto reviews = [&](int64_t ahead_ms, size_t limit) {
    auto view = cases_.finder().Reviews(ahead_ms, limit, kCaseNowMs);
    EXPECT_TRUE(view.ok()) << view.status();
    return view.value_or(ReviewView());
  };
  const auto references = [](const ReviewView& view) {
    std::vector<std::string> found;
    for (const ReviewRow& row : view.rows) found.push_back(row.the_case.case_ref);
    return found;
  };
  EXPECT_THAT(references(reviews(0, kAll)), ElementsAre("HN-2026-000002", "HN-2026-000001"));
  const ReviewView ahead = reviews(kDayMs, kAll);
  EXPECT_THAT(references(ahead), ElementsAre("HN-2026-000002", "HN-2026-000001", "HN-2026-000003"));
  EXPECT_EQ(ahead.due, 2u);
  EXPECT_EQ(ahead.rows[2].review_at_ms, kCaseNowMs + kDayMs);
  EXPECT_THAT(references(reviews(kDayMs, 1)), ElementsAre("HN-2026-000002"));
  EXPECT_EQ(reviews(kDayMs, 1).matching, 3u);
}

TEST_F(CaseFinderTest, Cases_FiltersByTypeOfficeAndTime) {
  alert::v1::CaseAlert fraud = SmallAlert("HN-2026-000002");
  fraud.set_alert_type(alert::v1::ALERT_TYPE_DOCUMENT_FRAUD);
  alert::v1::Recipient& extra = *fraud.add_recipients();
  extra.set_office_id("pa.consular");
  extra.set_role(alert::v1::ROLE_INFO);
  cases_.AddAlert(SmallAlert("HN-2026-000001"), {"hn.consular", kCaseNowMs - 100 * kHourMs});
  cases_.AddAlert(fraud, {"hn.consular"});
  CaseFilter filter;
  filter.alert_type = alert::v1::ALERT_TYPE_DOCUMENT_FRAUD;
  EXPECT_THAT(References(Cases(filter)), ElementsAre("HN-2026-000002"));
  filter = {};
  filter.office_id = "pa.consular";
  EXPECT_THAT(References(Cases(filter)), ElementsAre("HN-2026-000002"));
  filter.office_id = "hn.consular";
  EXPECT_EQ(Cases(filter).rows.size(), 2u);
  filter.office_id = "pa.trafficking";
  EXPECT_THAT(References(Cases(filter)), IsEmpty());
  filter = {};
  filter.since_ms = kCaseNowMs - kHourMs;
  EXPECT_THAT(References(Cases(filter)), ElementsAre("HN-2026-000002"));
}

TEST_F(CaseFinderTest, Cases_OverdueIsWhatMyOfficeOwesTooLate) {
  cases_.AddAlert(SmallAlert("HN-2026-000001"), {"hn.consular"});
  alert::v1::CaseAlert informed = SmallAlert("HN-2026-000002");
  informed.mutable_recipients(0)->set_role(alert::v1::ROLE_INFO);
  cases_.AddAlert(informed, {"hn.consular"});
  CaseFilter overdue;
  overdue.overdue_only = true;
  EXPECT_THAT(References(Cases(overdue, kCaseNowMs + 4 * kHourMs - 1)), IsEmpty());
  EXPECT_THAT(References(Cases(overdue, kCaseNowMs + 4 * kHourMs + 1)),
              ElementsAre("HN-2026-000001"));
}

TEST_F(CaseFinderTest, Search_FoldsAccentsAndCapitals) {
  alert::v1::CaseAlert alert = SmallAlert("HN-2026-000001");
  alert::v1::Person& person = AddPerson(alert);
  person.set_given_names("Olvin Josué");
  person.set_family_names("Zelandieta Ñurinda");
  cases_.AddAlert(alert, {"hn.consular"});
  cases_.AddAlert(SmallAlert("HN-2026-000002"), {"hn.consular"});
  for (const char* text :
       {"Josué", "JOSUE", "josue", "Josue\u0301", "zelandieta olvin", "ÑURINDA", "nurinda"}) {
    EXPECT_THAT(Search(text), ElementsAre("HN-2026-000001")) << text;
  }
  EXPECT_THAT(Search("josue perez"), IsEmpty());
  EXPECT_THAT(Search("josu"), IsEmpty());
}

TEST_F(CaseFinderTest, Search_FindsWordsOfDifferentMessagesOfACase) {
  alert::v1::CaseAlert alert = SmallAlert("HN-2026-000001");
  alert.set_body("Visto en Reynosa.");
  cases_.AddAlert(alert, {"hn.consular"});
  alert.set_alert_id(SmallAlert("x").alert_id());
  alert.set_message_type(alert::v1::MESSAGE_TYPE_UPDATE);
  alert.set_body("Ahora en Tapachula.");
  cases_.AddAlert(alert, {"hn.consular"});
  EXPECT_THAT(Search("tapachula reynosa"), ElementsAre("HN-2026-000001"));
}

TEST_F(CaseFinderTest, Search_DocumentNumberAndBirthDateComeFirst) {
  alert::v1::CaseAlert by_words = SmallAlert("HN-2026-000001");
  by_words.set_body("El pasaporte E1234567 apareció.");
  cases_.AddAlert(by_words, {"hn.consular", kCaseNowMs});
  alert::v1::CaseAlert by_document = SmallAlert("HN-2026-000002");
  alert::v1::Person& person = AddPerson(by_document);
  person.mutable_birth_date()->set_year(2004);
  person.mutable_birth_date()->set_month(8);
  person.mutable_birth_date()->set_day(17);
  person.add_documents()->set_number("E-123 4567");
  person.add_phones("+50499990103");
  cases_.AddAlert(by_document, {"hn.consular", kCaseNowMs - kHourMs});
  EXPECT_THAT(Search("e1234567"), ElementsAre("HN-2026-000002", "HN-2026-000001"));
  for (const char* date : {"2004-08-17", "17/08/2004", "17-8-2004", "17.08.2004"})
    EXPECT_THAT(Search(date), ElementsAre("HN-2026-000002")) << date;
  EXPECT_THAT(Search("+504 9999"), IsEmpty());
  EXPECT_THAT(Search("+50499990103"), ElementsAre("HN-2026-000002"));
  EXPECT_THAT(Search("2004-08-18"), IsEmpty());
}

TEST_F(CaseFinderTest, Search_WithNothingToSearchFor_IsAUsageError) {
  for (const char* text : {"", " ", "a", "- ,"}) {
    const auto view = cases_.finder().Search(text, kAll, kCaseNowMs);
    EXPECT_TRUE(HasReason(view.status(), Reason::kUsage)) << text;
  }
}

TEST_F(CaseFinderTest, Search_DoesNotFindWhatWasPurged) {
  alert::v1::CaseAlert alert = SmallAlert("HN-2026-000001");
  alert.set_body("Visto en Reynosa.");
  cases_.AddAlert(alert, {"hn.consular"});
  EXPECT_EQ(Search("reynosa").size(), 1u);
  cases_.Purge("HN-2026-000001");
  EXPECT_THAT(Search("reynosa"), IsEmpty());
}

TEST_F(CaseFinderTest, Document_ReportsOfAllOffices_WithFinding) {
  alert::v1::CaseAlert alert = SmallAlert("HN-2026-000001");
  alert::v1::IdDocument& document = *AddPerson(alert).add_documents();
  document.set_number("X00000171");
  document.set_issuing_state("CRI");
  document.set_type(alert::v1::DOCUMENT_TYPE_PASSPORT);
  document.set_finding(alert::v1::DOCUMENT_FINDING_STOLEN);
  cases_.AddAlert(alert, {"hn.consular"});
  const auto view = cases_.finder().Documents({"x0000-0171", {}});
  ASSERT_TRUE(view.ok());
  ASSERT_EQ(view->reports.size(), 1u);
  EXPECT_EQ(view->reports[0].case_ref, "HN-2026-000001");
  EXPECT_EQ(view->reports[0].by_office_id, "hn.consular");
  EXPECT_EQ(view->reports[0].finding, alert::v1::DOCUMENT_FINDING_STOLEN);
  EXPECT_FALSE(view->reports[0].in_range);
  EXPECT_THAT(cases_.finder().Documents({"X00000172", {}})->reports, IsEmpty());
}

TEST_F(CaseFinderTest, Document_WithinAReportedRangeOfBlanks) {
  alert::v1::CaseAlert alert = SmallAlert("HN-2026-000001");
  alert::v1::IdDocument& document = *AddPerson(alert).add_documents();
  document.set_number("AB100200");
  document.set_number_to("AB100299");
  cases_.AddAlert(alert, {"hn.consular"});
  const auto reports = [&](const char* number) {
    return cases_.finder().Documents({number, {}})->reports;
  };
  ASSERT_EQ(reports("AB100250").size(), 1u);
  EXPECT_TRUE(reports("ab-100250")[0].in_range);
  EXPECT_FALSE(reports("AB100200")[0].in_range);
  EXPECT_EQ(reports("AB100299").size(), 1u);
  for (const char* outside : {"AB100300", "AB100199", "AC100250", "AB1002500", "100250", "AB"})
    EXPECT_THAT(reports(outside), IsEmpty()) << outside;
  cases_.Purge("HN-2026-000001");
  EXPECT_THAT(reports("AB100250"), IsEmpty());
}

TEST_F(CaseFinderTest, Document_ByMachineReadableZone_TellsAWrongDigit) {
  alert::v1::CaseAlert alert = SmallAlert("HN-2026-000001");
  AddPerson(alert).add_documents()->set_number("X00000171");
  cases_.AddAlert(alert, {"hn.consular"});
  const std::vector<std::string> good = {"P<CRIQUESALEGRE<SOLANO<<EFRAIN<<<<<<<<<<<<<<",
                                         "X000001710CRI8702285M3006302<<<<<<<<<<<<<<<2"};
  auto view = cases_.finder().Documents({"", good});
  ASSERT_TRUE(view.ok());
  EXPECT_EQ(view->number, "X00000171");
  EXPECT_FALSE(view->zone_fails);
  EXPECT_EQ(view->reports.size(), 1u);
  view = cases_.finder().Documents({"", {good[0], "X000001719CRI8702285M3006302<<<<<<<<<<<<<<<2"}});
  ASSERT_TRUE(view.ok());
  EXPECT_TRUE(view->zone_fails);
  EXPECT_EQ(view->reports.size(), 1u);
  EXPECT_TRUE(
      HasReason(cases_.finder().Documents({"", {"short", "lines"}}).status(), Reason::kUsage));
  EXPECT_TRUE(HasReason(cases_.finder().Documents({"", {}}).status(), Reason::kUsage));
}

TEST(CaseIndex, DocumentInAZoneOnlyIsFoundByItsNumber) {
  alert::v1::IdDocument document;
  document.add_mrz_lines("P<CRIQUESALEGRE<SOLANO<<EFRAIN<<<<<<<<<<<<<<");
  document.add_mrz_lines("X000001710CRI8702285M3006302<<<<<<<<<<<<<<<2");
  EXPECT_TRUE(case_index::Names(document, "X00000171"));
  EXPECT_FALSE(case_index::Names(document, "X00000172"));
}

}  // namespace
}  // namespace enlace::client::testing
