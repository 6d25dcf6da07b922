#include "client/cli/help.h"

#include "client/texts/display.h"
#include "client/texts/texts.h"

namespace enlace::client {
namespace {

struct HelpRow {
  std::string_view command;
  std::string_view msgid;
};

constexpr std::string_view kIntroduction =
    ENLACE_TEXT("Enlace: case alerts between liaison offices, readable only by those addressed.");

constexpr HelpRow kEveryDay[] = {
    {"inbox", ENLACE_TEXT("what waits for my office, the most urgent first")},
    {"show CASE", ENLACE_TEXT("read a case: newest picture, then its history")},
    {"send FILE", ENLACE_TEXT("send an alert or an update (checks it first)")},
    {"ack CASE", ENLACE_TEXT("acknowledge for my office; stops the timer")},
    {"watch", ENLACE_TEXT("follow live; --hook runs a program without names")},
};
constexpr HelpRow kWriting[] = {
    {"check FILE", ENLACE_TEXT("all that is wrong with an alert, without sending it")},
};
constexpr HelpRow kFindingOut[] = {
    {"status [CASE]", ENLACE_TEXT("who has it, read it, acknowledged it, is late;")},
    {"", ENLACE_TEXT("without CASE: my connection, queue and certificate")},
    {"attachment CASE", ENLACE_TEXT("list, or save one: attachment CASE ID --out FILE")},
};
constexpr HelpRow kMachine[] = {
    {"join INVITATION", ENLACE_TEXT("first day: make keys, ask to be admitted, wait")},
    {"sync", ENLACE_TEXT("send what is queued, fetch what waits")},
    {"unlock, lock", ENLACE_TEXT("open the vault for this session; close it now")},
};

constexpr size_t kCommandColumns = 21;

template <size_t N>
void AddSection(const texts::Locale& locale, std::string_view title, const HelpRow (&rows)[N],
                std::string& out) {
  out += "\n" + texts::Text(locale.language, title) + "\n";
  for (const HelpRow& row : rows) {
    out += "  " + texts::PadRight(row.command, kCommandColumns) +
           texts::Text(locale.language, row.msgid) + "\n";
  }
}

}  // namespace

std::string HelpText(const texts::Locale& locale) {
  std::string out = texts::Text(locale.language, kIntroduction) + "\n\n";
  out += texts::Text(
             locale.language,
             "Usage: enlace [--profile NAME] [--lang es|en] [--output text|json|jsonl] COMMAND") +
         "\n";
  AddSection(locale, ENLACE_TEXT("Every day"), kEveryDay, out);
  AddSection(locale, ENLACE_TEXT("Writing"), kWriting, out);
  AddSection(locale, ENLACE_TEXT("Finding out"), kFindingOut, out);
  AddSection(locale, ENLACE_TEXT("My machine"), kMachine, out);
  out += "\n" +
         texts::Text(locale.language,
                     "Options of all commands: --help --version --verbose --quiet --no-color") +
         "\n";
  out +=
      texts::Text(locale.language, "Scripts: --passphrase-file PATH or --passphrase-fd N") + "\n";
  return locale.ascii ? texts::ToAscii(out) : out;
}

}  // namespace enlace::client
