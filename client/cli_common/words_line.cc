#include "client/cli_common/words_line.h"

#include <string_view>

namespace enlace::client {
namespace {

constexpr std::string_view kIndent = "    ";
constexpr std::string_view kGap = "   ";

}  // namespace

std::string WordsLine(std::span<const std::string> words) {
  std::string line;
  for (const std::string& word : words) line += std::string(line.empty() ? kIndent : kGap) + word;
  return line;
}

}  // namespace enlace::client
