// The words for codes: alert types, requested actions, states, roles, countries, languages.
//
// Codes are numbers of enlace.alert.v1 (or of alerts::RowState for kRowState); this library knows
// no generated type. A test compares each table with its enum. A number that the table lacks comes
// from a newer version and reads "unknown type (97)" / "tipo desconocido (97)".
//
// Thread safety: pure functions on constant tables.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "client/texts/texts.h"

namespace enlace::texts {

enum class CodeKind {
  kMessageType,
  kStatus,
  kPriority,
  kAlertType,
  kRequestedAction,
  kTlp,
  kHandlingCode,
  kPurpose,
  kOriginDisclosure,
  kConsentStatus,
  kConsentBasis,
  kSourceReliability,
  kInformationCredibility,
  kRole,
  kTranslationOrigin,
  kPersonRole,
  kSex,
  kVulnerability,
  kDocumentType,
  kDocumentFinding,
  kEventType,
  kLinkType,
  kDetentionGround,
  kNotification36,
  kTraffickingStatus,
  kTraffickingAct,
  kTraffickingMeans,
  kExploitationType,
  kControlMethod,
  kSmugglingTopic,
  kAggravatingFactor,
  kIdentificationStatus,
  kReturnBasis,
  kReturnMode,
  kHazardType,
  kCapSeverity,
  kCapCertainty,
  kAction,
  kDeclineReason,
  kOutcome,
  kRowState,
};

// One code. `code` is the name without the enum's prefix ("MISSING_MIGRANT"); `msgid` is its
// English words.
struct CodeRow {
  int number;
  std::string_view code;
  std::string_view msgid;
};

// The table of a kind, by number; the zero (unspecified) is not part of it.
std::span<const CodeRow> CodeTable(CodeKind kind);

// The words for a code; for an unknown number the "unknown" form; for zero "not stated".
std::string CodeName(Language language, CodeKind kind, int number);
// The code itself: "MISSING_MIGRANT", "TLP:AMBER+STRICT" for kTlp, "H2", "B"; the number in
// brackets when unknown.
std::string CodeWord(CodeKind kind, int number);
// The number of a code by its word, in any case, with "-" for "_" (`missing-migrant`); nothing when
// there is none.
std::optional<int> CodeNumber(CodeKind kind, std::string_view word);

// "ACC" / "INF" in Spanish, "ACT" / "INF" in English: the column of the sender's table.
std::string RoleShort(Language language, int role);
// "Consular Protection", "Trafficking and smuggling" / "Protección consular", "Trata y tráfico";
// the id when unknown.
std::string NetworkName(Language language, std::string_view network_id);

// The name of a country by ISO 3166-1 alpha-2 or alpha-3, also the ICAO codes; the code itself when
// unknown.
std::string CountryName(Language language, std::string_view code);
// The name of a language by BCP 47 tag; the tag itself when unknown.
std::string LanguageName(Language language, std::string_view tag);

}  // namespace enlace::texts
