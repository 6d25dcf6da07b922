// The workflow over the wire: what officers do, and that every device shows the same table.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "client/alerts/workflow.h"
#include "client/cases/case_store.h"
#include "proto/errors/reasons.h"
#include "tests/integration/support/client_world.h"
#include "tests/unit/alerts/case_files.h"

namespace enlace::testing {
namespace {

using namespace alert::v1;  // the model's codes
using alerts::RowState;
using nlohmann::json;

class CaseWorkflow : public ::testing::Test {
 protected:
  void Open(const std::vector<To>& recipients) {
    CaseAlert alert = FreshCase("A01", recipients);
    alert.mutable_handling()->clear_codes();
    const auto sent = hn_.Send(alert);
    ASSERT_TRUE(sent.ok()) << InfoOf(sent.status()).metadata["violations"];
    world_.Settle();
  }

  // Does a step that has to be possible, and lets everybody see it.
  void Must(Officer& officer, int action, json more = json::object()) {
    const auto acted = officer.Act(kCaseA01, action, std::move(more));
    ASSERT_TRUE(acted.ok()) << acted.status();
    world_.Settle();
  }

  std::string ReasonOf(const absl::StatusOr<json>& acted) {
    return acted.ok() ? "" : InfoOf(acted.status()).name;
  }

  RowState StateAt(Officer& viewer, const std::string& office) {
    const auto view = viewer.Show(kCaseA01);
    EXPECT_TRUE(view.ok()) << view.status();
    const alerts::Row* row = view.ok() ? view->table.CaseRow(office) : nullptr;
    return row == nullptr ? RowState::kFailed : row->state;
  }

