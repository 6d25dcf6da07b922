// `enlace check FILE --output json` says what the library says: no rule lives in the command line.
//
// Runs the real program, in a home without any profile, on the given bad inputs, the given cases
// and inputs of every class that is refused.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "client/alerts/alert_json.h"
#include "client/alerts/validation.h"
#include "tests/integration/support/subprocess.h"
#include "tests/unit/alerts/case_files.h"

namespace enlace::alerts {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds kTimeout{60};
constexpr int kRefused = 8;

class TempHome {
 public:
  TempHome() {
    std::string pattern = std::filesystem::temp_directory_path() / "enlace-check-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~TempHome() { std::filesystem::remove_all(path_); }
  TempHome(const TempHome&) = delete;
  TempHome& operator=(const TempHome&) = delete;
  std::string Write(const std::string& text) const {
    const std::string file = path_ + "/alert.json";
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct Answer {
  int exit_code = -1;
  json object;
};

Answer RunCheck(const TempHome& home, const std::string& text, const std::string& language,
                const std::string& server_time = {}) {
  testing::SubprocessOptions options;
  options.command = {ENLACE_PROGRAM, "--lang", language,        "--output",
                     "json",         "check",  home.Write(text)};
  if (!server_time.empty()) {
    options.command.push_back("--at");
    options.command.push_back(server_time);
  }
  options.environment = {{"ENLACE_HOME", home.path()}, {"LC_ALL", "C.UTF-8"}};
  const auto done = testing::RunToEnd(options, kTimeout);
  EXPECT_TRUE(done.ok());
  Answer answer;
  if (!done.ok()) return answer;
  EXPECT_FALSE(done->exit.signalled) << "signal " << done->exit.code;
  answer.exit_code = done->exit.code;
  answer.object = json::parse(done->output, nullptr, /*allow_exceptions=*/false);
  EXPECT_FALSE(answer.object.is_discarded()) << done->output;
  return answer;
}

json Expected(const Violations& violations, bool spanish) {
  json list = json::array();
  for (const Violation& one : violations) {
    list.push_back({{"field", one.field},
                    {"reason", one.reason},
                    {"severity", one.severity == Severity::kError ? "error" : "warning"},
                    {"message", spanish ? one.message_es : one.message_en},
                    {"hint", spanish ? one.hint_es : one.hint_en}});
  }
  return list;
}

// The program's answer in both languages is the library's.
void ExpectSame(const std::string& text, const std::string& server_time = {}) {
  static const TempHome home;
  ValidationContext context;
  if (!server_time.empty()) context.server_time_ms = ParseRfc3339(server_time);
  const Violations violations = CheckAlertJson(text, context).violations;
  const bool ok = !HasError(violations);
  for (const std::string language : {"en", "es"}) {
    const Answer answer = RunCheck(home, text, language, server_time);
    ASSERT_TRUE(answer.object.is_object());
    EXPECT_EQ(answer.object["schema"], "enlace.cli.v1/check");
    EXPECT_EQ(answer.object["ok"], ok);
    EXPECT_EQ(answer.exit_code, ok ? 0 : kRefused);
    EXPECT_EQ(answer.object["violations"], Expected(violations, language == "es"));
  }
}

class BadInputsByProgram : public ::testing::TestWithParam<json> {};

TEST_P(BadInputsByProgram, AreJudgedAsByTheLibrary) {
  const json& bad = GetParam();
  const json alert = CaseJson(bad["base_alert"]).patch(bad["patch"]);
  ExpectSame(alert.dump(), bad.value("server_time", ""));
}

// What a sender can know by itself: reason, field and text are the given ones.
TEST_P(BadInputsByProgram, GetTheGivenReason) {
  const json& bad = GetParam();
  const json& expect = bad["expect"];
  const std::string at = expect["checked_at"];
  const bool needs_others = bad.contains("precondition") || bad.contains("send_times") ||
                            bad.contains("fixture") || expect["reason"] == "NOT_A_PARTY";
  if (needs_others) GTEST_SKIP() << "known to a receiver or a server only: " << at;
  static const TempHome home;
  const json alert = CaseJson(bad["base_alert"]).patch(bad["patch"]);
  const bool accepted = expect["verdict"] != "REJECT";
  for (const std::string language : {"en", "es"}) {
    const Answer answer = RunCheck(home, alert.dump(), language, bad.value("server_time", ""));
    EXPECT_EQ(answer.exit_code, accepted ? 0 : kRefused);
    const auto& found = answer.object["violations"];
    const auto fits = [&](const json& one) {
      return one["reason"] == expect["reason"] && one["field"] == expect["field"] &&
             one["message"] == expect["message_" + language];
    };
    if (expect["reason"] == "") {
      EXPECT_TRUE(found.empty()) << found;
    } else {
      EXPECT_TRUE(std::any_of(found.begin(), found.end(), fits)) << found;
    }
  }
}

std::vector<json> AllBadInputs() {
  const json file = json::parse(ReadText(CasesFolder() / "bad-inputs.json"));
  return {file["cases"].begin(), file["cases"].end()};
}

INSTANTIATE_TEST_SUITE_P(Cases, BadInputsByProgram, ::testing::ValuesIn(AllBadInputs()),
                         [](const auto& test_case) {
                           return test_case.param["id"].template get<std::string>();
                         });

TEST(CheckProgram, GivenCasesAreFine) {
  for (const char* id : {"A01", "A02", "A03", "A05", "A07", "A10"}) {
    SCOPED_TRACE(id);
    ExpectSame(CaseJson(id).dump());
    static const TempHome home;
    EXPECT_EQ(RunCheck(home, CaseJson(id).dump(), "en").exit_code, 0);
  }
}

// Texts that are no alert at all, each an answer and never a crash.
TEST(CheckProgram, BrokenTexts) {
  const std::string deep = std::string(5000, '[') + std::string(5000, ']');
  const std::string whole = CaseJson("A01").dump();
  const std::string texts[] = {
      "",
      " ",
      "null",
      "[]",
      "17",
      "\"text\"",
      "{",
      "{\"subject\":",
      "{}",
      "\xef\xbb\xbf" + whole,
      "\xff\xfe{}",
      "{\"subject\":\"\xc3\x28\"}",
      "{\"subject\":\"\xed\xa0\x80\"}",
      "{\"subject\":\"a\",\"subject\":\"b\"}",
      "{\"handling\":{\"tlp\":1,\"tlp\":5}}",
      "{\"schema_version\":99999999999999999999}",
      "{\"schema_version\":1e400}",
      "{\"schema_version\":1.5}",
      "{\"schema_version\":-1}",
      "{\"events\":[{\"latitude\":1e309}]}",
      "{\"events\":[{\"latitude\":\"NaN\"}]}",
      "{\"persons\":" + deep + "}",
      deep,
      std::string("{\"subject\":\"a\0b\"}", 17),
      "{\"subject\":\"" + std::string(300'000, 'a') + "\"}",
      std::string(5 << 20, ' '),
      whole + whole,
      whole.substr(0, whole.size() / 2),
  };
  for (const std::string& text : texts) {
    SCOPED_TRACE(text.substr(0, 40));
    if (text.size() > (4u << 20)) {
      // More than the program reads: refused for its size.
      static const TempHome home;
      const Answer answer = RunCheck(home, text, "en");
      EXPECT_EQ(answer.exit_code, kRefused);
      EXPECT_EQ(answer.object["violations"][0]["reason"], "JSON_TOO_LARGE");
      continue;
    }
    ExpectSame(text);
  }
}

// One change of a sound case for each class of input.
TEST(CheckProgram, ClassesOfInput) {
  const struct {
    const char* base;
    const char* patch;
  } changes[] = {
      {"A01", R"([{"op":"replace","path":"/subject","value":"\u001b]0;x\u0007"}])"},
      {"A01", R"([{"op":"replace","path":"/subject","value":"a\u202eb"}])"},
      {"A01", R"([{"op":"replace","path":"/subject","value":"a\u2066b\u2069"}])"},
      {"A01", R"([{"op":"replace","path":"/subject","value":"a\u200bb"}])"},
      {"A01", R"([{"op":"replace","path":"/body","value":"a\u0000b"}])"},
      {"A01", R"([{"op":"replace","path":"/body","value":"a\u0085b"}])"},
      {"A01", R"([{"op":"replace","path":"/body","value":"l\u00ednea\n\totra"}])"},
      {"A01", R"([{"op":"replace","path":"/language","value":"es-419"}])"},
      {"A01", R"([{"op":"replace","path":"/language","value":"es-"}])"},
      {"A01", R"([{"op":"replace","path":"/language","value":"x"}])"},
      {"A01", R"([{"op":"replace","path":"/persons/0/languages/0","value":"quc"}])"},
      {"A01", R"([{"op":"replace","path":"/persons/0/nationalities/0","value":"XXA"}])"},
      {"A01", R"([{"op":"replace","path":"/persons/0/nationalities/0","value":"hnd"}])"},
      {"A01", R"([{"op":"replace","path":"/persons/0/nationalities/0","value":"YYY"}])"},
      {"A01", R"([{"op":"replace","path":"/persons/1/phones/0","value":"+1"}])"},
      {"A01", R"([{"op":"replace","path":"/persons/1/phones/0","value":"+5049999010312345"}])"},
      {"A01", R"([{"op":"replace","path":"/persons/1/phones/0","value":"+999123456789"}])"},
      {"A01", R"([{"op":"replace","path":"/persons/1/phones/0","value":"0050499990103"}])"},
      {"A01", R"([{"op":"replace","path":"/persons/1/phones/0","value":"+504 9999-0103"}])"},
      {"A01",
       R"([{"op":"replace","path":"/persons/0/birth_date","value":{"year":2005,"month":2,"day":29}}])"},
      {"A01", R"([{"op":"replace","path":"/persons/0/birth_date","value":{"month":2,"day":29}}])"},
      {"A01", R"([{"op":"replace","path":"/persons/0/birth_date","value":{"year":2004}}])"},
      {"A01", R"([{"op":"replace","path":"/persons/0/birth_date","value":{"day":4}}])"},
      {"A01",
       R"([{"op":"replace","path":"/persons/0/birth_date","value":{"year":20040,"month":1}}])"},
      {"A01", R"([{"op":"replace","path":"/events/2/time_zone","value":"GMT+6"}])"},
      {"A01", R"([{"op":"replace","path":"/events/2/time_zone","value":"CST"}])"},
      {"A01", R"([{"op":"replace","path":"/events/2/time_zone","value":"america/mexico_city"}])"},
      {"A01", R"([{"op":"replace","path":"/created_at","value":"2026-11-16 15:20"}])"},
      {"A01", R"([{"op":"replace","path":"/created_at","value":"2026-11-16T25:20:00Z"}])"},
      {"A01", R"([{"op":"replace","path":"/created_at","value":"2026-11-16T09:20:00-06:00"}])"},
      {"A01", R"([{"op":"replace","path":"/alert_id","value":"not-a-uuid"}])"},
      {"A01", R"([{"op":"replace","path":"/case_ref","value":"hn-2026-000412"}])"},
      {"A01", R"([{"op":"replace","path":"/attachments/0/file_name","value":"..\\..\\x.jpg"}])"},
      {"A01", R"([{"op":"replace","path":"/attachments/0/file_name","value":"C:x.jpg"}])"},
      {"A01", R"([{"op":"replace","path":"/attachments/0/file_name","value":"CON.jpg"}])"},
      {"A01", R"([{"op":"replace","path":"/attachments/0/file_name","value":".."}])"},
      {"A01",
       R"([{"op":"replace","path":"/attachments/0/file_name","value":"foto\u202egpj.exe"}])"},
      {"A01", R"([{"op":"replace","path":"/attachments/0/sha256","value":"abc"}])"},
      {"A01", R"([{"op":"replace","path":"/attachments/0/size_bytes","value":2000000000}])"},
      {"A01", R"([{"op":"replace","path":"/attachments/0/media_type","value":"application/zip"}])"},
      {"A03", R"([{"op":"replace","path":"/persons/0/documents/0/mrz_lines","value":[]}])"},
      {"A03",
       R"([{"op":"replace","path":"/persons/0/documents/0/mrz_lines","value":["I<UTOD231458907<<<<<<<<<<<<<<<","7408122F1204159UTO<<<<<<<<<<<6","ERIKSSON<<ANNA<MARIA<<<<<<<<<<"]}])"},
      {"A03",
       R"([{"op":"replace","path":"/persons/0/documents/0/mrz_lines","value":["V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<","L8988901C4XXX4009078F96121096ZE184226B<<<<<<"]}])"},
      {"A03",
       R"([{"op":"replace","path":"/persons/0/documents/0/mrz_lines","value":["I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<","D231458907UTO7408122F1204159<<<<<<<6"]}])"},
      {"A02", R"([{"op":"replace","path":"/handling/tlp","value":0}])"},
      {"A05", R"([{"op":"replace","path":"/evaluation/source","value":"SOURCE_RELIABILITY_Z"}])"},
      {"A07", R"([{"op":"replace","path":"/group/total","value":4294967296}])"},
      {"A07",
       R"([{"op":"add","path":"/recipients/-","value":{"office_id":"cu.consular","role":"ROLE_INFO"}}])"},
  };
  for (const auto& [base, patch] : changes) {
    SCOPED_TRACE(patch);
    ExpectSame(CaseJson(base).patch(json::parse(patch)).dump());
  }
}

}  // namespace
}  // namespace enlace::alerts
