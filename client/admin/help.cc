#include "client/admin/help.h"

#include <array>

#include "client/cli_common/help_page.h"
#include "client/texts/texts.h"

namespace enlace::client::admin {
namespace {

constexpr HelpRow kWaiting[] = {
    {"status", ENLACE_TEXT("requests that wait, certificates that expire soon")},
    {"pending", ENLACE_TEXT("people and machines that ask to be admitted")},
    {"approve ID...", ENLACE_TEXT("compare the words, sign, publish")},
    {"reject ID REASON", ENLACE_TEXT("refuse a request; the invitation is spent")},
};
constexpr HelpRow kPeople[] = {
    {"officer invite", ENLACE_TEXT("--office O --name N [--id ID] [--role R] [--out FILE]")},
    {"officer list", ENLACE_TEXT("with devices and offices")},
    {"officer move", ENLACE_TEXT("to other offices; loses the old rooms, gains the new")},
    {"officer suspend", ENLACE_TEXT("until further notice or --until TIME; nothing is deleted")},
    {"officer resume", ENLACE_TEXT("ends a suspension")},
    {"device list", ENLACE_TEXT("of my authority, of an officer or of an office")},
    {"device revoke", ENLACE_TEXT("lost, stolen, replaced; bites at once")},
};
constexpr HelpRow kOffices[] = {
    {"office create", ENLACE_TEXT("--name-es N --name-en N --network R --zone Z --phone P")},
    {"office list", ENLACE_TEXT("with their networks; --all: of every authority")},
    {"office rename", ENLACE_TEXT("what is sent to the old name reaches the new one")},
    {"office close", ENLACE_TEXT("--successor OFFICE takes over its open cases")},
    {"office duty", ENLACE_TEXT("who is on duty, when, on which phone (CSV or one line)")},
};
constexpr HelpRow kAuthority[] = {
    {"ca init", ENLACE_TEXT("make the CA here; its key never leaves this machine")},
    {"ca export", ENLACE_TEXT("certificate for the Secretariat, with its fingerprint")},
    {"ca publish", ENLACE_TEXT("the first administrator and office, to the server")},
};
constexpr HelpRow kConference[] = {
    {"charter key", ENLACE_TEXT("make a charter key here")},
    {"charter init", ENLACE_TEXT("a draft, with its networks and its server")},
    {"charter add", ENLACE_TEXT("an authority: member, observer or organisation")},
    {"charter remove", ENLACE_TEXT("an authority leaves the draft")},
    {"charter set", ENLACE_TEXT("presidency, server, keys and threshold")},
    {"charter show", ENLACE_TEXT("what it says")},
    {"charter diff", ENLACE_TEXT("what a draft would change")},
    {"charter sign", ENLACE_TEXT("add my signature to a draft (m of n)")},
    {"charter publish", ENLACE_TEXT("give the signed version to the server")},
    {"charter verify", ENLACE_TEXT("check a file or what the server serves")},
};
constexpr HelpRow kControl[] = {
    {"trial DIR", ENLACE_TEXT("a whole RCM on this machine: server, countries, staff")},
};
constexpr std::array<HelpSection, 6> kSections = {{
    {ENLACE_TEXT("What waits"), kWaiting},
    {ENLACE_TEXT("People and machines"), kPeople},
    {ENLACE_TEXT("Offices"), kOffices},
    {ENLACE_TEXT("My country's authority"), kAuthority},
    {ENLACE_TEXT("The Conference (Secretariat and charter key holders)"), kConference},
    {ENLACE_TEXT("Control"), kControl},
}};
constexpr size_t kCommandColumns = 18;

}  // namespace

std::string HelpText(const texts::Locale& locale) {
  HelpPage page;
  page.introduction =
      ENLACE_TEXT("Enlace administration. Shows what will change before it changes it.");
  page.usage = ENLACE_TEXT(
      "Usage: enlace-admin [--profile NAME] [--lang es|en] [--dry-run] [--yes] COMMAND");
  page.sections = kSections;
  page.closing = ENLACE_TEXT("Scripts: --passphrase-file PATH or --passphrase-fd N");
  page.command_columns = kCommandColumns;
  return RenderHelp(page, locale);
}

}  // namespace enlace::client::admin
