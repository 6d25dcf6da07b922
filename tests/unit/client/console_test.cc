#include "client/cli_common/console.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <sstream>

#include "client/cli_common/exit_code.h"
#include "client/cli_common/passphrase_source.h"
#include "client/cli_common/text_file.h"
#include "proto/errors/reasons.h"
#include "tests/unit/client/support/temp_folder.h"

namespace enlace::client {
namespace {

using testing::TempFolder;

// A console whose streams are strings and whose person has typed `typed` already.
struct Session {
  explicit Session(const std::string& typed = "", OutputMode output = OutputMode::kText) {
    EXPECT_EQ(pipe(input), 0);
    EXPECT_EQ(write(input[1], typed.data(), typed.size()), static_cast<ssize_t>(typed.size()));
    close(input[1]);
    setup.output = output;
    setup.can_ask = !typed.empty();
    setup.locale.language = texts::Language::kSpanish;
    setup.out = &out;
    setup.err = &err;
    setup.input_fd = input[0];
  }
  ~Session() { close(input[0]); }

  int input[2];
  std::ostringstream out;
  std::ostringstream err;
  Console::Setup setup;
};

TEST(ExitCode, FollowsTheDocumentedTable) {
  const auto of = [](Reason reason) { return ExitNumberOf(MakeError(reason)); };
  EXPECT_EQ(ExitNumberOf(absl::OkStatus()), 0);
  EXPECT_EQ(of(Reason::kFileNotWritable), 1);
  EXPECT_EQ(of(Reason::kUsage), 2);
  EXPECT_EQ(of(Reason::kCaseAmbiguous), 2);
  EXPECT_EQ(of(Reason::kServerUnreachable), 3);
  EXPECT_EQ(of(Reason::kInvitationSpent), 4);
  EXPECT_EQ(of(Reason::kDeviceRevoked), 4);
  EXPECT_EQ(of(Reason::kPassphraseWrong), 4);
  EXPECT_EQ(of(Reason::kServerIdentity), 5);
  EXPECT_EQ(of(Reason::kLogInconsistent), 5);
  EXPECT_EQ(of(Reason::kQuotaExceeded), 6);
  EXPECT_EQ(of(Reason::kNoRecipientDevice), 7);
  EXPECT_EQ(of(Reason::kGuardExcluded), 8);
  EXPECT_EQ(of(Reason::kTlpRequired), 8);
  EXPECT_EQ(of(Reason::kInterrupted), 130);
  EXPECT_EQ(ExitNumberOf(absl::UnavailableError("x")), 3);
  EXPECT_EQ(ExitNumberOf(absl::InternalError("x")), 1);
}

TEST(Console, Json_CarriesNoTalkAndNoHints) {
  Session session("", OutputMode::kJson);
  const Console console(session.setup);
  console.Line("text");
  console.Next("next");
  console.Json("status", {{"count", 1}});
  const auto parsed = nlohmann::json::parse(session.out.str());
  EXPECT_EQ(parsed["schema"], "enlace.cli.v1/status");
  EXPECT_EQ(parsed["count"], 1);
}

TEST(Console, Error_IsOneObjectInJson_AndEscapedText) {
  Session session("", OutputMode::kJsonl);
  const absl::Status status = MakeError(Reason::kEnrolmentRejected, {{"why", "no\x1b[2J es"}});
  Console(session.setup).Error(status, {{"a.b", "DATE_IN_FUTURE", "m", "h"}});
  const auto parsed = nlohmann::json::parse(session.err.str());
  EXPECT_EQ(parsed["reason"], "ENROLMENT_REJECTED");
  EXPECT_EQ(parsed["violations"][0]["field"], "a.b");
  Session text;
  Console(text.setup).Error(status);
  EXPECT_EQ(text.err.str().find('\x1b'), std::string::npos);
  EXPECT_NE(text.err.str().find("administrador"), std::string::npos);
  EXPECT_TRUE(text.out.str().empty());
}

TEST(Console, WithoutTerminal_NothingIsAsked_AndTheOptionIsNamed) {
  Session session;
  const auto answer = Console(session.setup).Ask({"¿?", "algo", "--algo"});
  ASSERT_TRUE(HasReason(answer.status(), Reason::kPromptImpossible));
  EXPECT_EQ(InfoOf(answer.status()).metadata["option"], "--algo");
  EXPECT_TRUE(session.err.str().empty());
}

TEST(Console, Answers_AreReadLineByLine) {
  Session session("lunes\r\nsí\nquizás\n");
  const Console console(session.setup);
  EXPECT_EQ(*console.Ask({"?", "", ""}), "lunes");
  EXPECT_TRUE(*console.Confirm({"?", "", ""}));
  EXPECT_FALSE(*console.Confirm({"?", "", ""}));
  EXPECT_TRUE(HasReason(console.Ask({"?", "", ""}).status(), Reason::kInterrupted));
}

TEST(Console, Paragraph_WrapsAtEightyColumns) {
  Session session;
  std::string text;
  for (int word = 0; word < 30; ++word) text += (word == 0 ? "" : " ") + std::string("año");
  Console(session.setup).Paragraph(text);
  std::istringstream lines(session.out.str());
  std::string joined;
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(texts::DisplayWidth(line), 80U) << line;
    joined += (joined.empty() ? "" : " ") + line;
  }
  EXPECT_EQ(joined, text);
}

TEST(Console, AsciiLocale_PrintsOnlyAscii) {
  Session session;
  session.setup.locale.ascii = true;
  Console(session.setup).Line("✓ maíz · Zúniga");
  for (const char c : session.out.str()) EXPECT_GE(c, 0) << session.out.str();
  EXPECT_NE(session.out.str().find("ok"), std::string::npos);
}

TEST(Passphrase, ComesFromTheFirstLineOfAFile) {
  const TempFolder folder;
  const std::string path = folder.File("phrase");
  ASSERT_TRUE(WriteWholeFile({path, false}, AsBytes("cuatro palabras o más\r\nno\n")).ok());
  Session session;
  const Console console(session.setup);
  const auto phrase = ReadPassphrase({path, -1}, console);
  ASSERT_TRUE(phrase.ok()) << phrase.status();
  EXPECT_EQ(AsText(phrase->view()), "cuatro palabras o más");
  EXPECT_TRUE(HasReason(ReadPassphrase({folder.File("none"), -1}, console).status(),
                        Reason::kFileNotFound));
  EXPECT_TRUE(HasReason(ReadPassphrase({}, console).status(), Reason::kPromptImpossible));
  ASSERT_TRUE(WriteWholeFile({path, true}, AsBytes("corta\n")).ok());
  EXPECT_TRUE(HasReason(ReadNewPassphrase({path, -1}, console).status(), Reason::kPassphraseWeak));
}

TEST(Passphrase, NewOne_IsAskedUntilBothAreEqualAndStrong) {
  Session session(
      "corta\nuna frase de paso\notra frase distinta\nla misma frase\nla misma frase\n");
  const auto phrase = ReadNewPassphrase({}, Console(session.setup));
  ASSERT_TRUE(phrase.ok()) << phrase.status();
  EXPECT_EQ(AsText(phrase->view()), "la misma frase");
  EXPECT_EQ(session.err.str().find("la misma"), std::string::npos);
}

TEST(TextFile, ExistingFile_IsKeptUnlessReplaced) {
  const TempFolder folder;
  const std::string path = folder.File("a");
  ASSERT_TRUE(WriteWholeFile({path, false}, AsBytes("1")).ok());
  EXPECT_TRUE(HasReason(WriteWholeFile({path, false}, AsBytes("2")), Reason::kFileExists));
  EXPECT_EQ(*ReadWholeFile(path), "1");
  ASSERT_TRUE(WriteWholeFile({path, true}, AsBytes("2")).ok());
  EXPECT_EQ(*ReadWholeFile(path), "2");
  EXPECT_TRUE(HasReason(WriteWholeFile({folder.File("no/a"), false}, AsBytes("1")),
                        Reason::kFileNotWritable));
  const Bytes huge(kTextFileBytesMax + 1);
  ASSERT_TRUE(WriteWholeFile({path, true}, huge).ok());
  EXPECT_TRUE(HasReason(ReadWholeFile(path).status(), Reason::kBodyTooLarge));
}

TEST(Console, LongError_KeepsToTheColumnsOfAPage) {
  Session session;
  const Console console(session.setup);
  console.Error(MakeError(
      Reason::kReferralNeedsPermission,
      {{"handling", "TLP:AMBER+STRICT"}, {"office", "mx.consular"}, {"case", "MX-2026-001877"}}));
  std::istringstream lines(session.err.str());
  size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count)
    EXPECT_LE(texts::DisplayWidth(line), 80u) << line;
  EXPECT_GT(count, 2u) << session.err.str();
}

TEST(Console, QuietLeavesOutTalk_NeverARefusal) {
  Session session;
  session.setup.quiet = true;
  const Console console(session.setup);
  console.Talk("palabras");
  console.Problem("1  subject");
  EXPECT_EQ(session.err.str(), "1  subject\n");
}

}  // namespace
}  // namespace enlace::client
