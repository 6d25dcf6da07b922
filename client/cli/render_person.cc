#include "client/cli/render_person.h"

#include <algorithm>
#include <iterator>

#include "client/cli/render_parts.h"
#include "client/texts/code_names.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::client {
namespace {

using alerts::PersonView;
using texts::CodeKind;

std::string Join(const std::vector<std::string>& items, const Sheet& sheet) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ", ") + sheet.Safe(item);
  return out;
}

std::string AgeOf(const PersonView& person, const Sheet& sheet) {
  if (person.age_years_min == 0 && person.age_years_max == 0) return "";
  if (person.age_years_min == person.age_years_max) {
    return sheet.T("{years} years", {{"years", std::to_string(person.age_years_min)}});
  }
  return sheet.T("{from} to {to} years", {{"from", std::to_string(person.age_years_min)},
                                          {"to", std::to_string(person.age_years_max)}});
}

std::string NameOf(const PersonView& person, const Sheet& sheet) {
  std::string name = person.given_names;
  if (!person.family_names.empty()) name += (name.empty() ? "" : " ") + person.family_names;
  for (const std::string& other : person.other_names) name += (name.empty() ? "" : " / ") + other;
  // What its author put in quotes gets no second pair.
  const bool quoted = name.starts_with("«") && name.ends_with("»");
  if (quoted && person.pseudonym) name = name.substr(2, name.size() - 4);
  if (name.empty()) return person.pseudonym ? sheet.T("pseudonym") : "";
  return person.pseudonym ? sheet.T("pseudonym \"{name}\"", {{"name", name}}) : sheet.Safe(name);
}

std::string RoleWord(const PersonView& person, const Sheet& sheet) {
  const std::string role =
      sheet.Safe(texts::CodeName(sheet.screen().language(), CodeKind::kPersonRole, person.role));
  if (!person.is_child) return role;
  // A child that the case is about needs no second word.
  return person.role == alert::v1::PERSON_ROLE_SUBJECT ? sheet.T("child")
                                                       : sheet.Dotted({sheet.T("child"), role});
}

std::string DocumentText(const alerts::DocumentView& document, const Sheet& sheet) {
  const texts::Language language = sheet.screen().language();
  std::string number = document.number;
  if (!document.number_to.empty()) number += " - " + document.number_to;
  return sheet.Dotted(
      {sheet.Safe(texts::CodeName(language, CodeKind::kDocumentType, document.type)),
       sheet.Safe(number), sheet.Safe(document.issuing_state),
       document.finding == 0
           ? ""
           : sheet.Safe(texts::CodeName(language, CodeKind::kDocumentFinding, document.finding))});
}

std::string Vulnerabilities(const PersonView& person, const Sheet& sheet) {
  std::vector<std::string> words;
  for (const int code : person.vulnerabilities) {
    words.push_back(
        sheet.Safe(texts::CodeName(sheet.screen().language(), CodeKind::kVulnerability, code)));
  }
  return sheet.Dotted(words);
}

std::string BlockTitle(std::string_view block, const Sheet& sheet) {
  struct Title {
    std::string_view block;
    std::string_view msgid;
  };
  static constexpr Title kTitles[] = {
      {"detention", ENLACE_TEXT_IN("block", "Detention")},
      {"trafficking", ENLACE_TEXT_IN("block", "Trafficking")},
      {"smuggling", ENLACE_TEXT_IN("block", "Smuggling")},
      {"death", ENLACE_TEXT_IN("block", "Death")},
      {"return_request", ENLACE_TEXT_IN("block", "Return")},
      {"mass_event", ENLACE_TEXT_IN("block", "Event")},
      {"missing", ENLACE_TEXT_IN("block", "Search")},
      {"child", ENLACE_TEXT_IN("block", "Child")},
  };
  for (const Title& title : kTitles) {
    if (title.block == block) return sheet.T(title.msgid);
  }
  return sheet.Safe(block);
}

// A yes or no that reads better as a sentence than as "screened: NO".
struct FlagPhrase {
  std::string_view name;
  std::string_view yes;
  std::string_view no;
};
constexpr FlagPhrase kFlagPhrases[] = {
    {"best_interests_assessed", ENLACE_TEXT("best interests: assessed"),
     ENLACE_TEXT("best interests: NOT assessed")},
    {"trafficking_screened", ENLACE_TEXT("trafficking screening: done"),
     ENLACE_TEXT("trafficking screening: NOT done")},
};

