// Text in columns of a terminal, and text that a peer wrote.
//
// Widths are columns (ICU East Asian width; combining marks count 0). Every function takes UTF-8;
// invalid bytes are replaced by U+FFFD. EscapeForDisplay is applied to every value that came from
// outside before anything else, so that neither an escape sequence nor a right-to-left mark of a
// peer reaches a terminal.
//
// Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace enlace::texts {

// Columns that `text` takes. Control characters count 0: escape first.
size_t DisplayWidth(std::string_view text);

// `text` cut to at most `columns`, with `ellipsis` (Glyphs::ellipsis) at the end when something was
// cut. Never parts a letter from its combining marks.
std::string Truncate(std::string_view text, size_t columns, std::string_view ellipsis = "…");
// `text` cut or filled with spaces to exactly `columns`.
std::string PadRight(std::string_view text, size_t columns, std::string_view ellipsis = "…");
std::string PadLeft(std::string_view text, size_t columns, std::string_view ellipsis = "…");
std::string Centre(std::string_view text, size_t columns, std::string_view ellipsis = "…");

// `text` in lines of at most `columns`, broken at spaces, inside a word only where the word alone
// is longer. A newline ends a line. At least one line, possibly empty.
std::vector<std::string> Wrap(std::string_view text, size_t columns);

// Control characters, bidirectional formatting, line separators, unassigned and private-use code
// points and invalid bytes as visible escapes: "\x1b", "\u{202e}". Newlines and tabs are escaped
// unless `keep_newlines`, which turns a tab into a space. A backslash stays.
std::string EscapeForDisplay(std::string_view text, bool keep_newlines = false);

// ASCII of a whole screen for LC_ALL=C: boxes to +-|, a tick to "ok", a cross to "x", an ellipsis
// to "...", quotes to ", a middle dot to "-", letters without their accents, anything else to "?".
// Widths can grow: apply it to values before they are put into columns, and draw with
// GlyphsFor(true).
std::string ToAscii(std::string_view text);

// The decoration of a screen in one set of characters; all strings take the columns that their
// names say.
struct Glyphs {
  std::string_view tick;        // "✓" or "ok"
  std::string_view cross;       // "✗" or "x"
  std::string_view dot;         // "·" or "-"
  std::string_view ellipsis;    // "…" or "..."
  std::string_view dash;        // "—" or "-"
  std::string_view arrow;       // "→" or "->"
  std::string_view horizontal;  // "─" or "-"
  std::string_view vertical;    // "│" or "|"
  std::string_view top_left, top_right, bottom_left, bottom_right;
};
const Glyphs& GlyphsFor(bool ascii);

}  // namespace enlace::texts
