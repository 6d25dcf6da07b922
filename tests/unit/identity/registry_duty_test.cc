// The duty roster of an office in the registry.
#include <gmock/gmock.h>

#include "tests/unit/identity/world.h"

namespace enlace::identity {
namespace {

using enlace::testing::World;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RegistryDutyTest : public ::testing::Test {
 protected:
  RegistryDutyTest() {
    world_.AddOffice("hn.consular");
    world_.AddDevice("ofc-hn-007", "dev-7", {"hn.consular"});
  }
  absl::Status Log(std::vector<DutyShift> shifts, const std::string& office = "hn.consular") {
    return world_.LogStatement("hn", OfficeDuty{office, std::move(shifts)});
  }
  std::vector<const DutyShift*> OnDuty(int64_t now_ms, const std::string& office = "hn.consular") {
    return world_.registry().FindOffice(office)->OnDutyAt(now_ms);
  }
  World world_;
};

TEST_F(RegistryDutyTest, ShiftRunsFromItsBeginningToBeforeItsEnd) {
  ASSERT_TRUE(Log({{"ofc-hn-007", 1000, 2000, "+50499990001"}}).ok());
  EXPECT_THAT(OnDuty(999), IsEmpty());
  EXPECT_THAT(OnDuty(1000), SizeIs(1));
  EXPECT_EQ(OnDuty(1999)[0]->phone, "+50499990001");
  EXPECT_THAT(OnDuty(2000), IsEmpty());
}

TEST_F(RegistryDutyTest, NewRosterTakesThePlaceOfTheOldOne) {
  ASSERT_TRUE(Log({{"ofc-hn-007", 1000, 2000, ""}}).ok());
  ASSERT_TRUE(Log({{"ofc-hn-007", 3000, 4000, ""}}).ok());
  EXPECT_THAT(OnDuty(1500), IsEmpty());
  EXPECT_THAT(OnDuty(3500), SizeIs(1));
  ASSERT_TRUE(Log({}).ok());
  EXPECT_THAT(OnDuty(3500), IsEmpty());
}

TEST_F(RegistryDutyTest, GoesWithARenamedOffice) {
  ASSERT_TRUE(Log({{"ofc-hn-007", 1000, 2000, ""}}).ok());
  ASSERT_TRUE(world_.LogStatement("hn", OfficeRenamed{"hn.consular", "hn.protection"}).ok());
  EXPECT_THAT(OnDuty(1500, "hn.protection"), SizeIs(1));
}

TEST_F(RegistryDutyTest, OfficerWhoLeftTheOffice_IsNotOnDuty) {
  world_.AddOffice("hn.child");
  ASSERT_TRUE(Log({{"ofc-hn-007", 1000, 2000, ""}}).ok());
  ASSERT_TRUE(
      world_
          .LogStatement("hn", OfficerAssigned{"ofc-hn-007", {"hn.child"}, RoleBit(Role::kOfficer)})
          .ok());
  EXPECT_THAT(OnDuty(1500), IsEmpty());
}

TEST_F(RegistryDutyTest, OfAnUnknownOfficerOrOffice_IsRefused) {
  EXPECT_EQ(Log({{"ofc-hn-008", 1000, 2000, ""}}).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Log({}, "hn.other").code(), absl::StatusCode::kNotFound);
}

TEST_F(RegistryDutyTest, ByADevice_IsRefused) {
  const testing::WorldDevice admin =
      world_.AddDevice("ofc-hn-001", "dev-1", {"hn.consular"}, RoleBit(Role::kAdmin));
  const SignedStatement statement =
      world_.StateBy(admin, OfficeDuty{"hn.consular", {{"ofc-hn-007", 1000, 2000, ""}}});
  EXPECT_EQ(world_.Log(MakeLogEntry(statement, world_.now_ms())).code(),
            absl::StatusCode::kPermissionDenied);
}

}  // namespace
}  // namespace enlace::identity
