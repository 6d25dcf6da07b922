#include "client/texts/display.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace enlace::texts {
namespace {

// A code point of a UTF-8 text with its bytes; `value` is negative for a byte that is no UTF-8.
struct CodePoint {
  int32_t value;
  std::string_view bytes;
};

CodePoint Next(std::string_view& rest) {
  const auto* data = reinterpret_cast<const uint8_t*>(rest.data());
  const auto length = static_cast<int32_t>(std::min<size_t>(rest.size(), 8));
  int32_t used = 0;
  UChar32 value = 0;
  U8_NEXT(data, used, length, value);
  const CodePoint point{value, rest.substr(0, static_cast<size_t>(used))};
  rest.remove_prefix(static_cast<size_t>(used));
  return point;
}

// Printable ASCII alone: as wide as it is long, and nothing in it to escape. Most of a list is.
bool IsPlain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

bool IsMark(int32_t value) {
  const auto mask = U_GET_GC_MASK(value);
  return (mask & (U_GC_MN_MASK | U_GC_ME_MASK | U_GC_CF_MASK)) != 0;
}

size_t WidthOf(int32_t value) {
  if (value < 0) return 1;  // shown as U+FFFD
  if (value < 0x20 || value == 0x7f) return 0;
  if (value < 0x300) return value == 0xad ? 0 : (value >= 0x80 && value < 0xa0 ? 0 : 1);
  if (IsMark(value)) return 0;
  const int width = u_getIntPropertyValue(value, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

std::string ValidUtf8(std::string_view text) {
  if (IsPlain(text)) return std::string(text);
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = Next(text);
    out += point.value < 0 ? std::string_view("\ufffd") : point.bytes;
  }
  return out;
}

// The longest start of `text` that fits into `columns`, with the marks of its last letter.
std::string_view Fitting(std::string_view text, size_t columns) {
  if (IsPlain(text)) return text.substr(0, columns);
  std::string_view rest = text;
  size_t used = 0;
  size_t end = 0;
  while (!rest.empty()) {
    used += WidthOf(Next(rest).value);
    if (used > columns) break;
    end = text.size() - rest.size();
  }
  return text.substr(0, end);
}

bool NeedsEscape(int32_t value) {
  constexpr int32_t kZeroWidthNonJoiner = 0x200c;
  constexpr int32_t kZeroWidthJoiner = 0x200d;
  if (value < 0) return true;
  if (value == kZeroWidthJoiner || value == kZeroWidthNonJoiner) return false;
  constexpr uint32_t kHidden = U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CN_MASK | U_GC_CO_MASK |
                               U_GC_CS_MASK | U_GC_ZL_MASK | U_GC_ZP_MASK;
  return (U_GET_GC_MASK(value) & kHidden) != 0;
}

std::string Escape(const CodePoint& point) {
  std::array<char, 24> buffer{};
  const auto byte = static_cast<unsigned>(static_cast<uint8_t>(point.bytes.front()));
  if (point.value < 0 || point.value < 0x80) {
    std::snprintf(buffer.data(), buffer.size(), "\\x%02x", byte);
  } else {
    std::snprintf(buffer.data(), buffer.size(), "\\u{%x}", static_cast<unsigned>(point.value));
  }
  return buffer.data();
}

// The next piece of a line: spaces, or a word.
std::string_view NextPiece(std::string_view& rest) {
  const bool space = rest.front() == ' ';
  size_t end = space ? rest.find_first_not_of(' ') : rest.find(' ');
  if (end == std::string_view::npos) end = rest.size();
  const std::string_view piece = rest.substr(0, end);
  rest.remove_prefix(end);
  return piece;
}

// Splits a word that is longer than a line over several.
void BreakWord(std::string_view word, size_t columns, std::string& line,
               std::vector<std::string>& lines) {
  while (DisplayWidth(word) > columns) {
    std::string_view head = Fitting(word, columns);
    if (head.empty()) {
      std::string_view rest = word;
      head = Next(rest).bytes;
    }
    lines.emplace_back(head);
    word.remove_prefix(head.size());
  }
  line = word;
}

void WrapParagraph(std::string_view text, size_t columns, std::vector<std::string>& lines) {
  std::string line;
  std::string_view gap;
  while (!text.empty()) {
    const std::string_view piece = NextPiece(text);
    if (piece.front() == ' ') {
      gap = piece;
      continue;
    }
    const size_t needed = DisplayWidth(line) + gap.size() + DisplayWidth(piece);
    if (needed <= columns) {
      line += gap;
      line += piece;
    } else {
      if (!line.empty()) lines.push_back(line);
      BreakWord(piece, columns, line, lines);
    }
    gap = {};
  }
  lines.push_back(line);
}

// What ASCII has for a character that decomposition does not bring there.
std::string_view AsciiFor(int32_t value) {
  switch (value) {
    case 0x2713:
      return "ok";  // ✓
    case 0x2717:
      return "x";  // ✗
    case 0x2192:
      return "->";
    case 0x2026:
      return "...";
    case 0x2013:
    case 0x2014:
    case 0x2015:
    case 0x2500:
    case 0x2212:
    case 0xb7:
    case 0x2022:
      return "-";
    case 0x2502:
      return "|";
    case 0x250c:
    case 0x2510:
    case 0x2514:
    case 0x2518:
    case 0x251c:
    case 0x2524:
    case 0x252c:
    case 0x2534:
    case 0x253c:
    case 0x256d:
    case 0x256e:
    case 0x256f:
    case 0x2570:
      return "+";
    case 0xab:
    case 0xbb:
    case 0x201c:
    case 0x201d:
    case 0x201e:
      return "\"";
    case 0x2018:
    case 0x2019:
    case 0x2032:
      return "'";
    case 0xbf:
    case 0xa1:
      return "";
    case 0xdf:
      return "ss";
    case 0xc6:
      return "AE";
    case 0xe6:
      return "ae";
    case 0xd8:
      return "O";
    case 0xf8:
      return "o";
    case 0x2044:
      return "/";
    default:
      return "?";
  }
}

}  // namespace

size_t DisplayWidth(std::string_view text) {
  if (IsPlain(text)) return text.size();
  size_t width = 0;
  while (!text.empty()) width += WidthOf(Next(text).value);
  return width;
}

std::string Truncate(std::string_view text, size_t columns, std::string_view ellipsis) {
  const std::string valid = ValidUtf8(text);
  if (DisplayWidth(valid) <= columns) return valid;
  const size_t mark = DisplayWidth(ellipsis);
  if (mark > columns) return std::string(Fitting(valid, columns));
  return std::string(Fitting(valid, columns - mark)).append(ellipsis);
}

std::string PadRight(std::string_view text, size_t columns, std::string_view ellipsis) {
  std::string out = Truncate(text, columns, ellipsis);
  return out.append(columns - DisplayWidth(out), ' ');
}

std::string PadLeft(std::string_view text, size_t columns, std::string_view ellipsis) {
  const std::string cut = Truncate(text, columns, ellipsis);
  return std::string(columns - DisplayWidth(cut), ' ') + cut;
}

std::string Centre(std::string_view text, size_t columns, std::string_view ellipsis) {
  const std::string cut = Truncate(text, columns, ellipsis);
  const size_t free = columns - DisplayWidth(cut);
  return std::string(free / 2, ' ') + cut + std::string(free - free / 2, ' ');
}

std::vector<std::string> Wrap(std::string_view text, size_t columns) {
  const std::string valid = ValidUtf8(text);
  std::vector<std::string> lines;
  std::string_view rest = valid;
  while (true) {
    const size_t end = rest.find('\n');
    WrapParagraph(rest.substr(0, end), std::max<size_t>(columns, 1), lines);
    if (end == std::string_view::npos) return lines;
    rest.remove_prefix(end + 1);
  }
}

std::string EscapeForDisplay(std::string_view text, bool keep_newlines) {
  if (IsPlain(text)) return std::string(text);
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = Next(text);
    if (keep_newlines && point.value == '\n') {
      out += '\n';
    } else if (keep_newlines && point.value == '\t') {
      out += ' ';
    } else if (NeedsEscape(point.value)) {
      for (const char byte : point.bytes.substr(0, point.value < 0 ? point.bytes.size() : 1)) {
        out += Escape({point.value, point.value < 0 ? std::string_view(&byte, 1) : point.bytes});
      }
    } else {
      out += point.bytes;
    }
  }
  return out;
}

