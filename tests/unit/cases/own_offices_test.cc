#include "client/cases/own_offices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"
#include "tests/unit/cases/case_world.h"

namespace enlace::client {
namespace {

using testing::CaseWorld;
using ::testing::ElementsAre;
using testing::kCaseNowMs;

// A copy of the registry whose log does not hold together: only its head can be had.
class UnreadableRegistry final : public RegistrySource {
 public:
  merkle::HeadRef at;

  merkle::HeadRef head() const override { return at; }
  absl::StatusOr<const identity::Registry*> Replayed() const override {
    return MakeError(Reason::kLogInconsistent, {{"what", "root"}});
  }
};

class OwnOfficesTest : public ::testing::Test {
 protected:
  OwnOfficesTest() {
    source_.at = registry().head();
    world_.AddAlert(testing::SmallAlert("HN-2026-000412"), {"hn.consular"});
  }
  const identity::Registry& registry() { return world_.world().registry(); }
  std::string device_uri() {
    return registry().OfficersOf("mx").front()->devices.front()->uri.text();
  }
  void Remember() {
    const absl::Status remembered = RememberOffices(world_.vault(), registry(), device_uri());
    ASSERT_TRUE(remembered.ok()) << remembered;
  }

  CaseWorld world_;
  UnreadableRegistry source_;
  CaseReader reader_{world_.vault(), static_cast<const RegistrySource&>(source_)};
};

TEST_F(OwnOfficesTest, ListsDoNotReplayTheRegistry_WhereTheVaultKnowsTheOffices) {
  EXPECT_TRUE(HasReason(reader_.Inbox(kCaseNowMs).status(), Reason::kLogInconsistent));
  Remember();
  const auto inbox = reader_.Inbox(kCaseNowMs);
  ASSERT_TRUE(inbox.ok()) << inbox.status();
  EXPECT_THAT(inbox->office_ids, ElementsAre("mx.consular"));
  EXPECT_EQ(inbox->rows.size(), 1u);
  const auto cases = CaseFinder(world_.vault(), reader_).Cases({}, kCaseNowMs);
  ASSERT_TRUE(cases.ok()) << cases.status();
  EXPECT_EQ(cases->rows.at(0).my_role, alert::v1::ROLE_ACTION);
}

TEST_F(OwnOfficesTest, OfAnotherHead_AreNotBelieved) {
  Remember();
  source_.at.root[0] ^= 1;
  EXPECT_TRUE(HasReason(reader_.MyOffices().status(), Reason::kLogInconsistent));
  world_.world().AddOffice("hn.child");
  source_.at = registry().head();
  EXPECT_TRUE(HasReason(reader_.MyOffices().status(), Reason::kLogInconsistent));
  Remember();
  EXPECT_THAT(*reader_.MyOffices(), ElementsAre("mx.consular"));
}

TEST_F(OwnOfficesTest, ThatStandThereAlready_AreNotWrittenAgain) {
  Remember();
  const auto before = world_.vault().ChangeCounter();
  Remember();
  EXPECT_EQ(*before, *world_.vault().ChangeCounter());
}

TEST_F(OwnOfficesTest, DamagedRow_IsTold) {
  Remember();
  {
    auto tx = world_.vault().Begin();
    ASSERT_TRUE(tx.ok());
    const Bytes cut(registry().head().root.size(), 1);
    ASSERT_TRUE((*tx)->Put("sync", AsBytes("offices"), cut, kVaultKey).ok());
    ASSERT_TRUE((*tx)->Commit().ok());
  }
  EXPECT_TRUE(HasReason(reader_.MyOffices().status(), Reason::kVaultDamaged));
}

}  // namespace
}  // namespace enlace::client
