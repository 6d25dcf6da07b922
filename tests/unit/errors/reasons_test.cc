#include "proto/errors/reasons.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace enlace {
namespace {

std::set<std::string> PlaceholdersOf(std::string_view text) {
  std::set<std::string> found;
  for (size_t open = text.find('{'); open != std::string_view::npos;
       open = text.find('{', open + 1)) {
    found.insert(std::string(text.substr(open, text.find('}', open) - open)));
  }
  return found;
}

TEST(Reasons, EveryRow_StandsAtItsOwnIndex) {
  for (const ReasonRow& row : ReasonTable()) EXPECT_EQ(&RowOf(row.reason), &row) << row.name;
}

TEST(Reasons, EveryName_IsUniqueUpperSnake) {
  std::set<std::string_view> names;
  for (const ReasonRow& row : ReasonTable()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_TRUE(std::all_of(row.name.begin(), row.name.end(), [](char c) {
      return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    })) << row.name;
  }
}

TEST(Reasons, EveryRow_HasBothLanguagesWithTheSamePlaceholders) {
  for (const ReasonRow& row : ReasonTable()) {
    EXPECT_FALSE(row.text_en.empty() || row.text_es.empty()) << row.name;
    EXPECT_EQ(row.hint_en.empty(), row.hint_es.empty()) << row.name;
    EXPECT_EQ(PlaceholdersOf(row.text_en), PlaceholdersOf(row.text_es)) << row.name;
    EXPECT_EQ(PlaceholdersOf(row.hint_en), PlaceholdersOf(row.hint_es)) << row.name;
  }
}

TEST(Reasons, NoRow_HasTheOkCode) {
  for (const ReasonRow& row : ReasonTable()) EXPECT_NE(row.code, absl::StatusCode::kOk) << row.name;
}

TEST(Reasons, MadeError_CarriesReasonMetadataAndDelay) {
  const absl::Status status = MakeRetryableError(Reason::kQuotaExceeded, 1500,
                                                 {{"office", "mx.child"}, {"limit_bytes", "7"}});
  const ErrorInfo info = InfoOf(status);
  EXPECT_EQ(info.name, "QUOTA_EXCEEDED");
  EXPECT_EQ(info.metadata.at("office"), "mx.child");
  EXPECT_EQ(info.retry_after_ms, 1500);
  EXPECT_TRUE(HasReason(status, Reason::kQuotaExceeded));
  EXPECT_FALSE(HasReason(status, Reason::kDiskFull));
  EXPECT_EQ(ErrorText(status, ErrorLanguage::kSpanish),
            "La cuota de mx.child está agotada (7 bytes).");
}

TEST(Reasons, ValueWithASpanishForm_ReadsInEachLanguage) {
  const absl::Status status = MakeError(Reason::kActionNotPossible, {{"action", "to answer"},
                                                                     {"action.es", "responder"},
                                                                     {"office", "mx.child"},
                                                                     {"state", "read"},
                                                                     {"state.es", "leída"}});
  EXPECT_EQ(ErrorText(status, ErrorLanguage::kEnglish),
            "to answer is not possible while the row of mx.child is read.");
  EXPECT_EQ(ErrorText(status, ErrorLanguage::kSpanish),
            "No se puede responder mientras la fila de mx.child está leída.");
}

TEST(Reasons, EmptyMetadataValue_SurvivesEncoding) {
  const absl::Status status = MakeError(Reason::kInternal, {{"a", ""}, {"b", "x"}, {"c", ""}});
  const ErrorInfo info = InfoOf(status);
  EXPECT_EQ(info.metadata.at("a"), "");
  EXPECT_EQ(info.metadata.at("b"), "x");
  EXPECT_EQ(info.metadata.count("c"), 1u);
}

TEST(Reasons, StatusWithoutReason_ShowsItsOwnMessage) {
  const absl::Status bare(absl::StatusCode::kUnknown, "odd");
  EXPECT_EQ(ErrorText(bare, ErrorLanguage::kSpanish), "odd");
  EXPECT_EQ(ErrorHint(bare, ErrorLanguage::kEnglish), "");
}

}  // namespace
}  // namespace enlace
