// The server's store is replaced by an older copy, and the operator declares the loss: every case
// goes on, on the machines of all its offices, in a successor of its room.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "client/alerts/workflow.h"
#include "client/cases/case_store.h"
#include "client/rooms/room_store.h"
#include "proto/errors/reasons.h"
#include "tests/integration/support/client_world.h"
#include "tests/integration/support/vault_words.h"

namespace enlace::testing {
namespace {

using namespace alert::v1;  // the model's codes
using alerts::RowState;
using client::IdentityState;
using nlohmann::json;

const char* const kCase = "HN-2026-000412";
const char* const kLaterCase = "HN-2026-000413";
const char* const kChildCase = "MX-2026-001877";

class CaseLossTest : public ::testing::Test {
 protected:
  void Backup() {
    LiveServer& server = world_.rcm().server();
    ASSERT_EQ(server.Stop(), 0);
    std::filesystem::copy(server.folder() / "store", server.root() / "backup",
                          std::filesystem::copy_options::recursive);
    ASSERT_TRUE(server.Start());
    AllOnline();
  }

  // Everything since Backup() is gone from the server.
  void Lose() {
    LiveServer& server = world_.rcm().server();
    ASSERT_EQ(server.Stop(), 0);
    std::filesystem::remove_all(server.folder() / "store");
    std::filesystem::copy(server.root() / "backup", server.folder() / "store",
                          std::filesystem::copy_options::recursive);
    ASSERT_FALSE(server.Start()) << "nobody declared the loss";
    ASSERT_TRUE(server.Start({.declare_loss = true})) << server.Log();
  }

  void AllOnline() { world_.Settle(); }

  void Send(Officer& from, const CaseAlert& alert) {
    const auto sent = from.Send(alert);
    ASSERT_TRUE(sent.ok()) << InfoOf(sent.status()).metadata["violations"];
    world_.Settle();
  }

  static vault::v1::CaseRecord RecordAt(Officer& officer, const char* case_ref) {
    const auto vault = officer.OpenVault();
    const auto record = client::CaseStore(*vault).Find(case_ref);
    if (!record.ok() || !record->has_value()) return {};
    return **record;
  }
  static RowState StateAt(Officer& viewer, const char* case_ref, const std::string& office) {
    const auto view = viewer.Show(case_ref);
    const alerts::Row* row = view.ok() ? view->table.CaseRow(office) : nullptr;
    return row == nullptr ? RowState::kFailed : row->state;
  }
  static bool IsIn(Officer& officer, const std::string& room_id) {
    const auto vault = officer.OpenVault();
    const auto record = client::RoomStore(*vault).Load(AsBytes(room_id));
    return record.ok() && record->has_value() &&
           (*record)->membership() == vault::v1::ROOM_MEMBERSHIP_MEMBER;
  }
  // Both machines have left `old_room` for the same other room.
  void UntilMoved(const std::string& old_room, const std::vector<Officer*>& officers) {
    world_.Until(
        [&] {
          const std::string room = RecordAt(*officers.front(), kCase).room_id();
          return room != old_room && std::all_of(officers.begin(), officers.end(), [&](Officer* o) {
                   return RecordAt(*o, kCase).room_id() == room;
                 });
        },
        "the successor on every machine");
    world_.Settle();
  }

