#include "client/alerts/alert_json.h"

#include <gtest/gtest.h>

namespace enlace::alerts {
namespace {

TEST(AlertJson, BrokenText_IsToldWithItsPlace) {
  const ParsedAlert parsed = ParseAlertJson("{\n  \"subject\": \"x\",\n  \"body\" 7\n}");
  EXPECT_FALSE(parsed.alert);
  ASSERT_EQ(parsed.violations.size(), 1u);
  EXPECT_EQ(parsed.violations[0].reason, "JSON_INVALID");
  EXPECT_NE(parsed.violations[0].message_en.find("line 3"), std::string::npos)
      << parsed.violations[0].message_en;
}

TEST(AlertJson, Limits_AreKept) {
  EXPECT_EQ(ParseAlertJson(std::string(kAlertJsonSizeBytesMax + 1, ' ')).violations[0].reason,
            "JSON_TOO_LARGE");
  const std::string deep = "{\"a\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  EXPECT_EQ(ParseAlertJson(deep).violations[0].reason, "JSON_TOO_DEEP");
  EXPECT_EQ(ParseAlertJson("[]").violations[0].reason, "FIELD_TYPE");
  EXPECT_EQ(ParseAlertJson("").violations[0].reason, "JSON_INVALID");
  EXPECT_EQ(ParseAlertJson("{\"subject\":\"\xff\"}").violations[0].reason, "JSON_INVALID");
}

TEST(AlertJson, FieldNamedTwice_IsAnError) {
  const ParsedAlert parsed = ParseAlertJson(R"({"subject":"a","subject":"b"})");
  ASSERT_EQ(parsed.violations.size(), 1u);
  EXPECT_EQ(parsed.violations[0].reason, "FIELD_DUPLICATE");
}

TEST(AlertJson, Suggestion_NamesTheNearestFieldAndCode) {
  EXPECT_NE(
      ParseAlertJson(R"({"subjet":""})").violations[0].message_es.find("¿Quiso decir subject?"),
      std::string::npos);
  EXPECT_NE(ParseAlertJson(R"({"priority":"PRIORITY_URGNT"})")
                .violations[0]
                .message_en.find("PRIORITY_URGENT"),
            std::string::npos);
}

TEST(AlertJson, CommentsCamelCaseAndNull_AreRead) {
  const ParsedAlert parsed = ParseAlertJson(
      "// a template\n{ \"caseRef\": \"HN-2026-000001\", /* none */ \"body\": null }");
  ASSERT_TRUE(parsed.alert);
  EXPECT_TRUE(parsed.violations.empty());
  EXPECT_EQ(parsed.alert->case_ref(), "HN-2026-000001");
}

TEST(AlertJson, UnknownNumbers_AreKeptAndWritten) {
  const ParsedAlert parsed = ParseAlertJson(R"({"alert_type":97,"requested_actions":[55]})");
  ASSERT_TRUE(parsed.alert);
  const std::string printed = *AlertToJson(*parsed.alert);
  EXPECT_NE(printed.find("97"), std::string::npos);
  EXPECT_NE(printed.find("55"), std::string::npos);
}

TEST(AlertJson, Times_WithEveryOffset) {
  const int64_t expected = 1'794'842'400'000;
  EXPECT_EQ(ParseRfc3339("2026-11-16T15:20:00Z"), expected);
  EXPECT_EQ(ParseRfc3339("2026-11-16T09:20:00-06:00"), expected);
  EXPECT_EQ(ParseRfc3339("2026-11-16t20:50:00.000000+05:30"), expected);
  EXPECT_EQ(ParseRfc3339("2026-11-16T15:20:00.25Z"), expected + 250);
  for (const char* text :
       {"", "2026-11-16", "2026-11-16T15:20:00", "2026-11-16T15:20Z", "2026-13-16T15:20:00Z",
        "2026-11-16T25:20:00Z", "2026-11-16T15:20:00+6", "2026-11-16T15:20:00Z ",
        "0000-11-16T15:20:00Z", "2026-11-16T15:20:00.Z", "-026-11-16T15:20:00Z"}) {
    EXPECT_EQ(ParseRfc3339(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace enlace::alerts
