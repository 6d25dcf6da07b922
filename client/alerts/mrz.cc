#include "client/alerts/mrz.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace enlace::alerts {
namespace {

// Characters [from, to) of line `line`, counted from 0.
struct Piece {
  size_t line;
  size_t from;
  size_t to;
};
constexpr Piece kNone{0, 0, 0};

// Where the fields of a format stand: ICAO Doc 9303 part 4 (TD3), 5 (TD1), 6 (TD2) and 7 (visas).
struct Layout {
  MrzFormat format;
  size_t lines;
  size_t length;
  Piece number, number_digit, nationality, birth, birth_digit, sex, expiry, expiry_digit, optional,
      optional_digit;
  Piece composite_digit;
  std::array<Piece, 4> composite;
  size_t name_line;
  size_t name_from;
};

constexpr Layout kTd1Layout{MrzFormat::kTd1,
                            3,
                            30,
                            {0, 5, 14},
                            {0, 14, 15},
                            {1, 15, 18},
                            {1, 0, 6},
                            {1, 6, 7},
                            {1, 7, 8},
                            {1, 8, 14},
                            {1, 14, 15},
                            {0, 15, 30},
                            kNone,
                            {1, 29, 30},
                            {{{0, 5, 30}, {1, 0, 7}, {1, 8, 15}, {1, 18, 29}}},
                            2,
                            0};
constexpr Layout kTd2Layout{MrzFormat::kTd2,
                            2,
                            36,
                            {1, 0, 9},
                            {1, 9, 10},
                            {1, 10, 13},
                            {1, 13, 19},
                            {1, 19, 20},
                            {1, 20, 21},
                            {1, 21, 27},
                            {1, 27, 28},
                            {1, 28, 35},
                            kNone,
                            {1, 35, 36},
                            {{{1, 0, 10}, {1, 13, 20}, {1, 21, 35}, kNone}},
                            0,
                            5};
constexpr Layout kTd3Layout{MrzFormat::kTd3,
                            2,
                            44,
                            {1, 0, 9},
                            {1, 9, 10},
                            {1, 10, 13},
                            {1, 13, 19},
                            {1, 19, 20},
                            {1, 20, 21},
                            {1, 21, 27},
                            {1, 27, 28},
                            {1, 28, 42},
                            {1, 42, 43},
                            {1, 43, 44},
                            {{{1, 0, 10}, {1, 13, 20}, {1, 21, 43}, kNone}},
                            0,
                            5};
// Visas have no composite digit (part 7).
constexpr Layout kMrvALayout{MrzFormat::kMrvA,
                             2,
                             44,
                             {1, 0, 9},
                             {1, 9, 10},
                             {1, 10, 13},
                             {1, 13, 19},
                             {1, 19, 20},
                             {1, 20, 21},
                             {1, 21, 27},
                             {1, 27, 28},
                             {1, 28, 44},
                             kNone,
                             kNone,
                             {{kNone, kNone, kNone, kNone}},
                             0,
                             5};
constexpr Layout kMrvBLayout{MrzFormat::kMrvB,
                             2,
                             36,
                             {1, 0, 9},
                             {1, 9, 10},
                             {1, 10, 13},
                             {1, 13, 19},
                             {1, 19, 20},
                             {1, 20, 21},
                             {1, 21, 27},
                             {1, 27, 28},
                             {1, 28, 36},
                             kNone,
                             kNone,
                             {{kNone, kNone, kNone, kNone}},
                             0,
                             5};

const Layout* LayoutOf(const std::vector<std::string>& lines) {
  if (lines.empty()) return nullptr;
  const bool visa = lines[0].starts_with('V');
  for (const Layout* layout :
       {&kTd1Layout, visa ? &kMrvALayout : &kTd3Layout, visa ? &kMrvBLayout : &kTd2Layout}) {
    if (lines.size() != layout->lines) continue;
    if (std::ranges::all_of(lines,
                            [&](const std::string& l) { return l.size() == layout->length; })) {
      return layout;
    }
  }
  return nullptr;
}

std::string Cut(const std::vector<std::string>& lines, Piece piece) {
  return lines[piece.line].substr(piece.from, piece.to - piece.from);
}

std::string WithoutFillers(std::string text) {
  while (!text.empty() && text.back() == '<') text.pop_back();
  std::ranges::replace(text, '<', ' ');
  return text;
}

bool IsMrzCharacter(int32_t c) {
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '<';
}

int ValueOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  return 0;
}

void CheckField(MrzField field, const std::string& covered, char found,
                std::vector<MrzCheck>& wrong) {
  const char computed = MrzCheckDigit(covered);
  if (found != computed) wrong.push_back({field, found, computed});
}

