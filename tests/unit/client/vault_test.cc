#include "client/vault/vault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "crypto/primitives/system_rng.h"
#include "proto/errors/reasons.h"
#include "tests/unit/client/support/temp_folder.h"

namespace enlace::client {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::TempFolder;

// Argon2id's floor: what is tested is not its cost.
constexpr PassphraseCost kCheap{8192, 1};

SecretBytes Phrase(std::string_view text) { return SecretBytes::CopyOf(AsBytes(text)); }

std::string Everything(const TempFolder& folder) {
  std::string all;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    std::ifstream file(entry.path(), std::ios::binary);
    all.append(std::istreambuf_iterator<char>(file), {});
  }
  return all;
}

class VaultTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto vault = Vault::Create(path(), Phrase("puente maíz lunes tambor"), rng_, kCheap);
    ASSERT_TRUE(vault.ok()) << vault.status();
    vault_ = std::move(*vault);
  }

  std::string path() const { return folder_.File("vault.db"); }

  std::unique_ptr<VaultTransaction> Begin() {
    auto transaction = vault_->Begin();
    EXPECT_TRUE(transaction.ok()) << transaction.status();
    return std::move(*transaction);
  }

  void PutOne(std::string_view table, std::string_view row, std::string_view value,
              const DataKeyId& key = kVaultKey) {
    const auto transaction = Begin();
    ASSERT_TRUE(transaction->Put(table, AsBytes(row), AsBytes(value), key).ok());
    ASSERT_TRUE(transaction->Commit().ok());
  }

  static std::optional<std::string> ReadFrom(const Vault& vault, std::string_view table,
                                             std::string_view row) {
    const auto value = vault.Get(table, AsBytes(row));
    EXPECT_TRUE(value.ok()) << value.status();
    if (!value.ok() || !value->has_value()) return std::nullopt;
    return ToText((*value)->view());
  }
  std::optional<std::string> Read(std::string_view table, std::string_view row) const {
    return ReadFrom(*vault_, table, row);
  }

  // Runs SQL on the file as somebody with the disk would.
  void Tamper(const std::string& sql) {
    vault_.reset();
    sqlite3* raw = nullptr;
    ASSERT_EQ(sqlite3_open(path().c_str(), &raw), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(raw, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(raw);
    sqlite3_close(raw);
  }

  absl::StatusOr<std::unique_ptr<Vault>> Reopen(std::string_view phrase) {
    vault_.reset();
    return Vault::Open({path(), VaultMode::kOwner}, Phrase(phrase), rng_);
  }

  crypto::SystemRng rng_;
  TempFolder folder_;
  std::unique_ptr<Vault> vault_;
};

TEST_F(VaultTest, CommittedRow_IsThereAfterReopening) {
  PutOne("alerts", "row-1", "secreto");
  auto vault = Reopen("puente maíz lunes tambor");
  ASSERT_TRUE(vault.ok()) << vault.status();
  EXPECT_EQ(ReadFrom(**vault, "alerts", "row-1"), "secreto");
  EXPECT_EQ(ReadFrom(**vault, "alerts", "row-2"), std::nullopt);
  EXPECT_EQ(ReadFrom(**vault, "other", "row-1"), std::nullopt);
}

TEST_F(VaultTest, EmptyValue_IsAValue) {
  PutOne("alerts", "row", "");
  EXPECT_EQ(Read("alerts", "row"), "");
}

TEST_F(VaultTest, WrongPassphrase_IsRefused_AndNothingChanges) {
  PutOne("alerts", "row-1", "secreto");
  EXPECT_TRUE(HasReason(Reopen("puente maíz lunes tambo").status(), Reason::kPassphraseWrong));
  EXPECT_TRUE(Reopen("puente maíz lunes tambor").ok());
}

TEST_F(VaultTest, WeakPassphrase_LeavesNoFile) {
  const std::string other = folder_.File("other.db");
  EXPECT_TRUE(HasReason(Vault::Create(other, Phrase("corta"), rng_, kCheap).status(),
                        Reason::kPassphraseWeak));
  EXPECT_FALSE(std::filesystem::exists(other));
  EXPECT_FALSE(std::filesystem::exists(other + ".new"));
}

TEST_F(VaultTest, ExistingFile_IsNeverOverwritten) {
  PutOne("alerts", "row-1", "secreto");
  EXPECT_TRUE(HasReason(Vault::Create(path(), Phrase("otra frase de paso"), rng_, kCheap).status(),
                        Reason::kFileExists));
  EXPECT_EQ(Read("alerts", "row-1"), "secreto");
}

TEST_F(VaultTest, File_IsForItsOwnerOnly) {
  PutOne("alerts", "row-1", "secreto");
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    EXPECT_EQ(entry.status().permissions() & std::filesystem::perms::all,
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
        << entry.path();
  }
}

TEST_F(VaultTest, TransactionThatIsNotCommitted_ChangesNothing) {
  PutOne("alerts", "row-1", "antes");
  {
    const auto transaction = Begin();
    ASSERT_TRUE(transaction->Put("alerts", AsBytes("row-1"), AsBytes("después"), kVaultKey).ok());
    ASSERT_TRUE(transaction->Put("alerts", AsBytes("row-2"), AsBytes("nuevo"), kVaultKey).ok());
    const auto seen = transaction->Get("alerts", AsBytes("row-1"));
    ASSERT_TRUE(seen.ok() && seen->has_value());
    EXPECT_EQ(ToText((*seen)->view()), "después");
    EXPECT_FALSE(vault_->Begin().ok()) << "two transactions at once";
  }
  EXPECT_EQ(Read("alerts", "row-1"), "antes");
  EXPECT_EQ(Read("alerts", "row-2"), std::nullopt);
}

TEST_F(VaultTest, DestroyedKey_TakesItsRowsAndTokensAlong) {
  DataKeyId key;
  {
    const auto transaction = Begin();
    key = *transaction->CreateKey();
    ASSERT_TRUE(transaction->Put("alerts", AsBytes("a"), AsBytes("uno"), key).ok());
    const std::vector<std::string> tokens = {"reynosa"};
    ASSERT_TRUE(transaction->AddTokens("alerts", AsBytes("a"), tokens).ok());
    ASSERT_TRUE(transaction->Put("alerts", AsBytes("b"), AsBytes("dos"), kVaultKey).ok());
    ASSERT_TRUE(transaction->Commit().ok());
  }
  {
    const auto transaction = Begin();
    ASSERT_TRUE(transaction->DestroyKey(key).ok());
    EXPECT_FALSE(transaction->Put("alerts", AsBytes("c"), AsBytes("x"), key).ok());
    EXPECT_FALSE(transaction->DestroyKey(kVaultKey).ok());
    ASSERT_TRUE(transaction->Commit().ok());
  }
  ASSERT_TRUE(vault_->Purge().ok());
  EXPECT_EQ(Read("alerts", "a"), std::nullopt);
  EXPECT_EQ(Read("alerts", "b"), "dos");
  const std::vector<std::string> tokens = {"reynosa"};
  EXPECT_THAT(*vault_->FindTokens("alerts", tokens), IsEmpty());
}

TEST_F(VaultTest, PurgedRow_StandsNowhereInTheFiles_NotEvenSealed) {
  {
    const auto transaction = Begin();
    ASSERT_TRUE(transaction->Put("alerts", AsBytes("row-id-1"), Bytes(3000, 0x5A), kVaultKey).ok());
    ASSERT_TRUE(transaction->Commit().ok());
  }
  EXPECT_NE(Everything(folder_).find("row-id-1"), std::string::npos);
  {
    const auto transaction = Begin();
    ASSERT_TRUE(transaction->Delete("alerts", AsBytes("row-id-1")).ok());
    ASSERT_TRUE(transaction->Commit().ok());
  }
  ASSERT_TRUE(vault_->Purge().ok());
  EXPECT_EQ(std::filesystem::file_size(path() + "-wal"), 0u);
  EXPECT_EQ(Everything(folder_).find("row-id-1"), std::string::npos);
}

TEST_F(VaultTest, NoWordOfAValueOrTokenStandsInTheFiles) {
  const auto transaction = Begin();
  ASSERT_TRUE(
      transaction->Put("alerts", AsBytes("r"), AsBytes("Desaparecida en Reynosa"), kVaultKey).ok());
  const std::vector<std::string> tokens = {"desaparecida", "reynosa"};
  ASSERT_TRUE(transaction->AddTokens("alerts", AsBytes("r"), tokens).ok());
  ASSERT_TRUE(transaction->Commit().ok());
  std::string all = Everything(folder_);
  std::transform(all.begin(), all.end(), all.begin(), [](unsigned char c) { return tolower(c); });
  EXPECT_EQ(all.find("reynosa"), std::string::npos);
  EXPECT_EQ(all.find("desaparecida"), std::string::npos);
  EXPECT_EQ(all.find("lunes tambor"), std::string::npos);
}

TEST_F(VaultTest, Tokens_FindRowsThatHaveAllOfThem) {
  const auto transaction = Begin();
  const std::vector<std::pair<std::string, std::vector<std::string>>> rows = {
      {"a", {"maria", "lopez"}}, {"b", {"maria", "perez"}}, {"c", {"jose"}}};
  for (const auto& [row, tokens] : rows) {
    ASSERT_TRUE(transaction->Put("alerts", AsBytes(row), AsBytes("v"), kVaultKey).ok());
    ASSERT_TRUE(transaction->AddTokens("alerts", AsBytes(row), tokens).ok());
  }
  ASSERT_TRUE(transaction->Commit().ok());
  const auto find = [&](std::vector<std::string> tokens) {
    return *vault_->FindTokens("alerts", tokens);
  };
  EXPECT_THAT(find({"maria"}), ElementsAre(ToBytes("a"), ToBytes("b")));
  EXPECT_THAT(find({"maria", "perez"}), ElementsAre(ToBytes("b")));
  EXPECT_THAT(find({"maria", "jose"}), IsEmpty());
  EXPECT_THAT(find({}), IsEmpty());
  const std::vector<std::string> maria = {"maria"};
  EXPECT_THAT(*vault_->FindTokens("drafts", maria), IsEmpty());
}

TEST_F(VaultTest, Scan_GivesAPrefixInOrderAndInPages) {
  const auto transaction = Begin();
  for (const char* row : {"a1", "a2", "a3", "b1"}) {
    ASSERT_TRUE(transaction->Put("t", AsBytes(row), AsBytes(row), kVaultKey).ok());
  }
  ASSERT_TRUE(transaction->Commit().ok());
  const auto rows = [&](const VaultRange& range) {
    std::vector<std::string> found;
    const auto scanned = vault_->Scan("t", range);
    for (const auto& row : *scanned) found.push_back(ToText(row.value.view()));
    return found;
  };
  EXPECT_THAT(rows({ToBytes("a"), {}, 500}), ElementsAre("a1", "a2", "a3"));
  EXPECT_THAT(rows({ToBytes("a"), {}, 2}), ElementsAre("a1", "a2"));
  EXPECT_THAT(rows({ToBytes("a"), ToBytes("a2"), 2}), ElementsAre("a3"));
  EXPECT_THAT(rows({{}, ToBytes("a3"), 9}), ElementsAre("b1"));
  EXPECT_EQ(*vault_->Count("t", AsBytes("a")), 3u);
  EXPECT_EQ(*vault_->Count("t", {}), 4u);
}

TEST_F(VaultTest, ValueMovedToAnotherRowOrTable_DoesNotOpen) {
  PutOne("alerts", "row-1", "uno");
  Tamper("UPDATE items SET row=CAST('row-2' AS BLOB)");
  auto vault = Reopen("puente maíz lunes tambor");
  ASSERT_TRUE(vault.ok());
  EXPECT_TRUE(HasReason((*vault)->Get("alerts", AsBytes("row-2")).status(), Reason::kVaultDamaged));
  vault->reset();
  Tamper("UPDATE items SET row=CAST('row-1' AS BLOB), tab='drafts'");
  vault = Reopen("puente maíz lunes tambor");
  EXPECT_TRUE(HasReason((*vault)->Get("drafts", AsBytes("row-1")).status(), Reason::kVaultDamaged));
}

TEST_F(VaultTest, NewerVersion_IsRefused) {
  Tamper("UPDATE meta SET value=X'00000002' WHERE name='version'");
  EXPECT_TRUE(HasReason(Reopen("puente maíz lunes tambor").status(), Reason::kProgramTooOld));
}

TEST_F(VaultTest, FileThatIsNoVault_IsDamaged) {
  vault_.reset();
  std::ofstream(path(), std::ios::trunc) << "not a database, but long enough to be looked at....";
  const auto vault = Reopen("puente maíz lunes tambor");
  EXPECT_TRUE(HasReason(vault.status(), Reason::kVaultDamaged)) << vault.status();
}

TEST_F(VaultTest, LoweredCost_MakesThePassphraseWrong) {
  Tamper("UPDATE meta SET value=X'000000000000400000000001' WHERE name='cost'");
  EXPECT_TRUE(HasReason(Reopen("puente maíz lunes tambor").status(), Reason::kPassphraseWrong));
}

TEST_F(VaultTest, MissingVault_IsNotEnrolled) {
  EXPECT_TRUE(
      HasReason(Vault::Open({folder_.File("none"), VaultMode::kOwner}, Phrase("x"), rng_).status(),
                Reason::kNotEnrolled));
}

TEST_F(VaultTest, Reader_SeesCommitsWhileTheOwnerWrites_AndCantWrite) {
  PutOne("alerts", "row-1", "uno");
  const auto reader =
      Vault::OpenWithMasterKey({path(), VaultMode::kReader}, vault_->master_key(), rng_);
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ(ReadFrom(**reader, "alerts", "row-1"), "uno");
  const uint64_t before = *(*reader)->ChangeCounter();
  PutOne("alerts", "row-1", "dos");
  EXPECT_NE(*(*reader)->ChangeCounter(), before);
  EXPECT_EQ(ReadFrom(**reader, "alerts", "row-1"), "dos");
  EXPECT_FALSE((*reader)->Begin().ok());
}

TEST_F(VaultTest, AnotherVaultsMasterKey_IsRefused) {
  const SecretBytes other = rng_.Secret(kMasterKeyBytes);
  EXPECT_TRUE(
      HasReason(Vault::OpenWithMasterKey({path(), VaultMode::kReader}, other, rng_).status(),
                Reason::kPassphraseWrong));
}

TEST_F(VaultTest, ChangedPassphrase_OpensTheSameData) {
  PutOne("alerts", "row-1", "uno");
  ASSERT_TRUE(vault_->ChangePassphrase(Phrase("otra frase mucho mejor"), kCheap).ok());
  EXPECT_FALSE(Reopen("puente maíz lunes tambor").ok());
  auto vault = Reopen("otra frase mucho mejor");
  ASSERT_TRUE(vault.ok());
  EXPECT_EQ(ReadFrom(**vault, "alerts", "row-1"), "uno");
}

TEST_F(VaultTest, Limits_AreRefusedByName) {
  const auto transaction = Begin();
  EXPECT_FALSE(transaction->Put("", AsBytes("r"), {}, kVaultKey).ok());
  EXPECT_FALSE(transaction->Put("t", {}, {}, kVaultKey).ok());
  EXPECT_FALSE(transaction->Put("t", Bytes(kVaultRowKeyBytesMax + 1), {}, kVaultKey).ok());
  EXPECT_TRUE(transaction->Put("t", Bytes(kVaultRowKeyBytesMax), {}, kVaultKey).ok());
  EXPECT_FALSE(transaction->Put("t", AsBytes("r"), Bytes(kVaultValueBytesMax + 1), kVaultKey).ok());
  const std::vector<std::string> tokens(kVaultTokensMax + 1, "x");
  EXPECT_FALSE(transaction->AddTokens("t", Bytes(kVaultRowKeyBytesMax), tokens).ok());
}

TEST(Passphrase, CostOutsideTheLimits_IsRefused) {
  const crypto::SystemRng rng;
  const Bytes salt(kPassphraseSaltBytes);
  const SecretBytes phrase = Phrase("cuatro palabras o más");
  EXPECT_TRUE(DeriveWrappingKey(phrase, salt, kCheap).ok());
  EXPECT_FALSE(DeriveWrappingKey(phrase, salt, {kPassphraseMemoryBytesMax + 1, 3}).ok());
  EXPECT_FALSE(DeriveWrappingKey(phrase, salt, {kPassphraseMemoryBytesMin - 1, 3}).ok());
  EXPECT_FALSE(DeriveWrappingKey(phrase, salt, {8192, 0}).ok());
  EXPECT_FALSE(DeriveWrappingKey(phrase, Bytes(15), kCheap).ok());
}

TEST(Passphrase, Characters_AreCountedNotBytes) {
  EXPECT_TRUE(CheckPassphrase(Phrase("ñandú ñandú ña")).ok());
  EXPECT_FALSE(CheckPassphrase(Phrase("ñññññññññññññ")).ok());
}

}  // namespace
}  // namespace enlace::client
