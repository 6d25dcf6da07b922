// enlace-admin charter verify FILE: with which keys a charter is verified.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "client/admin/charter_commands.h"
#include "client/admin/charter_file.h"
#include "client/cli_common/text_file.h"
#include "proto/errors/reasons.h"
#include "tests/unit/client/support/fake_rcm.h"
#include "tests/unit/client/support/temp_folder.h"

namespace enlace::client::admin {
namespace {

using testing::FakeRcm;
using testing::TempFolder;

identity::PublicKey KeyOf(const crypto::SigningKey& key) {
  identity::PublicKey out{};
  std::copy(key.public_key().begin(), key.public_key().end(), out.begin());
  return out;
}

class CharterVerifyTest : public ::testing::Test {
 protected:
  CharterVerifyTest()
      : founding_(crypto::SigningKey::Generate(rcm_.rng)),
        second_(crypto::SigningKey::Generate(rcm_.rng)) {
    first_ = rcm_.charter();
    first_.version = 1;
    first_.keys = {KeyOf(founding_)};
    first_.threshold = 1;
    first_.root = identity::KeySetRoot(first_.keys, first_.threshold);
    next_ = first_;
    next_.version = 2;
    next_.keys = {KeyOf(second_)};
  }

  std::string Write(const std::string& name, const identity::Charter& charter,
                    const crypto::SigningKey* signer) {
    identity::SignedCharter out{*identity::EncodeCharter(charter), {}};
    if (signer != nullptr) identity::SignCharter(out, *signer);
    const std::string path = folder_.File(name);
    EXPECT_TRUE(WriteWholeFile({path, false}, AsBytes(EncodeCharterFile(out))).ok());
    return path;
  }

  absl::Status Verify(const std::string& file, const std::vector<std::string>& previous = {},
                      const std::string& root = "") {
    CharterVerifyOptions options;
    options.file = file;
    options.previous = previous;
    options.root = root;
    shown_.str("");
    Console::Setup setup;
    setup.program = "enlace-admin";
    setup.out = &shown_;
    setup.err = &shown_;
    const Console console(setup);
    const JoinEnvironment environment = JoinEnvironment::OfSystem(rcm_.rng);
    Profile::Request request;
    request.program = "enlace-admin";
    request.system_config = folder_.File("none");
    request.environment = [this](std::string_view name) -> std::optional<std::string> {
      if (name == "ENLACE_HOME") return folder_.path();
      return std::nullopt;
    };
    AdminContext context(console, *Profile::Open(request), {}, environment);
    return CharterVerify(context, options);
  }
  bool SaysThatItVerifies() const {
    return shown_.str().find("signatures verify") != std::string::npos;
  }

  FakeRcm rcm_;
  TempFolder folder_;
  crypto::SigningKey founding_;
  crypto::SigningKey second_;
  identity::Charter first_;
  identity::Charter next_;
  std::ostringstream shown_;
};

TEST_F(CharterVerifyTest, FirstVersion_IsVerifiedWithItsOwnKeys) {
  const std::string good = Write("good", first_, &founding_);
  const absl::Status status = Verify(good);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_TRUE(SaysThatItVerifies());
  EXPECT_TRUE(HasReason(Verify(Write("draft", first_, nullptr)), Reason::kCharterUnsigned));
  EXPECT_TRUE(HasReason(Verify(Write("forged", first_, &second_)), Reason::kCharterRejected));
  EXPECT_FALSE(SaysThatItVerifies());
  EXPECT_TRUE(HasReason(Verify(good, {}, std::string(64, 'a')), Reason::kCharterRejected));
}

TEST_F(CharterVerifyTest, LaterVersion_IsVerifiedWithTheKeysBeforeIt) {
  const std::string first = Write("first", first_, &founding_);
  const std::string next = Write("next", next_, &founding_);
  const absl::Status status = Verify(next, {first});
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_TRUE(SaysThatItVerifies());
  const std::string forged = Write("forged", next_, &second_);
  EXPECT_TRUE(HasReason(Verify(forged, {first}), Reason::kCharterRejected));
  EXPECT_FALSE(SaysThatItVerifies());
}

TEST_F(CharterVerifyTest, LaterVersionAlone_AsksForTheKeysBeforeIt) {
  EXPECT_TRUE(HasReason(Verify(Write("next", next_, &founding_)), Reason::kUsage));
  EXPECT_FALSE(SaysThatItVerifies());
}

}  // namespace
}  // namespace enlace::client::admin
