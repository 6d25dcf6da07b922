// Machine readable zones of ICAO 9303: TD1 (3x30), TD2 (2x36), TD3 (2x44), MRV-A (2x44), MRV-B
// (2x36).
//
// Lines are kept as read. A wrong check digit is information (rule 7): it is reported, never
// repaired, and nothing is filled in from a zone that fails.
//
// Thread safety: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace enlace::alerts {

enum class MrzFormat { kNone, kTd1, kTd2, kTd3, kMrvA, kMrvB };
enum class MrzField { kDocumentNumber, kBirthDate, kExpiryDate, kOptionalData, kComposite };

struct MrzCheck {
  MrzField field;
  char found;
  char computed;
};

struct Mrz {
  MrzFormat format = MrzFormat::kNone;
  std::string document_code;
  std::string issuing_state;
  std::string primary_names;
  std::string secondary_names;
  std::string document_number;
  std::string nationality;
  // YYMMDD as read.
  std::string birth_date;
  std::string sex;
  std::string expiry_date;
  std::string optional_data;
  // Check digits that are wrong, in the order of the zone.
  std::vector<MrzCheck> wrong;
};

// Weights 7, 3, 1 over 0-9, A-Z, '<'.
char MrzCheckDigit(std::string_view text);

// The zone by number and length of lines; kNone when no format fits or a character is not allowed.
Mrz ParseMrz(const std::vector<std::string>& lines);

// Characters of `line` that a zone does not allow, in order of appearance, each once, as UTF-8.
std::vector<std::string> MrzForeignCharacters(std::string_view line);
// Length in characters, not in bytes.
size_t MrzLength(std::string_view line);

}  // namespace enlace::alerts
