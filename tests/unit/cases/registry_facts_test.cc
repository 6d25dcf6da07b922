#include "client/cases/registry_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cases/office_directory.h"
#include "client/cases/registry_directory.h"
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

class RegistryFactsTest : public ::testing::Test {
 protected:
  RegistryFactsTest() {
    source_.at = registry().head();
    world_.AddAlert(testing::SmallAlert("HN-2026-000412"), {"hn.consular"});
  }
  const identity::Registry& registry() { return world_.world().registry(); }
  std::string device_uri() {
    return registry().OfficersOf("mx").front()->devices.front()->uri.text();
  }
  void Remember() {
    const absl::Status remembered = RememberFacts(world_.vault(), registry(), device_uri());
    ASSERT_TRUE(remembered.ok()) << remembered;
  }

  CaseWorld world_;
  UnreadableRegistry source_;
  CaseReader reader_{world_.vault(), static_cast<const RegistrySource&>(source_)};
};

TEST_F(RegistryFactsTest, ScreensDoNotReplayTheRegistry_WhereTheVaultHoldsItsFacts) {
  EXPECT_TRUE(HasReason(reader_.Inbox(kCaseNowMs).status(), Reason::kLogInconsistent));
  Remember();
  const auto inbox = reader_.Inbox(kCaseNowMs);
  ASSERT_TRUE(inbox.ok()) << inbox.status();
  EXPECT_THAT(inbox->office_ids, ElementsAre("mx.consular"));
  EXPECT_EQ(inbox->rows.size(), 1u);
  const auto cases = CaseFinder(world_.vault(), reader_).Cases({}, kCaseNowMs);
  ASSERT_TRUE(cases.ok()) << cases.status();
  EXPECT_EQ(cases->rows.at(0).my_role, alert::v1::ROLE_ACTION);
  EXPECT_EQ(*reader_.Resolve("412", kCaseNowMs), "HN-2026-000412");
  EXPECT_TRUE(reader_.Case("HN-2026-000412", kCaseNowMs).ok());
  EXPECT_TRUE(reader_.Status("HN-2026-000412", kCaseNowMs).ok());
  const auto machine = reader_.Machine(kCaseNowMs);
  ASSERT_TRUE(machine.ok()) << machine.status();
  EXPECT_EQ(machine->registry_entries, registry().size());
  EXPECT_EQ(machine->charter_version, registry().charter()->version);
}

TEST_F(RegistryFactsTest, OfAnotherHead_AreNotBelieved) {
  Remember();
  source_.at.root[0] ^= 1;
  EXPECT_TRUE(HasReason(reader_.MyOffices().status(), Reason::kLogInconsistent));
  world_.world().AddOffice("hn.child");
  source_.at = registry().head();
  EXPECT_TRUE(HasReason(reader_.MyOffices().status(), Reason::kLogInconsistent));
  Remember();
  EXPECT_THAT(*reader_.MyOffices(), ElementsAre("mx.consular"));
}

TEST_F(RegistryFactsTest, ThatStandThereAlready_AreNotWrittenAgain) {
  Remember();
  const auto before = world_.vault().ChangeCounter();
  Remember();
  EXPECT_EQ(*before, *world_.vault().ChangeCounter());
}

TEST_F(RegistryFactsTest, DamagedRow_IsTold) {
  Remember();
  {
    auto tx = world_.vault().Begin();
    ASSERT_TRUE(tx.ok());
    const Bytes cut(registry().head().root.size(), 1);
    ASSERT_TRUE((*tx)->Put("sync", AsBytes("registry-facts"), cut, kVaultKey).ok());
    ASSERT_TRUE((*tx)->Commit().ok());
  }
  EXPECT_TRUE(HasReason(reader_.MyOffices().status(), Reason::kVaultDamaged));
}

TEST_F(RegistryFactsTest, OfAnotherFormat_AreWrittenAnew) {
  Remember();
  {
    RegistryFacts older = FactsOf(registry(), device_uri());
    older.set_format(kFactsFormat + 1);
    auto tx = world_.vault().Begin();
    ASSERT_TRUE(tx.ok());
    const std::string row = older.SerializeAsString();
    ASSERT_TRUE((*tx)->Put("sync", AsBytes("registry-facts"), AsBytes(row), kVaultKey).ok());
    ASSERT_TRUE((*tx)->Commit().ok());
  }
  EXPECT_TRUE(HasReason(reader_.MyOffices().status(), Reason::kLogInconsistent));
  Remember();
  EXPECT_TRUE(reader_.MyOffices().ok());
}

