#include "client/cli/help_topics.h"

#include <span>
#include <utility>
#include <vector>

#include "client/alerts/workflow.h"
#include "client/cli_common/exit_code.h"
#include "client/texts/code_names.h"
#include "client/texts/display.h"
#include "client/texts/texts.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::client {
namespace {

using alerts::RowState;
using texts::CodeKind;

constexpr size_t kColumns = 80;
constexpr size_t kIndent = 2;

// A name in the first column and what it means, wrapped.
struct Row {
  std::string name;
  std::string text;
};

class TopicPage {
 public:
  explicit TopicPage(const texts::Locale& locale) : locale_(locale) {}

  std::string T(std::string_view msgid) const { return texts::Text(locale_.language, msgid); }
  void Line(std::string_view text = {}) { out_ += std::string(text) + "\n"; }
  void Text(std::string_view msgid) {
    for (const std::string& line : texts::Wrap(T(msgid), kColumns)) Line(line);
  }
  void Rows(const std::vector<Row>& rows) {
    size_t columns = 0;
    for (const Row& row : rows) columns = std::max(columns, texts::DisplayWidth(row.name));
    columns += kIndent;
    for (const Row& row : rows) {
      std::string name = texts::PadRight(row.name, columns);
      for (const std::string& line : texts::Wrap(row.text, kColumns - kIndent - columns)) {
        Line(std::string(kIndent, ' ') + name + line);
        name.assign(columns, ' ');
      }
    }
  }
  std::string Take() { return locale_.ascii ? texts::ToAscii(out_) : std::move(out_); }

