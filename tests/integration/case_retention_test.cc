// What is over, and what was withdrawn, is gone from the machines that keep to the rules.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>

#include "client/cases/case_store.h"
#include "proto/errors/reasons.h"
#include "tests/integration/support/client_world.h"
#include "tests/integration/support/vault_words.h"
#include "tests/unit/alerts/case_files.h"

namespace enlace::testing {
namespace {

using namespace alert::v1;  // the model's codes
using nlohmann::json;

constexpr int64_t kDayMs = 24LL * 60 * 60 * 1000;

void AddWords(const json& value, std::set<std::string>& words) {
  if (value.is_structured()) {
    for (const json& one : value) AddWords(one, words);
    return;
  }
  if (!value.is_string()) return;
  std::string text = value.get<std::string>();
  // Codes of the model are no words of an alert.
  const bool is_code = std::ranges::all_of(text, [](unsigned char c) {
    return std::isupper(c) != 0 || std::isdigit(c) != 0 || c == '_';
  });
  if (is_code) return;
  std::string word;
  text += ' ';
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || (c & 0x80) != 0) {
      word += c;
      continue;
    }
    // A short run of bytes stands in any ciphertext by chance.
    if (word.size() >= 6) words.insert(word);
    word.clear();
  }
}

TEST(CaseRetention, NoWordOfTheGivenCases_StandsInAVaultInTheClear) {
  ClientWorld world;
  Officer& hn = world.Add("ofc-hn-007", "hn.consular");
  Officer& mx = world.Add("ofc-mx-033", "mx.consular");
  Officer& pa = world.Add("ofc-pa-009", "pa.trafficking");
  Officer& us = world.Add("ofc-us-112", "us.consular");
  Officer& cr = world.Add("ofc-cr-003", "cr.consular");
  std::set<std::string> all;
  const auto send = [&](Officer& from, const std::string& id, const std::string& to) {
    CaseAlert alert = FreshCase(id, {{to}});
    const auto sent = from.Send(alert);
    ASSERT_TRUE(sent.ok()) << id << InfoOf(sent.status()).metadata["violations"];
    AddWords(alerts::CaseJson(id), all);
  };
  send(hn, "A01", "mx.consular");
  send(mx, "A02", "hn.consular");
  send(us, "A03", "cr.consular");
  send(pa, "A05", "mx.consular");
  send(cr, "A07", "mx.consular");
  world.Settle();
  CaseAlert update = FreshCase("A10", {{"hn.consular"}});
  update.mutable_links(0)->set_alert_id(hn.Show(kCaseA01)->table.opening_alert_id);
  update.mutable_sender()->set_officer_id("ofc-mx-033");
  const auto sent = mx.Send(update);
  ASSERT_TRUE(sent.ok()) << InfoOf(sent.status()).metadata["violations"];
  AddWords(alerts::CaseJson("A10"), all);
  world.Settle();
  const std::vector<std::string> words(all.begin(), all.end());
  ASSERT_GT(words.size(), 300u);
  for (Officer* officer : {&hn, &mx, &pa, &us, &cr}) {
    EXPECT_EQ(WordsOnDisk(*officer, words), std::vector<std::string>());
    EXPECT_GT(WordsIn(*officer, words).size(), 50u) << "the search finds what is open";
  }
}

class CaseWithTime : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::filesystem::path file = world_.rcm().server().root() / "foto.pdf";
    std::ofstream(file, std::ios::binary) << "%PDF-1.4\nZelandieta\n%%EOF\n";
    const auto sent = hn_.Send(FreshCase("A01", {{"mx.consular"}}), {file.string()});
    ASSERT_TRUE(sent.ok()) << InfoOf(sent.status()).metadata["violations"];
    world_.Settle();
    ASSERT_TRUE(mx_.Act(kCaseA01, ACTION_ACCEPT, {{"note", "Buscaremos a Zelandieta."}}).ok());
    world_.Settle();
  }

  ClientWorld world_;
  Officer& hn_ = world_.Add("ofc-hn-007", "hn.consular");
  Officer& mx_ = world_.Add("ofc-mx-021", "mx.consular");
};

