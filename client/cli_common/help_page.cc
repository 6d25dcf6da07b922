#include "client/cli_common/help_page.h"

#include "absl/strings/ascii.h"
#include "client/texts/display.h"
#include "client/texts/texts.h"

namespace enlace::client {
namespace {

void AddRow(const HelpRow& row, size_t columns, const texts::Locale& locale, std::string& out) {
  const std::string text = texts::Text(locale.language, row.msgid);
  const bool fits = texts::DisplayWidth(row.command) < columns;
  out += "  " + (fits ? texts::PadRight(row.command, columns)
                      : std::string(row.command) + "\n" + std::string(columns + 2, ' '));
  out += text + "\n";
}

// What stands after the last ": ", or before " is required".
std::string_view SubjectOf(std::string_view message) {
  constexpr std::string_view kRequired = " is required";
  if (message.ends_with(kRequired)) return message.substr(0, message.size() - kRequired.size());
  const size_t colon = message.rfind(": ");
  return colon == std::string_view::npos ? message : message.substr(colon + 2);
}

}  // namespace

std::string RenderHelp(const HelpPage& page, const texts::Locale& locale) {
  std::string out = texts::Text(locale.language, page.introduction) + "\n\n" +
                    texts::Text(locale.language, page.usage) + "\n";
  for (const HelpSection& section : page.sections) {
    out += "\n" + texts::Text(locale.language, section.title) + "\n";
    for (const HelpRow& row : section.rows) AddRow(row, page.command_columns, locale, out);
  }
  out += "\n" + texts::Text(locale.language, page.closing) + "\n";
  return locale.ascii ? texts::ToAscii(out) : out;
}

std::string DescribeUsage(std::string_view kind, std::string_view message,
                          const texts::Locale& locale) {
  const auto say = [&](std::string_view msgid, std::string_view what) {
    return texts::Text(locale.language, msgid,
                       {{"what", texts::EscapeForDisplay(std::string(what))}});
  };
  if (kind == "RequiredError") {
    std::string what(SubjectOf(message));
    // A word of the command stands in capitals, as in its help.
    if (!what.starts_with('-')) what = absl::AsciiStrToUpper(what);
    return say(ENLACE_TEXT("missing: {what}"), what);
  }
  if (kind == "ExtrasError" || message.starts_with("The following argument"))
    return say(ENLACE_TEXT("not understood: {what}"), SubjectOf(message));
  if (kind == "ArgumentMismatch")
    return say(ENLACE_TEXT("an option without its value: {what}"), SubjectOf(message));
  if (kind == "ValidationError" || kind == "ConversionError")
    return say(ENLACE_TEXT("not a possible value: {what}"), message);
  return texts::EscapeForDisplay(std::string(message));
}

}  // namespace enlace::client
