#include "client/cli/sheet.h"

#include <algorithm>

namespace enlace::client {
namespace {

constexpr size_t kLabelColumns = 10;
constexpr size_t kRestColumnsMin = 8;

}  // namespace

std::vector<std::string> WholePage(const Page& page, bool quiet) {
  std::vector<std::string> lines = page.lines;
  if (quiet || page.next.empty()) return lines;
  auto next = page.next.begin();
  if (page.behind && !lines.empty()) {
    lines.back() += " " + *next++;
  } else if (page.apart) {
    lines.emplace_back();
  }
  lines.insert(lines.end(), next, page.next.end());
  return lines;
}

std::string Sheet::Safe(std::string_view text) const {
  const std::string escaped = texts::EscapeForDisplay(text);
  return screen_.locale.ascii ? texts::ToAscii(escaped) : escaped;
}

std::string Sheet::T(std::string_view msgid, texts::Arguments arguments) const {
  std::string text = texts::Text(screen_.language(), msgid, arguments);
  text = texts::EscapeForDisplay(text);
  return screen_.locale.ascii ? texts::ToAscii(text) : text;
}

std::string Sheet::OrDash(std::string_view text) const {
  return text.empty() ? std::string(screen_.glyphs().dash) : Safe(text);
}

std::string Sheet::Dot() const { return " " + std::string(screen_.glyphs().dot) + " "; }

std::string Sheet::Dotted(const std::vector<std::string>& parts) const {
  std::string out;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    out += (out.empty() ? "" : Dot()) + part;
  }
  return out;
}

void Sheet::Parts(const std::vector<std::string>& parts) {
  std::string line;
  for (const std::string& part : parts) {
    const std::string longer = Dotted({line, part});
    const bool fits = texts::DisplayWidth(longer) <= screen_.columns;
    if (!fits && !line.empty()) Text(line);
    line = fits ? longer : part;
  }
  Text(line);
}

std::string Sheet::Fit(std::string_view text) const {
  std::string fitted = texts::Truncate(text, screen_.columns, screen_.glyphs().ellipsis);
  while (!fitted.empty() && fitted.back() == ' ') fitted.pop_back();
  return fitted;
}

void Sheet::Line(std::string_view text) { page_.lines.push_back(Fit(text)); }

void Sheet::Ends(std::string_view left, std::string_view right) {
  const size_t used = texts::DisplayWidth(left) + texts::DisplayWidth(right);
  if (used + 1 > screen_.columns) {
    for (const std::string& line : texts::Wrap(left, screen_.columns)) Line(line);
    for (const std::string& line : texts::Wrap(right, screen_.columns)) Line(line);
    return;
  }
  Line(std::string(left) + std::string(screen_.columns - used, ' ') + std::string(right));
}

void Sheet::Text(std::string_view text, size_t indent, size_t hanging) {
  std::string head(indent, ' ');
  for (const std::string& line : texts::Wrap(Plain(text), screen_.columns - indent - hanging)) {
    Line(head + line);
    head.assign(indent + hanging, ' ');
  }
}

void Sheet::Prose(std::string_view text) {
  constexpr size_t kLeft = 2;
  constexpr size_t kRight = 1;
  for (const std::string& line : texts::Wrap(Plain(text), screen_.columns - kLeft - kRight))
    Line(std::string(kLeft, ' ') + line);
}

// Escaped, with its own lines.
std::string Sheet::Plain(std::string_view text) const {
  const std::string escaped = texts::EscapeForDisplay(text, /*keep_newlines=*/true);
  return screen_.locale.ascii ? texts::ToAscii(escaped) : escaped;
}

void Sheet::Field(std::string_view label, std::string_view value) {
  const size_t indent = std::max(kLabelColumns, texts::DisplayWidth(label) + 1);
  const std::vector<std::string> lines = texts::Wrap(value, screen_.columns - indent);
  std::string head = texts::PadRight(label, indent, "");
  for (const std::string& line : lines) {
    Line(head + line);
    head.assign(indent, ' ');
  }
}

void Sheet::Box(std::string_view title, std::string_view text) {
  const texts::Glyphs& glyphs = screen_.glyphs();
  const size_t inner = screen_.columns - 4;
  const auto edge = [&](std::string_view from, std::string_view to, const std::string& label) {
    std::string line(from);
    line += label;
    for (size_t i = texts::DisplayWidth(label) + 2; i < screen_.columns; ++i)
      line += glyphs.horizontal;
    return line + std::string(to);
  };
  Line(edge(glyphs.top_left, glyphs.top_right, " " + std::string(title) + " "));
  for (const std::string& line : texts::Wrap(Plain(text), inner)) {
    Line(std::string(glyphs.vertical) + " " + texts::PadRight(line, inner) + " " +
         std::string(glyphs.vertical));
  }
  Line(edge(glyphs.bottom_left, glyphs.bottom_right, ""));
}

size_t Sheet::Rest(size_t used) const {
  return screen_.columns < used + kRestColumnsMin ? kRestColumnsMin : screen_.columns - used;
}

void Sheet::Next(std::string_view command) { page_.next.push_back(Fit(command)); }

void Sheet::NextBehind(std::string_view told, std::string_view command) {
  Text(told);
  Next(command);
  page_.behind =
      texts::DisplayWidth(page_.lines.back()) + 1 + texts::DisplayWidth(page_.next.back()) <=
      screen_.columns;
}

void Sheet::Row(const std::vector<Cell>& cells) {
  std::string line;
  for (const Cell& cell : cells) {
    const std::string_view ellipsis = screen_.glyphs().ellipsis;
    line += cell.right ? texts::PadLeft(cell.text, cell.columns, ellipsis)
                       : texts::PadRight(cell.text, cell.columns, ellipsis);
  }
  Line(line);
}

std::string TimeOf(const Sheet& sheet, int64_t at_ms) {
  const Screen& screen = sheet.screen();
  if (at_ms == 0) return std::string(screen.glyphs().dash);
  return sheet.Safe(texts::LocalThenUtc(screen.language(), screen.zone, at_ms, screen.now_ms));
}

std::string ClockOf(const Sheet& sheet, int64_t at_ms) {
  const Screen& screen = sheet.screen();
  return at_ms == 0 ? std::string(screen.glyphs().dash) : texts::ClockTime(screen.zone, at_ms);
}

}  // namespace enlace::client
