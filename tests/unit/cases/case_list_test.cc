// The list of all cases: complete, newest state, and free of what was purged.
#include "client/cases/case_list.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "tests/unit/cases/case_world.h"

namespace enlace::client::testing {
namespace {

using ::testing::ElementsAre;

std::map<std::string, std::string> Subjects(const Vault& vault) {
  std::map<std::string, std::string> subjects;
  const absl::Status status =
      case_list::ForEach(vault, [&](const case_list::Entry& entry) -> absl::Status {
        const auto record = entry.Decode();
        if (!record.ok()) return record.status();
        EXPECT_EQ(record->case_ref(), entry.case_ref);
        EXPECT_TRUE(subjects.emplace(record->case_ref(), record->subject()).second);
        return absl::OkStatus();
      });
  EXPECT_TRUE(status.ok()) << status;
  return subjects;
}

std::string Reference(int number) {
  char text[32];
  std::snprintf(text, sizeof(text), "HN-2026-%06d", number);
  return text;
}

TEST(CaseList, HoldsEveryCaseOnce_OverSeveralBlocks) {
  CaseWorld cases;
  const int count = static_cast<int>(case_list::kCasesPerBlock) * 2 + 3;
  for (int i = 1; i <= count; ++i) cases.AddAlert(SmallAlert(Reference(i)), {"hn.consular"});
  const auto subjects = Subjects(cases.vault());
  ASSERT_EQ(subjects.size(), static_cast<size_t>(count));
  for (const auto& [reference, subject] : subjects) EXPECT_EQ(subject, "Asunto de " + reference);
}

TEST(CaseList, ShowsTheNewestMessageOfACase) {
  CaseWorld cases;
  alert::v1::CaseAlert alert = SmallAlert(Reference(1));
  cases.AddAlert(alert, {"hn.consular"});
  cases.AddAlert(SmallAlert(Reference(2)), {"hn.consular"});
  alert.set_alert_id(SmallAlert(Reference(1)).alert_id());
  alert.set_message_type(alert::v1::MESSAGE_TYPE_UPDATE);
  alert.set_subject("Otro asunto");
  cases.AddAlert(alert, {"mx.consular"});
  const auto subjects = Subjects(cases.vault());
  EXPECT_EQ(subjects.at(Reference(1)), "Otro asunto");
  EXPECT_EQ(subjects.at(Reference(2)), "Asunto de HN-2026-000002");
}

TEST(CaseList, PurgedCaseIsOffTheList_AndItsOldBlockStandsNowhere) {
  CaseWorld cases;
  for (int i = 1; i <= 3; ++i) cases.AddAlert(SmallAlert(Reference(i)), {"hn.consular"});
  // The sealed block as it stands before: its nonce and ciphertext must be gone after.
  const auto everything = [&] {
    std::string all;
    for (const auto& entry : std::filesystem::directory_iterator(cases.folder())) {
      std::ifstream in(entry.path(), std::ios::binary);
      all.append(std::istreambuf_iterator<char>(in), {});
    }
    return all;
  };
  ASSERT_TRUE(cases.vault().Purge().ok());
  const std::string before = everything();
  const std::string block_row = {'b', 0, 0, 0, 1};
  const size_t place = before.rfind("case-lists" + block_row);
  ASSERT_NE(place, std::string::npos);
  const std::string sealed = before.substr(place + 15 + 16 + 24, 64);

  cases.Purge(Reference(2));
  EXPECT_THAT(Subjects(cases.vault()),
              ElementsAre(::testing::Pair(Reference(1), "Asunto de HN-2026-000001"),
                          ::testing::Pair(Reference(3), "Asunto de HN-2026-000003")));
  EXPECT_NE(before.find(sealed), std::string::npos);
  EXPECT_EQ(everything().find(sealed), std::string::npos);
  EXPECT_FALSE(cases.reader().Resolve(Reference(2), kCaseNowMs).ok());
}

TEST(CaseList, TakesNewCasesAfterAPurge) {
  CaseWorld cases;
  cases.AddAlert(SmallAlert(Reference(1)), {"hn.consular"});
  cases.Purge(Reference(1));
  EXPECT_TRUE(Subjects(cases.vault()).empty());
  cases.AddAlert(SmallAlert(Reference(1)), {"hn.consular"});
  cases.AddAlert(SmallAlert(Reference(2)), {"hn.consular"});
  EXPECT_EQ(Subjects(cases.vault()).size(), 2u);
}

}  // namespace
}  // namespace enlace::client::testing
