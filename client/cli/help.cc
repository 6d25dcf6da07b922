#include "client/cli/help.h"

#include "client/cli_common/help_page.h"
#include "client/texts/texts.h"

namespace enlace::client {
namespace {

constexpr HelpRow kEveryDay[] = {
    {"inbox", ENLACE_TEXT("what waits for my office, the most urgent first")},
    {"show CASE", ENLACE_TEXT("read a case: newest picture, then its history")},
    {"send FILE", ENLACE_TEXT("send an alert or an update (checks it first)")},
    {"ack CASE", ENLACE_TEXT("acknowledge for my office; stops the timer")},
    {"watch", ENLACE_TEXT("follow live; --hook runs a program without names")},
};
constexpr HelpRow kWriting[] = {
    {"new TYPE", ENLACE_TEXT("write a commented template (new --list: the types)")},
    {"compose [TYPE]", ENLACE_TEXT("ask for everything, in my language; keeps drafts")},
    {"check FILE", ENLACE_TEXT("all that is wrong with an alert, without sending it")},
    {"update CASE", ENLACE_TEXT("template of an update, filled from the case")},
};
constexpr HelpRow kWorking[] = {
    {"accept CASE", ENLACE_TEXT("take it for my office; unlocks the identity part")},
    {"assign CASE OFFICER", ENLACE_TEXT("give it to a colleague of my office")},
    {"ask CASE", ENLACE_TEXT("ask the sender for information; pauses the timer")},
    {"answer CASE", ENLACE_TEXT("answer, with text, attachments or an outcome")},
    {"refer CASE OFFICE", ENLACE_TEXT("bring in a competent office, where handling allows it")},
    {"decline CASE REASON", ENLACE_TEXT("decline for my office (decline --list: the reasons)")},
    {"close CASE OUTCOME", ENLACE_TEXT("close (close --list: the outcomes)")},
    {"reopen CASE", ENLACE_TEXT("open again, with a reason")},
    {"extend CASE TIME", ENLACE_TEXT("ask for more time before the deadline")},
    {"handover CASE OFFICER", ENLACE_TEXT("hand my part to a named officer")},
    {"correct CASE", ENLACE_TEXT("correct what I sent; every recipient must confirm")},
    {"withdraw CASE", ENLACE_TEXT("withdraw what I sent; every recipient purges")},
};
constexpr HelpRow kFindingOut[] = {
    {"cases", ENLACE_TEXT("all cases: --open --overdue --office --type --since")},
    {"review", ENLACE_TEXT("open cases whose review date has come: --days")},
    {"status [CASE]", ENLACE_TEXT("who has it, read it, acknowledged it, is late;")},
    {"", ENLACE_TEXT("without CASE: my connection, queue and certificate")},
    {"search WORDS", ENLACE_TEXT("search the vault; document number and birth date first")},
    {"document NUMBER|-", ENLACE_TEXT("has any office reported this document? (MRZ on stdin)")},
    {"directory [PLACE]", ENLACE_TEXT("offices, duty phone, languages, their time; offline too")},
    {"attachment CASE", ENLACE_TEXT("list, or save one: attachment CASE ID --out FILE")},
    {"receipt CASE", ENLACE_TEXT("proof of notification that a third party can verify")},
    {"stats", ENLACE_TEXT("counts and times, small cells suppressed: --from --to")},
};
constexpr HelpRow kMachine[] = {
    {"join INVITATION", ENLACE_TEXT("first day: make keys, ask to be admitted, wait")},
    {"verify OFFICE|OFFICER", ENLACE_TEXT("who vouches for them, history, words to compare")},
    {"sync", ENLACE_TEXT("send what is queued, fetch what waits")},
    {"unlock, lock", ENLACE_TEXT("open the vault for this session; close it now")},
    {"doctor", ENLACE_TEXT("test clock, network, server, certificate, vault, disk")},
};

constexpr HelpSection kSections[] = {
    {ENLACE_TEXT("Every day"), kEveryDay},     {ENLACE_TEXT("Writing"), kWriting},
    {ENLACE_TEXT("Working a case"), kWorking}, {ENLACE_TEXT("Finding out"), kFindingOut},
    {ENLACE_TEXT("My machine"), kMachine},
};

constexpr HelpPage kPage = {
    ENLACE_TEXT("Enlace: case alerts between liaison offices, readable only by those addressed."),
    ENLACE_TEXT("Usage: enlace [--profile NAME] [--lang es|en] [--output text|json|jsonl] COMMAND"),
    kSections,
    ENLACE_TEXT("Options of all commands: --help --version --verbose --quiet --no-color"),
    22,
};

}  // namespace

std::string HelpText(const texts::Locale& locale) {
  std::string out = RenderHelp(kPage, locale);
  out += texts::Text(locale.language,
                     ENLACE_TEXT("Scripts: --passphrase-file PATH or --passphrase-fd N")) +
         "\n";
  out +=
      texts::Text(locale.language,
                  ENLACE_TEXT("Pages: enlace help states|handling|exit-codes|files|environment")) +
      "\n";
  return out;
}

}  // namespace enlace::client
