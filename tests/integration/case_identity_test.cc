// What identifies a child or a victim: who gets it, when, and who never does.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "client/cases/case_store.h"
#include "proto/errors/reasons.h"
#include "tests/integration/support/client_world.h"
#include "tests/integration/support/vault_words.h"
#include "tests/unit/alerts/case_files.h"

namespace enlace::testing {
namespace {

using namespace alert::v1;  // the model's codes
using client::IdentityState;
using nlohmann::json;

// The child of A02, with a name and a document besides.
CaseAlert NamedChild() {
  CaseAlert alert = FreshCase("A02");
  Person& child = *alert.mutable_persons(0);
  child.set_pseudonym(false);
  child.set_given_names("Xiomara Celestina");
  child.set_family_names("Quintanilla Zelaya");
  child.set_notice_name("NNA-77");
  IdDocument& document = *child.add_documents();
  document.set_type(DOCUMENT_TYPE_BIRTH_CERTIFICATE);
  document.set_number("PARTIDA-884213");
  document.set_issuing_state("SLV");
  alert.mutable_handling()->mutable_consent()->set_status(CONSENT_STATUS_NOT_OBTAINABLE);
  alert.mutable_handling()->mutable_consent()->set_basis(CONSENT_BASIS_BEST_INTERESTS);
  *alert.mutable_handling()->mutable_consent()->mutable_recorded_at() = alert.created_at();
  return alert;
}

const std::vector<std::string> kWithheld = {"Xiomara", "Celestina", "Quintanilla", "Zelaya",
                                            "PARTIDA-884213"};

class CaseIdentity : public ::testing::Test {
 protected:
  void Send() {
    const auto sent = mx_.Send(NamedChild());
    ASSERT_TRUE(sent.ok()) << InfoOf(sent.status()).metadata["violations"];
    world_.Settle();
  }

  IdentityState StateAt(Officer& officer) {
    const auto view = officer.Show(kCaseA02);
    EXPECT_TRUE(view.ok()) << view.status();
    return view.ok() ? view->identity : IdentityState::kNone;
  }

  std::string NameAt(Officer& officer) {
    const auto view = officer.Show(kCaseA02);
    return view.ok() ? view->merged.picture.persons.front().family_names : "";
  }

