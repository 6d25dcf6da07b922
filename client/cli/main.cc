// enlace: what officers run. Parses the command line, nothing else.

#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>

#include "client/cases/case_finder.h"
#include "client/cli/commands.h"
#include "client/cli/help.h"
#include "client/cli/help_topics.h"
#include "client/cli/verb_options.h"
#include "client/cli_common/exit_code.h"
#include "client/cli_common/help_page.h"
#include "proto/errors/guarded_main.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr char kVersion[] = ENLACE_VERSION;
constexpr int kSyncTimeoutS = 60;

struct Parsed {
  GlobalOptions global;
  JoinOptions join;
  SendOptions send;
  VerbOptions verb;
  TemplateOptions blank;
  ComposeOptions compose;
  AttachmentOptions attachment;
  ReceiptOptions receipt;
  WatchOptions watch;
  CasesOptions cases;
  ReviewOptions review{kReviewAheadDaysDefault};
  SearchOptions search;
  StatsOptions stats;
  std::string document;
  std::string place;
  CheckOptions check;
  std::string help_topic;
  std::string verified;
  std::string show_case;
  std::string status_case;
  int sync_timeout_s = kSyncTimeoutS;
  // What the command line asks for.
  std::function<int(App&)> command = RunNothing;
};

void AddGlobal(CLI::App& cli, GlobalOptions& options) {
  cli.add_option("--profile", options.profile);
  cli.add_option("--lang", options.lang)->check(CLI::IsMember({"es", "en"}));
  cli.add_option("--output", options.output)
      ->check(CLI::IsMember({"text", "json", "jsonl", "csv"}));
  cli.add_option("--passphrase-file", options.passphrase.file);
  cli.add_option("--passphrase-fd", options.passphrase.fd);
  cli.add_flag("--quiet,-q", options.quiet);
  cli.add_flag("--verbose,-v", options.verbose);
  cli.add_flag("--no-color", options.no_color);
}

CLI::App* AddCommand(CLI::App& cli, const char* name, Parsed& parsed,
                     std::function<int(App&)> run) {
  CLI::App* command = cli.add_subcommand(name);
  command->callback([&parsed, run = std::move(run)] { parsed.command = run; });
  return command;
}

void AddJoin(CLI::App& cli, Parsed& parsed) {
  CLI::App* join =
      AddCommand(cli, "join", parsed, [&parsed](App& app) { return RunJoin(app, parsed.join); });
  join->add_option("invitation", parsed.join.invitation);
  join->add_flag("--resume", parsed.join.resume);
  join->add_flag("--no-wait", parsed.join.no_wait);
  join->add_flag("--yes", parsed.join.yes);
  join->add_option("--words-out", parsed.join.words_out);
}

void AddWriting(CLI::App& cli, Parsed& parsed) {
  CLI::App* send =
      AddCommand(cli, "send", parsed, [&parsed](App& app) { return RunSend(app, parsed.send); });
  send->add_option("file", parsed.send.file)->required();
  send->add_option("--attach", parsed.send.attach);
  send->add_flag("--new", parsed.send.fill);
  send->add_option("--office", parsed.send.office);
  send->add_option("--wait", parsed.send.wait_s)->expected(0, 1)->default_str("30");
  CLI::App* check =
      AddCommand(cli, "check", parsed, [&parsed](App& app) { return RunCheck(app, parsed.check); });
  check->add_option("file", parsed.check.file)->required();
  check->add_option("--at", parsed.check.at);
  CLI::App* fresh = AddCommand(cli, "new", parsed, [&parsed](App& app) {
    parsed.blank.name = "new";
    return RunNew(app, parsed.blank);
  });
  fresh->add_option("type", parsed.blank.subject);
  fresh->add_flag("--list", parsed.blank.list);
  fresh->add_option("--out", parsed.blank.out);
  CLI::App* compose = AddCommand(cli, "compose", parsed,
                                 [&parsed](App& app) { return RunCompose(app, parsed.compose); });
  compose->add_option("type", parsed.compose.type);
  CLI::App* update = AddCommand(cli, "update", parsed, [&parsed](App& app) {
    parsed.blank.name = "update";
    return RunUpdate(app, parsed.blank);
  });
  update->add_option("case", parsed.blank.subject)->required();
  update->add_option("--out", parsed.blank.out);
  AddVerbs(cli, parsed.verb, [&parsed] {
    parsed.command = [&parsed](App& app) { return RunVerb(app, parsed.verb); };
  });
}