// TD1 and TD2: a number of more than nine characters goes on in the optional data, with '<' in
// place of its check digit (part 5, section 4.2.2.1, note j).
void ReadNumber(const std::vector<std::string>& lines, const Layout& layout, Mrz& mrz) {
  std::string number = Cut(lines, layout.number);
  const char digit = Cut(lines, layout.number_digit)[0];
  const bool may_continue = layout.format == MrzFormat::kTd1 || layout.format == MrzFormat::kTd2;
  const std::string optional = Cut(lines, layout.optional);
  const size_t end = std::min(optional.find('<'), optional.size());
  if (digit == '<' && may_continue && end >= 2) {
    number += optional.substr(0, end - 1);
    CheckField(MrzField::kDocumentNumber, number, optional[end - 1], mrz.wrong);
    mrz.optional_data = WithoutFillers(optional.substr(end));
  } else {
    CheckField(MrzField::kDocumentNumber, number, digit, mrz.wrong);
    mrz.optional_data = WithoutFillers(optional);
  }
  mrz.document_number = WithoutFillers(number);
}

void ReadNames(const std::string& field, Mrz& mrz) {
  const size_t gap = field.find("<<");
  mrz.primary_names = WithoutFillers(field.substr(0, gap));
  if (gap != std::string::npos) mrz.secondary_names = WithoutFillers(field.substr(gap + 2));
}

void CheckOptional(const std::vector<std::string>& lines, const Layout& layout, Mrz& mrz) {
  if (layout.optional_digit.to == 0) return;
  const std::string optional = Cut(lines, layout.optional);
  const char found = Cut(lines, layout.optional_digit)[0];
  // Part 4, section 4.2.2: with no optional data the digit may be '<' or zero.
  const bool empty = optional.find_first_not_of('<') == std::string::npos;
  if (empty && found == '<') return;
  CheckField(MrzField::kOptionalData, optional, found, mrz.wrong);
}

void CheckComposite(const std::vector<std::string>& lines, const Layout& layout, Mrz& mrz) {
  if (layout.composite_digit.to == 0) return;
  std::string covered;
  for (const Piece& piece : layout.composite) covered += Cut(lines, piece);
  CheckField(MrzField::kComposite, covered, Cut(lines, layout.composite_digit)[0], mrz.wrong);
}

}  // namespace

char MrzCheckDigit(std::string_view text) {
  constexpr std::array<int, 3> kWeights = {7, 3, 1};
  int sum = 0;
  for (size_t i = 0; i < text.size(); ++i) sum += ValueOf(text[i]) * kWeights[i % kWeights.size()];
  return static_cast<char>('0' + sum % 10);
}

Mrz ParseMrz(const std::vector<std::string>& lines) {
  Mrz mrz;
  const Layout* layout = LayoutOf(lines);
  const bool allowed = std::ranges::all_of(
      lines, [](const std::string& line) { return std::ranges::all_of(line, IsMrzCharacter); });
  if (layout == nullptr || !allowed) return mrz;
  mrz.format = layout->format;
  mrz.document_code = WithoutFillers(lines[0].substr(0, 2));
  mrz.issuing_state = WithoutFillers(lines[0].substr(2, 3));
  ReadNames(lines[layout->name_line].substr(layout->name_from), mrz);
  ReadNumber(lines, *layout, mrz);
  mrz.nationality = WithoutFillers(Cut(lines, layout->nationality));
  mrz.birth_date = Cut(lines, layout->birth);
  CheckField(MrzField::kBirthDate, mrz.birth_date, Cut(lines, layout->birth_digit)[0], mrz.wrong);
  mrz.sex = WithoutFillers(Cut(lines, layout->sex));
  mrz.expiry_date = Cut(lines, layout->expiry);
  CheckField(MrzField::kExpiryDate, mrz.expiry_date, Cut(lines, layout->expiry_digit)[0],
             mrz.wrong);
  CheckOptional(lines, *layout, mrz);
  CheckComposite(lines, *layout, mrz);
  return mrz;
}

std::vector<std::string> MrzForeignCharacters(std::string_view line) {
  std::vector<std::string> found;
  const auto* data = reinterpret_cast<const uint8_t*>(line.data());
  const auto length = static_cast<int32_t>(line.size());
  for (int32_t i = 0; i < length;) {
    const int32_t start = i;
    UChar32 value = 0;
    U8_NEXT(data, i, length, value);
    if (IsMrzCharacter(value)) continue;
    const std::string text(line.substr(static_cast<size_t>(start), static_cast<size_t>(i - start)));
    if (std::ranges::find(found, text) == found.end()) found.push_back(text);
  }
  return found;
}

size_t MrzLength(std::string_view line) {
  const auto* data = reinterpret_cast<const uint8_t*>(line.data());
  const auto length = static_cast<int32_t>(line.size());
  size_t count = 0;
  for (int32_t i = 0; i < length; ++count) {
    UChar32 value = 0;
    U8_NEXT(data, i, length, value);
  }
  return count;
}

}  // namespace enlace::alerts
