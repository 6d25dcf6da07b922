#include "client/alerts/merge.h"

#include <gtest/gtest.h>

#include "client/alerts/compose.h"
#include "tests/unit/alerts/case_files.h"

namespace enlace::alerts {
namespace {

using namespace alert::v1;  // the model's codes

constexpr int64_t kAt = 1'795'000'000'000;

class MergeTest : public testing::Test {
 protected:
  MergeTest() : base_(CaseOf("A01")), update_(CaseOf("A10")) {}

  MergedCase Merged() { return Merge(Messages()); }
  CaseAlert Picture() { return MergeAlerts(Messages()); }
  std::vector<OrderedAlert> Messages() {
    return {{&base_, 1, kAt, "hn.consular", "ofc-hn-007"},
            {&update_, 2, kAt + 1000, "mx.consular", "ofc-mx-021"}};
  }
  Person& UpdatedPerson() { return *update_.mutable_persons(0); }

  CaseAlert base_;
  CaseAlert update_;
};

TEST_F(MergeTest, ReplacedBirthDate_ShowsOldValueWhoAndWhen) {
  const MergedCase merged = Merged();
  const auto changes = merged.ChangesOf("persons[p1].birth_date");
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].old_value, "2004-08-17");
  EXPECT_EQ(changes[0].new_value, "2005-08-17");
  EXPECT_EQ(changes[0].by_office_id, "mx.consular");
  EXPECT_EQ(changes[0].by_officer_id, "ofc-mx-021");
  EXPECT_EQ(changes[0].at_ms, kAt + 1000);
  EXPECT_TRUE(changes[0].corrected && changes[0].is_date);
  EXPECT_EQ(changes[0].old_date.year, 2004u);
  EXPECT_EQ(merged.picture.persons[0].birth_date.year, 2005u);
}

TEST_F(MergeTest, AbsentFields_AreUnchanged) {
  const CaseAlert picture = Picture();
  EXPECT_EQ(picture.persons_size(), 3);
  EXPECT_EQ(picture.persons(0).birth_place(), "Catacamas, Olancho");
  EXPECT_EQ(picture.persons(0).phones_size(), 2);
  EXPECT_EQ(picture.attachments_size(), 2);
  EXPECT_EQ(picture.missing().clothing(), base_.missing().clothing());
}

TEST_F(MergeTest, TextOfTheUpdate_IsTheTextOfTheCase_AndOriginStays) {
  const MergedCase merged = Merged();
  EXPECT_EQ(merged.picture.subject, update_.subject());
  EXPECT_EQ(merged.picture.sender.office_id, "hn.consular");
  EXPECT_EQ(merged.picture.alert_id, base_.alert_id());
  EXPECT_EQ(merged.picture.recipients.size(), 4u);
  EXPECT_EQ(merged.update_count, 1u);
  EXPECT_EQ(merged.last_office_id, "mx.consular");
}

TEST_F(MergeTest, EventsAreAdded_AndKnowTheirMessage) {
  const MergedCase merged = Merged();
  ASSERT_EQ(merged.picture.events.size(), 4u);
  EXPECT_EQ(merged.picture.events[2].update_index, 0u);
  EXPECT_EQ(merged.picture.events[3].update_index, 1u);
}

TEST_F(MergeTest, Lists_GrowUnlessCorrected) {
  UpdatedPerson().add_phones("+520000000777");
  EXPECT_EQ(Picture().persons(0).phones_size(), 3);
  update_.add_corrected_fields("persons[p1].phones");
  ASSERT_EQ(Picture().persons(0).phones_size(), 1);
  EXPECT_EQ(Picture().persons(0).phones(0), "+520000000777");
}

TEST_F(MergeTest, CorrectedFieldThatIsAbsent_IsEmptied) {
  update_.add_corrected_fields("persons[p1].birth_place");
  update_.add_corrected_fields("persons[0].physical_description");
  update_.add_corrected_fields("evaluation");
  update_.clear_evaluation();
  const MergedCase merged = Merged();
  EXPECT_EQ(merged.picture.persons[0].birth_place, "");
  EXPECT_EQ(merged.picture.persons[0].physical_description, "");
  EXPECT_EQ(merged.picture.evaluation_source, 0);
  const auto changes = merged.ChangesOf("persons[p1].birth_place");
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].old_value, "Catacamas, Olancho");
  EXPECT_EQ(changes[0].new_value, "");
}

TEST_F(MergeTest, CorrectedList_ReplacesDocumentsOfAnotherNumber) {
  EXPECT_EQ(Picture().persons(0).documents_size(), 2);
  update_.add_corrected_fields("persons[p1].documents");
  ASSERT_EQ(Picture().persons(0).documents_size(), 1);
  EXPECT_EQ(Picture().persons(0).documents(0).number(), "1503-2005-00000");
}

TEST_F(MergeTest, Handling_OnlyTightens) {
  EXPECT_EQ(Merged().picture.handling.tlp, TLP_AMBER_STRICT);
  update_.mutable_handling()->set_tlp(TLP_CLEAR);
  update_.mutable_handling()->clear_codes();
  const MergedCase merged = Merged();
  EXPECT_EQ(merged.picture.handling.tlp, TLP_AMBER);
  EXPECT_EQ(merged.picture.handling.codes, (std::vector<int>{HANDLING_CODE_H0, HANDLING_CODE_H2}));
  EXPECT_EQ(merged.refused_loosening, (std::vector<std::string>{"handling.tlp", "handling.codes"}));
}

