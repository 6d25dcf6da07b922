// Documents and their machine readable zones: a wrong check digit is told, never repaired (rule 7).
#include <algorithm>

#include "client/alerts/codes_check.h"
#include "client/alerts/compose.h"
#include "client/alerts/mrz.h"
#include "client/alerts/validation_parts.h"
#include "client/texts/countries.h"

namespace enlace::alerts {
namespace {

using alert::v1::IdDocument;

constexpr size_t kForeignShownMax = 3;

// A document that nobody found anything wrong with: what does not fit is a typing error until it is
// confirmed. For any other finding the oddity may be the evidence.
bool IsTakenAsSound(const IdDocument& document) {
  return document.finding() == alert::v1::DOCUMENT_FINDING_UNSPECIFIED ||
         document.finding() == alert::v1::DOCUMENT_FINDING_NOT_CHECKED ||
         document.finding() == alert::v1::DOCUMENT_FINDING_GENUINE;
}

void Add(const IdDocument& document, Reason reason, const std::string& field, Report& report,
         Values values) {
  if (IsTakenAsSound(document)) {
    report.Error(reason, field, values);
  } else {
    report.Warn(reason, field, values);
  }
}

// "q, u, e, Ñ...": three of ASCII, and what is not ASCII.
std::string Shown(const std::vector<std::string>& foreign) {
  std::string out;
  size_t shown = 0;
  size_t ascii = 0;
  for (const std::string& character : foreign) {
    if (character.size() == 1 && ++ascii > kForeignShownMax) continue;
    if (shown++ > 0) out += ", ";
    out += CheckText(character, false) == TextProblem::kNone ? character : "?";
  }
  return out + (shown < foreign.size() ? "..." : ".");
}

void AddSuggestion(Phrase& all, std::string_view en, std::string_view es) {
  all.en += all.en.empty() ? " Suggestion: " : "; ";
  all.es += all.es.empty() ? " Sugerencia: " : "; ";
  all.en += en;
  all.es += es;
}

Phrase Suggestion(const std::vector<std::string>& foreign) {
  const auto has = [&](std::string_view character) {
    return std::ranges::find(foreign, character) != foreign.end();
  };
  const bool lower =
      std::ranges::any_of(foreign, [](const std::string& c) { return c[0] >= 'a' && c[0] <= 'z'; });
  Phrase out;
  if (lower) AddSuggestion(out, "upper-case", "mayúsculas");
  if (has("Ñ") || has("ñ"))
    AddSuggestion(out, "Ñ is written N in the MRZ", "la Ñ se escribe N en la MRZ");
  if (has(" ")) AddSuggestion(out, "a space is written <", "el espacio se escribe <");
  if (!out.en.empty()) {
    out.en += ".";
    out.es += ".";
  }
  return out;
}

// True when every line holds only what a zone allows.
bool CheckCharacters(const IdDocument& document, const std::string& lines_path, Report& report) {
  bool clean = true;
  for (int i = 0; i < document.mrz_lines_size(); ++i) {
    const auto foreign = MrzForeignCharacters(document.mrz_lines(i));
    if (foreign.empty()) continue;
    clean = false;
    Add(document, Reason::kMrzCharset, Indexed(lines_path, i), report,
        {Same("found", Shown(foreign)), {"suggestion", Suggestion(foreign)}});
  }
  return clean;
}

bool IsZoneLength(size_t length) { return length == 30 || length == 36 || length == 44; }

void AddLength(const IdDocument& document, const std::string& field, const Phrase& start,
               Report& report) {
  const Phrase what{start.en + "; formats are 2x44 (TD3), 2x36 (TD2), 3x30 (TD1).",
                    start.es + "; los formatos son 2x44 (TD3), 2x36 (TD2) o 3x30 (TD1)."};
  Add(document, Reason::kMrzLength, field, report, {{"what", what}});
}

// True when number and length of lines are those of a format.
bool CheckShape(const IdDocument& document, const std::string& lines_path, Report& report) {
  bool sound = true;
  const size_t first = MrzLength(document.mrz_lines(0));
  for (int i = 0; i < document.mrz_lines_size(); ++i) {
    const size_t length = MrzLength(document.mrz_lines(i));
    if (IsZoneLength(length) && (length == first || !IsZoneLength(first))) continue;
    sound = false;
    const std::string line = std::to_string(i + 1);
    const std::string count = std::to_string(length);
    AddLength(document, Indexed(lines_path, i),
              {"MRZ line " + line + " has " + count + " characters",
               "La línea " + line + " de la MRZ tiene " + count + " caracteres"},
              report);
  }
  const int expected = first == 30 ? 3 : 2;
  if (!sound || document.mrz_lines_size() == expected) return sound;
  const std::string count = std::to_string(document.mrz_lines_size());
  AddLength(document, lines_path,
            {"The MRZ has " + count + " lines of " + std::to_string(first) + " characters",
             "La MRZ tiene " + count + " líneas de " + std::to_string(first) + " caracteres"},
            report);
  return false;
}

Phrase NameOf(MrzField field) {
  switch (field) {
    case MrzField::kDocumentNumber:
      return {"document-number", "del número"};
    case MrzField::kBirthDate:
      return {"birth-date", "de la fecha de nacimiento"};
    case MrzField::kExpiryDate:
      return {"expiry-date", "de la fecha de vencimiento"};
    case MrzField::kOptionalData:
      return {"optional-data", "de los datos opcionales"};
    case MrzField::kComposite:
      return {"composite", "compuesto"};
  }
  return {};
}

Phrase ShortNameOf(MrzField field) {
  switch (field) {
    case MrzField::kDocumentNumber:
      return {"document number", "el del número"};
    case MrzField::kBirthDate:
      return {"birth date", "el de nacimiento"};
    case MrzField::kExpiryDate:
      return {"expiry date", "el de vencimiento"};
    case MrzField::kOptionalData:
      return {"optional data", "el de los datos opcionales"};
    case MrzField::kComposite:
      return {"composite", "el compuesto"};
  }
  return {};
}

// " (composite also fails)": the wrong digits after the first.
Phrase OthersOf(const std::vector<MrzCheck>& wrong) {
  Phrase list;
  for (size_t i = 1; i < wrong.size(); ++i) {
    const Phrase name = ShortNameOf(wrong[i].field);
    list.en += (i > 1 ? ", " : "") + name.en;
    list.es += (i > 1 ? ", " : "") + name.es;
  }
  if (wrong.size() < 2) return {};
  const bool many = wrong.size() > 2;
  return {" (" + list.en + (many ? " also fail)" : " also fails)"),
          (many ? " (también fallan " : " (también falla ") + list.es + ")"};
}

void CheckDigits(const Mrz& mrz, const std::string& lines_path, Report& report) {
  if (mrz.wrong.empty()) return;
  const MrzCheck& first = mrz.wrong.front();
  report.Warn(Reason::kMrzCheckDigit, lines_path,
              {{"check", NameOf(first.field)},
               Same("found", std::string(1, first.found)),
               Same("computed", std::string(1, first.computed)),
               {"others", OthersOf(mrz.wrong)}});
}

void CheckAgainstDocument(const IdDocument& document, const Mrz& mrz, const std::string& path,
                          Report& report) {
  const auto compare = [&](std::string_view field, const std::string& value,
                           const std::string& found) {
    if (value.empty() || found.empty() || FoldDocumentNumber(value) == FoldDocumentNumber(found))
      return;
    report.Warn(Reason::kMrzMismatch, Under(path, field),
                {Same("found", found), Same("value", value)});
  };
  compare("number", document.number(), mrz.document_number);
  compare("issuing_state", document.issuing_state() == "D" ? "DEU" : document.issuing_state(),
          mrz.issuing_state == "D" ? "DEU" : mrz.issuing_state);
}

}  // namespace

void CheckMrz(const IdDocument& document, const std::string& path, Report& report) {
  if (document.mrz_lines().empty()) return;
  const std::string lines_path = Under(path, "mrz_lines");
  const bool clean = CheckCharacters(document, lines_path, report);
  const bool shaped = CheckShape(document, lines_path, report);
  // Where something was found wrong with the document, its digits are the finding: no nagging.
  if (!clean || !shaped || !IsTakenAsSound(document)) return;
  const Mrz mrz = ParseMrz({document.mrz_lines().begin(), document.mrz_lines().end()});
  CheckDigits(mrz, lines_path, report);
  CheckAgainstDocument(document, mrz, path, report);
}

void CheckDocument(const IdDocument& document, const std::string& path, const Checked& checked) {
  Report& report = checked.report;
  Require(document.type() != 0, Under(path, "type"), report);
  if (document.number().empty() && document.mrz_lines().empty()) {
    report.Error(Reason::kDocumentNumberRequired, Under(path, "number"));
  }
  const std::string& issuer = document.issuing_state();
  if (!issuer.empty() && !texts::IsIcaoIssuerCode(issuer)) {
    CheckCountry(issuer, Under(path, "issuing_state"), report);
  }
  const std::string issued_field = Under(path, "issued");
  const bool issued = CheckPartialDate(document.issued(), issued_field, report);
  const bool expires = CheckPartialDate(document.expires(), Under(path, "expires"), report);
  if (issued && checked.alert.has_created_at() &&
      IsAfter(document.issued(), CreatedMs(checked.alert))) {
    report.Error(Reason::kDateInFuture, issued_field,
                 {Both("what", "Date of issue is after the date of the alert.",
                       "La fecha de expedición es posterior a la alerta.")});
  }
  if (issued && expires && document.expires().year() != 0 &&
      document.expires().year() < document.issued().year()) {
    report.Error(Reason::kDateOrder, Under(path, "expires"),
                 {Both("what", "The document expires before it was issued.",
                       "El documento vence antes de su expedición.")});
  }
  CheckMrz(document, path, report);
}

}  // namespace enlace::alerts
