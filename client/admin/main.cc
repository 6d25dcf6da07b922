// enlace-admin: what administrators, the Secretariat and charter key holders run. Parses the
// command line, nothing else.

#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>

#include "client/admin/ca_commands.h"
#include "client/admin/change_commands.h"
#include "client/admin/charter_commands.h"
#include "client/admin/duty_commands.h"
#include "client/admin/help.h"
#include "client/admin/office_commands.h"
#include "client/admin/people_commands.h"
#include "client/admin/request_commands.h"
#include "client/admin/trial.h"
#include "client/cli_common/exit_code.h"
#include "client/cli_common/help_page.h"
#include "crypto/primitives/system_rng.h"
#include "proto/errors/guarded_main.h"
#include "proto/errors/reasons.h"

namespace enlace::client::admin {
namespace {

constexpr char kVersion[] = ENLACE_VERSION;

struct Parsed {
  std::string profile;
  std::string lang;
  std::string output = "text";
  bool quiet = false;
  AdminFlags flags;
  CaInitOptions ca_init;
  std::string ca_export_out;
  CaPublishOptions ca_publish;
  CharterInitOptions charter_init;
  CharterAddOptions charter_add;
  CharterSetOptions charter_set;
  CharterPublishOptions charter_publish;
  CharterVerifyOptions charter_verify;
  std::string charter_file;
  std::string charter_other;
  OfficeCreateOptions office;
  bool all_offices = false;
  OfficeDutyOptions duty;
  MoveOptions move;
  SuspendOptions suspend;
  std::string resumed;
  std::string office_from;
  std::string office_to;
  InviteOptions invite;
  std::string device_of;
  RevokeOptions revoke;
  ApproveOptions approve;
  std::string reject_id;
  std::string reject_reason;
  TrialOptions trial;
  std::function<absl::Status(AdminContext&)> command;
};

using Command = std::function<absl::Status(AdminContext&)>;

CLI::App* Add(CLI::App& parent, const char* name, Parsed& parsed, Command run) {
  CLI::App* command = parent.add_subcommand(name);
  command->callback([&parsed, run = std::move(run)] { parsed.command = run; });
  return command;
}

CLI::App* Group(CLI::App& cli, const char* name) {
  CLI::App* group = cli.add_subcommand(name);
  group->require_subcommand(1);
  return group;
}

void AddGlobal(CLI::App& cli, Parsed& parsed) {
  cli.add_option("--profile", parsed.profile);
  cli.add_option("--lang", parsed.lang)->check(CLI::IsMember({"es", "en"}));
  cli.add_option("--output", parsed.output)->check(CLI::IsMember({"text", "json", "jsonl"}));
  cli.add_option("--passphrase-file", parsed.flags.passphrase.file);
  cli.add_option("--passphrase-fd", parsed.flags.passphrase.fd);
  cli.add_flag("--quiet,-q", parsed.quiet);
  cli.add_flag("--dry-run", parsed.flags.dry_run);
  cli.add_flag("--yes", parsed.flags.yes);
}

void AddCa(CLI::App& cli, Parsed& parsed) {
  CLI::App* ca = Group(cli, "ca");
  CLI::App* init = Add(*ca, "init", parsed,
                       [&](AdminContext& context) { return CaInit(context, parsed.ca_init); });
  init->add_option("--authority", parsed.ca_init.authority)->required();
  init->add_option("--name", parsed.ca_init.name)->required();
  init->add_option("--id", parsed.ca_init.officer_id);
  init->add_option("--phone", parsed.ca_init.phone);
  CLI::App* out = Add(*ca, "export", parsed, [&](AdminContext& context) {
    return CaExport(context, parsed.ca_export_out);
  });
  out->add_option("--out", parsed.ca_export_out);
  Add(*ca, "status", parsed, CaStatus);
  CLI::App* publish = Add(*ca, "publish", parsed, [&](AdminContext& context) {
    return CaPublish(context, parsed.ca_publish);
  });
  publish->add_option("charter", parsed.ca_publish.charter_file)->required();
  publish->add_option("--root", parsed.ca_publish.root);
  publish->add_option("--server", parsed.ca_publish.server_address)->required();
  publish->add_option("--enrolment", parsed.ca_publish.enrolment_address)->required();
}

void AddCharterDrafting(CLI::App& charter, Parsed& parsed) {
  Add(charter, "key", parsed, CharterKey);
  CLI::App* init = Add(charter, "init", parsed, [&](AdminContext& context) {
    return CharterInit(context, parsed.charter_init);
  });
  init->add_option("--out", parsed.charter_init.out)->required();
  init->add_option("--server", parsed.charter_init.server_identity);
  init->add_option("--key", parsed.charter_init.keys);
  init->add_option("--threshold", parsed.charter_init.threshold);
  init->add_option("--days", parsed.charter_init.valid_days);
  init->add_option("--from", parsed.charter_init.from);
  CLI::App* add = Add(charter, "add", parsed, [&](AdminContext& context) {
    return CharterAdd(context, parsed.charter_add);
  });
  add->add_option("file", parsed.charter_add.file)->required();
  add->add_option("authority", parsed.charter_add.authority)->required();
  add->add_option("--ca", parsed.charter_add.ca_files)->required();
  add->add_option("--standing", parsed.charter_add.standing);
  add->add_option("--name-es", parsed.charter_add.name_es);
  add->add_option("--name-en", parsed.charter_add.name_en);
  CLI::App* remove = Add(charter, "remove", parsed, [&](AdminContext& context) {
    return CharterRemove(context, parsed.charter_file, parsed.charter_other);
  });
  remove->add_option("file", parsed.charter_file)->required();
  remove->add_option("authority", parsed.charter_other)->required();
  CLI::App* set = Add(charter, "set", parsed, [&](AdminContext& context) {
    return CharterSet(context, parsed.charter_set);
  });
  set->add_option("file", parsed.charter_set.file)->required();
  set->add_option("--presidency", parsed.charter_set.presidency);
  set->add_option("--server", parsed.charter_set.server_identity);
  set->add_option("--key", parsed.charter_set.keys);
  set->add_option("--threshold", parsed.charter_set.threshold);
  set->add_option("--days", parsed.charter_set.valid_days);
}

void AddCharterUse(CLI::App& charter, Parsed& parsed) {
  CLI::App* show = Add(charter, "show", parsed, [&](AdminContext& context) {
    return CharterShow(context, parsed.charter_file);
  });
  show->add_option("file", parsed.charter_file)->required();
  CLI::App* diff = Add(charter, "diff", parsed, [&](AdminContext& context) {
    return CharterDiff(context, parsed.charter_file, parsed.charter_other);
  });
  diff->add_option("before", parsed.charter_file)->required();
  diff->add_option("after", parsed.charter_other)->required();
  CLI::App* sign = Add(charter, "sign", parsed, [&](AdminContext& context) {
    return CharterSign(context, parsed.charter_file);
  });
  sign->add_option("file", parsed.charter_file)->required();
  CLI::App* publish = Add(charter, "publish", parsed, [&](AdminContext& context) {
    return CharterPublish(context, parsed.charter_publish);
  });
  publish->add_option("file", parsed.charter_publish.file)->required();
  publish->add_option("--enrolment", parsed.charter_publish.enrolment_address)->required();
  CLI::App* verify = Add(charter, "verify", parsed, [&](AdminContext& context) {
    return CharterVerify(context, parsed.charter_verify);
  });
  verify->add_option("file", parsed.charter_verify.file);
  verify->add_option("--root", parsed.charter_verify.root);
  verify->add_option("--previous", parsed.charter_verify.previous);
  verify->add_option("--enrolment", parsed.charter_verify.enrolment_address);
  verify->add_option("--server-fingerprint", parsed.charter_verify.server_fingerprint);
}

void AddOffices(CLI::App& cli, Parsed& parsed) {
  CLI::App* office = Group(cli, "office");
  CLI::App* create = Add(*office, "create", parsed, [&](AdminContext& context) {
    return OfficeCreate(context, parsed.office);
  });
  create->add_option("office", parsed.office.office_id)->required();
  create->add_option("--name-es", parsed.office.name_es);
  create->add_option("--name-en", parsed.office.name_en);
  create->add_option("--network", parsed.office.networks);
  create->add_option("--language", parsed.office.languages);
  create->add_option("--zone", parsed.office.time_zone);
  create->add_option("--phone", parsed.office.duty_phone);
  for (const char* name : {"list", "show"}) {
    CLI::App* list = Add(*office, name, parsed, [&](AdminContext& context) {
      return OfficeList(context, parsed.all_offices);
    });
    list->add_flag("--all", parsed.all_offices);
  }
  CLI::App* rename = Add(*office, "rename", parsed, [&](AdminContext& context) {
    return OfficeRename(context, parsed.office_from, parsed.office_to);
  });
  rename->add_option("office", parsed.office_from)->required();
  rename->add_option("name", parsed.office_to)->required();
  CLI::App* close = Add(*office, "close", parsed, [&](AdminContext& context) {
    return OfficeClose(context, parsed.office_from, parsed.office_to);
  });
  close->add_option("office", parsed.office_from)->required();
  close->add_option("--successor", parsed.office_to)->required();
  CLI::App* duty = Add(*office, "duty", parsed,
                       [&](AdminContext& context) { return OfficeDuty(context, parsed.duty); });
  duty->add_option("office", parsed.duty.office_id)->required();
  duty->add_option("--officer", parsed.duty.officer_id);
  duty->add_option("--from", parsed.duty.from);
  duty->add_option("--until", parsed.duty.until);
  duty->add_option("--phone", parsed.duty.phone);
  duty->add_option("--csv", parsed.duty.csv_file);
  duty->add_flag("--clear", parsed.duty.clear);
}

void AddOfficerChanges(CLI::App& officer, Parsed& parsed) {
  CLI::App* move = Add(officer, "move", parsed,
                       [&](AdminContext& context) { return OfficerMove(context, parsed.move); });
  move->add_option("id", parsed.move.officer_id)->required();
  move->add_option("--office", parsed.move.offices)->required();
  CLI::App* suspend = Add(officer, "suspend", parsed, [&](AdminContext& context) {
    return OfficerSuspend(context, parsed.suspend);
  });
  suspend->add_option("id", parsed.suspend.officer_id)->required();
  suspend->add_option("--until", parsed.suspend.until);
  CLI::App* resume = Add(officer, "resume", parsed, [&](AdminContext& context) {
    return OfficerResume(context, parsed.resumed);
  });
  resume->add_option("id", parsed.resumed)->required();
}

void AddPeople(CLI::App& cli, Parsed& parsed) {
  CLI::App* officer = Group(cli, "officer");
  CLI::App* invite = Add(*officer, "invite", parsed, [&](AdminContext& context) {
    return OfficerInvite(context, parsed.invite);
  });
  invite->add_option("--office", parsed.invite.office)->required();
  invite->add_option("--name", parsed.invite.name)->required();
  invite->add_option("--id", parsed.invite.officer_id);
  invite->add_option("--role", parsed.invite.role);
  invite->add_option("--out", parsed.invite.out);
  invite->add_option("--words-lang", parsed.invite.language)->check(CLI::IsMember({"es", "en"}));
  Add(*officer, "list", parsed, OfficerList);
  AddOfficerChanges(*officer, parsed);
  CLI::App* device = Group(cli, "device");
  for (const char* name : {"list", "show"}) {
    CLI::App* list = Add(*device, name, parsed, [&](AdminContext& context) {
      return DeviceList(context, parsed.device_of);
    });
    list->add_option("of", parsed.device_of);
  }
  CLI::App* revoke = Add(*device, "revoke", parsed, [&](AdminContext& context) {
    return DeviceRevoke(context, parsed.revoke);
  });
  revoke->add_option("device", parsed.revoke.device)->required();
  revoke->add_option("--reason", parsed.revoke.reason);
}

void AddRequests(CLI::App& cli, Parsed& parsed) {
  Add(cli, "status", parsed, Status);
  Add(cli, "pending", parsed, Pending);
  CLI::App* approve = Add(cli, "approve", parsed,
                          [&](AdminContext& context) { return Approve(context, parsed.approve); });
  approve->add_option("id", parsed.approve.officer_ids)->required();
  approve->add_option("--words", parsed.approve.words_file);
  CLI::App* reject = Add(cli, "reject", parsed, [&](AdminContext& context) {
    return Reject(context, parsed.reject_id, parsed.reject_reason);
  });
  reject->add_option("id", parsed.reject_id)->required();
  reject->add_option("reason", parsed.reject_reason)->required();
  CLI::App* trial = Add(cli, "trial", parsed,
                        [&](AdminContext& context) { return Trial(context, parsed.trial); });
  trial->add_option("dir", parsed.trial.folder)->required();
  trial->add_flag("--small", parsed.trial.small);
}

Console::Setup SetupOf(const Parsed& parsed) {
  Console::Setup setup;
  setup.program = "enlace-admin";
  setup.locale = texts::ChooseLocale(parsed.lang, texts::ProcessEnvironment());
  setup.output = parsed.output == "json"    ? OutputMode::kJson
                 : parsed.output == "jsonl" ? OutputMode::kJsonl
                                            : OutputMode::kText;
  setup.quiet = parsed.quiet;
  setup.can_ask = CanAsk();
  return setup;
}

absl::Status Run(const Parsed& parsed, const Console& console) {
  Profile::Request request;
  request.program = "enlace-admin";
  request.name = parsed.profile;
  absl::StatusOr<Profile> profile = Profile::Open(request);
  if (!profile.ok()) return profile.status();
  crypto::SystemRng rng;
  const JoinEnvironment environment = JoinEnvironment::OfSystem(rng);
  AdminContext context(console, *std::move(profile), parsed.flags, environment);
  return parsed.command(context);
}

int Main(int argc, char** argv) {
  CLI::App cli;
  cli.set_help_flag();
  bool help = false;
  cli.add_flag("--help,-h", help);
  cli.fallthrough();
  cli.require_subcommand(0, 1);
  bool version = false;
  cli.add_flag("--version", version);
  Parsed parsed;
  AddGlobal(cli, parsed);
  AddRequests(cli, parsed);
  AddPeople(cli, parsed);
  AddOffices(cli, parsed);
  AddCa(cli, parsed);
  CLI::App* charter = Group(cli, "charter");
  AddCharterDrafting(*charter, parsed);
  AddCharterUse(*charter, parsed);
  // CLI11 reports mistakes by exception; none leaves this function. --help goes before what a
  // command requires.
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (!help && !version) {
      const Console console(SetupOf(parsed));
      console.Error(
          UsageError(DescribeUsage(error.get_name(), error.what(), console.setup().locale)));
      return static_cast<int>(ExitCode::kUsage);
    }
  }
  if (version) {
    std::cout << "enlace-admin " << kVersion << "\n";
    return 0;
  }
  const Console console(SetupOf(parsed));
  if (help || !parsed.command) {
    std::cout << HelpText(console.setup().locale);
    return help ? 0 : static_cast<int>(ExitCode::kUsage);
  }
  const absl::Status done = Run(parsed, console);
  if (!done.ok()) console.Error(done);
  return ExitNumberOf(done);
}

}  // namespace
}  // namespace enlace::client::admin

int main(int argc, char** argv) {
  return enlace::GuardedMain(enlace::client::admin::Main, argc, argv);
}
