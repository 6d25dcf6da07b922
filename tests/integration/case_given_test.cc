// The given cases from end to end: to all their offices, with what each of them withholds or
// forbids.
#include <gtest/gtest.h>

#include "proto/errors/reasons.h"
#include "tests/integration/support/client_world.h"

namespace enlace::testing {
namespace {

using namespace alert::v1;  // the model's codes
using nlohmann::json;

std::string Why(const absl::Status& status) {
  ErrorInfo info = InfoOf(status);
  return info.name + " " + info.metadata["violations"];
}

// Enrols a device for every recipient; by office.
std::map<std::string, Officer*> Recipients(ClientWorld& world, const CaseAlert& alert) {
  std::map<std::string, Officer*> officers;
  for (const Recipient& recipient : alert.recipients()) {
    const std::string& office = recipient.office_id();
    const std::string authority = office.substr(0, office.find('.'));
    const std::string number = std::to_string(500 + officers.size());
    officers[office] = &world.Add("ofc-" + authority + "-" + number, office);
  }
  return officers;
}

Officer& Sender(ClientWorld& world, const CaseAlert& alert) {
  return world.Add(alert.sender().officer_id(), alert.sender().office_id());
}

TEST(GivenCases, EachReachesAllItsOffices_AndIsAcknowledged) {
  for (const char* id : {"A01", "A03", "A05"}) {
    ClientWorld world;
    const CaseAlert alert = FreshCase(id);
    Officer& sender = Sender(world, alert);
    const std::map<std::string, Officer*> officers = Recipients(world, alert);
    const auto sent = sender.Send(alert);
    ASSERT_TRUE(sent.ok()) << id << " " << Why(sent.status());
    EXPECT_EQ(sent->at("outcome").at("offices").size(), officers.size());
    world.Settle();
    for (const Recipient& recipient : alert.recipients()) {
      Officer& officer = *officers.at(recipient.office_id());
      const auto view = officer.Show(alert.case_ref());
      ASSERT_TRUE(view.ok()) << id << " at " << recipient.office_id();
      EXPECT_EQ(view->merged.picture.subject, alert.subject());
      const auto acknowledged = officer.Act(alert.case_ref(), ACTION_ACKNOWLEDGE);
      EXPECT_EQ(acknowledged.ok(), recipient.role() == ROLE_ACTION) << recipient.office_id();
    }
    world.Settle();
    const auto table = sender.Show(alert.case_ref());
    ASSERT_TRUE(table.ok());
    for (const alerts::Row& row : table->table.rows) {
      EXPECT_TRUE(row.delivered.happened()) << id << " " << row.office_id;
      EXPECT_EQ(row.acknowledged.happened(), row.role == ROLE_ACTION) << row.office_id;
    }
  }
}

TEST(GivenCases, UpdateOfAMissingPerson_MergesWithTheOldValues) {
  ClientWorld world;
  const CaseAlert alert = FreshCase("A01");
  Officer& hn = Sender(world, alert);
  std::map<std::string, Officer*> officers = Recipients(world, alert);
  Officer& mx = world.Add("ofc-mx-021", "mx.consular");
  ASSERT_TRUE(hn.Send(alert).ok());
  world.Settle();
  CaseAlert update = FreshCase("A10");
  update.mutable_links(0)->set_alert_id(alert.alert_id());
  const auto sent = mx.Send(update);
  ASSERT_TRUE(sent.ok()) << Why(sent.status());
  world.Settle();
  officers["hn.consular"] = &hn;
  for (const auto& [office, officer] : officers) {
    const auto view = officer->Show(alert.case_ref());
    ASSERT_TRUE(view.ok()) << office;
    const auto changes = view->merged.ChangesOf("persons[p1].birth_date");
    ASSERT_EQ(changes.size(), 1u) << office;
    EXPECT_EQ(changes[0].old_value, "2004-08-17");
    EXPECT_EQ(changes[0].new_value, "2005-08-17");
    EXPECT_TRUE(changes[0].corrected);
  }
}

TEST(GivenCases, UnaccompaniedChild_IsWithheldUntilAccepted) {
  ClientWorld world;
  const CaseAlert alert = FreshCase("A02");
  Officer& mx = Sender(world, alert);
  const std::map<std::string, Officer*> officers = Recipients(world, alert);
  const auto sent = mx.Send(alert);
  ASSERT_TRUE(sent.ok()) << Why(sent.status());
  world.Settle();
  ASSERT_FALSE(alert.child().family_claim().empty());
  for (const auto& [office, officer] : officers) {
    EXPECT_EQ(officer->Show(alert.case_ref())->identity, client::IdentityState::kWithheld);
  }
  Officer& child = *officers.at("sv.child");
  ASSERT_TRUE(child.Act(alert.case_ref(), ACTION_ACCEPT).ok());
  world.Until(
      [&] { return child.Show(alert.case_ref())->identity == client::IdentityState::kHere; },
      "the identity part");
  EXPECT_EQ(officers.at("ts.secretariat")->Show(alert.case_ref())->identity,
            client::IdentityState::kWithheld);
}

TEST(GivenCases, StrandedMigrants_NeverReachTheCountryOfOrigin) {
  ClientWorld world;
  CaseAlert alert = FreshCase("A07");
  // One of the group is of a country that has an office here.
  CountryCount& share = *alert.mutable_group()->add_by_nationality();
  share.set_country("NIC");
  share.set_count(1);
  alert.mutable_group()->set_total(alert.group().total() + 1);
  alert.mutable_group()->set_men(alert.group().men() + 1);
  Officer& cr = Sender(world, alert);
  const std::map<std::string, Officer*> officers = Recipients(world, alert);
  Officer& ni = world.Add("ofc-ni-001", "ni.consular");

  CaseAlert addressed = alert;
  addressed.add_recipients()->set_office_id("ni.consular");
  addressed.mutable_recipients(addressed.recipients_size() - 1)->set_role(ROLE_INFO);
  const auto refused = cr.Send(addressed);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(Why(refused.status()).find("GUARD_EXCLUDED"), std::string::npos);

  const auto sent = cr.Send(alert);
  ASSERT_TRUE(sent.ok()) << Why(sent.status());
  world.Settle();
  for (Officer* officer : {&cr, officers.at("pa.consular")}) {
    officer->Act(alert.case_ref(), ACTION_ACKNOWLEDGE).status().IgnoreError();
    world.Settle();
    const auto referred =
        officer->Act(alert.case_ref(), ACTION_REFER, {{"refer_to", "ni.consular"}});
    EXPECT_EQ(InfoOf(referred.status()).name, "GUARD_EXCLUDED");
  }
  world.Settle();
  EXPECT_FALSE(ni.Show(alert.case_ref()).ok());
  for (const auto& [office, officer] : officers)
    EXPECT_TRUE(officer->Show(alert.case_ref()).ok()) << office;
}

}  // namespace
}  // namespace enlace::testing
