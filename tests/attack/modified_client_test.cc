// Rules against an officer with a modified program: what it says that it may not say changes
// nothing on an honest machine.
#include "tests/attack/modified_client.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "client/alerts/workflow.h"
#include "proto/errors/reasons.h"
#include "tests/integration/support/vault_words.h"

namespace enlace::testing {
namespace {

using namespace alert::v1;  // the model's codes
using alerts::RowState;

class ModifiedClientTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto sent = hn_.Send(FreshCase("A01", {{"mx.consular"}, {"gt.consular", false}}));
    ASSERT_TRUE(sent.ok()) << InfoOf(sent.status()).metadata["violations"];
    world_.Settle();
    alert_id_ = hn_.Show(kCaseA01)->table.opening_alert_id;
  }

  template <typename Attack>
  absl::Status By(Officer& attacker, Attack attack) {
    return RunModified(world_, attacker, std::move(attack));
  }

  ClientWorld world_;
  Officer& hn_ = world_.Add("ofc-hn-007", "hn.consular");
  Officer& mx_ = world_.Add("ofc-mx-021", "mx.consular");
  Officer& gt_ = world_.Add("ofc-gt-009", "gt.consular");
  std::string alert_id_;
};

TEST_F(ModifiedClientTest, ActingForAnotherOffice_IsNotBelieved) {
  const absl::Status sent = By(gt_, [&](ModifiedClient& client) {
    Content content = client.Action(kCaseA01, alert_id_, ACTION_ACKNOWLEDGE);
    content.mutable_action()->mutable_action()->mutable_actor()->set_office_id("mx.consular");
    return client.SendToCase(kCaseA01, content, "gt.consular");
  });
  ASSERT_TRUE(sent.ok()) << sent;
  EXPECT_FALSE(hn_.Show(kCaseA01)->table.CaseRow("mx.consular")->acknowledged.happened());
  EXPECT_EQ(hn_.Show(kCaseA01)->signature_problem, "SENDER_INVALID");
}

TEST_F(ModifiedClientTest, ActingInAColleaguesName_IsRefusedByEveryTable) {
  const absl::Status sent = By(mx_, [&](ModifiedClient& client) {
    Content content = client.Action(kCaseA01, alert_id_, ACTION_ACKNOWLEDGE);
    content.mutable_action()->mutable_action()->mutable_actor()->set_officer_id("ofc-mx-001");
    return client.SendToCase(kCaseA01, content, "mx.consular");
  });
  ASSERT_TRUE(sent.ok()) << sent;
  EXPECT_FALSE(hn_.Show(kCaseA01)->table.CaseRow("mx.consular")->acknowledged.happened());
  for (Officer* officer : {&hn_, &gt_}) EXPECT_EQ(LastRefusal(*officer), "SENDER_MISMATCH");
}

TEST_F(ModifiedClientTest, RecipientThatWithdraws_WithdrawsNothing) {
  const absl::Status sent = By(mx_, [&](ModifiedClient& client) {
    return client.SendToCase(kCaseA01, client.Action(kCaseA01, alert_id_, ACTION_WITHDRAW),
                             "mx.consular");
  });
  ASSERT_TRUE(sent.ok()) << sent;
  EXPECT_EQ(hn_.Show(kCaseA01)->table.state, alerts::CaseState::kOpen);
  EXPECT_FALSE(gt_.Show(kCaseA01)->merged.picture.body.empty()) << "nothing was purged";
  EXPECT_EQ(LastRefusal(gt_), "NOT_THE_ORIGIN");
}

TEST_F(ModifiedClientTest, InformedOfficeThatAccepts_IsRefused) {
  const absl::Status sent = By(gt_, [&](ModifiedClient& client) {
    return client.SendToCase(kCaseA01, client.Action(kCaseA01, alert_id_, ACTION_ACCEPT),
                             "gt.consular");
  });
  ASSERT_TRUE(sent.ok()) << sent;
  EXPECT_EQ(LastRefusal(hn_), "ROLE_INFO_ONLY");
  EXPECT_FALSE(hn_.Show(kCaseA01)->table.CaseRow("gt.consular")->accepted.happened());
}

TEST_F(ModifiedClientTest, StepOnAnotherText_IsAboutNothing) {
  const absl::Status sent = By(mx_, [&](ModifiedClient& client) {
    Content content = client.Action(kCaseA01, alert_id_, ACTION_ACKNOWLEDGE);
    content.mutable_action()->mutable_action()->set_alert_digest(std::string(32, 'x'));
    return client.SendToCase(kCaseA01, content, "mx.consular");
  });
  ASSERT_TRUE(sent.ok()) << sent;
  EXPECT_FALSE(hn_.Show(kCaseA01)->table.CaseRow("mx.consular")->acknowledged.happened());
  EXPECT_EQ(LastRefusal(hn_), "ALERT_UNKNOWN");
}

