// directory: whom to call, in which language, and what time it is there.

#include <algorithm>

#include "client/cli/render_lists.h"
#include "client/cli/sheet.h"
#include "client/texts/code_names.h"

namespace enlace::client {
namespace {

constexpr size_t kOfficeColumns = 22;
constexpr size_t kPhoneColumns = 17;
constexpr size_t kLanguagesColumns = 11;
constexpr size_t kTimeColumns = 20;

std::string NameOf(const OfficeCard& card, const Sheet& sheet) {
  const bool spanish = sheet.screen().language() == texts::Language::kSpanish;
  return sheet.Safe(spanish ? card.name_es : card.name_en);
}

std::string PlaceOf(const OfficeCard& card, const Sheet& sheet) {
  const texts::Language language = sheet.screen().language();
  if (!card.country.empty()) return sheet.Safe(texts::CountryName(language, card.country));
  const bool spanish = language == texts::Language::kSpanish;
  return sheet.Safe(spanish ? card.authority_name_es : card.authority_name_en);
}

// "mié 05:52 (UTC-5)": the day, since it can be another than here.
std::string LocalTime(const OfficeCard& card, const Sheet& sheet) {
  const Screen& screen = sheet.screen();
  const auto zone = texts::Zone::FromName(card.time_zone);
  if (!zone) return std::string(screen.glyphs().dash);
  const std::string day = texts::ShortDay(screen.language(), *zone, screen.now_ms, screen.now_ms);
  return sheet.Safe(day.substr(0, day.find(' ')) + " " + texts::ClockTime(*zone, screen.now_ms) +
                    " (" + texts::OffsetName(*zone, screen.now_ms) + ")");
}

std::string List(const std::vector<std::string>& items, const Sheet& sheet) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ", ") + sheet.Safe(item);
  return out;
}

std::string LanguageNames(const OfficeCard& card, const Sheet& sheet) {
  std::vector<std::string> names;
  for (const std::string& tag : card.languages)
    names.push_back(texts::LanguageName(sheet.screen().language(), tag));
  return List(names, sheet);
}

std::string NoMachine(const Sheet& sheet) {
  return sheet.T("NO ACTIVE MACHINE: nobody can read it. Call the duty phone.");
}

// "ofc-sv-015 +50399990015 until Wed 18 Nov 06:00 (UTC-6)", in the office's own time.
std::string DutyText(const OnDuty& one, const OfficeCard& card, const Sheet& sheet) {
  const Screen& screen = sheet.screen();
  const texts::Zone zone = texts::Zone::FromName(card.time_zone).value_or(texts::Zone::Utc());
  return sheet.T("{officer} {phone} until {time}",
                 {{"officer", one.officer_id},
                  {"phone", one.phone},
                  {"time", texts::ShortDay(screen.language(), zone, one.until_ms, screen.now_ms) +
                               " " + texts::ClockTime(zone, one.until_ms) + " (" +
                               texts::OffsetName(zone, one.until_ms) + ")"}});
}

// The phone to call now: of who is on duty, else the office's.
std::string PhoneNow(const OfficeCard& card) {
  return card.on_duty.empty() ? card.duty_phone : card.on_duty.front().phone;
}

void DrawOne(const OfficeCard& card, Sheet& sheet) {
  sheet.Ends(sheet.Safe(card.office_id), LocalTime(card, sheet));
  sheet.Text(sheet.Dotted({NameOf(card, sheet), PlaceOf(card, sheet)}));
  sheet.Line();
  std::string label = sheet.T("On duty");
  for (const OnDuty& one : card.on_duty) {
    sheet.Field(label, DutyText(one, card, sheet));
    label.clear();
  }
  if (card.on_duty.empty()) sheet.Field(label, sheet.OrDash(card.duty_phone));
  std::vector<std::string> networks;
  for (const std::string& network : card.networks)
    networks.push_back(texts::NetworkName(sheet.screen().language(), network));
  sheet.Field(sheet.T("Network"), List(networks, sheet));
  sheet.Field(sheet.T("Languages"), LanguageNames(card, sheet));
  sheet.Field(sheet.T("Time zone"), sheet.Safe(card.time_zone));
  sheet.Field(sheet.T("Officers"),
              card.machines == 0 ? NoMachine(sheet) : List(card.officers, sheet));
  sheet.Field(sheet.T("Supervisor"), sheet.OrDash(card.supervisor));
  if (!card.successor.empty()) sheet.Field(sheet.T("Steps in"), sheet.Safe(card.successor));
}

void DrawRow(const OfficeCard& card, Sheet& sheet) {
  const auto cell = [&](const std::string& text, size_t columns) {
    return Sheet::Cell{texts::Truncate(text, columns - 1, sheet.screen().glyphs().ellipsis),
                       columns};
  };
  const size_t rest = sheet.Rest(kOfficeColumns + kPhoneColumns + kLanguagesColumns + kTimeColumns);
  sheet.Row(
      {cell("  " + sheet.Safe(card.office_id), kOfficeColumns),
       cell(sheet.OrDash(PhoneNow(card)), kPhoneColumns),
       cell(List(card.languages, sheet), kLanguagesColumns),
       cell(LocalTime(card, sheet), kTimeColumns),
       {card.machines == 0 ? sheet.T("NOBODY") : std::to_string(card.officers.size()), rest}});
}

}  // namespace

Page RenderDirectory(const DirectoryView& view, const Screen& screen) {
  Sheet sheet(screen);
  if (view.offices.size() == 1) {
    DrawOne(view.offices.front(), sheet);
  } else {
    const size_t rest =
        sheet.Rest(kOfficeColumns + kPhoneColumns + kLanguagesColumns + kTimeColumns);
    sheet.Row({{"  " + sheet.T("OFFICE"), kOfficeColumns},
               {sheet.T("DUTY PHONE"), kPhoneColumns},
               {sheet.T("LANGUAGES"), kLanguagesColumns},
               {sheet.T("THEIR TIME"), kTimeColumns},
               {sheet.T("OFFICERS"), rest}});
    std::string place;
    for (const OfficeCard& card : view.offices) {
      const std::string here = PlaceOf(card, sheet);
      if (here != place) sheet.Line(here);
      place = here;
      DrawRow(card, sheet);
    }
  }
  sheet.Line();
  sheet.Text(view.refreshed_at_ms == 0
                 ? sheet.T("The registry was never fetched.")
                 : sheet.T("As the registry said {age}.",
                           {{"age", texts::Relative(screen.language(), view.refreshed_at_ms,
                                                    screen.now_ms)}}));
  if (view.offices.size() > 1) {
    sheet.Next(sheet.T("One office: enlace directory {office}",
                       {{"office", view.offices.front().office_id}}));
  }
  return sheet.Take();
}

}  // namespace enlace::client