// At every time around every change the facts say what the registry says.
class FactsAgree : public ::testing::Test {
 protected:
  FactsAgree() {
    for (const char* office : {"mx.consular", "mx.child", "mx.old", "hn.consular"})
      world_.AddOffice(office);
    world_.AddDevice("ofc-mx-001", "dev-1", {"mx.consular"});
    world_.AddDevice("ofc-mx-001", "dev-2", {"mx.consular"});
    world_.AddDevice("ofc-mx-002", "dev-1", {"mx.child", "mx.consular"});
    world_.AddDevice("ofc-mx-003", "dev-1", {"mx.old"});
    world_.AddDevice("ofc-hn-001", "dev-1", {"hn.consular"});
  }
  void State(const std::string& authority, identity::StatementBody body) {
    const absl::Status stated = world_.LogStatement(authority, std::move(body));
    ASSERT_TRUE(stated.ok()) << stated;
  }
  void ExpectAgreement() {
    const identity::Registry& registry = world_.registry();
    const RegistryFacts facts = FactsOf(registry, "");
    ASSERT_EQ(static_cast<size_t>(facts.offices_size()), registry.Offices().size());
    constexpr int64_t kDay = 24LL * 60 * 60 * 1000;
    for (const int64_t days : {-800, -1, 0, 1, 2, 3, 30, 300, 800}) {
      for (const int64_t ms : {-1, 0, 1})
        ExpectAgreementAt(facts, world_.now_ms() + days * kDay + ms);
    }
  }
  void ExpectAgreementAt(const RegistryFacts& facts, int64_t at_ms) {
    const identity::Registry& registry = world_.registry();
    for (const identity::OfficeRecord* office : registry.Offices()) {
      SCOPED_TRACE(office->id + " at " + std::to_string(at_ms));
      const OfficeFacts* resolved = ResolveOffice(facts, office->id);
      ASSERT_NE(resolved, nullptr);
      EXPECT_EQ(resolved->office_id(), registry.ResolveOffice(office->id)->id);
      std::vector<std::string> machines;
      for (const MachineFacts* machine : ActiveMachinesOf(*resolved, at_ms))
        machines.push_back(machine->officer_id());
      std::vector<std::string> devices;
      for (const auto* device : registry.ActiveDevicesOf(office->id, at_ms))
        devices.push_back(device->officer->id);
      EXPECT_EQ(machines, devices);
      std::vector<std::string> on_duty;
      for (const OnDuty& one : OnDutyAt(*FindOffice(facts, office->id), at_ms))
        on_duty.push_back(one.officer_id);
      std::vector<std::string> shifts;
      for (const auto* shift : office->OnDutyAt(at_ms)) shifts.push_back(shift->officer_id);
      EXPECT_EQ(on_duty, shifts);
    }
  }

  enlace::testing::World world_;
};

TEST_F(FactsAgree, OnMachines_ThatAreSuspendedRevokedAndMoved) {
  constexpr int64_t kDay = 24LL * 60 * 60 * 1000;
  ExpectAgreement();
  State("mx", identity::OfficerSuspended{"ofc-mx-001", world_.now_ms() + 2 * kDay});
  ExpectAgreement();
  State("mx", identity::OfficerSuspended{"ofc-mx-001", 0});
  ExpectAgreement();
  State("mx", identity::OfficerReinstated{"ofc-mx-001"});
  const auto* officer = world_.registry().FindOfficer("ofc-mx-001");
  State("mx", identity::DeviceRevoked{officer->devices.front()->uri.text()});
  ExpectAgreement();
  State("mx", identity::OfficeClosed{"mx.old", "mx.child"});
  ExpectAgreement();
  State("mx",
        identity::OfficerAssigned{"ofc-mx-002", {}, identity::RoleBit(identity::Role::kOfficer)});
  ExpectAgreement();
}

TEST_F(FactsAgree, OnWhoIsOnDuty) {
  constexpr int64_t kDay = 24LL * 60 * 60 * 1000;
  const int64_t now = world_.now_ms();
  State("mx", identity::OfficeDuty{"mx.consular",
                                   {{"ofc-mx-001", now, now + kDay, ""},
                                    {"ofc-mx-002", now + kDay, now + 3 * kDay, "+520000000021"}}});
  ExpectAgreement();
  State("mx", identity::OfficerAssigned{
                  "ofc-mx-002", {"mx.child"}, identity::RoleBit(identity::Role::kOfficer)});
  ExpectAgreement();
}

TEST_F(FactsAgree, OnTheDirectoryThatAlertsAreCheckedAgainst) {
  world_.AddOffice("iom.sanjose");
  world_.AddOffice("mx.admin");
  State("mx", identity::OfficeClosed{"mx.old", "mx.child"});
  const RegistryFacts facts = FactsOf(world_.registry(), "");
  const FactsDirectory directory(facts);
  const RegistryDirectory registry(world_.registry());
  EXPECT_EQ(directory.OfficeIds(), registry.OfficeIds());
  for (const char* id : {"mx.consular", "mx.old", "mx.admin", "iom.sanjose", "mx.none"}) {
    SCOPED_TRACE(id);
    const auto entry = directory.FindOffice(id);
    const auto wanted = registry.FindOffice(id);
    ASSERT_EQ(entry.has_value(), wanted.has_value());
    if (!entry) continue;
    EXPECT_EQ(entry->office_id, wanted->office_id);
    EXPECT_EQ(entry->authority, wanted->authority);
    EXPECT_EQ(entry->country, wanted->country);
    EXPECT_EQ(entry->standing, wanted->standing);
    EXPECT_EQ(entry->networks, wanted->networks);
    EXPECT_EQ(entry->closed, wanted->closed);
    EXPECT_EQ(entry->successor_office_id, wanted->successor_office_id);
    EXPECT_EQ(entry->may_open_cases, wanted->may_open_cases);
    EXPECT_EQ(entry->may_be_action, wanted->may_be_action);
    EXPECT_EQ(entry->may_be_info, wanted->may_be_info);
    EXPECT_EQ(entry->tlp_max, wanted->tlp_max);
  }
}

}  // namespace
}  // namespace enlace::client
