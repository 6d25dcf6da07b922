#include "client/cli_common/console.h"

#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <utility>

#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr size_t kAnswerBytesMax = 4096;
constexpr size_t kPageColumns = 80;
constexpr size_t kHintIndent = 2;

// Switches the terminal's echo off while it lives.
class EchoOff {
 public:
  explicit EchoOff(int fd) : fd_(fd), active_(tcgetattr(fd, &saved_) == 0) {
    if (!active_) return;
    termios silent = saved_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(fd_, TCSAFLUSH, &silent);
  }
  ~EchoOff() {
    if (active_) tcsetattr(fd_, TCSAFLUSH, &saved_);
  }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;

 private:
  int fd_;
  termios saved_{};
  bool active_;
};

// One line straight into guarded memory.
absl::StatusOr<SecretBytes> ReadLine(int fd) {
  SecretBytes buffer(kAnswerBytesMax);
  const std::span<uint8_t> bytes = buffer.mutable_view();
  size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t got = read(fd, &bytes[size], 1);
    if (got < 0 && errno == EINTR) return MakeError(Reason::kInterrupted);
    if (got <= 0) {
      if (size == 0) return MakeError(Reason::kInterrupted);
      break;
    }
    if (bytes[size] == '\n') break;
    ++size;
  }
  while (size > 0 && bytes[size - 1] == '\r') --size;
  return SecretBytes::CopyOf(buffer.view().first(size));
}

ErrorLanguage ErrorLanguageOf(texts::Language language) {
  return language == texts::Language::kSpanish ? ErrorLanguage::kSpanish : ErrorLanguage::kEnglish;
}

// The same error with translated and escaped metadata: it may come from a server.
absl::Status Localised(const absl::Status& status, texts::Language language) {
  ErrorInfo info = InfoOf(status);
  for (auto& [key, value] : info.metadata) {
    if (key == "what" || key == "why" || key == "kind") value = texts::Text(language, value);
    value = texts::EscapeForDisplay(value);
  }
  absl::Status copy = status;
  AttachInfo(info, copy);
  return copy;
}

}  // namespace

bool CanAsk() { return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1; }

std::ostream& Console::out() const { return setup_.out != nullptr ? *setup_.out : std::cout; }
std::ostream& Console::err() const { return setup_.err != nullptr ? *setup_.err : std::cerr; }

std::string Console::ForTerminal(std::string_view text) const {
  return setup_.locale.ascii ? texts::ToAscii(text) : std::string(text);
}

void Console::Line(std::string_view text) const {
  if (!json()) out() << ForTerminal(text) << std::endl;
}

void Console::Paragraph(std::string_view text) const {
  for (const std::string& line : texts::Wrap(text, kPageColumns)) Line(line);
}

void Console::Next(std::string_view text) const {
  if (!setup_.quiet) Line(text);
}

void Console::Talk(std::string_view text) const {
  if (!setup_.quiet) err() << ForTerminal(text) << std::endl;
}

void Console::Problem(std::string_view text) const { err() << ForTerminal(text) << std::endl; }

void Console::Json(std::string_view command, nlohmann::json object) const {
  if (!json()) return;
  object["schema"] = setup_.program + ".cli.v1/" + std::string(command);
  const int indent = setup_.output == OutputMode::kJson ? 2 : -1;
  out() << object.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
}

// A text on stderr within the columns of a page, its further lines indented as a hint is.
void Console::Hanging(std::string_view text, size_t indent) const {
  std::string head(indent, ' ');
  for (const std::string& line : texts::Wrap(text, kPageColumns - kHintIndent)) {
    Problem(head + line);
    head.assign(kHintIndent, ' ');
  }
}

void Console::Error(const absl::Status& status, const std::vector<Violation>& violations) const {
  const absl::Status localised = Localised(status, language());
  const ErrorLanguage in = ErrorLanguageOf(language());
  const std::string reason = InfoOf(status).name.empty()
                                 ? std::string(RowOf(Reason::kInternal).name)
                                 : InfoOf(status).name;
  const std::string message = ErrorText(localised, in);
  const std::string hint = ErrorHint(localised, in);
  if (!json()) {
    Hanging(std::string(glyphs().cross) + " " + reason + "  " + message, 0);
    if (!hint.empty()) Hanging(hint, kHintIndent);
    return;
  }
  nlohmann::json object = {{"reason", reason}, {"message", message}, {"hint", hint}};
  object["violations"] = nlohmann::json::array();
  for (const Violation& violation : violations) {
    object["violations"].push_back({{"field", violation.field},
                                    {"reason", violation.reason},
                                    {"message", violation.message},
                                    {"hint", violation.hint}});
  }
  err() << object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
}

absl::Status Console::Prompt(const Question& question) const {
  if (!setup_.can_ask) {
    return MakeError(Reason::kPromptImpossible,
                     {{"what", question.what}, {"option", question.option}});
  }
  err() << ForTerminal(question.text) << " " << std::flush;
  return absl::OkStatus();
}

absl::StatusOr<std::string> Console::Ask(const Question& question) const {
  ENLACE_RETURN_IF_ERROR(Prompt(question));
  ENLACE_ASSIGN_OR_RETURN(const SecretBytes line, ReadLine(setup_.input_fd));
  return ToText(line.view());
}

absl::StatusOr<SecretBytes> Console::AskSecret(const Question& question) const {
  ENLACE_RETURN_IF_ERROR(Prompt(question));
  const EchoOff echo_off(setup_.input_fd);
  auto line = ReadLine(setup_.input_fd);
  err() << std::endl;
  return line;
}

absl::StatusOr<bool> Console::Confirm(const Question& question) const {
  ENLACE_ASSIGN_OR_RETURN(const std::string answer, Ask(question));
  for (const std::string_view yes :
       {"s", "S", "sí", "Sí", "SÍ", "si", "Si", "SI", "y", "Y", "yes", "Yes", "YES"}) {
    if (answer == yes) return true;
  }
  return false;
}

}  // namespace enlace::client
