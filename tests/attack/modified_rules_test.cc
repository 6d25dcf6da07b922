// The rules of the domain against an officer whose program checks none of them: what the others'
// machines make of it.
#include <gtest/gtest.h>

#include <algorithm>

#include "client/alerts/workflow.h"
#include "client/cases/case_store.h"
#include "proto/errors/reasons.h"
#include "tests/attack/modified_client.h"
#include "tests/integration/support/vault_words.h"

namespace enlace::testing {
namespace {

using namespace alert::v1;  // the model's codes
using client::IdentityState;

// A01, TLP:AMBER, without handling codes: an ACTION office may refer it.
class ModifiedRulesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    CaseAlert alert = FreshCase("A01", {{"mx.consular"}, {"us.consular"}});
    alert.mutable_handling()->clear_codes();
    const auto sent = hn_.Send(alert);
    ASSERT_TRUE(sent.ok()) << InfoOf(sent.status()).metadata["violations"];
    world_.Settle();
    alert_id_ = hn_.Show(kCaseA01)->table.opening_alert_id;
    ASSERT_EQ(us_.Show(kCaseA01)->table.tlp, TLP_AMBER);
  }

  // A10 as mx.consular's modified program sends it.
  absl::Status Update(const std::function<void(CaseAlert&)>& change) {
    CaseAlert update = FreshCase("A10", {{"hn.consular"}, {"us.consular"}});
    update.mutable_links(0)->set_alert_id(alert_id_);
    update.mutable_handling()->clear_codes();
    change(update);
    return RunModified(world_, mx_, [&](ModifiedClient& client) {
      return client.SendToCase(kCaseA01, ContentOf(update), "mx.consular");
    });
  }

  // A bare step of mx.consular's modified program.
  absl::Status Step(int action) {
    return RunModified(world_, mx_, [&](ModifiedClient& client) {
      return client.SendToCase(kCaseA01, client.Action(kCaseA01, alert_id_, action), "mx.consular");
    });
  }

  ClientWorld world_;
  Officer& hn_ = world_.Add("ofc-hn-007", "hn.consular");
  Officer& mx_ = world_.Add("ofc-mx-021", "mx.consular");
  Officer& us_ = world_.Add("ofc-us-005", "us.consular");
  std::string alert_id_;
};

TEST_F(ModifiedRulesTest, UnknownTlp_IsRedAtEveryReceiver) {
  ASSERT_TRUE(Update([](CaseAlert& update) {
                update.mutable_handling()->set_tlp(static_cast<Tlp>(99));
              }).ok());
  for (Officer* officer : {&hn_, &us_}) {
    EXPECT_EQ(officer->Show(kCaseA01)->merged.picture.handling.tlp, TLP_RED);
    EXPECT_EQ(officer->Show(kCaseA01)->table.tlp, TLP_RED);
  }
  world_.AddOffice("gt.consular");
  ASSERT_TRUE(us_.Act(kCaseA01, ACTION_ACKNOWLEDGE).ok());
  world_.Settle();
  const auto referred = us_.Act(kCaseA01, ACTION_REFER, {{"refer_to", "gt.consular"}});
  EXPECT_EQ(InfoOf(referred.status()).name, "REFERRAL_NEEDS_PERMISSION");
}

TEST_F(ModifiedRulesTest, UpdateThatLoosensTheTlp_LoosensNothing) {
  ASSERT_TRUE(
      Update([](CaseAlert& update) { update.mutable_handling()->set_tlp(TLP_CLEAR); }).ok());
  for (Officer* officer : {&hn_, &us_}) {
    const auto view = officer->Show(kCaseA01);
    EXPECT_EQ(view->merged.update_count, 1u) << "the update itself is there";
    EXPECT_EQ(view->merged.picture.handling.tlp, TLP_AMBER);
    EXPECT_EQ(view->table.tlp, TLP_AMBER);
  }
}

TEST_F(ModifiedRulesTest, IdentityWithoutConsent_IsMarkedOnEveryScreen) {
  ASSERT_TRUE(Update([](CaseAlert& update) { update.mutable_handling()->clear_consent(); }).ok());
  for (Officer* officer : {&hn_, &us_}) {
    const alerts::Violations findings = officer->Show(kCaseA01)->findings;
    EXPECT_TRUE(std::ranges::any_of(findings, [](const alerts::Violation& one) {
      return one.reason == "CONSENT_REQUIRED";
    })) << officer->office();
  }
}

TEST_F(ModifiedRulesTest, DeclineWithoutReason_DeclinesNothing) {
  ASSERT_TRUE(Step(ACTION_DECLINE).ok());
  for (Officer* officer : {&hn_, &us_}) {
    EXPECT_EQ(LastRefusal(*officer), "DECLINE_REASON_REQUIRED");
    EXPECT_NE(officer->Show(kCaseA01)->table.CaseRow("mx.consular")->state,
              alerts::RowState::kDeclined);
  }
}

