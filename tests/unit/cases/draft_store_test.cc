#include "client/cases/draft_store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "proto/errors/reasons.h"
#include "tests/unit/cases/case_world.h"

namespace enlace::client::testing {
namespace {

Bytes IdOf(uint8_t number) { return Bytes(kDraftIdBytes, number); }

StoredDraft DraftOf(uint8_t number, int64_t saved_at_ms) {
  StoredDraft draft;
  draft.id = IdOf(number);
  draft.type = 1;
  draft.saved_at_ms = saved_at_ms;
  draft.answers = {{"subject", "zarigueya"}, {"?persons[0]", true}, {"priority", 2}, {"body", {}}};
  return draft;
}

void Save(CaseWorld& cases, const StoredDraft& draft) {
  auto tx = cases.vault().Begin();
  ASSERT_TRUE(tx.ok());
  ASSERT_TRUE(SaveDraft(**tx, draft).ok());
  ASSERT_TRUE((*tx)->Commit().ok());
}

TEST(DraftStore, GivesBackWhatWasSaved_TheNewestFirst) {
  CaseWorld cases;
  Save(cases, DraftOf(1, 1000));
  Save(cases, DraftOf(2, 2000));
  const auto drafts = ListDrafts(cases.vault());
  ASSERT_TRUE(drafts.ok());
  ASSERT_EQ(drafts->size(), 2u);
  EXPECT_EQ((*drafts)[0].id, IdOf(2));
  EXPECT_EQ((*drafts)[1].answers, DraftOf(1, 0).answers);
  EXPECT_EQ((*drafts)[1].type, 1);
}

TEST(DraftStore, SavedAgain_TakesThePlaceOfTheOld) {
  CaseWorld cases;
  Save(cases, DraftOf(1, 1000));
  StoredDraft changed = DraftOf(1, 3000);
  changed.answers["subject"] = "otro";
  Save(cases, changed);
  const auto drafts = ListDrafts(cases.vault());
  ASSERT_EQ(drafts->size(), 1u);
  EXPECT_EQ((*drafts)[0].answers.at("subject"), "otro");
}

// Where the sealed bytes of the draft's row stand in the files of the vault.
size_t CopiesOf(const CaseWorld& cases, BytesView sealed) {
  size_t copies = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(cases.folder())) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(text.find("zarigueya"), std::string::npos);
    copies += text.find(AsText(sealed)) == std::string::npos ? 0 : 1;
  }
  return copies;
}

TEST(DraftStore, Dropped_LeavesNothingInTheFiles) {
  CaseWorld cases;
  Save(cases, DraftOf(1, 1000));
  // The row's key stands in the clear and shows that the search looks in the right place.
  ASSERT_GT(CopiesOf(cases, IdOf(1)), 0u);
  auto tx = cases.vault().Begin();
  ASSERT_TRUE(DropDraft(**tx, IdOf(1)).ok());
  ASSERT_TRUE((*tx)->Commit().ok());
  tx->reset();
  ASSERT_TRUE(cases.vault().Purge().ok());
  EXPECT_TRUE(ListDrafts(cases.vault())->empty());
  EXPECT_EQ(CopiesOf(cases, IdOf(1)), 0u);
}

TEST(DraftStore, DroppingWhatIsNotThere_IsNoError) {
  CaseWorld cases;
  auto tx = cases.vault().Begin();
  EXPECT_TRUE(DropDraft(**tx, IdOf(9)).ok());
}

TEST(DraftStore, PastItsLimit_RefusesANewOneOnly) {
  CaseWorld cases;
  auto tx = cases.vault().Begin();
  for (size_t i = 0; i < kDraftsMax; ++i)
    ASSERT_TRUE(SaveDraft(**tx, DraftOf(static_cast<uint8_t>(i), 1)).ok());
  EXPECT_EQ(SaveDraft(**tx, DraftOf(kDraftsMax, 1)).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(SaveDraft(**tx, DraftOf(0, 2)).ok());
}

}  // namespace
}  // namespace enlace::client::testing
