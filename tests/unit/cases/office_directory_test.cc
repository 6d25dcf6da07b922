// The directory of offices.
#include "client/cases/office_directory.h"

#include <gmock/gmock.h>

#include "client/cases/registry_directory.h"
#include "proto/errors/reasons.h"
#include "tests/unit/identity/world.h"

namespace enlace::client {
namespace {

using ::testing::ElementsAre;

class OfficeDirectoryTest : public ::testing::Test {
 protected:
  OfficeDirectoryTest() {
    world_.AddOffice("mx.consular");
    world_.AddOffice("mx.trafficking", {"trafficking"});
    world_.AddOffice("hn.consular");
    world_.AddOffice("iom.sanjose");
    world_.AddDevice("ofc-mx-001", "dev-1", {"mx.consular"});
    world_.AddDevice("ofc-mx-001", "dev-2", {"mx.consular"});
  }
  std::vector<std::string> Found(std::string_view place) {
    const auto view = FindOffices(FactsOf(world_.registry(), ""), place, world_.now_ms());
    EXPECT_TRUE(view.ok()) << view.status();
    std::vector<std::string> ids;
    if (!view.ok()) return ids;
    for (const OfficeCard& card : view->offices) ids.push_back(card.office_id);
    return ids;
  }
  enlace::testing::World world_;
};

TEST_F(OfficeDirectoryTest, PlacesByCodeNameOfficeAndNetwork) {
  EXPECT_THAT(Found(""),
              ElementsAre("hn.consular", "mx.consular", "mx.trafficking", "iom.sanjose"));
  for (const char* place : {"mx", "MX", "MEX", "méxico", "Mexico"})
    EXPECT_THAT(Found(place), ElementsAre("mx.consular", "mx.trafficking")) << place;
  EXPECT_THAT(Found("mx.consular"), ElementsAre("mx.consular"));
  EXPECT_THAT(Found("trafficking"), ElementsAre("mx.trafficking"));
  EXPECT_THAT(Found("iom"), ElementsAre("iom.sanjose"));
}

TEST_F(OfficeDirectoryTest, OfficersAreThoseWithAnActiveMachine) {
  const auto view = FindOffices(FactsOf(world_.registry(), ""), "mx", world_.now_ms());
  ASSERT_TRUE(view.ok());
  EXPECT_THAT(view->offices[0].officers, ElementsAre("ofc-mx-001"));
  EXPECT_EQ(view->offices[0].machines, 2u);
  EXPECT_EQ(view->offices[1].machines, 0u);
}

TEST_F(OfficeDirectoryTest, OfficeOfAdministrators_IsNoneThatAnybodyWritesTo) {
  world_.AddOffice("mx.admin");
  const identity::RoleSet admin = identity::RoleBit(identity::Role::kAdmin);
  world_.AddDevice("ofc-mx-900", "dev-1", {"mx.admin"}, admin);
  EXPECT_THAT(Found("mx"), ElementsAre("mx.consular", "mx.trafficking"));
  const auto named = FindOffices(FactsOf(world_.registry(), ""), "mx.admin", world_.now_ms());
  EXPECT_FALSE(named.ok());
  const RegistryDirectory directory(world_.registry());
  EXPECT_FALSE(directory.FindOffice("mx.admin").has_value());
  EXPECT_TRUE(directory.FindOffice("mx.consular").has_value());
  EXPECT_THAT(directory.OfficeIds(), ::testing::Not(::testing::Contains("mx.admin")));
}

TEST_F(OfficeDirectoryTest, AdministratorOfAnOffice_ReadsNoCaseThere) {
  world_.AddDevice("ofc-mx-900", "dev-1", {"mx.trafficking"},
                   identity::RoleBit(identity::Role::kAdmin));
  const auto view = FindOffices(FactsOf(world_.registry(), ""), "mx.trafficking", world_.now_ms());
  ASSERT_TRUE(view.ok());
  EXPECT_EQ(view->offices[0].machines, 0u);
  EXPECT_THAT(view->offices[0].officers, ElementsAre());
}

TEST_F(OfficeDirectoryTest, UnknownPlaceNamesTheNearest) {
  const auto view = FindOffices(FactsOf(world_.registry(), ""), "mx.consula", world_.now_ms());
  EXPECT_TRUE(HasReason(view.status(), Reason::kOfficeSuggested));
  EXPECT_EQ(InfoOf(view.status()).metadata.at("suggestion"), "mx.consular");
  EXPECT_TRUE(
      HasReason(FindOffices(FactsOf(world_.registry(), ""), "zzzzzzzz", world_.now_ms()).status(),
                Reason::kOfficeUnknown));
}

TEST_F(OfficeDirectoryTest, ClosedOfficeIsNotListed) {
  ASSERT_TRUE(
      world_.LogStatement("mx", identity::OfficeClosed{"mx.trafficking", "mx.consular"}).ok());
  EXPECT_THAT(Found("mx"), ElementsAre("mx.consular"));
}

}  // namespace
}  // namespace enlace::client