TEST_F(ModifiedRulesTest, CloseWithoutOutcome_ClosesNothing) {
  ASSERT_TRUE(mx_.Act(kCaseA01, ACTION_ANSWER, {{"note", "Localizado."}}).ok());
  world_.Settle();
  ASSERT_TRUE(Step(ACTION_CLOSE).ok());
  for (Officer* officer : {&hn_, &us_}) {
    EXPECT_EQ(LastRefusal(*officer), "OUTCOME_REQUIRED");
    EXPECT_EQ(officer->Show(kCaseA01)->table.CaseRow("mx.consular")->state,
              alerts::RowState::kAnswered);
  }
}

TEST_F(ModifiedRulesTest, AcknowledgementAfterTheWithdrawal_IsRefusedByEveryTable) {
  ASSERT_TRUE(hn_.Act(kCaseA01, ACTION_WITHDRAW, {{"note", "Se envió por error."}}).ok());
  world_.Settle();
  ASSERT_TRUE(Step(ACTION_ACKNOWLEDGE).ok());
  for (Officer* officer : {&hn_, &us_}) {
    EXPECT_EQ(LastRefusal(*officer), "CASE_WITHDRAWN");
    EXPECT_FALSE(officer->Show(kCaseA01)->table.CaseRow("mx.consular")->acknowledged.happened());
  }
}

TEST_F(ModifiedRulesTest, OpeningASecondCaseInTheRoom_OpensNothing) {
  // Only the origin opens a case; an office that speaks as if it did is not believed.
  CaseAlert alert = FreshCase("A01", {{"hn.consular"}, {"us.consular"}});
  alert.mutable_sender()->set_office_id("mx.consular");
  alert.mutable_sender()->set_officer_id("ofc-mx-021");
  alert.mutable_sender()->set_country("MEX");
  alert.set_body("Texto ajeno.");
  ASSERT_TRUE(RunModified(world_, mx_, [&](ModifiedClient& client) {
                return client.SendToCase(kCaseA01, ContentOf(alert), "mx.consular");
              }).ok());
  for (Officer* officer : {&hn_, &us_}) {
    EXPECT_EQ(officer->Show(kCaseA01)->table.opening_alert_id, alert_id_);
    EXPECT_NE(officer->Show(kCaseA01)->merged.picture.body, "Texto ajeno.");
    EXPECT_EQ(officer->Show(kCaseA01)->signature_problem, "SENDER_INVALID");
  }
}

// The identity room of a child's case: mx.consular opened it for sv.consular, which accepted.
class IdentityRoomTest : public ::testing::Test {
 protected:
  void SetUp() override {
    CaseAlert alert = FreshCase("A02");
    const auto sent = mx_.Send(alert);
    ASSERT_TRUE(sent.ok()) << InfoOf(sent.status()).metadata["violations"];
    world_.Settle();
    ASSERT_TRUE(sv_.Act(kCaseA02, ACTION_ACCEPT).ok());
    world_.Until([&] { return sv_.Show(kCaseA02)->identity == IdentityState::kHere; },
                 "the identity");
    world_.Settle();
    const auto vault = sv_.OpenVault();
    const auto record = client::CaseStore(*vault).Find(kCaseA02);
    ASSERT_TRUE(record.ok() && record->has_value());
    room_id_ = (*record)->identity_room_id();
    ASSERT_FALSE(room_id_.empty());
    family_claim_ = alert.child().family_claim();
    ASSERT_FALSE(family_claim_.empty());
  }

  ClientWorld world_;
  Officer& mx_ = world_.Add("ofc-mx-033", "mx.consular");
  Officer& sv_ = world_.Add("ofc-sv-012", "sv.consular");
  Officer& child_ = world_.Add("ofc-sv-020", "sv.child");
  Officer& ts_ = world_.Add("ofc-ts-001", "ts.secretariat");
  std::string room_id_;
  std::string family_claim_;
};

TEST_F(IdentityRoomTest, AcceptingOffice_LetsNobodyElseIn) {
  for (const char* office : {"ts.secretariat", "sv.child"}) {
    const absl::Status done = RunModified(world_, sv_, [&](ModifiedClient& client) {
      return client.LetInto(AsBytes(room_id_), office, room::OfficeRole::kAction);
    });
    EXPECT_FALSE(done.ok()) << office;
  }
  for (Officer* officer : {&child_, &ts_}) {
    EXPECT_EQ(officer->Show(kCaseA02)->identity, IdentityState::kWithheld);
    EXPECT_EQ(WordsIn(*officer, {family_claim_}), std::vector<std::string>());
  }
  EXPECT_EQ(WordsIn(sv_, {family_claim_}).size(), 1u) << "the search finds what is there";
}

TEST_F(IdentityRoomTest, InformedOffice_GetsNothingOfItFromTheServer) {
  const absl::Status read = RunModified(world_, ts_, [&](ModifiedClient& client) {
    v1::GetRoomRequest request;
    request.set_room_id(room_id_);
    return client.session().GetRoom(request, client::kCallTimeoutMs).status();
  });
  EXPECT_EQ(InfoOf(read).name, "NOT_A_MEMBER");
}

}  // namespace
}  // namespace enlace::testing