 private:
  const texts::Locale& locale_;
  std::string out_;
};

struct StateText {
  RowState state;
  std::string_view msgid;
};
constexpr StateText kStates[] = {
    {RowState::kQueued, ENLACE_TEXT("written here; the server does not have it yet")},
    {RowState::kSent, ENLACE_TEXT("the server has it durably")},
    {RowState::kDelivered, ENLACE_TEXT("a machine of the office decrypted it")},
    {RowState::kRead, ENLACE_TEXT("an officer opened it; this stops no deadline")},
    {RowState::kAcknowledged,
     ENLACE_TEXT("a named officer answers for it; the deadline to acknowledge stops")},
    {RowState::kAccepted, ENLACE_TEXT("somebody has it; the identity part is opened")},
    {RowState::kInProgress, ENLACE_TEXT("it is being worked on")},
    {RowState::kInfoRequested,
     ENLACE_TEXT("the office asked the sender; the deadline to answer pauses")},
    {RowState::kAnswered, ENLACE_TEXT("the office answered")},
    {RowState::kDeclined, ENLACE_TEXT("the office can't; the reason is named")},
    {RowState::kReferred, ENLACE_TEXT("another office was brought in; it has a row of its own")},
    {RowState::kClosed, ENLACE_TEXT("closed with an outcome; it can be opened again")},
    {RowState::kWithdrawn, ENLACE_TEXT("the sender took it back; recipients purge and confirm")},
    {RowState::kExpired, ENLACE_TEXT("the server gave it up before it was delivered")},
    {RowState::kUnreadable, ENLACE_TEXT("a machine got it and can't read it; the sender is told")},
    {RowState::kFailed, ENLACE_TEXT("it can't be sent; enlace status says why")},
};

std::string States(const texts::Locale& locale) {
  TopicPage page(locale);
  page.Text(
      ENLACE_TEXT("Each office that gets an alert has a row of its own, in one of these states:"));
  page.Line();
  std::vector<Row> rows;
  for (const StateText& state : kStates) {
    rows.push_back(
        {texts::CodeName(locale.language, CodeKind::kRowState, static_cast<int>(state.state)),
         page.T(state.msgid)});
  }
  page.Rows(rows);
  page.Line();
  page.Text(ENLACE_TEXT(
      "A machine delivers, an officer reads, an office acknowledges: three different facts. When "
      "two officers act at once, the first in the server's order counts and the other is told. "
      "Lateness is a mark beside the state, never a state."));
  return page.Take();
}

struct HandlingText {
  CodeKind kind;
  int number;
  std::string_view msgid;
};
constexpr HandlingText kHandling[] = {
    {CodeKind::kTlp, alert::v1::TLP_CLEAR, ENLACE_TEXT("may be passed on without limit")},
    {CodeKind::kTlp, alert::v1::TLP_GREEN, ENLACE_TEXT("within the community of the RCM")},
    {CodeKind::kTlp, alert::v1::TLP_AMBER,
     ENLACE_TEXT("the recipients' organisations and those whom they serve, as far as needed")},
    {CodeKind::kTlp, alert::v1::TLP_AMBER_STRICT,
     ENLACE_TEXT("the recipients' organisations only, as far as needed")},
    {CodeKind::kTlp, alert::v1::TLP_RED,
     ENLACE_TEXT("the addressed offices only; referred with the sender's permission alone")},
    {CodeKind::kHandlingCode, alert::v1::HANDLING_CODE_H0,
     ENLACE_TEXT("only to prevent and combat crime")},
    {CodeKind::kHandlingCode, alert::v1::HANDLING_CODE_H1,
     ENLACE_TEXT("not as evidence in court without the sender's permission")},
    {CodeKind::kHandlingCode, alert::v1::HANDLING_CODE_H2,
     ENLACE_TEXT("not passed on without the sender's permission")},
    {CodeKind::kHandlingCode, alert::v1::HANDLING_CODE_H3,
     ENLACE_TEXT("other restrictions, in the words of the alert")},
};

std::string HandlingPage(const texts::Locale& locale) {
  TopicPage page(locale);
  page.Text(ENLACE_TEXT(
      "Who may read an alert and what may be done with it. There is no default: without a TLP "
      "nothing is sent, and what arrives without one counts as TLP:RED."));
  page.Line();
  std::vector<Row> rows;
  for (const HandlingText& one : kHandling)
    rows.push_back({texts::CodeWord(one.kind, one.number), page.T(one.msgid)});
  page.Rows(rows);
  page.Line();
  page.Text(ENLACE_TEXT(
      "An update can make handling stricter, never looser. origin_country_disclosure "
      "NOT_PERMITTED keeps the countries of the persons out of the case. Names, documents, "
      "telephones and exact places of children and victims are withheld until an office accepts."));
  return page.Take();
}

struct ExitText {
  ExitCode code;
  std::string_view msgid;
};
constexpr ExitText kExits[] = {
    {ExitCode::kDone, ENLACE_TEXT("done; also: queued, to be sent when there is a network")},
    {ExitCode::kFailed, ENLACE_TEXT("failed")},
    {ExitCode::kUsage, ENLACE_TEXT("the command line is not understood, or something is missing")},
    {ExitCode::kNetwork, ENLACE_TEXT("network or server; with --wait: not sent yet")},
    {ExitCode::kNotAuthorised, ENLACE_TEXT("not authorised, revoked, or a wrong passphrase")},
    {ExitCode::kUnverified, ENLACE_TEXT("an identity, a signature or the log does not verify")},
    {ExitCode::kQuota, ENLACE_TEXT("over a quota or a limit")},
    {ExitCode::kPartial, ENLACE_TEXT("sent, but an addressed office has nobody who can read it")},
    {ExitCode::kRefused, ENLACE_TEXT("the alert or the step is refused by a rule")},
    {ExitCode::kInterrupted, ENLACE_TEXT("interrupted")},
};

std::string ExitCodes(const texts::Locale& locale) {
  TopicPage page(locale);
  page.Text(ENLACE_TEXT("What a script can tell by the exit code:"));
  page.Line();
  std::vector<Row> rows;
  for (const ExitText& one : kExits)
    rows.push_back({std::to_string(static_cast<int>(one.code)), page.T(one.msgid)});
  page.Rows(rows);
  page.Line();
  page.Text(ENLACE_TEXT(
      "Results are on stdout, talk and errors on stderr. With --output json an error is one "
      "object: reason, message, hint, violations."));
  return page.Take();
}

std::string Files(const texts::Locale& locale, const Profile* profile) {
  TopicPage page(locale);
  page.Text(ENLACE_TEXT("A profile keeps its files in these places:"));
  page.Line();
  const auto path = [&](const std::string& actual, std::string_view usual) {
    return profile == nullptr ? std::string(usual) : texts::EscapeForDisplay(actual);
  };
  const auto add = [&](std::string_view msgid, const std::string& where) {
    page.Line("  " + where);
    for (const std::string& line : texts::Wrap(page.T(msgid), kColumns - 6))
      page.Line("      " + line);
  };
  add(ENLACE_TEXT("settings: key = value"),
      path(profile == nullptr ? "" : profile->config_path(), "~/.config/enlace/default/config"));
  add(ENLACE_TEXT("settings of all users of this machine"), "/etc/enlace/config");
  add(ENLACE_TEXT("the vault: everything secret, sealed by the passphrase"),
      path(profile == nullptr ? "" : profile->vault_path(),
           "~/.local/share/enlace/default/vault.db"));
  add(ENLACE_TEXT("the registry: who is who, signed and public to members"),
      path(profile == nullptr ? "" : profile->registry_path(),
           "~/.local/share/enlace/default/registry.db"));
  add(ENLACE_TEXT("the running agent, which holds the vault open"),
      path(profile == nullptr ? "" : profile->socket_path(),
           "$XDG_RUNTIME_DIR/enlace/default/agent.sock"));
  page.Line();
  page.Text(ENLACE_TEXT(
      "A forgotten passphrase is a lost machine: nobody can open the vault. What counts first: "
      "command line, environment, settings of the profile, settings of the machine."));
  return page.Take();
}

std::string EnvironmentPage(const texts::Locale& locale) {
  TopicPage page(locale);
  page.Text(ENLACE_TEXT("What the programs read from the environment:"));
  page.Line();
  page.Rows({
      {"ENLACE_PROFILE", page.T(ENLACE_TEXT("the profile, when --profile names none"))},
      {"ENLACE_LANG", page.T(ENLACE_TEXT("es or en, before the locale"))},
      {"ENLACE_HOME", page.T(ENLACE_TEXT("one folder for all files, in place of the XDG ones"))},
      {"XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_RUNTIME_DIR",
       page.T(ENLACE_TEXT("where files go; see: enlace help files"))},
      {"LC_ALL, LC_MESSAGES, LANG, LANGUAGE",
       page.T(ENLACE_TEXT("the language; C and POSIX also mean plain ASCII"))},
      {"TZ", page.T(ENLACE_TEXT("the zone in which times are shown"))},
      {"COLUMNS", page.T(ENLACE_TEXT("the width of the screen"))},
      {"NO_COLOR", page.T(ENLACE_TEXT("no colour, as with --no-color"))},
  });
  page.Line();
  page.Text(ENLACE_TEXT("A passphrase is never read from the environment or the command line."));
  return page.Take();
}

}  // namespace

std::string HelpTopics() { return "states, handling, exit-codes, files, environment"; }

std::optional<std::string> HelpTopicText(std::string_view topic, const texts::Locale& locale,
                                         const Profile* profile) {
  if (topic == "states") return States(locale);
  if (topic == "handling") return HandlingPage(locale);
  if (topic == "exit-codes") return ExitCodes(locale);
  if (topic == "files") return Files(locale, profile);
  if (topic == "environment") return EnvironmentPage(locale);
  return std::nullopt;
}

}  // namespace enlace::client
