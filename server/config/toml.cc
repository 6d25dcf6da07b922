#include "server/config/toml.h"

#include <charconv>
#include <optional>
#include <set>

#include "crypto/primitives/status.h"

namespace enlace::server {
namespace {

constexpr std::string_view kBlank = " \t\r";

bool IsKeyCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

// One line being read, from left to right.
class Line {
 public:
  explicit Line(std::string_view text) : rest_(text) {}

  void SkipBlanks() {
    const size_t start = rest_.find_first_not_of(kBlank);
    rest_ = start == std::string_view::npos ? std::string_view() : rest_.substr(start);
  }
  bool Take(char c) {
    SkipBlanks();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool TakeWord(std::string_view word) {
    SkipBlanks();
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  // Nothing more but a comment.
  bool AtEnd() {
    SkipBlanks();
    return rest_.empty() || rest_.front() == '#';
  }
  std::string_view TakeKey() {
    SkipBlanks();
    size_t size = 0;
    while (size < rest_.size() && IsKeyCharacter(rest_[size])) ++size;
    const std::string_view key = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return key;
  }

  absl::StatusOr<std::string> TakeString();
  absl::StatusOr<std::vector<std::string>> TakeArray();
  std::optional<int64_t> TakeInteger();
  absl::StatusOr<TomlValue> TakeValue();

 private:
  std::string_view rest_;
};

absl::StatusOr<std::string> Line::TakeString() {
  if (!Take('"')) return InvalidArgument("expected a string in double quotes");
  std::string text;
  while (!rest_.empty()) {
    char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '"') return text;
    if (c == '\\') {
      if (rest_.empty() || (rest_.front() != '"' && rest_.front() != '\\')) {
        return InvalidArgument("only \\\" and \\\\ may follow a backslash");
      }
      c = rest_.front();
      rest_.remove_prefix(1);
    }
    text.push_back(c);
  }
  return InvalidArgument("the string does not end");
}

absl::StatusOr<std::vector<std::string>> Line::TakeArray() {
  std::vector<std::string> items;
  Take('[');
  while (!Take(']')) {
    ENLACE_ASSIGN_OR_RETURN(items.emplace_back(), TakeString());
    if (Take(',')) continue;
    if (!Take(']')) return InvalidArgument("expected , or ] in the array");
    break;
  }
  return items;
}

std::optional<int64_t> Line::TakeInteger() {
  SkipBlanks();
  int64_t number = 0;
  const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
  if (error != std::errc()) return std::nullopt;
  rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
  return number;
}

absl::StatusOr<TomlValue> Line::TakeValue() {
  SkipBlanks();
  if (rest_.starts_with('"')) {
    ENLACE_ASSIGN_OR_RETURN(std::string text, TakeString());
    return TomlValue{std::move(text)};
  }
  if (rest_.starts_with('[')) {
    ENLACE_ASSIGN_OR_RETURN(std::vector<std::string> items, TakeArray());
    return TomlValue{std::move(items)};
  }
  if (TakeWord("true")) return TomlValue{true};
  if (TakeWord("false")) return TomlValue{false};
  if (const auto number = TakeInteger()) return TomlValue{*number};
  return InvalidArgument("expected a string, a whole number, true, false or an array of strings");
}

// A document being built.
struct Reading {
  TomlDocument document;
  std::set<std::string> tables;
  std::string prefix;
};

absl::Status ReadTable(Line& line, Reading& reading) {
  const std::string name(line.TakeKey());
  if (name.empty() || !line.Take(']') || !line.AtEnd()) return InvalidArgument("expected [table]");
  if (!reading.tables.insert(name).second) return InvalidArgument("[" + name + "] stands twice");
  reading.prefix = name + ".";
  return absl::OkStatus();
}

absl::Status ReadLine(std::string_view text, int number, Reading& reading) {
  Line line(text);
  if (line.AtEnd()) return absl::OkStatus();
  if (line.Take('[')) return ReadTable(line, reading);
  const std::string key(line.TakeKey());
  if (key.empty() || !line.Take('=')) return InvalidArgument("expected name = value");
  ENLACE_ASSIGN_OR_RETURN(TomlValue value, line.TakeValue());
  if (!line.AtEnd()) return InvalidArgument("something follows the value of " + key);
  value.line = number;
  if (!reading.document.emplace(reading.prefix + key, std::move(value)).second) {
    return InvalidArgument(key + " stands twice");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TomlDocument> ParseToml(std::string_view text) {
  if (text.size() > kConfigBytesMax) return InvalidArgument("the file is too large");
  Reading reading;
  for (int number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    const absl::Status status = ReadLine(text.substr(0, end), number, reading);
    if (!status.ok()) {
      return InvalidArgument("line " + std::to_string(number) + ": " +
                             std::string(MessageOf(status)));
    }
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return std::move(reading.document);
}

}  // namespace enlace::server
