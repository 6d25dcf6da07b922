// What verify reads out of a registry.
#include <gtest/gtest.h>

#include "client/cli/verify_view.h"
#include "proto/errors/reasons.h"
#include "tests/unit/identity/world.h"

namespace enlace::client::testing {
namespace {

using enlace::testing::World;
using identity::OfficerAssigned;
using identity::OfficerSuspended;
using Kind = VerifiedEntry::Kind;

class VerifyTest : public ::testing::Test {
 protected:
  VerifyTest() {
    world_.AddOffice("hn.consular");
    world_.AddOffice("hn.child");
    world_.AddDevice("ofc-hn-007", "dev-7", {"hn.consular"});
  }
  VerifyView Of(const std::string& subject) {
    const auto view = Verify(world_.registry(), subject, world_.now_ms());
    EXPECT_TRUE(view.ok()) << view.status();
    return *view;
  }
  World world_;
};

TEST_F(VerifyTest, Officer_HasAnAuthorityMachinesAndAHistory) {
  const identity::RoleSet role = identity::RoleBit(identity::Role::kOfficer);
  ASSERT_TRUE(world_.LogStatement("hn", OfficerSuspended{"ofc-hn-007", 0}).ok());
  ASSERT_TRUE(world_.LogStatement("hn", OfficerAssigned{"ofc-hn-007", {"hn.child"}, role}).ok());
  const VerifyView view = Of("ofc-hn-007");
  EXPECT_EQ(view.authority, "hn");
  EXPECT_EQ(view.cas.size(), 1u);
  ASSERT_EQ(view.machines.size(), 1u);
  EXPECT_EQ(view.machines[0].state, identity::DeviceState::kSuspended);
  ASSERT_EQ(view.history.size(), 3u);
  EXPECT_EQ(view.history[0].offices, std::vector<std::string>{"hn.consular"});
  EXPECT_EQ(view.history[1].kind, Kind::kSuspended);
  EXPECT_EQ(view.history[2].offices, std::vector<std::string>{"hn.child"});
}

TEST_F(VerifyTest, Words_ChangeWithTheMachines_AndWithTheSubject) {
  const auto before = Of("ofc-hn-007").words;
  EXPECT_EQ(Of("ofc-hn-007").words, before);
  EXPECT_NE(Of("hn.consular").words, before);
  world_.AddDevice("ofc-hn-007", "dev-8", {"hn.consular"});
  EXPECT_NE(Of("ofc-hn-007").words, before);
}

TEST_F(VerifyTest, Words_OfAnotherConference_AreOthers) {
  World other(2);
  other.AddOffice("hn.consular");
  const auto theirs = Verify(other.registry(), "hn.consular", other.now_ms());
  EXPECT_NE(theirs->words, Of("hn.consular").words);
}

TEST_F(VerifyTest, RenamedOffice_SaysItsNewName) {
  ASSERT_TRUE(
      world_.LogStatement("hn", identity::OfficeRenamed{"hn.consular", "hn.protection"}).ok());
  const VerifyView view = Of("hn.consular");
  ASSERT_FALSE(view.history.empty());
  EXPECT_EQ(view.history.back().kind, Kind::kMoved);
  EXPECT_EQ(view.history.back().offices, std::vector<std::string>{"hn.protection"});
}

TEST_F(VerifyTest, NeitherOfficerNorOffice_IsRefused) {
  EXPECT_TRUE(HasReason(Verify(world_.registry(), "hn.nowhere", world_.now_ms()).status(),
                        Reason::kOfficeUnknown));
}

}  // namespace
}  // namespace enlace::client::testing