TEST_F(MergeTest, DeletionComesOnlyEarlier) {
  const int64_t base_ms = ToMs(base_.handling().delete_after());
  EXPECT_EQ(Merged().picture.handling.delete_after_ms, base_ms);
  *update_.mutable_handling()->mutable_delete_after() = FromMs(base_ms - 5000);
  EXPECT_EQ(Merged().picture.handling.delete_after_ms, base_ms - 5000);
  update_.mutable_handling()->clear_delete_after();
  EXPECT_EQ(Merged().picture.handling.delete_after_ms, base_ms);
}

TEST_F(MergeTest, ForbiddenOrigin_StaysForbidden) {
  base_.mutable_handling()->set_origin_country_disclosure(ORIGIN_DISCLOSURE_NOT_PERMITTED);
  base_.mutable_handling()->add_excluded_countries("NIC");
  const MergedCase merged = Merged();
  EXPECT_EQ(merged.picture.handling.origin_country_disclosure, ORIGIN_DISCLOSURE_NOT_PERMITTED);
  EXPECT_EQ(merged.picture.handling.excluded_countries, std::vector<std::string>{"NIC"});
}

TEST_F(MergeTest, UnknownTlpOfAnUpdate_CountsAsRed) {
  update_.mutable_handling()->set_tlp(static_cast<Tlp>(97));
  EXPECT_EQ(Merged().picture.handling.tlp, TLP_RED);
  EXPECT_EQ(StricterTlp(TLP_CLEAR, TLP_GREEN), TLP_GREEN);
  EXPECT_EQ(StricterTlp(0, TLP_GREEN), TLP_RED);
}

TEST_F(MergeTest, UpdateWithoutNames_LeavesThePseudonymMark) {
  base_.mutable_persons(0)->set_pseudonym(true);
  UpdatedPerson().clear_given_names();
  UpdatedPerson().clear_family_names();
  EXPECT_TRUE(Picture().persons(0).pseudonym());
  base_.mutable_persons(0)->set_pseudonym(false);
  UpdatedPerson().set_pseudonym(true);
  EXPECT_FALSE(Picture().persons(0).pseudonym());
}

TEST_F(MergeTest, MessagesOfAnotherCase_ChangeNothing) {
  update_.set_case_ref("HN-2026-000413");
  EXPECT_EQ(Merged().update_count, 0u);
  EXPECT_EQ(Picture().SerializeAsString(), base_.SerializeAsString());
}

TEST_F(MergeTest, SameUpdateTwice_ChangesNothingMore) {
  auto messages = Messages();
  messages.push_back(messages.back());
  EXPECT_EQ(MergeAlerts(messages).SerializeAsString(), Picture().SerializeAsString());
  EXPECT_EQ(Merge(messages).changes.size(), Merged().changes.size());
}

TEST_F(MergeTest, FieldsOfANewerVersion_AreKept) {
  update_.GetReflection()->MutableUnknownFields(&update_)->AddVarint(900, 7);
  base_.mutable_persons(0)
      ->GetReflection()
      ->MutableUnknownFields(base_.mutable_persons(0))
      ->AddVarint(901, 8);
  const CaseAlert picture = Picture();
  EXPECT_EQ(picture.GetReflection()->GetUnknownFields(picture).field(0).number(), 900);
  EXPECT_EQ(
      picture.persons(0).GetReflection()->GetUnknownFields(picture.persons(0)).field(0).number(),
      901);
  EXPECT_TRUE(ViewOf(picture).has_unknown_fields);
  EXPECT_FALSE(ViewOf(CaseOf("A02")).has_unknown_fields);
}

TEST_F(MergeTest, AnotherBlock_ReplacesTheFormer) {
  update_.mutable_death()->set_cause("accident");
  const MergedCase merged = Merged();
  EXPECT_EQ(merged.picture.detail.block, "death");
}

TEST(AlertView, MissingTlp_ReadsAsRed) {
  CaseAlert alert = CaseOf("A01");
  alert.mutable_handling()->clear_tlp();
  EXPECT_EQ(ViewOf(alert).handling.tlp, TLP_RED);
  EXPECT_TRUE(ViewOf(alert).handling.tlp_assumed);
  alert.mutable_handling()->set_tlp(static_cast<Tlp>(9));
  EXPECT_EQ(ViewOf(alert).handling.tlp, TLP_RED);
  EXPECT_EQ(ViewOf(alert).handling.tlp_as_sent, 9);
  EXPECT_FALSE(ViewOf(CaseOf("A01")).handling.tlp_assumed);
}

TEST(AlertView, EveryBlock_ComesWithWords) {
  const AlertView child = ViewOf(CaseOf("A02"));
  ASSERT_EQ(child.detail.block, "child");
  ASSERT_EQ(child.detail.values.size(), 5u);
  EXPECT_TRUE(child.detail.values[1].is_flag);
  EXPECT_FALSE(child.detail.values[1].flag);
  EXPECT_EQ(texts::Text(texts::Language::kSpanish, child.detail.values[1].label_msgid),
            "interés superior evaluado");
  EXPECT_TRUE(child.persons[0].is_child && child.persons[0].is_protected);
  const AlertView fraud = ViewOf(CaseOf("A05"));
  EXPECT_EQ(fraud.detail.values[0].codes.size(), 4u);
  EXPECT_GE(fraud.detail.values[0].code_kind, 0);
  const AlertView detained = ViewOf(CaseOf("A03"));
  EXPECT_NE(detained.detail.values.back().at_ms, 0);
}

}  // namespace
}  // namespace enlace::alerts