  ClientWorld world_;
  Officer& mx_ = world_.Add("ofc-mx-033", "mx.consular");
  Officer& sv_ = world_.Add("ofc-sv-012", "sv.consular");
  Officer& child_ = world_.Add("ofc-sv-020", "sv.child");
  Officer& ts_ = world_.Add("ofc-ts-001", "ts.secretariat");
};

TEST_F(CaseIdentity, Notice_WithholdsItFromEverybody) {
  Send();
  EXPECT_EQ(StateAt(mx_), IdentityState::kHere);
  for (Officer* officer : {&sv_, &child_, &ts_}) {
    EXPECT_EQ(StateAt(*officer), IdentityState::kWithheld);
    EXPECT_EQ(NameAt(*officer), "");
    EXPECT_EQ(WordsIn(*officer, kWithheld), std::vector<std::string>());
  }
}

TEST_F(CaseIdentity, AcceptingOffice_GetsIt_AndNobodyElse) {
  Send();
  ASSERT_TRUE(sv_.Act(kCaseA02, ACTION_ACCEPT).ok());
  world_.Until([&] { return StateAt(sv_) == IdentityState::kHere; }, "the identity part");
  world_.Settle();
  EXPECT_EQ(NameAt(sv_), "Quintanilla Zelaya");
  EXPECT_EQ(WordsIn(sv_, kWithheld), kWithheld);
  EXPECT_EQ(StateAt(child_), IdentityState::kWithheld);
  EXPECT_EQ(WordsIn(child_, kWithheld), std::vector<std::string>());
  // The informed office's vault holds no word of it, whatever it acknowledges.
  ASSERT_TRUE(ts_.Call("mark-read", {{"case", kCaseA02}}).ok());
  EXPECT_FALSE(ts_.Act(kCaseA02, ACTION_ACCEPT).ok());
  world_.Settle();
  EXPECT_EQ(WordsIn(ts_, kWithheld), std::vector<std::string>());
  // The second office gets it in the same room when it accepts too.
  ASSERT_TRUE(child_.Act(kCaseA02, ACTION_ACCEPT).ok());
  world_.Until([&] { return StateAt(child_) == IdentityState::kHere; }, "the second office");
}

TEST_F(CaseIdentity, AcceptedWhileTheOriginIsAway_IsPendingUntilItIsBack) {
  Send();
  mx_.TurnOff();
  ASSERT_TRUE(sv_.Act(kCaseA02, ACTION_ACCEPT).ok());
  world_.Settle();
  EXPECT_EQ(StateAt(sv_), IdentityState::kPending);
  mx_.TurnOn();
  world_.Until([&] { return StateAt(sv_) == IdentityState::kHere; }, "the identity part");
}

TEST_F(CaseIdentity, AnotherMachineOfTheOrigin_OpensItToo) {
  Officer& second = world_.Add("ofc-mx-034", "mx.consular");
  Send();
  world_.Until([&] { return StateAt(second) == IdentityState::kHere; }, "the origin's second");
  mx_.TurnOff();
  ASSERT_TRUE(sv_.Act(kCaseA02, ACTION_ACCEPT).ok());
  world_.Until([&] { return StateAt(sv_) == IdentityState::kHere; }, "the identity part");
}

TEST_F(CaseIdentity, OfficeThatHasNotAccepted_SharesNoIdentity) {
  Send();
  CaseAlert update = NamedChild();
  update.set_message_type(MESSAGE_TYPE_UPDATE);
  update.set_case_ref(kCaseA02);
  update.mutable_sender()->set_office_id("sv.consular");
  update.mutable_sender()->set_officer_id("ofc-sv-012");
  update.mutable_sender()->set_country("SLV");
  update.mutable_sender()->clear_duty_phone();
  update.clear_recipients();
  for (const char* office : {"mx.consular", "sv.child"}) {
    update.add_recipients()->set_office_id(office);
    update.mutable_recipients(update.recipients_size() - 1)->set_role(ROLE_ACTION);
  }
  Link& link = *update.add_links();
  link.set_type(LINK_TYPE_UPDATES);
  link.set_case_ref(kCaseA02);
  link.set_alert_id(mx_.Show(kCaseA02)->table.opening_alert_id);
  const auto refused = sv_.Send(update);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(InfoOf(refused.status()).metadata["violations"].find("IDENTITY_NEEDS_ACCEPT"),
            std::string::npos);
  ASSERT_TRUE(sv_.Act(kCaseA02, ACTION_ACCEPT).ok());
  world_.Until([&] { return StateAt(sv_) == IdentityState::kHere; }, "the identity part");
  world_.Settle();
  const auto sent = sv_.Send(update);
  ASSERT_TRUE(sent.ok()) << InfoOf(sent.status()).metadata["violations"];
  world_.Settle();
  EXPECT_EQ(WordsIn(child_, kWithheld), std::vector<std::string>());
}

TEST_F(CaseIdentity, MarkedAttachment_GoesWithTheIdentity) {
  CaseAlert alert = NamedChild();
  const std::filesystem::path file = world_.rcm().server().root() / "partida.pdf";
  std::ofstream(file, std::ios::binary) << "%PDF-1.4\nXiomara Celestina\n%%EOF\n";
  Attachment& entry = *alert.add_attachments();
  entry.set_file_name("partida.pdf");
  entry.set_attachment_id("att-partida1");
  entry.set_media_type("application/pdf");
  entry.set_identity(true);
  entry.set_tlp(TLP_AMBER_STRICT);
  entry.set_caption("Partida de nacimiento");
  const auto sent = mx_.Send(alert, {file.string()});
  ASSERT_TRUE(sent.ok()) << InfoOf(sent.status()).metadata["violations"];
  world_.Settle();
  const json wanted = {{"case", kCaseA02},
                       {"attachment", "att-partida1"},
                       {"out", (world_.rcm().server().root() / "saved.pdf").string()}};
  EXPECT_FALSE(sv_.Call("attachment", wanted).ok());
  ASSERT_TRUE(sv_.Act(kCaseA02, ACTION_ACCEPT).ok());
  world_.Until([&] { return StateAt(sv_) == IdentityState::kHere; }, "the identity part");
  world_.Settle();
  const auto saved = sv_.Call("attachment", wanted);
  ASSERT_TRUE(saved.ok()) << saved.status();
  EXPECT_EQ(alerts::ReadText(world_.rcm().server().root() / "saved.pdf"), alerts::ReadText(file));
}

}  // namespace
}  // namespace enlace::testing