std::string DetailWords(const alerts::DetailValue& value, const Sheet& sheet) {
  std::vector<std::string> words;
  for (const std::string& text : value.texts) words.push_back(sheet.Safe(text));
  for (const int code : value.codes) {
    words.push_back(sheet.Safe(
        texts::CodeName(sheet.screen().language(), static_cast<CodeKind>(value.code_kind), code)));
  }
  if (value.at_ms != 0) words.push_back(TimeOf(sheet, value.at_ms));
  if (value.is_flag) words.push_back(value.flag ? sheet.T("yes") : sheet.T("NO"));
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::string DetailLine(const alerts::DetailValue& value, const std::string& words,
                       const Sheet& sheet) {
  const auto* phrase = std::ranges::find(kFlagPhrases, value.name, &FlagPhrase::name);
  if (value.is_flag && phrase != std::end(kFlagPhrases))
    return sheet.T(value.flag ? phrase->yes : phrase->no);
  return sheet.Safe(texts::Text(sheet.screen().language(), value.label_msgid)) + ": " + words;
}

// "Terminal de autobuses, Tapachula, MX-CHP": a subdivision names its country.
std::string PlaceText(const alerts::EventView& event, const Sheet& sheet) {
  const std::string country =
      event.country.empty() ? "" : texts::CountryName(sheet.screen().language(), event.country);
  std::string text = sheet.Safe(event.place);
  const std::string where = event.subdivision.empty() ? country : event.subdivision;
  if (!where.empty()) text += (text.empty() ? "" : ", ") + sheet.Safe(where);
  return text;
}

void DrawIdentity(const CaseView& view, const PersonView& person, Sheet& sheet) {
  constexpr size_t kIndent = 6;
  const std::string path = "persons[" + person.local_id + "].";
  const texts::Language language = sheet.screen().language();
  const std::string born = texts::PartialDateText(language, person.birth_date);
  const auto line = [&](const std::string& label, const std::string& value) {
    if (!value.empty()) sheet.Text(label.empty() ? value : label + " " + value, kIndent);
  };
  if (!born.empty())
    line(sheet.T("born"), sheet.Safe(born) + OldValueOf(view, path + "birth_date", sheet));
  line(sheet.T("birth place"), sheet.Safe(person.birth_place));
  if (!person.languages.empty() || person.interpreter_needed) {
    line(sheet.T("languages"),
         sheet.Dotted(
             {Join(person.languages, sheet),
              person.interpreter_needed ? sheet.T("interpreter needed") : sheet.T("no interpreter"),
              Join(person.distinguishing_marks, sheet)}));
  } else {
    line(sheet.T("marks"), Join(person.distinguishing_marks, sheet));
  }
  for (const alerts::DocumentView& document : person.documents) {
    line(sheet.T("document"), DocumentText(document, sheet));
    for (const std::string& mrz : document.mrz_lines)
      sheet.Line(std::string(kIndent + 2, ' ') + sheet.Safe(mrz));
  }
  line(sheet.T("description"), sheet.Safe(person.physical_description));
  line(sheet.T("telephones"), Join(person.phones, sheet));
  line("", Vulnerabilities(person, sheet));
  if (!person.related_to.empty()) {
    line(sheet.T("relation"),
         sheet.Dotted({sheet.Safe(person.relationship), sheet.Safe(person.related_to)}));
  }
  const bool withheld = person.is_protected && person.pseudonym;
  if (withheld && view.identity == IdentityState::kWithheld)
    line("", sheet.T("Identity: withheld until your office accepts the case"));
  if (withheld && view.identity == IdentityState::kPending) {
    line("", sheet.T("Identity: accepted; it comes when a machine of {office} is online",
                     {{"office", view.table.origin_office_id}}));
  }
}

}  // namespace

