// The parts of the program that stand alone: keys on disk, the operator's socket, the wake hook,
// descriptors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "crypto/primitives/status.h"
#include "crypto/primitives/system_rng.h"
#include "server/app/control.h"
#include "server/app/descriptor_budget.h"
#include "server/app/figures.h"
#include "server/app/identity_files.h"
#include "server/app/wake_hook.h"
#include "server/listener/limits.h"

namespace enlace::server {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

constexpr int64_t kNowMs = 1'795'000'000'000;

std::string ReadText(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

class AppPartsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("enlace-app-" + std::to_string(getpid()));
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  fs::path root_;
  crypto::SystemRng rng_;
};

TEST_F(AppPartsTest, CreatedIdentity_LoadsAndNamesTheServer) {
  const DataFolder folder(root_ / "data");
  ASSERT_TRUE(
      CreateIdentity(folder, {"enlace.rcm.example", {"localhost", "127.0.0.1"}}, kNowMs, rng_)
          .ok());
  const auto loaded = LoadIdentity(folder);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_TRUE(loaded->certificate.ValidAt(kNowMs));
  EXPECT_THAT(loaded->certificate.server_names(),
              ::testing::ElementsAre("enlace.rcm.example", "localhost", "127.0.0.1"));
  const auto json = nlohmann::json::parse(ReadText(folder.identity()));
  EXPECT_EQ(json["schema"], "enlace.server-identity.v1");
  EXPECT_EQ(json["name"], "enlace.rcm.example");
  EXPECT_EQ(json["tls_certificate_pem"], loaded->certificate.ToPem());
  EXPECT_EQ(json["log_key"], ToHex(loaded->log_key.public_key()));
}

TEST_F(AppPartsTest, Keys_AreTheOwnersAloneAndNeverOverwritten) {
  const DataFolder folder(root_ / "data");
  ASSERT_TRUE(CreateIdentity(folder, {"a.example", {}}, kNowMs, rng_).ok());
  for (const auto& path : {folder.tls_key(), folder.log_key()}) {
    struct stat info {};
    ASSERT_EQ(stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
  }
  const std::string before = ReadText(folder.tls_key());
  EXPECT_EQ(CreateIdentity(folder, {"a.example", {}}, kNowMs, rng_).code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReadText(folder.tls_key()), before);
}

TEST_F(AppPartsTest, KeyThatOthersCanRead_IsRefused) {
  const DataFolder folder(root_ / "data");
  ASSERT_TRUE(CreateIdentity(folder, {"a.example", {}}, kNowMs, rng_).ok());
  ASSERT_EQ(chmod(folder.log_key().c_str(), 0640), 0);
  EXPECT_EQ(LoadIdentity(folder).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(AppPartsTest, KeyOfAnotherCertificate_IsRefused) {
  const DataFolder folder(root_ / "data");
  const DataFolder other(root_ / "other");
  ASSERT_TRUE(CreateIdentity(folder, {"a.example", {}}, kNowMs, rng_).ok());
  ASSERT_TRUE(CreateIdentity(other, {"a.example", {}}, kNowMs, rng_).ok());
  fs::copy_file(other.tls_key(), folder.tls_key(), fs::copy_options::overwrite_existing);
  EXPECT_EQ(LoadIdentity(folder).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(AppPartsTest, FolderWithoutKeys_IsNotFound) {
  EXPECT_EQ(LoadIdentity(DataFolder(root_)).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(AppPartsTest, Control_AnswersEachAskerAndLeavesNoSocket) {
  const fs::path path = root_ / "control";
  {
    const auto control = ControlServer::Create(
        path, [](std::string_view line) { return "you said " + std::string(line); });
    ASSERT_TRUE(control.ok()) << control.status();
    for (const char* word : {"status", "compact"}) {
      const auto answer = AskServer(path, word, std::chrono::seconds(5));
      ASSERT_TRUE(answer.ok()) << answer.status();
      EXPECT_EQ(*answer, "you said " + std::string(word));
    }
    struct stat info {};
    ASSERT_EQ(stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
  }
  EXPECT_FALSE(fs::exists(path));
  EXPECT_EQ(AskServer(path, "status", std::chrono::seconds(1)).status().code(),
            absl::StatusCode::kUnavailable);
}

TEST_F(AppPartsTest, WakeProgram_GetsOfficeAndUrgencyAndNothingElse) {
  const fs::path program = root_ / "wake";
  const fs::path heard = root_ / "heard";
  std::ofstream(program) << "#!/bin/sh\necho \"$# $1 $2 [$HOME]\" >> " << heard.string()
                         << ".part\nmv " << heard.string() << ".part " << heard.string() << "\n";
  ASSERT_EQ(chmod(program.c_str(), 0700), 0);
  WakeHook wake(program.string());
  wake.Queue({{"sv.consular", v1::URGENCY_URGENT}});
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!fs::exists(heard) && std::chrono::steady_clock::now() < end) {
    wake.Work();
    std::this_thread::yield();
  }
  EXPECT_EQ(ReadText(heard), "2 sv.consular urgent []\n");
}

TEST(DescriptorBudgetTest, FewDescriptors_LeaveTheStoreItsShare) {
  const DescriptorBudget budget = ShareOut(64, {4096, 64});
  EXPECT_GE(budget.engine_files, 20);
  EXPECT_GE(budget.main_connections, 2u);
  EXPECT_GE(budget.enrolment_connections, 2u);
}

TEST(DescriptorBudgetTest, ManyDescriptors_GiveWhatIsWantedAndNoMore) {
  const DescriptorBudget budget = ShareOut(1'000'000, {4096, 64});
  EXPECT_EQ(budget.main_connections, 4096u);
  EXPECT_EQ(budget.enrolment_connections, 64u);
}

TEST(DescriptorBudgetTest, Shares_NeverExceedWhatThereIs) {
  for (size_t descriptors = 128; descriptors < 20'000; descriptors += 37) {
    const DescriptorBudget budget = ShareOut(descriptors, {100'000, 100'000});
    EXPECT_LE(static_cast<size_t>(budget.engine_files) + budget.main_connections +
                  budget.enrolment_connections + kReservedDescriptors,
              descriptors);
  }
}

TEST(PowerHistogramTest, Values_FallIntoTheBucketBelowTheirBound) {
  PowerHistogram histogram;
  for (const int64_t value : {0, 1, 2, 3, 4, 1 << 30}) histogram.Observe(value);
  EXPECT_EQ(histogram.counts[0], 1u);  // 0
  EXPECT_EQ(histogram.counts[1], 1u);  // 1
  EXPECT_EQ(histogram.counts[2], 2u);  // 2, 3
  EXPECT_EQ(histogram.counts[3], 1u);  // 4
  EXPECT_EQ(histogram.counts.back(), 1u);
}

}  // namespace
}  // namespace enlace::server
