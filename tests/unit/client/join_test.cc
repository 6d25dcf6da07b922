#include "client/enrolment/join.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "client/enrolment/key_packages.h"
#include "client/enrolment/pending_join.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"
#include "tests/unit/client/support/fake_rcm.h"
#include "tests/unit/client/support/temp_folder.h"

namespace enlace::client {
namespace {

using testing::FakeRcm;
using testing::TempFolder;

SecretBytes Phrase() { return SecretBytes::CopyOf(AsBytes("puente maíz lunes tambor")); }

class JoinTest : public ::testing::Test {
 protected:
  JoinTest() : environment_(JoinEnvironment::OfSystem(rcm_.rng)), profile_(OpenProfile()) {
    rcm_.LogOffice("hn.consular");
    environment_.cost = {8192, 1};
    environment_.now_ms = [this] { return rcm_.now_ms; };
    environment_.connect_enrolment = [this](const ServerEndpoint&) {
      return absl::StatusOr<std::unique_ptr<EnrolmentInterface>>(
          testing::ConnectForEnrolment(rcm_));
    };
    environment_.connect = [this](const ServerEndpoint&, const ClientIdentity&) {
      return absl::StatusOr<std::unique_ptr<SessionInterface>>(testing::ConnectTo(rcm_));
    };
  }

  Profile OpenProfile() {
    Profile::Request request;
    request.system_config = folder_.File("none");
    request.environment = [this](std::string_view name) -> std::optional<std::string> {
      if (name == "ENLACE_HOME") return folder_.path();
      return std::nullopt;
    };
    auto profile = Profile::Open(request);
    EXPECT_TRUE(profile.ok()) << profile.status();
    return *profile;
  }

  absl::StatusOr<std::unique_ptr<Join>> Begin(const identity::Invitation& invitation) {
    const SecretBytes text = identity::EncodeInvitationFile(invitation);
    return Join::Begin(profile_, AsText(text.view()), environment_);
  }
  std::unique_ptr<Join> BeginAndRequest() {
    auto join = Begin(rcm_.Invite());
    EXPECT_TRUE(join.ok()) << join.status();
    const absl::Status requested = (*join)->Request(Phrase());
    EXPECT_TRUE(requested.ok()) << requested;
    return std::move(*join);
  }

  // Names of the files that a profile has beside its lock.
  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(profile_.data_dir())) {
      const std::string name = entry.path().filename();
      if (name != "lock") names.push_back(name);
    }
    return names;
  }
  std::unique_ptr<Vault> OpenVault() {
    auto vault = Vault::Open({profile_.vault_path(), VaultMode::kReader}, Phrase(), rcm_.rng);
    EXPECT_TRUE(vault.ok()) << vault.status();
    return std::move(*vault);
  }

  TempFolder folder_;
  FakeRcm rcm_;
  JoinEnvironment environment_;
  Profile profile_;
};

TEST_F(JoinTest, ApprovedRequest_MakesAnEnrolledDevice) {
  auto join = BeginAndRequest();
  EXPECT_EQ(join->charter()->version, 1u);
  EXPECT_TRUE(HasReason(join->Finish().status(), Reason::kEnrolmentPending));
  const auto asked = identity::DecodeEnrolmentRequest(AsBytes(rcm_.request));
  EXPECT_EQ(join->words(), identity::WordsOf(*asked, rcm_.invitation));
  rcm_.Approve();
  const auto joined = join->Finish();
  ASSERT_TRUE(joined.ok()) << joined.status();
  EXPECT_TRUE(joined->key_packages.ok()) << joined->key_packages;
  EXPECT_EQ(joined->offices, std::vector<std::string>{"hn.consular"});
  EXPECT_EQ(rcm_.uploaded_key_packages, static_cast<int>(kKeyPackagesOneTime) + 1);
  join.reset();
  const auto vault = OpenVault();
  const auto device = LoadDevice(*vault);
  ASSERT_TRUE(device.ok()) << device.status();
  EXPECT_EQ(device->uri.text(), rcm_.invitation.device_uri);
  EXPECT_EQ(device->server_address, "localhost:7443");
  EXPECT_EQ(device->tls_key.public_key_info(), device->tls_certificate.public_key_info());
  EXPECT_EQ(*vault->Count(kKeyPackageTable, {}), kKeyPackagesOneTime + 1);
  EXPECT_TRUE(HasReason(LoadPendingJoin(*vault).status(), Reason::kNotEnrolled));
  EXPECT_FALSE(HasPendingJoin(profile_));
  const absl::Status again = Begin(rcm_.Invite()).status();
  ASSERT_TRUE(HasReason(again, Reason::kAlreadyEnrolled));
}

TEST_F(JoinTest, WaitingRequest_IsNeitherReplacedNorOpenedByAnotherPassphrase) {
  BeginAndRequest().reset();
  EXPECT_TRUE(HasPendingJoin(profile_));
  EXPECT_TRUE(HasReason(Begin(rcm_.Invite()).status(), Reason::kEnrolmentPending));
  const SecretBytes wrong = SecretBytes::CopyOf(AsBytes("otra frase de paso"));
  EXPECT_TRUE(
      HasReason(Join::Resume(profile_, wrong, environment_).status(), Reason::kPassphraseWrong));
}

TEST_F(JoinTest, ResumedRequest_HasTheSameWords_AndFinishes) {
  const auto words = BeginAndRequest()->words();
  const auto resumed = Join::Resume(profile_, Phrase(), environment_);
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_EQ((*resumed)->words(), words);
  rcm_.Approve();
  const auto joined = (*resumed)->Finish();
  EXPECT_TRUE(joined.ok()) << joined.status();
}

