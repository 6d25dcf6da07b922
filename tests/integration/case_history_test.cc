// Devices that enter a room later see the case as everybody does.
#include <gtest/gtest.h>

#include "client/cases/case_store.h"
#include "proto/errors/reasons.h"
#include "tests/integration/support/client_world.h"
#include "tests/integration/support/vault_words.h"

namespace enlace::testing {
namespace {

using namespace alert::v1;  // the model's codes
using nlohmann::json;

class CaseHistory : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(hn_.Send(FreshCase("A01", {{"mx.consular"}, {"gt.consular", false}})).ok());
    world_.Settle();
    ASSERT_TRUE(mx_.Act(kCaseA01, ACTION_ACCEPT).ok());
    world_.Settle();
    CaseAlert update = FreshCase("A10", {{"hn.consular"}, {"gt.consular", false}});
    update.mutable_links(0)->set_alert_id(hn_.Show(kCaseA01)->table.opening_alert_id);
    const auto sent = mx_.Send(update);
    ASSERT_TRUE(sent.ok()) << InfoOf(sent.status()).metadata["violations"];
    world_.Settle();
  }

  void ExpectSame(Officer& a, Officer& b) {
    const auto one = a.Show(kCaseA01);
    const auto other = b.Show(kCaseA01);
    ASSERT_TRUE(one.ok()) << one.status();
    ASSERT_TRUE(other.ok()) << other.status();
    EXPECT_EQ(one->merged.picture.body, other->merged.picture.body);
    EXPECT_EQ(one->merged.update_count, other->merged.update_count);
    ASSERT_EQ(one->table.rows.size(), other->table.rows.size());
    for (size_t i = 0; i < one->table.rows.size(); ++i) {
      EXPECT_EQ(one->table.rows[i].state, other->table.rows[i].state) << i;
      EXPECT_EQ(one->table.rows[i].acknowledged.at_ms, other->table.rows[i].acknowledged.at_ms);
    }
    EXPECT_EQ(one->table.history.size(), other->table.history.size());
  }

  ClientWorld world_;
  Officer& hn_ = world_.Add("ofc-hn-007", "hn.consular");
  Officer& mx_ = world_.Add("ofc-mx-021", "mx.consular");
  Officer& gt_ = world_.Add("ofc-gt-009", "gt.consular");
};

TEST_F(CaseHistory, NewColleague_GetsItFromTheOwnOffice) {
  Officer& colleague = world_.Add("ofc-mx-022", "mx.consular");
  world_.Until(
      [&] {
        const auto view = colleague.Show(kCaseA01);
        return view.ok() && view->merged.update_count == 1;
      },
      "the history at the colleague");
  world_.Settle();
  ExpectSame(mx_, colleague);
  ASSERT_TRUE(colleague.Act(kCaseA01, ACTION_ANSWER, {{"note", "Sigo yo."}}).ok());
  world_.Settle();
  ExpectSame(hn_, colleague);
}

TEST_F(CaseHistory, NewColleagueOfAnOfficeThatIsAway_GetsItFromTheOrigin) {
  mx_.TurnOff();
  Officer& colleague = world_.Add("ofc-mx-022", "mx.consular");
  world_.Until(
      [&] {
        const auto view = colleague.Show(kCaseA01);
        return view.ok() && view->merged.update_count == 1;
      },
      "the history at the colleague");
  ExpectSame(hn_, colleague);
}

TEST_F(CaseHistory, BundleOfAnInformedOffice_IsNotBelieved) {
  // gt.consular is only informed: it is not asked, and what it would say is not taken.
  mx_.TurnOff();
  hn_.TurnOff();
  Officer& colleague = world_.Add("ofc-mx-022", "mx.consular");
  world_.Settle();
  EXPECT_FALSE(colleague.Show(kCaseA01).ok());
  hn_.TurnOn();
  world_.Until([&] { return colleague.Show(kCaseA01).ok(); }, "the history from the origin");
}

}  // namespace
}  // namespace enlace::testing