  ClientWorld world_;
  Officer& hn_ = world_.Add("ofc-hn-007", "hn.consular");
  Officer& mx_ = world_.Add("ofc-mx-033", "mx.consular");
};

TEST_F(CaseLossTest, LostSteps_CountAsTheyDid_AndTheCaseGoesOn) {
  Officer& gt = world_.Add("ofc-gt-009", "gt.consular");
  Send(hn_, FreshCase("A01", {{"mx.consular"}, {"gt.consular", false}}));
  Backup();
  ASSERT_TRUE(mx_.Act(kCase, ACTION_ACCEPT).ok());
  world_.Settle();
  const std::string old_room = RecordAt(hn_, kCase).room_id();
  Lose();
  UntilMoved(old_room, {&hn_, &mx_, &gt});
  for (Officer* officer : {&hn_, &mx_, &gt}) {
    EXPECT_EQ(StateAt(*officer, kCase, "mx.consular"), RowState::kAccepted) << officer->office();
    EXPECT_EQ(officer->Show(kCase)->trouble.reason, "");
    // Nothing counts twice for having been offered again.
    EXPECT_EQ(officer->Show(kCase)->table.rows.size(), 2u);
    EXPECT_EQ(officer->Show(kCase)->merged.update_count, 0u);
  }
  ASSERT_TRUE(mx_.Act(kCase, ACTION_ANSWER, {{"note", "Localizado."}}).ok());
  ASSERT_TRUE(hn_.Act(kCase, ACTION_CORRECT,
                      {{"note", "El apellido."},
                       {"corrected_fields", json::array({"persons[p1].family_names"})}})
                  .ok());
  world_.Settle();
  for (Officer* officer : {&hn_, &mx_, &gt})
    EXPECT_EQ(StateAt(*officer, kCase, "mx.consular"), RowState::kAnswered) << officer->office();
  EXPECT_EQ(hn_.Show(kCase)->table.history.size(), mx_.Show(kCase)->table.history.size());
  // A machine that was never in the lost room gets what was said there.
  Officer& colleague = world_.Add("ofc-mx-034", "mx.consular");
  world_.Until([&] { return StateAt(colleague, kCase, "mx.consular") == RowState::kAnswered; },
               "the whole history at the colleague");
  world_.Settle();
  EXPECT_EQ(colleague.Show(kCase)->table.history.size(), hn_.Show(kCase)->table.history.size());
  EXPECT_EQ(colleague.Show(kCase)->table.CaseRow("mx.consular")->accepted.at_ms,
            hn_.Show(kCase)->table.CaseRow("mx.consular")->accepted.at_ms);
}

TEST_F(CaseLossTest, WholeCaseThatWasLost_ReachesItsOfficesAllTheSame) {
  Send(hn_, FreshCase("A01", {{"mx.consular"}}));
  Backup();
  mx_.TurnOff();
  CaseAlert later = FreshCase("A01", {{"mx.consular"}});
  later.set_case_ref(kLaterCase);
  const auto sent = hn_.Send(later);
  ASSERT_TRUE(sent.ok()) << InfoOf(sent.status()).metadata["violations"];
  world_.Settle();
  ASSERT_FALSE(mx_.Show(kLaterCase).ok());
  Lose();
  mx_.TurnOn();
  world_.Until([&] { return mx_.Show(kLaterCase).ok(); }, "the case that was lost as a whole");
  world_.Settle();
  EXPECT_EQ(mx_.Show(kLaterCase)->merged.picture.body, later.body());
  ASSERT_TRUE(mx_.Act(kLaterCase, ACTION_ACCEPT).ok());
  world_.Until([&] { return StateAt(hn_, kLaterCase, "mx.consular") == RowState::kAccepted; },
               "its acceptance");
}

TEST_F(CaseLossTest, IdentityThatWasOpen_OpensForTheNextOfficeToo) {
  Officer& sv = world_.Add("ofc-sv-012", "sv.consular");
  Officer& child = world_.Add("ofc-sv-020", "sv.child");
  Officer& ts = world_.Add("ofc-ts-001", "ts.secretariat");
  const CaseAlert alert = FreshCase("A02");
  Send(mx_, alert);
  Backup();
  ASSERT_TRUE(sv.Act(kChildCase, ACTION_ACCEPT).ok());
  world_.Until([&] { return sv.Show(kChildCase)->identity == IdentityState::kHere; },
               "the identity part");
  world_.Settle();
  Lose();
  ASSERT_TRUE(child.Act(kChildCase, ACTION_ACCEPT).ok());
  world_.Until([&] { return child.Show(kChildCase)->identity == IdentityState::kHere; },
               "the identity part after the loss");
  world_.Settle();
  EXPECT_EQ(sv.Show(kChildCase)->identity, IdentityState::kHere);
  EXPECT_EQ(ts.Show(kChildCase)->identity, IdentityState::kWithheld);
  EXPECT_EQ(WordsIn(ts, {alert.child().family_claim()}), std::vector<std::string>());
}

TEST_F(CaseLossTest, StepThatWasAcceptedAndSeenByNobody_IsOfferedAgain) {
  Send(hn_, FreshCase("A01", {{"mx.consular"}}));
  Backup();
  hn_.TurnOff();
  ASSERT_TRUE(mx_.Act(kCase, ACTION_ACCEPT).ok());
  // The server has it on disk and says so; the log does not bring it back any more.
  world_.Until([&] { return mx_.Call("sync-state", json::object())->value("queued", 1) == 0; },
               "the server's word");
  mx_.TurnOff();
  const std::string room = RecordAt(hn_, kCase).room_id();
  ASSERT_EQ(StateAt(mx_, kCase, "mx.consular"), RowState::kDelivered);
  Lose();
  hn_.TurnOn();
  mx_.TurnOn();
  world_.Until([&] { return StateAt(hn_, kCase, "mx.consular") == RowState::kAccepted; },
               "the acceptance");
  world_.Settle();
  EXPECT_EQ(StateAt(mx_, kCase, "mx.consular"), RowState::kAccepted);
  // Nobody had seen more than the server has: the room itself goes on.
  EXPECT_EQ(RecordAt(hn_, kCase).room_id(), room);
  EXPECT_EQ(RecordAt(mx_, kCase).room_id(), room);
}

TEST_F(CaseLossTest, MachineWhoseEntryWasLost_TakesPartAllTheSame) {
  // It has no key packages there, so that it enters by itself when it comes, and nobody sees it.
  Officer& colleague = world_.Enrol("ofc-mx-034", "mx.consular");
  Send(hn_, FreshCase("A01", {{"mx.consular"}}));
  const std::string lost = RecordAt(hn_, kCase).room_id();
  Backup();
  hn_.TurnOff();
  mx_.TurnOff();
  colleague.TurnOn();
  world_.Until([&] { return IsIn(colleague, lost); }, "its entry");
  colleague.TurnOff();
  Lose();
  for (Officer* officer : {&hn_, &mx_, &colleague}) officer->TurnOn();
  world_.Until([&] { return colleague.Show(kCase).ok(); }, "the case at the colleague");
  world_.Settle();
  ASSERT_TRUE(colleague.Act(kCase, ACTION_ACCEPT).ok());
  world_.Until([&] { return StateAt(hn_, kCase, "mx.consular") == RowState::kAccepted; },
               "its acceptance");
  EXPECT_EQ(StateAt(mx_, kCase, "mx.consular"), RowState::kAccepted);
}

TEST_F(CaseLossTest, CaseThatLostNothing_StaysWhereItIs) {
  Send(hn_, FreshCase("A01", {{"mx.consular"}}));
  ASSERT_TRUE(mx_.Act(kCase, ACTION_ACKNOWLEDGE).ok());
  world_.Settle();
  const std::string room = RecordAt(hn_, kCase).room_id();
  Backup();
  CaseAlert later = FreshCase("A01", {{"mx.consular"}});
  later.set_case_ref(kLaterCase);
  Send(hn_, later);
  const std::string lost = RecordAt(hn_, kLaterCase).room_id();
  Lose();
  world_.Until([&] { return RecordAt(mx_, kLaterCase).room_id() != lost; }, "the other case");
  ASSERT_TRUE(mx_.Act(kCase, ACTION_ACCEPT).ok());
  world_.Until([&] { return StateAt(hn_, kCase, "mx.consular") == RowState::kAccepted; },
               "the acceptance");
  EXPECT_EQ(RecordAt(hn_, kCase).room_id(), room);
  EXPECT_EQ(RecordAt(mx_, kCase).room_id(), room);
}

}  // namespace
}  // namespace enlace::testing
