#include "client/cli/verb_options.h"

#include "enlace/alert/v1/alert.pb.h"

namespace enlace::client {
namespace {

// A verb, what its second word is called (none: it has no second word), and whether it needs it.
struct Verb {
  const char* name;
  alert::v1::Action action;
  const char* operand = nullptr;
  bool operand_required = false;
};

constexpr Verb kVerbs[] = {
    {"ack", alert::v1::ACTION_ACKNOWLEDGE},
    {"accept", alert::v1::ACTION_ACCEPT},
    {"assign", alert::v1::ACTION_ASSIGN, "officer", true},
    {"ask", alert::v1::ACTION_REQUEST_INFO},
    {"answer", alert::v1::ACTION_ANSWER},
    {"refer", alert::v1::ACTION_REFER, "office-to", true},
    {"decline", alert::v1::ACTION_DECLINE, "reason", false},
    {"close", alert::v1::ACTION_CLOSE, "outcome", false},
    {"reopen", alert::v1::ACTION_REOPEN},
    {"extend", alert::v1::ACTION_EXTEND, "time", true},
    {"handover", alert::v1::ACTION_HANDOVER_OFFICER, "officer", true},
    {"correct", alert::v1::ACTION_CORRECT},
    {"withdraw", alert::v1::ACTION_WITHDRAW},
};

void AddOwnOptions(const Verb& verb, VerbOptions& options, CLI::App& command) {
  switch (verb.action) {
    case alert::v1::ACTION_ACCEPT:
      command.add_option("--assign", options.operand);
      break;
    case alert::v1::ACTION_ANSWER:
      command.add_option("--outcome", options.outcome);
      command.add_option("--attach", options.attach);
      break;
    case alert::v1::ACTION_REFER:
      command.add_flag("--permit", options.permit);
      break;
    case alert::v1::ACTION_DECLINE:
    case alert::v1::ACTION_CLOSE:
      command.add_flag("--list", options.list);
      break;
    case alert::v1::ACTION_CORRECT:
      command.add_option("--field", options.fields);
      command.add_option("--update", options.file);
      command.add_option("--attach", options.attach);
      break;
    default:
      break;
  }
}

}  // namespace

void AddVerbs(CLI::App& cli, VerbOptions& options, const std::function<void()>& chosen) {
  for (const Verb& verb : kVerbs) {
    CLI::App* command = cli.add_subcommand(verb.name);
    const bool lists =
        verb.action == alert::v1::ACTION_DECLINE || verb.action == alert::v1::ACTION_CLOSE;
    command->add_option("case", options.case_text)->required(!lists);
    if (verb.operand != nullptr)
      command->add_option(verb.operand, options.operand)->required(verb.operand_required);
    command->add_option("--office", options.office);
    command->add_option("--officer", options.officer);
    command->add_option("--note", options.note);
    command->add_option("--wait", options.wait_s)->expected(0, 1)->default_str("30");
    AddOwnOptions(verb, options, *command);
    command->callback([&options, &verb, chosen] {
      options.name = verb.name;
      options.action = verb.action;
      chosen();
    });
  }
}

}  // namespace enlace::client