void AddReading(CLI::App& cli, Parsed& parsed) {
  AddCommand(cli, "inbox", parsed, RunInbox);
  CLI::App* show = AddCommand(cli, "show", parsed, [&parsed](App& app) {
    return RunShow(app, parsed.show_case, parsed.global.long_ids);
  });
  show->add_option("case", parsed.show_case)->required();
  show->add_flag("--long", parsed.global.long_ids);
  CLI::App* status = AddCommand(cli, "status", parsed,
                                [&parsed](App& app) { return RunStatus(app, parsed.status_case); });
  status->add_option("case", parsed.status_case);
  CLI::App* attachment = AddCommand(cli, "attachment", parsed, [&parsed](App& app) {
    return RunAttachment(app, parsed.attachment);
  });
  attachment->add_option("case", parsed.attachment.case_text)->required();
  attachment->add_option("attachment", parsed.attachment.attachment);
  attachment->add_option("--out", parsed.attachment.out);
  CLI::App* receipt = AddCommand(cli, "receipt", parsed,
                                 [&parsed](App& app) { return RunReceipt(app, parsed.receipt); });
  receipt->add_option("case", parsed.receipt.case_text);
  receipt->add_option("--out", parsed.receipt.out);
  receipt->add_option("--verify", parsed.receipt.verify);
  receipt->add_option("--charter-root", parsed.receipt.charter_root);
}

void AddFinding(CLI::App& cli, Parsed& parsed) {
  CLI::App* cases =
      AddCommand(cli, "cases", parsed, [&parsed](App& app) { return RunCases(app, parsed.cases); });
  cases->add_flag("--open", parsed.cases.open);
  cases->add_flag("--overdue", parsed.cases.overdue);
  cases->add_option("--office", parsed.cases.office);
  cases->add_option("--type", parsed.cases.type);
  cases->add_option("--since", parsed.cases.since);
  cases->add_option("--limit", parsed.cases.limit)->check(CLI::Range(size_t{1}, kListShownMax));
  CLI::App* review = AddCommand(cli, "review", parsed,
                                [&parsed](App& app) { return RunReview(app, parsed.review); });
  review->add_option("--days", parsed.review.days)
      ->check(CLI::Range(int64_t{0}, kReviewAheadDaysMax));
  review->add_option("--limit", parsed.review.limit)->check(CLI::Range(size_t{1}, kListShownMax));
  CLI::App* search = AddCommand(cli, "search", parsed,
                                [&parsed](App& app) { return RunSearch(app, parsed.search); });
  search->add_option("words", parsed.search.words)->required();
  search->add_option("--limit", parsed.search.limit)->check(CLI::Range(size_t{1}, kListShownMax));
  CLI::App* document = AddCommand(
      cli, "document", parsed, [&parsed](App& app) { return RunDocument(app, parsed.document); });
  document->add_option("number", parsed.document)->required();
  CLI::App* directory = AddCommand(cli, "directory", parsed,
                                   [&parsed](App& app) { return RunDirectory(app, parsed.place); });
  directory->add_option("place", parsed.place);
  CLI::App* stats =
      AddCommand(cli, "stats", parsed, [&parsed](App& app) { return RunStats(app, parsed.stats); });
  stats->add_option("--from", parsed.stats.from);
  stats->add_option("--to", parsed.stats.to);
}

