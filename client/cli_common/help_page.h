// Pages of --help in both languages: sections of commands with what each does.
//
// Thread safety: pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "client/texts/locale.h"

namespace enlace::client {

// All texts are msgids (ENLACE_TEXT); `command` is shown as it is.
struct HelpRow {
  std::string_view command;
  std::string_view msgid;
};
struct HelpSection {
  std::string_view title;
  std::span<const HelpRow> rows;
};
struct HelpPage {
  std::string_view introduction;
  std::string_view usage;
  std::span<const HelpSection> sections;
  std::string_view closing;
  // Columns of the commands; what is longer moves its text to the next line.
  size_t command_columns = 21;
};

// The page in the locale's language, at most 80 columns wide when its texts are; in ASCII where the
// locale is.
std::string RenderHelp(const HelpPage& page, const texts::Locale& locale);

// A mistake on the command line in the locale's language. `kind` and `message` are those of the
// parser of command lines; what it does not know is passed on as it is.
std::string DescribeUsage(std::string_view kind, std::string_view message,
                          const texts::Locale& locale);

}  // namespace enlace::client
