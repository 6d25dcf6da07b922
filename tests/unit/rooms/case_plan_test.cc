// Whose devices an alert is addressed to first, where an office has more than a room begins with.
#include "client/delivery/case_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "client/rooms/limits.h"
#include "crypto/primitives/status.h"
#include "tests/unit/rooms/machine.h"

namespace enlace::client {
namespace {

using ::enlace::testing::World;
using ::enlace::testing::WorldDevice;
using ::testing::ElementsAre;
using testing::Machine;

constexpr int64_t kShiftMs = 8LL * 60 * 60 * 1000;

// Notes who is asked for, and gives nothing.
class ClaimNotes final : public SessionInterface {
 public:
  std::vector<std::string> asked;

  absl::StatusOr<v1::ClaimKeyPackagesResponse> ClaimKeyPackages(
      const v1::ClaimKeyPackagesRequest& request, int) override {
    asked.assign(request.device_uris().begin(), request.device_uris().end());
    return v1::ClaimKeyPackagesResponse();
  }

#define ENLACE_UNUSED(name)                                                         \
  absl::StatusOr<v1::name##Response> name(const v1::name##Request&, int) override { \
    return MakeStatus(absl::StatusCode::kUnimplemented, #name);                     \
  }
  ENLACE_UNUSED(GetHead)
  ENLACE_UNUSED(ListEntries)
  ENLACE_UNUSED(GetProof)
  ENLACE_UNUSED(Publish)
  ENLACE_UNUSED(GetCards)
  ENLACE_UNUSED(LeaseCaseNumbers)
  ENLACE_UNUSED(UploadKeyPackages)
  ENLACE_UNUSED(CreateRoom)
  ENLACE_UNUSED(Commit)
  ENLACE_UNUSED(Send)
  ENLACE_UNUSED(SendBatch)
  ENLACE_UNUSED(GetRoom)
  ENLACE_UNUSED(GetTree)
  ENLACE_UNUSED(ListRooms)
  ENLACE_UNUSED(AcquireRemovalLease)
  ENLACE_UNUSED(ReportUnprocessable)
  ENLACE_UNUSED(GetReceipt)
  ENLACE_UNUSED(Confirm)
  ENLACE_UNUSED(CreateBlob)
  ENLACE_UNUSED(PutChunk)
  ENLACE_UNUSED(CreateInvitation)
  ENLACE_UNUSED(ListEnrolments)
  ENLACE_UNUSED(ApproveEnrolment)
  ENLACE_UNUSED(RejectEnrolment)
  ENLACE_UNUSED(GetOverview)
#undef ENLACE_UNUSED

  absl::Status WaitConnected(int, const std::atomic<bool>&) override { return absl::OkStatus(); }
  absl::StatusOr<std::unique_ptr<Subscription>> Subscribe(const v1::SubscribeRequest&,
                                                          StreamCallbacks) override {
    return MakeStatus(absl::StatusCode::kUnimplemented, "Subscribe");
  }
  absl::Status GetBlob(const v1::GetBlobRequest&, int,
                       const std::function<absl::Status(BytesView)>&) override {
    return MakeStatus(absl::StatusCode::kUnimplemented, "GetBlob");
  }
};

class CasePlanTest : public ::testing::Test {
 protected:
  CasePlanTest() {
    world_.AddOffice("hn.consular");
    world_.AddOffice("mx.consular");
    sender_ = world_.AddDevice("ofc-hn-001", "dev-1", {"hn.consular"});
    // Two more than a room begins with.
    for (size_t i = 1; i <= kDevicesPerOfficeAdded + 2; ++i) {
      const std::string officer = "ofc-mx-00" + std::to_string(i);
      officers_.push_back(officer);
      officer_of_[world_.AddDevice(officer, "dev-1", {"mx.consular"}).uri.text()] = officer;
    }
  }
  void PutOnDuty(std::vector<std::string> officers) {
    identity::OfficeDuty duty{"mx.consular", {}};
    for (const std::string& officer : officers)
      duty.shifts.push_back({officer, world_.now_ms(), world_.now_ms() + kShiftMs, ""});
    ASSERT_TRUE(world_.LogStatement("mx", duty).ok());
  }
  // Whose devices a case to mx.consular would begin with, `after_ms` from now.
  std::vector<std::string> FirstOfficers(int64_t after_ms = 0) {
    Machine machine(world_, *sender_);
    Profile::Request request;
    request.environment = [this](std::string_view name) -> std::optional<std::string> {
      if (name == "HOME") return home_.path();
      return std::nullopt;
    };
    request.system_config = home_.File("no-such-config");
    absl::StatusOr<Profile> profile = Profile::Open(request);
    EXPECT_TRUE(profile.ok()) << profile.status();
    RoomContext rooms = machine.context();
    ClaimNotes session;
    const Services services{*profile, rooms, session, [&] { return world_.now_ms() + after_ms; }};
    const auto claimed = ClaimForOffices(services, {"mx.consular"});
    EXPECT_TRUE(claimed.ok()) << claimed.status();
    std::vector<std::string> officers;
    for (const std::string& uri : session.asked) officers.push_back(officer_of_[uri]);
    return officers;
  }

  testing::TempFolder home_;
  World world_;
  std::optional<WorldDevice> sender_;
  std::vector<std::string> officers_;
  std::map<std::string, std::string> officer_of_;
};

TEST_F(CasePlanTest, OfficersOnDuty_ComeFirst_HoweverManyTheOfficeHas) {
  PutOnDuty({"ofc-mx-006", "ofc-mx-007"});
  EXPECT_THAT(FirstOfficers(),
              ElementsAre("ofc-mx-006", "ofc-mx-007", "ofc-mx-001", "ofc-mx-002", "ofc-mx-003"));
}

TEST_F(CasePlanTest, WhoseShiftIsOver_WaitsItsTurn) {
  PutOnDuty({"ofc-mx-007"});
  EXPECT_EQ(FirstOfficers(kShiftMs - 1).front(), "ofc-mx-007");
  EXPECT_THAT(FirstOfficers(kShiftMs),
              ElementsAre("ofc-mx-001", "ofc-mx-002", "ofc-mx-003", "ofc-mx-004", "ofc-mx-005"));
}

TEST_F(CasePlanTest, WithoutARoster_NobodyIsPreferred) {
  EXPECT_THAT(FirstOfficers(),
              ElementsAre("ofc-mx-001", "ofc-mx-002", "ofc-mx-003", "ofc-mx-004", "ofc-mx-005"));
}

}  // namespace
}  // namespace enlace::client