void AddMachine(CLI::App& cli, Parsed& parsed) {
  CLI::App* watch =
      AddCommand(cli, "watch", parsed, [&parsed](App& app) { return RunWatch(app, parsed.watch); });
  watch->add_option("--hook", parsed.watch.hook);
  watch->add_option("--for", parsed.watch.for_s);
  CLI::App* sync = AddCommand(cli, "sync", parsed,
                              [&parsed](App& app) { return RunSync(app, parsed.sync_timeout_s); });
  sync->add_option("--timeout", parsed.sync_timeout_s);
  CLI::App* verify = AddCommand(cli, "verify", parsed,
                                [&parsed](App& app) { return RunVerify(app, parsed.verified); });
  verify->add_option("id", parsed.verified)->required();
  AddCommand(cli, "doctor", parsed, RunDoctor);
  AddCommand(cli, "unlock", parsed, RunUnlock);
  AddCommand(cli, "lock", parsed, RunLock);
  AddCommand(cli, "agent", parsed, RunAgent);
}

// The language of help and of usage errors, before a profile is known.
texts::Locale EarlyLocale(int argc, char** argv) {
  constexpr std::string_view kAssigned = "--lang=";
  std::string lang;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--lang" && i + 1 < argc) lang = argv[i + 1];
    if (word.starts_with(kAssigned)) lang = word.substr(kAssigned.size());
  }
  return texts::ChooseLocale(lang, texts::ProcessEnvironment());
}

int UsageError(const texts::Locale& locale, const std::string& what) {
  Console::Setup setup;
  setup.locale = locale;
  const Console console(setup);
  console.Error(MakeError(Reason::kUsage, {{"what", what}, {"program", "enlace"}}));
  return static_cast<int>(ExitCode::kUsage);
}

// `enlace help [TOPIC]`: needs no profile.
int ShowHelp(const Parsed& parsed, const texts::Locale& locale) {
  if (parsed.help_topic.empty()) {
    std::cout << HelpText(locale);
    return 0;
  }
  Profile::Request request;
  request.name = parsed.global.profile;
  const absl::StatusOr<Profile> profile = Profile::Open(request);
  const std::optional<std::string> page =
      HelpTopicText(parsed.help_topic, locale, profile.ok() ? &*profile : nullptr);
  if (!page) return UsageError(locale, "enlace help " + HelpTopics());
  std::cout << *page;
  return 0;
}

int Main(int argc, char** argv) {
  const texts::Locale locale = EarlyLocale(argc, argv);
  CLI::App cli;
  cli.set_help_flag();
  bool help = false;
  bool version = false;
  cli.add_flag("--help,-h", help);
  cli.add_flag("--version", version);
  cli.fallthrough();
  Parsed parsed;
  AddGlobal(cli, parsed.global);
  AddJoin(cli, parsed);
  AddWriting(cli, parsed);
  AddReading(cli, parsed);
  AddFinding(cli, parsed);
  AddMachine(cli, parsed);
  cli.add_subcommand("help")->add_option("topic", parsed.help_topic);
  // CLI11 reports mistakes by exception; none leaves this function. --help goes before what a
  // command requires.
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (!help && !version)
      return UsageError(locale, DescribeUsage(error.get_name(), error.what(), locale));
  }
  if (version) {
    std::cout << "enlace " << kVersion << "\n";
    return 0;
  }
  if (help || cli.got_subcommand("help")) return ShowHelp(parsed, locale);
  if (parsed.global.output == "csv") {
    if (!cli.got_subcommand("stats")) return UsageError(locale, "--output text|json|jsonl");
    parsed.stats.csv = true;
    parsed.global.output = "text";
  }
  absl::StatusOr<std::unique_ptr<App>> app = App::Create(parsed.global);
  if (!app.ok()) {
    Console::Setup setup;
    setup.locale = locale;
    Console(setup).Error(app.status());
    return ExitNumberOf(app.status());
  }
  return parsed.command(**app);
}

}  // namespace
}  // namespace enlace::client

int main(int argc, char** argv) { return enlace::GuardedMain(enlace::client::Main, argc, argv); }