  ClientWorld world_;
  Officer& hn_ = world_.Add("ofc-hn-007", "hn.consular");
  Officer& mx_ = world_.Add("ofc-mx-021", "mx.consular");
};

TEST_F(CaseWorkflow, OneVerb_TakesTheStepsThatAnOfficerMeans) {
  Open({{"mx.consular"}});
  const auto acted = mx_.Act(kCaseA01, ACTION_ACCEPT);
  ASSERT_TRUE(acted.ok()) << acted.status();
  EXPECT_EQ(acted->at("outcome").at("steps"), json({ACTION_ACKNOWLEDGE, ACTION_ACCEPT}));
  world_.Settle();
  EXPECT_EQ(StateAt(hn_, "mx.consular"), RowState::kAccepted);
  EXPECT_EQ(StateAt(mx_, "mx.consular"), RowState::kAccepted);
}

TEST_F(CaseWorkflow, QuestionAndAnswer_PauseAndResume) {
  Open({{"mx.consular"}});
  Must(mx_, ACTION_REQUEST_INFO, {{"note", "¿Tiene foto reciente?"}});
  EXPECT_EQ(StateAt(hn_, "mx.consular"), RowState::kInfoRequested);
  EXPECT_NE(hn_.Show(kCaseA01)->table.CaseRow("mx.consular")->paused_since_ms, 0);
  Must(hn_, ACTION_ANSWER, {{"note", "Va adjunta."}});
  EXPECT_EQ(StateAt(mx_, "mx.consular"), RowState::kInProgress);
  Must(mx_, ACTION_ANSWER, {{"note", "Localizado"}, {"outcome", OUTCOME_LOCATED_ALIVE}});
  Must(mx_, ACTION_CLOSE, {{"outcome", OUTCOME_LOCATED_ALIVE}});
  EXPECT_EQ(StateAt(hn_, "mx.consular"), RowState::kClosed);
  Must(hn_, ACTION_CLOSE, {{"outcome", OUTCOME_LOCATED_ALIVE}});
  EXPECT_EQ(mx_.Show(kCaseA01)->table.state, alerts::CaseState::kClosed);
  EXPECT_EQ(ReasonOf(mx_.Act(kCaseA01, ACTION_ACCEPT)), "CASE_CLOSED");
  Must(hn_, ACTION_REOPEN, {{"note", "Falta el traslado."}});
  EXPECT_EQ(mx_.Show(kCaseA01)->table.state, alerts::CaseState::kOpen);
}

TEST_F(CaseWorkflow, WhatAStepNeeds_IsAskedBeforeItIsSent) {
  Open({{"mx.consular"}});
  EXPECT_EQ(ReasonOf(mx_.Act(kCaseA01, ACTION_DECLINE)), "DECLINE_REASON_REQUIRED");
  EXPECT_EQ(ReasonOf(mx_.Act(kCaseA01, ACTION_REQUEST_INFO)), "ALERT_REFUSED");
  EXPECT_EQ(ReasonOf(mx_.Act(kCaseA01, ACTION_WITHDRAW)), "NOT_THE_ORIGIN");
  EXPECT_EQ(ReasonOf(mx_.Act(kCaseA01, ACTION_ACKNOWLEDGE, {{"office", "gt.consular"}})),
            "NOT_YOUR_OFFICE");
  Must(mx_, ACTION_DECLINE, {{"decline_reason", DECLINE_REASON_NOT_OUR_NATIONAL}});
  EXPECT_EQ(StateAt(hn_, "mx.consular"), RowState::kDeclined);
  EXPECT_EQ(ReasonOf(mx_.Act(kCaseA01, ACTION_ACCEPT)), "ACTION_NOT_POSSIBLE");
}

TEST_F(CaseWorkflow, TwoOfficersOfOneOffice_TheFirstWinsAndTheOtherIsTold) {
  Officer& colleague = world_.Add("ofc-mx-022", "mx.consular");
  Open({{"mx.consular"}});
  ASSERT_TRUE(mx_.Act(kCaseA01, ACTION_ACCEPT).ok());
  // The colleague has not seen it yet: the server's order decides.
  ASSERT_TRUE(colleague.Act(kCaseA01, ACTION_ACCEPT).ok());
  world_.Settle();
  for (Officer* viewer : {&hn_, &mx_, &colleague}) {
    const auto view = viewer->Show(kCaseA01);
    ASSERT_TRUE(view.ok());
    EXPECT_EQ(view->table.CaseRow("mx.consular")->assignee_officer_id, "ofc-mx-021");
    size_t refused = 0;
    for (const alerts::HistoryStep& step : view->table.history) refused += step.refused ? 1 : 0;
    EXPECT_EQ(refused, 2u) << "the second acknowledgement and acceptance stay, refused";
  }
  const auto told = colleague.Act(kCaseA01, ACTION_ACCEPT);
  ASSERT_TRUE(told.ok());
  EXPECT_TRUE(told->at("outcome").at("already_done"));
  EXPECT_EQ(told->at("outcome").at("officer_id"), "ofc-mx-021");
}

TEST_F(CaseWorkflow, StepsWithoutAServer_AreQueuedAndCountInTheirOrder) {
  Open({{"mx.consular"}});
  world_.rcm().server().Stop();
  const auto accepted = mx_.Act(kCaseA01, ACTION_ACCEPT);
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(accepted->at("outcome").at("state"), static_cast<int>(RowState::kQueued));
  // What is queued already is not queued again.
  const auto again = mx_.Act(kCaseA01, ACTION_ACCEPT);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->at("outcome").at("already_done"));
  const auto asked = mx_.Act(kCaseA01, ACTION_REQUEST_INFO, {{"note", "¿Dónde?"}});
  ASSERT_TRUE(asked.ok()) << asked.status();
  EXPECT_EQ(asked->at("outcome").at("steps"), json({ACTION_START, ACTION_REQUEST_INFO}));
  ASSERT_TRUE(world_.rcm().server().Start());
  world_.Until([&] { return StateAt(hn_, "mx.consular") == RowState::kInfoRequested; },
               "the queued steps");
}

TEST_F(CaseWorkflow, Referral_BringsTheOfficeInWithItsHistory) {
  Officer& gt = world_.Add("ofc-gt-009", "gt.consular");
  Open({{"mx.consular"}});
  Must(mx_, ACTION_ACKNOWLEDGE);
  Must(mx_, ACTION_REFER, {{"refer_to", "gt.consular"}, {"note", "Es de su país."}});
  world_.Until([&] { return gt.Show(kCaseA01).ok(); }, "the case at gt.consular");
  world_.Settle();
  const auto view = gt.Show(kCaseA01);
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(view->merged.picture.subject, hn_.Show(kCaseA01)->merged.picture.subject);
  EXPECT_EQ(StateAt(gt, "mx.consular"), RowState::kReferred);
  Must(gt, ACTION_ACCEPT);
  EXPECT_EQ(StateAt(hn_, "gt.consular"), RowState::kAccepted);
}

TEST_F(CaseWorkflow, RedMaterial_IsReferredOnlyWithTheOriginatorsPermission) {
  Officer& gt = world_.Add("ofc-gt-009", "gt.consular");
  alert::v1::CaseAlert red = FreshCase("A01", {{"mx.consular"}});
  red.mutable_handling()->set_tlp(TLP_RED);
  ASSERT_TRUE(hn_.Send(red).ok());
  world_.Settle();
  Must(mx_, ACTION_ACKNOWLEDGE);
  EXPECT_EQ(ReasonOf(mx_.Act(kCaseA01, ACTION_REFER, {{"refer_to", "gt.consular"}})),
            "REFERRAL_NEEDS_PERMISSION");
  Must(hn_, ACTION_PERMIT_REFERRAL, {{"refer_to", "gt.consular"}});
  Must(mx_, ACTION_REFER, {{"refer_to", "gt.consular"}});
  world_.Until([&] { return gt.Show(kCaseA01).ok(); }, "the case at gt.consular");
}

TEST_F(CaseWorkflow, Correction_IsConfirmedByWhoeverShowsIt) {
  Open({{"mx.consular"}});
  Must(hn_, ACTION_CORRECT,
       {{"note", "El apellido estaba mal."},
        {"corrected_fields", json::array({"persons[p1].family_names"})}});
  const auto unconfirmed = [&] {
    const auto view = hn_.Show(kCaseA01);
    size_t open = 0;
    for (const alerts::Row& row : view->table.rows) {
      for (const alerts::Confirmation& one : row.confirmations)
        open += one.confirmed.happened() ? 0 : 1;
    }
    return open;
  };
  EXPECT_EQ(unconfirmed(), 1u);
  ASSERT_TRUE(mx_.Call("mark-read", {{"case", kCaseA01}}).ok());
  world_.Settle();
  EXPECT_EQ(unconfirmed(), 0u);
}

TEST_F(CaseWorkflow, AnswerWithAFile_ArrivesByteForByte) {
  Open({{"mx.consular"}});
  const std::filesystem::path file = world_.rcm().server().root() / "acta.pdf";
  std::ofstream(file, std::ios::binary)
      << "%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";
  Must(mx_, ACTION_ANSWER, {{"note", "Va el acta."}, {"attach", json::array({file.string()})}});
  world_.Settle();
  const auto view = hn_.Show(kCaseA01);
  ASSERT_TRUE(view.ok());
  std::string attachment_id;
  const std::unique_ptr<client::Vault> vault = hn_.OpenVault();
  const auto attachments = client::CaseStore(*vault).Attachments(kCaseA01);
  ASSERT_TRUE(attachments.ok());
  ASSERT_EQ(attachments->size(), 1u);
  const std::filesystem::path out = world_.rcm().server().root() / "saved.pdf";
  const auto saved = hn_.Call("attachment", {{"case", kCaseA01},
                                             {"attachment", attachments->front().attachment_id()},
                                             {"out", out.string()}});
  ASSERT_TRUE(saved.ok()) << saved.status();
  EXPECT_EQ(alerts::ReadText(out), alerts::ReadText(file));
}

}  // namespace
}  // namespace enlace::testing