TEST_F(CaseWithTime, PastItsDeleteAfter_IsGoneFromTheVaultsFiles) {
  ASSERT_EQ(WordsIn(mx_, {"Zelandieta"}).size(), 1u);
  std::map<Officer*, std::vector<Bytes>> sealed;
  std::map<Officer*, std::vector<Bytes>> keys;
  for (Officer* officer : {&hn_, &mx_}) {
    for (const char* table : {"contents", "cases", "attachments"}) {
      const std::vector<Bytes> rows = SealedBytes(*officer, table);
      sealed[officer].insert(sealed[officer].end(), rows.begin(), rows.end());
    }
    keys[officer] = WrappedKeys(*officer);
    ASSERT_GE(sealed[officer].size(), 4u);
    ASSERT_EQ(CountOnDisk(*officer, sealed[officer]), sealed[officer].size());
  }
  world_.clock_offset_ms = 400 * kDayMs * 10;
  for (Officer* officer : {&hn_, &mx_}) {
    // By itself on sync, with or without a server.
    ASSERT_TRUE(officer->Call("sync", json::object()).ok());
    EXPECT_EQ(officer->Show(kCaseA01).status().code(), absl::StatusCode::kNotFound);
    EXPECT_EQ(WordsIn(*officer, {"Zelandieta", kCaseA01}), std::vector<std::string>());
    EXPECT_EQ(CountOnDisk(*officer, sealed[officer]), 0u);
    const std::vector<Bytes> left = WrappedKeys(*officer);
    std::vector<Bytes> destroyed = keys[officer];
    std::erase_if(destroyed, [&](const Bytes& key) {
      return std::find(left.begin(), left.end(), key) != left.end();
    });
    EXPECT_GE(destroyed.size(), 2u) << "the case's and the room's data keys";
    EXPECT_EQ(CountOnDisk(*officer, destroyed), 0u);
  }
}

TEST_F(CaseWithTime, BeforeItsDeleteAfter_Stays) {
  world_.clock_offset_ms = 2 * kDayMs;
  ASSERT_TRUE(mx_.Call("sync", json::object()).ok());
  EXPECT_TRUE(mx_.Show(kCaseA01).ok());
}

TEST_F(CaseWithTime, AuthoritysShorterRetention_Wins) {
  std::ofstream(mx_.profile().config_path(), std::ios::app) << "retention-days = 10\n";
  mx_.TurnOff();
  mx_.ReopenProfile();
  mx_.TurnOn();
  world_.Settle();
  world_.clock_offset_ms = 11 * kDayMs;
  ASSERT_TRUE(mx_.Call("sync", json::object()).ok());
  ASSERT_TRUE(hn_.Call("sync", json::object()).ok());
  EXPECT_FALSE(mx_.Show(kCaseA01).ok());
  EXPECT_TRUE(hn_.Show(kCaseA01).ok());
}

TEST_F(CaseWithTime, Withdrawn_IsPurgedAtEveryRecipient_WhoConfirm) {
  const std::vector<Bytes> before = SealedBytes(mx_, "contents");
  ASSERT_TRUE(hn_.Act(kCaseA01, ACTION_WITHDRAW, {{"note", "Se envió por error."}}).ok());
  const auto confirmed = [&] {
    const auto view = hn_.Show(kCaseA01);
    if (!view.ok() || view->table.state != alerts::CaseState::kWithdrawn) return false;
    return std::ranges::all_of(view->table.rows, [](const alerts::Row& row) {
      return std::ranges::all_of(row.confirmations, [](const alerts::Confirmation& one) {
        return one.confirmed.happened();
      });
    });
  };
  world_.Until(confirmed, "the recipient's confirmation");
  world_.Settle();
  EXPECT_EQ(WordsIn(mx_, {"Zelandieta"}), std::vector<std::string>());
  EXPECT_EQ(CountOnDisk(mx_, before), 0u);
  // The recipient still knows that there was a case, by whom, and that it was withdrawn.
  const auto view = mx_.Show(kCaseA01);
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(view->table.state, alerts::CaseState::kWithdrawn);
  EXPECT_EQ(view->table.CaseRow("mx.consular")->state, alerts::RowState::kWithdrawn);
  const auto late = mx_.Act(kCaseA01, ACTION_ANSWER, {{"note", "Localizado."}});
  EXPECT_EQ(InfoOf(late.status()).name, "CASE_WITHDRAWN");
  // The sender keeps what it wrote until its own time is over.
  EXPECT_EQ(WordsIn(hn_, {"Zelandieta"}).size(), 1u);
}

TEST_F(CaseWithTime, WithdrawnCase_ShowsOneTableToBoth) {
  ASSERT_TRUE(hn_.Act(kCaseA01, ACTION_WITHDRAW, {{"note", "Error."}}).ok());
  world_.Settle();
  world_.Settle();
  const auto here = hn_.Show(kCaseA01);
  const auto there = mx_.Show(kCaseA01);
  ASSERT_TRUE(here.ok() && there.ok());
  ASSERT_EQ(here->table.rows.size(), there->table.rows.size());
  for (size_t i = 0; i < here->table.rows.size(); ++i) {
    EXPECT_EQ(here->table.rows[i].state, there->table.rows[i].state);
    EXPECT_EQ(here->table.rows[i].accepted.officer_id, there->table.rows[i].accepted.officer_id);
  }
  EXPECT_EQ(here->table.history.size(), there->table.history.size());
}

}  // namespace
}  // namespace enlace::testing
