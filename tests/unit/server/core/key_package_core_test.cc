// Key packages: each is given out once, the last resort stays, and nobody empties another's store.
#include "server/core/limits.h"
#include "tests/unit/server/core/room_fixture.h"

namespace enlace::testing {
namespace {

class KeyPackageCoreTest : public RoomFixture {
 protected:
  std::string Upload(RoomDevice& device, const std::vector<std::string>& key_packages,
                     const std::string& last_resort = {}) {
    v1::UploadKeyPackagesRequest request;
    request.set_request_id(RequestId());
    for (const std::string& one : key_packages) request.add_key_packages(one);
    request.set_last_resort(last_resort);
    return ReasonOf(Do<v1::UploadKeyPackagesResponse>(device.device(), request).status());
  }
  // What a claim of one device gives: the message, or the refusal's reason.
  std::string Claim(const RoomDevice& by, const std::string& of) {
    v1::ClaimKeyPackagesRequest request;
    request.set_request_id(RequestId());
    request.add_device_uris(of);
    const auto answer = Do<v1::ClaimKeyPackagesResponse>(by.device(), request);
    if (!answer.ok()) return ReasonOf(answer.status());
    return answer->key_packages(0).key_package();
  }
  std::vector<std::string> Make(RoomDevice& device, size_t count) {
    std::vector<std::string> made;
    for (size_t i = 0; i < count; ++i) made.push_back(device.MakeKeyPackage());
    return made;
  }
};

TEST_F(KeyPackageCoreTest, EachIsGivenOutOnce_OldestFirst_ThenTheLastResortAgainAndAgain) {
  const auto made = Make(*mx_, 2);
  const std::string last = mx_->MakeKeyPackage(/*last_resort=*/true);
  ASSERT_EQ(Upload(*mx_, made, last), "OK");
  EXPECT_EQ(Claim(*hn_, mx_->uri()), made[0]);
  Restart();
  EXPECT_EQ(Claim(*hn_, mx_->uri()), made[1]);
  EXPECT_EQ(Claim(*hn_, mx_->uri()), last);
  EXPECT_EQ(Claim(*hn_, mx_->uri()), last);
}

TEST_F(KeyPackageCoreTest, OneCaller_TakesFewOneTimePackagesOfADeviceInAnHour) {
  const std::string last = mx_->MakeKeyPackage(true);
  ASSERT_EQ(Upload(*mx_, Make(*mx_, server::kClaimsOfOneDevicePerHourMax + 2), last), "OK");
  for (uint32_t i = 0; i < server::kClaimsOfOneDevicePerHourMax; ++i)
    EXPECT_NE(Claim(*hn_, mx_->uri()), last);
  EXPECT_EQ(Claim(*hn_, mx_->uri()), last);
  world_.Advance(server::kHourMs);
  EXPECT_NE(Claim(*hn_, mx_->uri()), last);
}

TEST_F(KeyPackageCoreTest, ClaimsOfOneCaller_AreLimitedPerHour_AndTheRefusalSaysWhenToComeBack) {
  v1::ClaimKeyPackagesRequest request;
  for (size_t i = 0; i < server::kClaimDevicesMax; ++i) request.add_device_uris(mx_->uri());
  absl::Status outcome;
  for (uint32_t i = 0; i <= server::kClaimsPerHourMax / server::kClaimDevicesMax; ++i) {
    EXPECT_TRUE(outcome.ok());
    request.set_request_id(RequestId());
    outcome = Do<v1::ClaimKeyPackagesResponse>(hn_->device(), request).status();
  }
  EXPECT_EQ(ReasonOf(outcome), "LIMIT_EXCEEDED");
  EXPECT_GT(InfoOf(outcome).retry_after_ms.value_or(0), 0);
  request.add_device_uris(mx_->uri());
  request.set_request_id(RequestId());
  EXPECT_EQ(ReasonOf(Do<v1::ClaimKeyPackagesResponse>(mx_->device(), request).status()),
            "LIMIT_EXCEEDED");
}

TEST_F(KeyPackageCoreTest, Hint_ComesWhileFewAreLeft) {
  const auto hint = [&] { return *core_->reader().KeyPackagesLow(mx_->uri()); };
  EXPECT_EQ(hint(), 0u);
  ASSERT_EQ(Upload(*mx_, Make(*mx_, server::kKeyPackagesLow + 1)), "OK");
  EXPECT_FALSE(hint().has_value());
  Claim(*hn_, mx_->uri());
  EXPECT_EQ(hint(), server::kKeyPackagesLow);
}

TEST_F(KeyPackageCoreTest, TooMany_ForeignAndDamagedOnes_AreRefusedAsAWhole) {
  EXPECT_EQ(Upload(*mx_, {hn_->MakeKeyPackage()}), "KEY_PACKAGE_INVALID");
  EXPECT_EQ(Upload(*mx_, {mx_->MakeKeyPackage(), "nonsense"}), "KEY_PACKAGE_INVALID");
  EXPECT_EQ(Upload(*mx_, {mx_->MakeKeyPackage(true)}), "KEY_PACKAGE_INVALID");
  EXPECT_EQ(Upload(*mx_, {}, mx_->MakeKeyPackage()), "KEY_PACKAGE_INVALID");
  std::string altered = mx_->MakeKeyPackage();
  altered.back() = static_cast<char>(altered.back() ^ 1);
  EXPECT_EQ(Upload(*mx_, {altered}), "KEY_PACKAGE_INVALID");
  const std::string one = mx_->MakeKeyPackage();
  EXPECT_EQ(Upload(*mx_, std::vector<std::string>(server::kOneTimeKeyPackagesMax + 1, one)),
            "LIMIT_EXCEEDED");
  EXPECT_EQ(Claim(*hn_, mx_->uri()), "");
}

TEST_F(KeyPackageCoreTest, ExpiredOnesAndThoseOfTheRevoked_AreNotGivenOut) {
  ASSERT_EQ(Upload(*mx_, Make(*mx_, 2), mx_->MakeKeyPackage(true)), "OK");
  world_.Advance(91 * server::kDayMs);
  EXPECT_EQ(Claim(*hn_, mx_->uri()), "");
  ASSERT_EQ(Upload(*mx_, Make(*mx_, 1)), "OK");
  ASSERT_TRUE(world_
                  .LogStatement("mx", identity::DeviceRevoked{mx_->uri(),
                                                              identity::RevocationReason::kStolen})
                  .ok());
  PublishNew();
  EXPECT_EQ(Claim(*hn_, mx_->uri()), "");
  EXPECT_EQ(Claim(*hn_, "enlace://mx/officers/ofc-mx-404/devices/dev-1"), "");
}

}  // namespace
}  // namespace enlace::testing