TEST_F(JoinTest, NothingToResume_IsNotEnrolled) {
  EXPECT_TRUE(
      HasReason(Join::Resume(profile_, Phrase(), environment_).status(), Reason::kNotEnrolled));
}

TEST_F(JoinTest, RefusedRequest_LeavesNothingBehind) {
  const auto join = Begin(rcm_.Invite());
  ASSERT_TRUE(join.ok()) << join.status();
  EXPECT_TRUE(Files().empty());
  rcm_.request_answer = MakeError(Reason::kInvitationSpent, {{"why", "used by another machine"}});
  EXPECT_TRUE(HasReason((*join)->Request(Phrase()), Reason::kInvitationSpent));
  EXPECT_TRUE(Files().empty());
}

TEST_F(JoinTest, WeakPassphrase_LeavesNothing_AndAsksNobody) {
  const auto join = Begin(rcm_.Invite());
  const SecretBytes weak = SecretBytes::CopyOf(AsBytes("corta"));
  EXPECT_TRUE(HasReason((*join)->Request(weak), Reason::kPassphraseWeak));
  EXPECT_TRUE(Files().empty());
  EXPECT_EQ(rcm_.requests, 0);
}

TEST_F(JoinTest, LostAnswer_KeepsTheRequest_AndItIsSentAgain) {
  {
    const auto join = Begin(rcm_.Invite());
    rcm_.request_answer = MakeError(Reason::kServerUnreachable, {{"server", "x"}});
    EXPECT_TRUE(HasReason((*join)->Request(Phrase()), Reason::kServerUnreachable));
  }
  rcm_.request_answer = absl::OkStatus();
  const auto resumed = Join::Resume(profile_, Phrase(), environment_);
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_TRUE(HasReason((*resumed)->Finish().status(), Reason::kEnrolmentPending));
  EXPECT_EQ(rcm_.requests, 2);
  rcm_.Approve();
  EXPECT_TRUE((*resumed)->Finish().ok());
}

TEST_F(JoinTest, RejectedRequest_LeavesNothingBehind_AndSaysWhy) {
  const auto join = BeginAndRequest();
  rcm_.Reject("no es ella");
  const auto status = join->Finish().status();
  ASSERT_TRUE(HasReason(status, Reason::kEnrolmentRejected));
  EXPECT_EQ(InfoOf(status).metadata["why"], "no es ella");
  EXPECT_TRUE(Files().empty());
}

TEST_F(JoinTest, TextThatIsNoInvitation_IsRefused) {
  EXPECT_TRUE(
      HasReason(Join::Begin(profile_, "hola", environment_).status(), Reason::kInvitationInvalid));
}

TEST_F(JoinTest, ExpiredInvitation_IsSpent) {
  const auto invitation = rcm_.Invite();
  rcm_.now_ms += 73LL * 60 * 60 * 1000;
  EXPECT_TRUE(HasReason(Begin(invitation).status(), Reason::kInvitationSpent));
}

TEST_F(JoinTest, InvitationToAnotherServerOrCaOrRoot_IsNotFollowed) {
  const auto refused = [&](const std::function<void(identity::Invitation&)>& change) {
    auto invitation = rcm_.Invite();
    change(invitation);
    return InfoOf(Begin(invitation).status()).name;
  };
  EXPECT_EQ(refused([](auto& i) { i.server_certificate[0] ^= 1; }), "SERVER_IDENTITY");
  EXPECT_EQ(refused([](auto& i) { i.ca_certificate[0] ^= 1; }), "CA_NOT_IN_CHARTER");
  EXPECT_EQ(refused([](auto& i) { i.charter_pin.root[0] ^= 1; }), "CHARTER_REJECTED");
  EXPECT_EQ(refused([](auto& i) { i.charter_pin.lowest_version = 2; }), "CHARTER_REJECTED");
  EXPECT_EQ(rcm_.requests, 0);
  EXPECT_TRUE(Files().empty());
}

TEST_F(JoinTest, AdmissionOnOtherTerms_IsRefused_AndNothingIsKept) {
  const auto join = BeginAndRequest();
  rcm_.LogOffice("hn.trafficking");
  rcm_.Approve([](identity::DeviceEnrolled& enrolled) { enrolled.offices = {"hn.trafficking"}; });
  EXPECT_TRUE(HasReason(join->Finish().status(), Reason::kRegistryEntryInvalid));
  EXPECT_TRUE(HasPendingJoin(profile_));
  EXPECT_EQ(rcm_.uploaded_key_packages, 0);
}

TEST_F(JoinTest, AdmissionThatStandsInNoLog_IsRefused) {
  const auto join = BeginAndRequest();
  rcm_.Approve();
  rcm_.entries.pop_back();
  EXPECT_TRUE(HasReason(join->Finish().status(), Reason::kLogInconsistent));
  EXPECT_EQ(rcm_.uploaded_key_packages, 0);
}

TEST_F(JoinTest, FailedUploadOfKeyPackages_IsReported_ButTheDeviceIsEnrolled) {
  const auto join = BeginAndRequest();
  rcm_.Approve();
  rcm_.upload_answer = MakeError(Reason::kServerUnreachable, {{"server", "x"}});
  const auto joined = join->Finish();
  ASSERT_TRUE(joined.ok()) << joined.status();
  EXPECT_TRUE(HasReason(joined->key_packages, Reason::kServerUnreachable));
}

TEST_F(JoinTest, ProfileInUse_IsBusy) {
  const auto join = BeginAndRequest();
  EXPECT_TRUE(
      HasReason(Join::Resume(profile_, Phrase(), environment_).status(), Reason::kVaultBusy));
}

}  // namespace
}  // namespace enlace::client
