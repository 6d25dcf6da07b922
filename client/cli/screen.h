// What a screen is drawn for: language, zone, width, characters.
//
// Thread safety: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "client/texts/display.h"
#include "client/texts/locale.h"
#include "client/texts/time_format.h"

namespace enlace::client {

inline constexpr size_t kScreenColumnsMin = 40;
inline constexpr size_t kScreenColumnsDefault = 80;
inline constexpr size_t kScreenColumnsMax = 132;

struct Screen {
  texts::Locale locale;
  texts::Zone zone = texts::Zone::Utc();
  int64_t now_ms = 0;
  size_t columns = kScreenColumnsDefault;
  // Ids that officers do not need.
  bool long_ids = false;

  texts::Language language() const { return locale.language; }
  const texts::Glyphs& glyphs() const { return texts::GlyphsFor(locale.ascii); }
};

// What is printed, and the commands to copy that rule 6 of CLI.md puts last (left out when quiet).
struct Page {
  std::vector<std::string> lines;
  std::vector<std::string> next;
  // The first command stands on the last line.
  bool behind = false;
  // Whether an empty line stands before the commands: below a table or a text, not below a
  // sentence.
  bool apart = true;
};

// The page as it is printed, without the commands when `quiet`.
std::vector<std::string> WholePage(const Page& page, bool quiet);

}  // namespace enlace::client
