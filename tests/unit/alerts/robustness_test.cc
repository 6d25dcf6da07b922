// Whatever a peer or a broken file brings: every function of the folder answers, none dies. A
// failure prints its seed.
#include <gtest/gtest.h>

#include <random>

#include "client/alerts/alert_json.h"
#include "client/alerts/alert_view.h"
#include "client/alerts/guard.h"
#include "client/alerts/identity_split.h"
#include "client/alerts/merge.h"
#include "client/alerts/validation.h"
#include "client/alerts/workflow.h"
#include "client/texts/display.h"
#include "tests/unit/alerts/case_files.h"
#include "tests/unit/alerts/fake_directory.h"

namespace enlace::alerts {
namespace {

constexpr uint32_t kSeeds = 400;
constexpr const char* kCases[] = {"A01", "A02", "A03", "A05", "A07", "A10"};

// Everything that a receiver does with an alert.
void Receive(const alert::v1::CaseAlert& base, const alert::v1::CaseAlert& alert) {
  const FakeDirectory directory;
  ValidationContext context;
  context.side = Side::kReceiver;
  context.directory = &directory;
  context.server_time_ms = 1'795'000'000'000;
  for (const Violation& violation : ValidateAlert(alert, context)) {
    EXPECT_FALSE(violation.reason.empty() || violation.message_en.empty() ||
                 violation.message_es.empty());
  }
  const std::vector<OrderedAlert> messages = {{&base, 1, 1, "hn.consular", "o1"},
                                              {&alert, 2, 2, "mx.consular", "o2"}};
  const MergedCase merged = Merge(messages);
  EXPECT_GE(merged.picture.handling.tlp, base.handling().tlp());
  const SplitAlert split = SplitIdentity(alert);
  if (split.identity) {
    EXPECT_EQ(JoinIdentity(split.notice, *split.identity).SerializeAsString(),
              alert.SerializeAsString());
  }
  Workflow workflow;
  workflow.ApplyAlert({1, 1, "hn.consular", ""}, base);
  workflow.ApplyAlert({2, 2, "mx.consular", ""}, alert);
  EXPECT_EQ(workflow.table().history.size(), 2u);
  texts::Wrap(texts::EscapeForDisplay(ViewOf(alert).body, true), 80);
}

TEST(Robustness, ChangedBytesOfAnAlert_AreAlwaysAnswered) {
  const alert::v1::CaseAlert base = CaseOf("A01");
  size_t parsed_count = 0;
  for (uint32_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::string bytes = CaseOf(kCases[seed % std::size(kCases)]).SerializeAsString();
    const size_t changes = 1 + random() % 8;
    for (size_t i = 0; i < changes; ++i)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    alert::v1::CaseAlert alert;
    if (!alert.ParseFromString(bytes)) continue;
    ++parsed_count;
    Receive(base, alert);
  }
  // Otherwise nothing was tried.
  EXPECT_GT(parsed_count, kSeeds / 20);
}

TEST(Robustness, ChangedCharactersOfAFile_AreAlwaysAnswered) {
  const alert::v1::CaseAlert base = CaseOf("A01");
  const std::string_view pieces[] = {"{",  "}",    "[",    "]",  "\"",   ",",       ":",    "0",
                                     "-1", "null", "true", "97", "\xff", "\\u202e", "1e999"};
  size_t read_count = 0;
  for (uint32_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::string json = CaseJson(kCases[seed % std::size(kCases)]).dump();
    const size_t changes = 1 + random() % 4;
    for (size_t i = 0; i < changes; ++i)
      json.replace(random() % json.size(), random() % 3, pieces[random() % std::size(pieces)]);
    const CheckedJson checked = CheckAlertJson(json, {});
    if (!checked.alert) {
      EXPECT_TRUE(HasError(checked.violations));
      continue;
    }
    ++read_count;
    Receive(base, *checked.alert);
  }
  EXPECT_GT(read_count, kSeeds / 20);
}

TEST(Robustness, ValuesOfTheWrongKindAnywhere_AreToldWithTheirPath) {
  const std::vector<nlohmann::json> values = {nullptr,
                                              true,
                                              -1,
                                              1e300,
                                              "",
                                              "x",
                                              nlohmann::json::array(),
                                              nlohmann::json::object(),
                                              nlohmann::json::array({nullptr}),
                                              4'294'967'296LL};
  for (const char* id : {"A02", "A07"}) {
    const nlohmann::json flat = CaseJson(id).flatten();
    for (const auto& [pointer, old_value] : flat.items()) {
      for (const nlohmann::json& value : values) {
        nlohmann::json alert = CaseJson(id);
        alert[nlohmann::json::json_pointer(pointer)] = value;
        const CheckedJson checked = CheckAlertJson(alert.dump(), {});
        ASSERT_TRUE(checked.alert) << pointer;
        if (value.is_object() || value.is_array()) {
          EXPECT_TRUE(HasError(checked.violations)) << id << pointer << value;
        }
      }
    }
  }
}

}  // namespace
}  // namespace enlace::alerts
