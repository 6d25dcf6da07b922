// Approving a request: the hidden word, its three tries, and what is signed.
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "client/admin/authority_keys.h"
#include "client/admin/invitation_book.h"
#include "client/admin/request_commands.h"
#include "client/cli_common/words_line.h"
#include "proto/errors/reasons.h"
#include "tests/unit/client/support/fake_rcm.h"
#include "tests/unit/client/support/temp_folder.h"

namespace enlace::client::admin {
namespace {

using testing::FakeRcm;
using testing::TempFolder;

constexpr uint8_t kHidden = 2;
constexpr const char* kOfficer = "ofc-hn-007";

class AdminRequestTest : public ::testing::Test {
 protected:
  AdminRequestTest() : environment_(JoinEnvironment::OfSystem(rcm_.rng)) {
    rcm_.LogOffice("hn.consular");
    environment_.cost = {8192, 1};
    environment_.now_ms = [this] { return rcm_.now_ms; };
    environment_.connect = [this](const ServerEndpoint&, const ClientIdentity&) {
      return absl::StatusOr<std::unique_ptr<SessionInterface>>(testing::ConnectTo(rcm_));
    };
    std::ofstream(folder_.File("passphrase")) << "puente maíz lunes tambor\n";
    Prepare();
  }

  Profile OpenProfile() {
    Profile::Request request;
    request.program = "enlace-admin";
    request.system_config = folder_.File("none");
    request.environment = [this](std::string_view name) -> std::optional<std::string> {
      if (name == "ENLACE_HOME") return folder_.path();
      return std::nullopt;
    };
    return *Profile::Open(request);
  }

  // One run of the program, in which a person types `typed`.
  absl::Status Run(const std::function<absl::Status(AdminContext&)>& command,
                   const std::string& typed = "") {
    int input[2];
    EXPECT_EQ(pipe(input), 0);
    EXPECT_EQ(write(input[1], typed.data(), typed.size()), static_cast<ssize_t>(typed.size()));
    close(input[1]);
    shown_.str("");
    const Console console({"enlace-admin",
                           {},
                           OutputMode::kText,
                           false,
                           false,
                           !typed.empty(),
                           &shown_,
                           &shown_,
                           input[0]});
    AdminFlags flags;
    flags.yes = true;
    flags.passphrase.file = folder_.File("passphrase");
    AdminContext context(console, OpenProfile(), flags, environment_);
    const absl::Status status = command(context);
    close(input[0]);
    return status;
  }
  absl::Status ApproveTyping(const std::string& typed) {
    return Run([](AdminContext& context) { return Approve(context, {{kOfficer}, ""}); }, typed);
  }

  absl::Status SaveKeys(Vault& vault) {
    const auto transaction = *vault.Begin();
    const AuthorityCa ca{"hn", rcm_.ca_key.Clone(), rcm_.ca, "ofc-hn-001", {"Admin", {}, {}}};
    EXPECT_TRUE(SaveCa(ca, *transaction).ok());
    EXPECT_TRUE(SaveDevice(AdminDevice(), *transaction).ok());
    return transaction->Commit();
  }

  // The administrator's vault, an invitation in it, and a request made with it.
  void Prepare() {
    const identity::Invitation invitation = rcm_.Invite();
    const auto prepared = Run([&](AdminContext& context) -> absl::Status {
      Vault* vault = *context.OpenVault(/*create=*/true);
      EXPECT_TRUE(SaveKeys(*vault).ok());
      return SaveInvitation({invitation.Clone(), kHidden, 0}, *vault);
    });
    EXPECT_TRUE(prepared.ok()) << prepared;
    Ask(invitation, identity::CharterHash(*identity::EncodeCharter(rcm_.charter())));
  }

  void Ask(const identity::Invitation& invitation, const merkle::Hash& charter) {
    const auto keys = identity::DeviceKeys::Generate(rcm_.rng);
    const auto request =
        identity::MakeEnrolmentRequest(invitation, keys, {1, charter}, rcm_.now_ms);
    ASSERT_TRUE(request.ok()) << request.status();
    words_ = identity::WordsOf(*request, invitation);
    rcm_.request = ToText(identity::EncodeEnrolmentRequest(*request));
    rcm_.state = v1::ENROLMENT_STATE_PENDING;
  }

  DeviceIdentity AdminDevice() {
    auto keys = identity::DeviceKeys::Generate(rcm_.rng);
    const auto uri = *identity::DeviceUri::Create("ofc-hn-001", "dev-1");
    const identity::Issuer issuer{rcm_.ca, rcm_.ca_key, rcm_.now_ms};
    const auto tls = *identity::MakeSigningRequest(uri, keys.tls);
    const auto mls = *identity::MakeSigningRequest(uri, keys.mls);
    return {uri,
            *identity::IssueDeviceCertificate(tls, issuer, rcm_.rng),
            *identity::IssueDeviceCertificate(mls, issuer, rcm_.rng),
            std::move(keys.tls),
            std::move(keys.mls),
            rcm_.pin(),
            "localhost:7443",
            "localhost:7444",
            {},
            ""};
  }

