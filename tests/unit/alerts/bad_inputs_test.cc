// Every case of bad-inputs.json, through the validator, with its texts.
#include <gtest/gtest.h>

#include "client/alerts/alert_json.h"
#include "client/alerts/attachments_check.h"
#include "client/alerts/validation.h"
#include "tests/unit/alerts/case_files.h"
#include "tests/unit/alerts/fake_directory.h"

namespace enlace::alerts {
namespace {

using nlohmann::json;

Violations Check(const json& alert, const ValidationContext& context) {
  return CheckAlertJson(alert.dump(), context).violations;
}

std::string Listed(const Violations& violations) {
  std::string out;
  for (const Violation& violation : violations) {
    out += violation.field + " " + violation.reason +
           (violation.severity == Severity::kError ? " E " : " W ") + violation.message_en + " | " +
           violation.message_es + "\n";
  }
  return out;
}

const Violation* Find(const Violations& violations, const std::string& reason) {
  for (const Violation& violation : violations) {
    if (violation.reason == reason) return &violation;
  }
  return nullptr;
}

void ExpectViolation(const Violation* violation, const json& expect, const std::string& listed) {
  ASSERT_NE(violation, nullptr) << listed;
  EXPECT_EQ(violation->field, expect["field"]);
  EXPECT_EQ(violation->reason, expect["reason"]);
  EXPECT_EQ(violation->message_en, expect["message_en"]);
  EXPECT_EQ(violation->message_es, expect["message_es"]);
}

void ExpectVerdict(const std::string& verdict, const Violations& violations) {
  const bool accepted = verdict == "ACCEPT" || verdict == "ACCEPT_WITH_WARNING";
  EXPECT_EQ(HasError(violations), !accepted) << Listed(violations);
}

class BadInputs : public testing::TestWithParam<json> {
 protected:
  // Cases that only a receiver or a server can judge.
  std::optional<Violation> JudgedWithFacts(const json& bad, const json& alert) {
    const std::string reason = bad["expect"]["reason"];
    const ParsedAlert parsed = ParseAlertJson(alert.dump());
    if (reason == "ALREADY_ACCEPTED") return AlreadyAccepted(*ParseRfc3339("2026-11-19T22:05:01Z"));
    if (reason == "ID_REUSED") return CheckIdReuse("digest of the first", "digest of the second");
    if (reason != "NOT_A_PARTY") return std::nullopt;
    SenderFacts facts;
    facts.authenticated_office_id = parsed.alert->sender().office_id();
    facts.authenticated_officer_id = parsed.alert->sender().officer_id();
    facts.parties = {"hn.consular", "mx.consular", "mx.trafficking", "us.consular", "gt.consular"};
    const Violations violations = CheckSender(*parsed.alert, facts);
    EXPECT_EQ(violations.size(), 1u);
    return violations.empty() ? std::nullopt : std::optional(violations.front());
  }

  FakeDirectory directory_;
};

TEST_P(BadInputs, GetsItsReasonFieldAndTexts) {
  const json& bad = GetParam();
  const json& expect = bad["expect"];
  const json alert = CaseJson(bad["base_alert"]).patch(bad["patch"]);
  if (const auto violation = JudgedWithFacts(bad, alert)) {
    return ExpectViolation(&*violation, expect, "");
  }
  ValidationContext context;
  context.directory = &directory_;
  if (bad.contains("server_time"))
    context.server_time_ms = ParseRfc3339(bad["server_time"].get<std::string>());
  AttachmentFacts elf;
  elf.size_bytes = 702118;
  elf.sha256 = std::string(64, 'a');
  const Bytes content = {0x7f, 0x45, 0x4c, 0x46};
  elf.sniffed_media_type = SniffMediaType(content);
  std::map<std::string, AttachmentFacts> files = {{"../../etc/cron.d/x.jpg", elf}};
  files["laminado_uv.jpg"] = {
      511870, "71a85189c4b2193e3a84021c426baf6c26c0657e22933ae8f0f93bc129dc302f", "image/jpeg"};
  if (bad.contains("fixture")) context.files = &files;

  const Violations violations = Check(alert, context);
  ExpectVerdict(expect["verdict"], violations);
  if (expect["reason"] == "") {
    EXPECT_TRUE(violations.empty()) << Listed(violations);
  } else {
    ExpectViolation(Find(violations, expect["reason"]), expect, Listed(violations));
    if (expect["verdict"] == "REJECT") {
      EXPECT_EQ(CountErrors(violations), 1u) << Listed(violations);
    }
  }
}

std::vector<json> AllBadInputs() {
  std::vector<json> all;
  const json file = json::parse(ReadText(CasesFolder() / "bad-inputs.json"));
  for (const json& bad : file["cases"]) all.push_back(bad);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Cases, BadInputs, testing::ValuesIn(AllBadInputs()),
                         [](const auto& test_case) {
                           return test_case.param["id"].template get<std::string>();
                         });

class GivenCases : public testing::TestWithParam<const char*> {};

TEST_P(GivenCases, HasNoError) {
  FakeDirectory directory;
  ValidationContext context;
  context.directory = &directory;
  context.room_offices = {"hn.consular", "us.consular", "gt.consular", "mx.trafficking"};
  const Violations violations = Check(CaseJson(GetParam()), context);
  EXPECT_FALSE(HasError(violations)) << Listed(violations);
  for (const Violation& violation : violations)
    EXPECT_EQ(violation.reason, "FIELD_RECOMMENDED") << Listed(violations);
}

TEST_P(GivenCases, RoundTripsThroughJson) {
  const alert::v1::CaseAlert alert = CaseOf(GetParam());
  const auto printed = AlertToJson(alert);
  ASSERT_TRUE(printed.ok());
  const ParsedAlert again = ParseAlertJson(*printed);
  ASSERT_TRUE(again.alert.has_value());
  EXPECT_EQ(again.alert->SerializeAsString(), alert.SerializeAsString());
}

INSTANTIATE_TEST_SUITE_P(Cases, GivenCases,
                         testing::Values("A01", "A02", "A03", "A05", "A07", "A10"));

}  // namespace
}  // namespace enlace::alerts