std::string ToAscii(std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFKDInstance(error);
  const auto source = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  std::string out;
  for (int32_t i = 0; i < source.length(); i = source.moveIndex32(i, 1)) {
    const UChar32 value = source.char32At(i);
    const std::string_view own = value < 0x80 ? std::string_view() : AsciiFor(value);
    if (value < 0x80) {
      out += static_cast<char>(value);
      continue;
    }
    if (own != "?") {
      out += own;
      continue;
    }
    icu::UnicodeString parts(value);
    if (U_SUCCESS(error)) normalizer->getDecomposition(value, parts);
    for (int32_t k = 0; k < parts.length(); k = parts.moveIndex32(k, 1)) {
      const UChar32 part = parts.char32At(k);
      if (part < 0x80) {
        out += static_cast<char>(part);
      } else if (!IsMark(part)) {
        out += AsciiFor(part);
      }
    }
  }
  return out;
}

const Glyphs& GlyphsFor(bool ascii) {
  static constexpr Glyphs kUnicode{"✓", "✗", "·", "…", "—", "→", "─", "│", "╭", "╮", "╰", "╯"};
  static constexpr Glyphs kAscii{"ok", "x", "-", "...", "-", "->", "-", "|", "+", "+", "+", "+"};
  return ascii ? kAscii : kUnicode;
}

}  // namespace enlace::texts