  TempFolder folder_;
  FakeRcm rcm_;
  JoinEnvironment environment_;
  std::ostringstream shown_;
  std::array<std::string, identity::kVerificationWords> words_;
};

TEST_F(AdminRequestTest, RightWord_AdmitsTheDevice_AndTheHiddenOneIsNotShown) {
  const absl::Status status = ApproveTyping(words_[kHidden] + "\n");
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(rcm_.state, v1::ENROLMENT_STATE_APPROVED);
  EXPECT_EQ(rcm_.entries.size(), 3u);
  std::array<std::string, identity::kVerificationWords> shown = words_;
  shown[kHidden] = "·····";
  EXPECT_NE(shown_.str().find("\n" + WordsLine(shown) + "\n"), std::string::npos) << shown_.str();
  EXPECT_TRUE(HasReason(ApproveTyping("x\n"), Reason::kRequestUnknown));
}

TEST_F(AdminRequestTest, ThreeWrongWords_SpendTheRequest_AlsoOverSeveralRuns) {
  EXPECT_TRUE(HasReason(ApproveTyping("nada\n"), Reason::kInterrupted));
  EXPECT_TRUE(HasReason(ApproveTyping("nada\n"), Reason::kInterrupted));
  EXPECT_EQ(rcm_.state, v1::ENROLMENT_STATE_PENDING);
  EXPECT_TRUE(HasReason(ApproveTyping("nada\n"), Reason::kWordSpent));
  EXPECT_EQ(rcm_.state, v1::ENROLMENT_STATE_REJECTED);
  EXPECT_EQ(rcm_.entries.size(), 2u);
}

TEST_F(AdminRequestTest, ThirdWrongWordWithoutNetwork_GivesNoFurtherTry) {
  rcm_.reject_answer = MakeError(Reason::kServerUnreachable, {{"server", "x"}});
  EXPECT_TRUE(HasReason(ApproveTyping("a\nb\nc\n"), Reason::kServerUnreachable));
  rcm_.reject_answer = absl::OkStatus();
  EXPECT_TRUE(HasReason(ApproveTyping(words_[kHidden] + "\n"), Reason::kWordSpent));
  EXPECT_EQ(rcm_.state, v1::ENROLMENT_STATE_REJECTED);
}

TEST_F(AdminRequestTest, WithoutTerminal_YesDoesNotSkipTheWord) {
  EXPECT_TRUE(HasReason(ApproveTyping(""), Reason::kPromptImpossible));
  EXPECT_EQ(rcm_.state, v1::ENROLMENT_STATE_PENDING);
}

TEST_F(AdminRequestTest, WordsFromAFile_AreComparedAllSix) {
  const auto approve = [&](const std::string& line) {
    std::ofstream(folder_.File("words")) << line << "\n";
    return Run([&](AdminContext& context) {
      return Approve(context, {{kOfficer}, folder_.File("words")});
    });
  };
  std::string line = kOfficer;
  for (const std::string& word : words_) line += " " + word;
  EXPECT_TRUE(HasReason(approve(line + "x"), Reason::kWordWrong));
  EXPECT_TRUE(HasReason(approve("ofc-hn-007 uno dos"), Reason::kUsage));
  EXPECT_EQ(rcm_.state, v1::ENROLMENT_STATE_PENDING);
  const absl::Status right = approve(line);
  EXPECT_TRUE(right.ok()) << right;
  EXPECT_EQ(rcm_.state, v1::ENROLMENT_STATE_APPROVED);
}

TEST_F(AdminRequestTest, RequestOfAnotherInvitationOrCharter_IsForged) {
  const std::string honest = rcm_.request;
  rcm_.request.back() = static_cast<char>(rcm_.request.back() ^ 1);  // Its MAC.
  EXPECT_TRUE(HasReason(ApproveTyping("x\n"), Reason::kRequestForged));
  merkle::Hash other{};
  Ask(rcm_.invitation, other);
  EXPECT_TRUE(HasReason(ApproveTyping(words_[kHidden] + "\n"), Reason::kRequestForged));
  EXPECT_EQ(rcm_.entries.size(), 2u);
}

TEST_F(AdminRequestTest, BytesThatAreNoRequest_AreShownAndCanBeRefused) {
  rcm_.request = "nothing";
  const absl::Status listed = Run([](AdminContext& context) { return Pending(context); });
  ASSERT_TRUE(listed.ok()) << listed;
  EXPECT_NE(shown_.str().find("enlace-admin reject ofc-hn-007"), std::string::npos) << shown_.str();
  EXPECT_TRUE(HasReason(ApproveTyping("x\n"), Reason::kRequestForged));
  const absl::Status refused =
      Run([](AdminContext& context) { return Reject(context, kOfficer, "no es una solicitud"); });
  EXPECT_TRUE(refused.ok()) << refused;
  EXPECT_EQ(rcm_.state, v1::ENROLMENT_STATE_REJECTED);
}

TEST_F(AdminRequestTest, RejectedRequest_IsGone) {
  const auto status =
      Run([](AdminContext& context) { return Reject(context, kOfficer, "no es ella"); });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(rcm_.reject_reason, "no es ella");
  EXPECT_TRUE(HasReason(ApproveTyping("x\n"), Reason::kRequestUnknown));
}

}  // namespace
}  // namespace enlace::client::admin