std::string OldValueOf(const CaseView& view, std::string_view field, const Sheet& sheet) {
  const std::vector<alerts::FieldChange> changes = view.merged.ChangesOf(field);
  if (changes.empty()) return "";
  const alerts::FieldChange& last = changes.back();
  if (last.old_value.empty()) return "";
  return "  " + sheet.T(last.corrected ? ENLACE_TEXT("(before {old}, corrected by {office} {day})")
                                       : ENLACE_TEXT("(before {old}, changed by {office} {day})"),
                        {{"old", OldText(last, sheet)},
                         {"office", last.by_office_id},
                         {"day", DayOf(sheet, last.at_ms)}});
}

void DrawPersons(const CaseView& view, Sheet& sheet) {
  const alerts::AlertView& picture = view.merged.picture;
  const texts::Language language = sheet.screen().language();
  if (!picture.persons.empty()) {
    sheet.Line(sheet.T("Persons ({count})", {{"count", std::to_string(picture.persons.size())}}));
  }
  for (const PersonView& person : picture.persons) {
    sheet.Text(sheet.Safe(person.local_id) + "  " +
                   sheet.Dotted({RoleWord(person, sheet),
                                 person.sex == 0 ? ""
                                                 : sheet.Safe(texts::CodeName(
                                                       language, CodeKind::kSex, person.sex)),
                                 AgeOf(person, sheet), Join(person.nationalities, sheet),
                                 NameOf(person, sheet)}),
               2, 4);
    DrawIdentity(view, person, sheet);
  }
  if (picture.group.present) {
    sheet.Field(sheet.T("Group"),
                sheet.T("{total} persons: {women} women, {men} men, {girls} girls, {boys} boys",
                        {{"total", std::to_string(picture.group.total)},
                         {"women", std::to_string(picture.group.women)},
                         {"men", std::to_string(picture.group.men)},
                         {"girls", std::to_string(picture.group.girls)},
                         {"boys", std::to_string(picture.group.boys)}}));
    for (const auto& [country, count] : picture.group.by_nationality) {
      sheet.Text(sheet.Safe(texts::CountryName(language, country)) + ": " + std::to_string(count),
                 10);
    }
  }
}

void DrawEvents(const CaseView& view, Sheet& sheet) {
  constexpr size_t kTypeColumns = 13;
  const Screen& screen = sheet.screen();
  const auto& events = view.merged.picture.events;
  if (!events.empty()) sheet.Line(sheet.T("Events"));
  for (const alerts::EventView& event : events) {
    const std::string type =
        sheet.Safe(texts::CodeName(screen.language(), CodeKind::kEventType, event.type));
    const std::optional<texts::Zone> zone = texts::Zone::FromName(event.time_zone);
    const std::string when =
        event.at_ms != 0 ? texts::EventTime(screen.language(), zone.value_or(texts::Zone::Utc()),
                                            event.at_ms, screen.now_ms)
                         : texts::PartialDateText(screen.language(), event.on);
    const std::string head =
        texts::PadRight(type, std::max(kTypeColumns - 3, texts::DisplayWidth(type)));
    sheet.Text(head + " " + sheet.OrDash(when), 2);
    const std::string place = PlaceText(event, sheet);
    if (!place.empty()) sheet.Text(place, kTypeColumns);
    if (!event.description.empty()) sheet.Text(sheet.Safe(event.description), kTypeColumns);
  }
}

void DrawDetail(const CaseView& view, Sheet& sheet) {
  const alerts::DetailView& detail = view.merged.picture.detail;
  if (detail.values.empty()) return;
  // What is short stands together behind the block's name; texts follow, one below the other.
  std::vector<std::string> facts;
  std::vector<std::string> texts_below;
  for (const alerts::DetailValue& value : detail.values) {
    const std::string words = DetailWords(value, sheet);
    if (words.empty()) continue;
    const std::string line =
        DetailLine(value, words, sheet) + OldValueOf(view, detail.block + "." + value.name, sheet);
    (value.texts.empty() ? facts : texts_below).push_back(line);
  }
  const std::string title = BlockTitle(detail.block, sheet);
  if (facts.empty()) {
    sheet.Line(title);
  } else {
    sheet.Field(title, sheet.Dotted(facts));
  }
  for (const std::string& text : texts_below) sheet.Text(text, 2);
}

}  // namespace enlace::client
