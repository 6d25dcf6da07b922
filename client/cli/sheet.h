// A page that is being drawn: lines that keep to the screen's width.
//
// Every value passes through here, so that nothing a peer wrote reaches the terminal unescaped and
// nothing is wider than the screen.
//
// Thread safety: one thread. Ownership: owns the page.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client/cli/screen.h"
#include "client/texts/texts.h"

namespace enlace::client {

class Sheet {
 public:
  explicit Sheet(const Screen& screen) : screen_(screen) {}

  // The catalogue's text in the screen's language; arguments are escaped.
  std::string T(std::string_view msgid, texts::Arguments arguments = {}) const;
  // A peer's or a person's text, escaped, in one line.
  std::string Safe(std::string_view text) const;
  // A dash where there is nothing to say.
  std::string OrDash(std::string_view text) const;

  void Line(std::string_view text = {});
  // Two texts at the ends of one line; on two lines when they do not fit.
  void Ends(std::string_view left, std::string_view right);
  // Text wrapped after an indent; what follows the first line stands `hanging` columns further in.
  void Text(std::string_view text, size_t indent = 0, size_t hanging = 0);
  // What a person wrote in sentences: indented, with a margin at both sides.
  void Prose(std::string_view text);
  // "Label     value", wrapped under the value.
  void Field(std::string_view label, std::string_view value);
  // A frame around wrapped text with a title in its upper edge.
  void Box(std::string_view title, std::string_view text);
  void Next(std::string_view command);
  // The command on the line of what is told, where both fit; told without it when quiet.
  void NextBehind(std::string_view told, std::string_view command);
  // The commands follow what stands above them without an empty line.
  void NextClose() { page_.apart = false; }

  // One row of a table.
  struct Cell {
    std::string text;
    size_t columns = 0;
    bool right = false;
  };
  void Row(const std::vector<Cell>& cells);

  // Columns that `used` ones leave; at least a narrow cell, which a line cuts where it has to.
  size_t Rest(size_t used) const;

  const Screen& screen() const { return screen_; }
  std::string Dot() const;
  // Parts joined by a middle dot, without the empty ones.
  std::string Dotted(const std::vector<std::string>& parts) const;
  // The same as lines that end between two parts where they do not fit.
  void Parts(const std::vector<std::string>& parts);
  Page Take() { return std::move(page_); }

 private:
  std::string Fit(std::string_view text) const;
  std::string Plain(std::string_view text) const;

  const Screen& screen_;
  Page page_;
};

// Times as CLI.md shows them; a dash for none.
std::string TimeOf(const Sheet& sheet, int64_t at_ms);
// The clock alone, for columns; a dash for none.
std::string ClockOf(const Sheet& sheet, int64_t at_ms);

}  // namespace enlace::client
