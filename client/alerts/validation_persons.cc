// Persons: ids, ages, codes, names where none may stand, and the identity of children and victims.
#include <algorithm>
#include <set>

#include "client/alerts/codes_check.h"
#include "client/alerts/compose.h"
#include "client/alerts/identity_split.h"
#include "client/alerts/validation_parts.h"
#include "client/texts/countries.h"
#include "client/texts/time_format.h"

namespace enlace::alerts {
namespace {

using alert::v1::CaseAlert;
using alert::v1::Person;

constexpr uint32_t kAgeYearsMax = 130;
constexpr size_t kNameWordCharsMin = 3;
constexpr size_t kLongNameWordCharsMin = 4;

void CheckLocalIds(const Checked& checked) {
  std::set<std::string> ids;
  for (int i = 0; i < checked.alert.persons_size(); ++i) {
    const std::string& id = checked.alert.persons(i).local_id();
    const std::string field = Under(Indexed("persons", i), "local_id");
    Require(!id.empty(), field, checked.report);
    if (!id.empty() && !ids.insert(id).second) {
      checked.report.Error(Reason::kPersonIdDuplicate, field, {Same("value", id)});
    }
  }
  // An update may relate a person to one of an earlier message.
  if (checked.alert.message_type() != alert::v1::MESSAGE_TYPE_ALERT) return;
  for (int i = 0; i < checked.alert.persons_size(); ++i) {
    const std::string& other = checked.alert.persons(i).related_to();
    if (other.empty() || ids.contains(other)) continue;
    checked.report.Error(Reason::kPersonIdUnknown, Under(Indexed("persons", i), "related_to"),
                         {Same("value", other)});
  }
}

void CheckBirth(const Person& person, const std::string& path, const Checked& checked) {
  const std::string field = Under(path, "birth_date");
  if (!CheckPartialDate(person.birth_date(), field, checked.report)) return;
  if (!checked.alert.has_created_at() || !IsAfter(person.birth_date(), CreatedMs(checked.alert)))
    return;
  checked.report.Error(Reason::kDateInFuture, field,
                       {Both("what", "Date of birth is after the date of the alert.",
                             "La fecha de nacimiento es posterior a la alerta.")});
}

void CheckAges(const Person& person, const std::string& path, const Checked& checked) {
  const uint32_t low = person.age_years_min();
  const uint32_t high = person.age_years_max();
  if (high != 0 && low > high) {
    checked.report.Error(Reason::kAgeRange, Under(path, "age_years_min"),
                         {Both("what", "The lower age is above the upper one.",
                               "La edad mínima supera a la máxima.")});
  }
  if (std::max(low, high) > kAgeYearsMax) {
    checked.report.Error(Reason::kAgeRange,
                         Under(path, low > kAgeYearsMax ? "age_years_min" : "age_years_max"),
                         {Both("what", "An age above 130 years is not possible.",
                               "Una edad mayor de 130 años no es posible.")});
  }
}

void CheckNationalities(const Person& person, const std::string& path, const Checked& checked) {
  for (int i = 0; i < person.nationalities_size(); ++i) {
    const std::string& code = person.nationalities(i);
    if (texts::IsIcaoPersonCode(code)) continue;
    CheckCountry(code, Indexed(Under(path, "nationalities"), i), checked.report);
  }
}

void CheckPerson(const Person& person, const std::string& path, const Checked& checked) {
  Require(person.role() != 0, Under(path, "role"), checked.report);
  CheckBirth(person, path, checked);
  CheckAges(person, path, checked);
  CheckNationalities(person, path, checked);
  for (int i = 0; i < person.languages_size(); ++i) {
    CheckLanguage(person.languages(i), Indexed(Under(path, "languages"), i), checked.report);
  }
  for (int i = 0; i < person.documents_size(); ++i) {
    CheckDocument(person.documents(i), Indexed(Under(path, "documents"), i), checked);
  }
  const std::string country =
      person.nationalities().empty() || texts::FindCountry(person.nationalities(0)) == nullptr
          ? checked.alert.sender().country()
          : person.nationalities(0);
  for (int i = 0; i < person.phones_size(); ++i) {
    CheckPhone(person.phones(i), Indexed(Under(path, "phones"), i), country, checked.report);
  }
}

// The person's real names as folded words.
std::set<std::string> NameWords(const Person& person) {
  std::set<std::string> words;
  if (person.pseudonym()) return words;
  for (const std::string& text : {person.given_names(), person.family_names()}) {
    for (const std::string& word : FoldedWords(text)) {
      if (CharCount(word) >= kNameWordCharsMin) words.insert(word);
    }
  }
  return words;
}

size_t CountShared(const std::set<std::string>& words, const std::string& text) {
  const auto in_text = FoldedWords(text);
  return static_cast<size_t>(std::ranges::count_if(words, [&](const std::string& word) {
    return std::ranges::find(in_text, word) != in_text.end();
  }));
}

// Two words of one person's name, or a name's only word, are a name; a single one can be a place
// and is only doubted.
void CheckSubject(const Person& person, const std::string& subject, const std::string& field,
                  const Checked& checked) {
  const auto words = NameWords(person);
  const size_t shared = CountShared(words, subject);
  if (shared == 0) return;
  const bool certain = shared >= 2 || words.size() == 1;
  const bool is_long = std::ranges::any_of(words, [&](const std::string& word) {
    return CharCount(word) >= kLongNameWordCharsMin && CountShared({word}, subject) == 1;
  });
  if (certain) {
    checked.report.Error(Reason::kSubjectHasName, field, {Same("person", person.local_id())});
  } else if (is_long) {
    checked.report.Warn(Reason::kSubjectHasName, field, {Same("person", person.local_id())});
  }
}

void CheckNotice(const Person& person, const std::string& text, const std::string& field,
                 const Checked& checked) {
  if (CountShared(NameWords(person), text) < 2) return;
  checked.report.Warn(Reason::kIdentityNameInNotice, field, {Same("person", person.local_id())});
}

bool HasRealName(const Person& person) {
  return !person.pseudonym() && (!person.given_names().empty() || !person.family_names().empty());
}

}  // namespace

void CheckPersons(const Checked& checked) {
  CheckLocalIds(checked);
  for (int i = 0; i < checked.alert.persons_size(); ++i) {
    CheckPerson(checked.alert.persons(i), Indexed("persons", i), checked);
  }
}

void CheckIdentity(const Checked& checked) {
  const CaseAlert& alert = checked.alert;
  const int tlp = alert.handling().tlp();
  const bool strict = tlp == alert::v1::TLP_AMBER_STRICT || tlp == alert::v1::TLP_RED;
  for (const Person& person : alert.persons()) {
    CheckSubject(person, alert.subject(), "subject", checked);
    for (int i = 0; i < alert.translations_size(); ++i) {
      CheckSubject(person, alert.translations(i).subject(),
                   Under(Indexed("translations", i), "subject"), checked);
    }
    if (!IsProtected(alert, person) || !HasRealName(person)) continue;
    CheckNotice(person, alert.body(), "body", checked);
    if (strict || checked.report.Has("MINOR_IDENTITY_TLP")) continue;
    const bool child = IsChild(alert, person);
    checked.report.Error(Reason::kMinorIdentityTlp, "handling.tlp",
                         {Both("who", child ? "a child" : "a victim of trafficking",
                               child ? "una niña o niño" : "una víctima de trata")});
  }
}

}  // namespace enlace::alerts
