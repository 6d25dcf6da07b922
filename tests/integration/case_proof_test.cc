// The proof of notification, made by a sender and verified by a stranger.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "client/cases/notification_proof.h"
#include "proto/errors/reasons.h"
#include "tests/integration/support/client_world.h"

namespace enlace::testing {
namespace {

using namespace alert::v1;  // the model's codes
using nlohmann::json;

class CaseProof : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(hn_.Send(FreshCase("A01", {{"mx.consular"}, {"us.consular"}})).ok());
    world_.Settle();
    ASSERT_TRUE(mx_.Act(kCaseA01, ACTION_ACKNOWLEDGE).ok());
    world_.Settle();
    const auto answer = hn_.Call("receipts", {{"case", kCaseA01}});
    ASSERT_TRUE(answer.ok()) << answer.status();
    client::ProofSources sources;
    sources.case_ref = kCaseA01;
    sources.charter_root = world_.rcm().world().charter().root;
    const auto replica = client::RegistryReplica::Open(
        {hn_.profile().registry_path(), {sources.charter_root, 1}, /*read_only=*/true});
    ASSERT_TRUE(replica.ok()) << replica.status();
    sources.head = (*replica)->head();
    for (uint64_t i = 0; i < sources.head.head.size; ++i)
      sources.entries.push_back(*(*replica)->EntryAt(i));
    for (const json& one : answer->at("receipts")) {
      const std::string hex = one.at("receipt");
      Bytes receipt(hex.size() / 2);
      ASSERT_TRUE(DecodeHex(hex, receipt));
      sources.receipts[one.at("sequence")] = receipt;
    }
    const auto text = client::MakeProof(*hn_.OpenVault(), sources);
    ASSERT_TRUE(text.ok()) << text.status();
    text_ = *text;
  }

  std::string ReasonOf(const json& file) {
    const auto verified = client::VerifyProof(file.dump(), "");
    return verified.ok() ? "" : InfoOf(verified.status()).name;
  }

  ClientWorld world_;
  Officer& hn_ = world_.Add("ofc-hn-007", "hn.consular");
  Officer& mx_ = world_.Add("ofc-mx-021", "mx.consular");
  Officer& us_ = world_.Add("ofc-us-005", "us.consular");
  std::string text_;
};

TEST_F(CaseProof, ShowsWhoWasNotifiedAndWhen_WithoutAWordOfTheAlert) {
  const std::string root = ToHex(world_.rcm().world().charter().root);
  const auto proof = client::VerifyProof(text_, root);
  ASSERT_TRUE(proof.ok()) << proof.status();
  std::map<std::string, int> delivered;
  std::map<std::string, int> acknowledged;
  for (const client::ProvenNotice& one : proof->notices) {
    (one.acknowledged ? acknowledged : delivered)[one.office_id] += 1;
    EXPECT_EQ(one.alert_ids.front(), hn_.Show(kCaseA01)->table.opening_alert_id);
    EXPECT_GT(one.accepted_at_ms, 0);
  }
  EXPECT_EQ(delivered, (std::map<std::string, int>{{"mx.consular", 1}, {"us.consular", 1}}));
  EXPECT_EQ(acknowledged, (std::map<std::string, int>{{"mx.consular", 1}}));
  EXPECT_EQ(text_.find(ToHex(AsBytes("Zelandieta"))), std::string::npos);
}

TEST_F(CaseProof, ForAnotherCharter_IsRefused) {
  EXPECT_FALSE(client::VerifyProof(text_, std::string(64, '0')).ok());
}

TEST_F(CaseProof, ChangedInAnyPart_DoesNotHold) {
  const json file = json::parse(text_);
  const auto flip = [](std::string hex) {
    char& digit = hex[hex.size() / 2];
    digit = digit == '0' ? '1' : '0';
    return hex;
  };
  for (const char* part : {"signed_content", "server_receipt"}) {
    json changed = file;
    changed["messages"][0][part] = flip(changed["messages"][0][part]);
    EXPECT_EQ(ReasonOf(changed), "PROOF_INVALID") << part;
  }
  for (const char* part : {"charter_root", "signed_head"}) {
    json changed = file;
    changed[part] = flip(changed[part]);
    EXPECT_EQ(ReasonOf(changed), "PROOF_INVALID") << part;
  }
  json shorter = file;
  shorter["entries"].erase(shorter["entries"].size() - 1);
  EXPECT_EQ(ReasonOf(shorter), "PROOF_INVALID");
  // A receipt of the server for another message does not make this one later or earlier.
  json swapped = file;
  std::swap(swapped["messages"][0]["server_receipt"], swapped["messages"][1]["server_receipt"]);
  EXPECT_EQ(ReasonOf(swapped), "PROOF_INVALID");
  EXPECT_EQ(ReasonOf(json::array()), "PROOF_INVALID");
  EXPECT_EQ(ReasonOf(json{{"version", "1"}}), "PROOF_INVALID");
}

}  // namespace
}  // namespace enlace::testing