TEST_F(ModifiedClientTest, SameIdWithOtherContent_FirstOneStays) {
  const absl::Status sent = By(hn_, [&](ModifiedClient& client) {
    CaseAlert alert = FreshCase("A01", {{"mx.consular"}, {"gt.consular", false}});
    alert.set_alert_id(alert_id_);
    alert.set_body("Otro texto.");
    return client.SendToCase(kCaseA01, ContentOf(alert), "hn.consular");
  });
  ASSERT_TRUE(sent.ok()) << sent;
  EXPECT_NE(mx_.Show(kCaseA01)->merged.picture.body, "Otro texto.");
  EXPECT_EQ(mx_.Show(kCaseA01)->signature_problem, "ID_REUSED");
}

TEST_F(ModifiedClientTest, IdentityPartInTheRoomOfAll_IsNotKept) {
  const absl::Status sent = By(hn_, [&](ModifiedClient& client) {
    CaseAlert alert = FreshCase("A01", {{"mx.consular"}, {"gt.consular", false}});
    alert.set_body("Xiomara Celestina");
    Content content = ContentOf(alert);
    content.mutable_alert()->set_part(ALERT_PART_IDENTITY);
    return client.SendToCase(kCaseA01, content, "hn.consular");
  });
  ASSERT_TRUE(sent.ok()) << sent;
  for (Officer* officer : {&mx_, &gt_})
    EXPECT_EQ(WordsIn(*officer, {"Celestina"}), std::vector<std::string>());
}

TEST_F(ModifiedClientTest, ReferralPastTheOriginator_GivesTheOfficeNoRow) {
  // A01 is H2: without the originator's permission the step is refused, whoever let the office in.
  Officer& us = world_.Add("ofc-us-005", "us.consular");
  const absl::Status sent = By(mx_, [&](ModifiedClient& client) {
    Content content = client.Action(kCaseA01, alert_id_, ACTION_REFER);
    content.mutable_action()->mutable_action()->set_refer_to_office_id("us.consular");
    return client.SendToCase(kCaseA01, content, "mx.consular");
  });
  ASSERT_TRUE(sent.ok()) << sent;
  EXPECT_EQ(hn_.Show(kCaseA01)->table.CaseRow("us.consular"), nullptr);
  EXPECT_FALSE(us.Show(kCaseA01).ok());
}

class GuardedCase : public ::testing::Test {
 protected:
  static constexpr const char* kGuarded = "HN-2026-000413";

  void SetUp() override {
    CaseAlert alert = FreshCase("A01", {{"mx.consular"}, {"us.consular"}});
    alert.set_case_ref(kGuarded);
    alert.mutable_handling()->set_origin_country_disclosure(ORIGIN_DISCLOSURE_NOT_PERMITTED);
    for (Person& person : *alert.mutable_persons()) {
      person.clear_nationalities();
      person.add_nationalities("PAN");
      for (IdDocument& document : *person.mutable_documents()) document.set_issuing_state("PAN");
    }
    const auto sent = hn_.Send(alert);
    ASSERT_TRUE(sent.ok()) << InfoOf(sent.status()).metadata["violations"];
    world_.Settle();
  }

  ClientWorld world_;
  Officer& hn_ = world_.Add("ofc-hn-007", "hn.consular");
  Officer& mx_ = world_.Add("ofc-mx-021", "mx.consular");
  Officer& us_ = world_.Add("ofc-us-005", "us.consular");
  Officer& pa_ = world_.Add("ofc-pa-003", "pa.consular");
};

TEST_F(GuardedCase, ExcludedOfficeThatARecipientLetsIn_IsPutOutBeforeAnythingIsSaid) {
  mx_.TurnOff();
  {
    ModifiedClient client(mx_);
    const absl::Status done = client.LetIn(kGuarded, "pa.consular", room::OfficeRole::kAction);
    ASSERT_TRUE(done.ok()) << done;
  }
  const auto noticed = [&] {
    return std::ranges::any_of(hn_.Show(kGuarded)->guard_incidents, [](const std::string& uri) {
      return uri.find("/pa/") != std::string::npos;
    });
  };
  world_.Until(noticed, "the removal of the excluded device");
  ASSERT_TRUE(us_.Act(kGuarded, ACTION_ACKNOWLEDGE).ok());
  world_.Settle();
  EXPECT_TRUE(hn_.Show(kGuarded)->table.CaseRow("us.consular")->acknowledged.happened());
  EXPECT_FALSE(pa_.Show(kGuarded).ok());
  EXPECT_EQ(WordsIn(pa_, {kGuarded, "Zelandieta"}), std::vector<std::string>());
}

TEST_F(GuardedCase, HonestReferralToAnExcludedOffice_IsRefusedOnThisMachine) {
  ASSERT_TRUE(mx_.Act(kGuarded, ACTION_ACKNOWLEDGE).ok());
  world_.Settle();
  for (Officer* officer : {&hn_, &mx_}) {
    const auto referred = officer->Act(kGuarded, ACTION_REFER, {{"refer_to", "pa.consular"}});
    EXPECT_EQ(InfoOf(referred.status()).name, "GUARD_EXCLUDED");
  }
}

}  // namespace
}  // namespace enlace::testing
