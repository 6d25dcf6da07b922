#include "client/texts/code_names.h"

#include <unicode/locid.h>
#include <unicode/uloc.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cctype>

#include "client/texts/countries.h"

namespace enlace::texts {
namespace {

#include "client/texts/code_names_table.inc"

// The tables in the order of CodeKind.
constexpr std::span<const CodeRow> kTables[] = {
    kRowsMessageType,
    kRowsStatus,
    kRowsPriority,
    kRowsAlertType,
    kRowsRequestedAction,
    kRowsTlp,
    kRowsHandlingCode,
    kRowsPurpose,
    kRowsOriginDisclosure,
    kRowsConsentStatus,
    kRowsConsentBasis,
    kRowsSourceReliability,
    kRowsInformationCredibility,
    kRowsRole,
    kRowsTranslationOrigin,
    kRowsPersonRole,
    kRowsSex,
    kRowsVulnerability,
    kRowsDocumentType,
    kRowsDocumentFinding,
    kRowsEventType,
    kRowsLinkType,
    kRowsDetentionGround,
    kRowsNotification36,
    kRowsTraffickingStatus,
    kRowsTraffickingAct,
    kRowsTraffickingMeans,
    kRowsExploitationType,
    kRowsControlMethod,
    kRowsSmugglingTopic,
    kRowsAggravatingFactor,
    kRowsIdentificationStatus,
    kRowsReturnBasis,
    kRowsReturnMode,
    kRowsHazardType,
    kRowsCapSeverity,
    kRowsCapCertainty,
    kRowsAction,
    kRowsDeclineReason,
    kRowsOutcome,
    kRowsRowState,
};

constexpr int kRoleAction = 1;
constexpr int kRoleInfo = 2;
constexpr int kTlpAmberStrict = 4;

const CodeRow* FindRow(CodeKind kind, int number) {
  const auto table = CodeTable(kind);
  const auto found = std::ranges::find(table, number, &CodeRow::number);
  return found == table.end() ? nullptr : &*found;
}

// The words for a person without a country, which are no country's name.
std::string_view IcaoWords(std::string_view code) {
  if (code == "XXA") return ENLACE_TEXT_IN("nationality", "stateless");
  if (code == "XXB") return ENLACE_TEXT_IN("nationality", "refugee");
  if (code == "XXC") return ENLACE_TEXT_IN("nationality", "refugee, other");
  if (code == "XXX") return ENLACE_TEXT_IN("nationality", "unspecified nationality");
  return {};
}

icu::Locale DisplayLocale(Language language) {
  return icu::Locale(language == Language::kSpanish ? "es" : "en");
}

// Upper case, with '-' as '_': how codes are compared.
std::string Canonical(std::string_view word) {
  std::string out(word);
  for (char& c : out) {
    c = c == '-' || c == '+' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return out;
}

}  // namespace

std::span<const CodeRow> CodeTable(CodeKind kind) { return kTables[static_cast<size_t>(kind)]; }

std::string CodeName(Language language, CodeKind kind, int number) {
  if (number == 0) return Text(language, "not stated");
  if (const CodeRow* row = FindRow(kind, number)) return Text(language, row->msgid);
  const std::string digits = std::to_string(number);
  if (kind == CodeKind::kAlertType) {
    return Text(language, "unknown type ({number})", {{"number", digits}});
  }
  return Text(language, "unknown code ({number})", {{"number", digits}});
}

std::string CodeWord(CodeKind kind, int number) {
  const CodeRow* row = FindRow(kind, number);
  if (row == nullptr) return "(" + std::to_string(number) + ")";
  if (kind == CodeKind::kTlp && number == kTlpAmberStrict) return "TLP:AMBER+STRICT";
  if (kind == CodeKind::kTlp) return "TLP:" + std::string(row->code);
  return std::string(row->code);
}

std::optional<int> CodeNumber(CodeKind kind, std::string_view word) {
  const std::string wanted = Canonical(word);
  for (const CodeRow& row : CodeTable(kind)) {
    if (row.code == wanted) return row.number;
  }
  return std::nullopt;
}

std::string RoleShort(Language language, int role) {
  if (role == kRoleAction) return Text(language, "ACT");
  if (role == kRoleInfo) return Text(language, "INF");
  return "(" + std::to_string(role) + ")";
}

std::string NetworkName(Language language, std::string_view network_id) {
  if (network_id == "consular") return Text(language, "Consular Protection");
  if (network_id == "trafficking") return Text(language, "Trafficking and smuggling");
  return std::string(network_id);
}

std::string CountryName(Language language, std::string_view code) {
  if (const auto words = IcaoWords(code); !words.empty()) return Text(language, words);
  const Country* country = FindCountry(code);
  if (country == nullptr) return std::string(code);
  icu::UnicodeString name;
  icu::Locale("", std::string(country->alpha2).c_str())
      .getDisplayCountry(DisplayLocale(language), name);
  std::string out;
  return name.toUTF8String(out);
}

std::string LanguageName(Language language, std::string_view tag) {
  const std::string id(tag);
  UErrorCode error = U_ZERO_ERROR;
  const icu::Locale locale = icu::Locale::forLanguageTag(id, error);
  if (U_FAILURE(error)) return id;
  icu::UnicodeString name;
  locale.getDisplayName(DisplayLocale(language), name);
  std::string out;
  name.toUTF8String(out);
  return out.empty() ? id : out;
}

}  // namespace enlace::texts
