// What a command says and asks: text or JSON on stdout, talk and errors on stderr, questions on a
// terminal only.
//
// Promises that every text passes the catalogue and, in an ASCII locale, ToAscii; that JSON never
// carries talk; that nothing is asked without a terminal (PROMPT_IMPOSSIBLE names the option that
// supplies the answer); and that what a hidden question reads is not echoed. Values from outside
// are escaped by the caller (texts/display.h).
//
// Thread safety: one thread. Ownership: borrows its streams.
#pragma once

#include <iosfwd>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/texts/display.h"
#include "client/texts/locale.h"
#include "client/texts/texts.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::client {

enum class OutputMode { kText, kJson, kJsonl };

// One of several mistakes that a command found at once, for the JSON form of an error.
struct Violation {
  std::string field;
  std::string reason;
  std::string message;
  std::string hint;
};

class Console {
 public:
  struct Setup {
    std::string program = "enlace";
    texts::Locale locale;
    OutputMode output = OutputMode::kText;
    bool quiet = false;
    bool color = false;
    bool can_ask = false;         // Stdin and stderr are a terminal.
    std::ostream* out = nullptr;  // Null: std::cout.
    std::ostream* err = nullptr;  // Null: std::cerr.
    int input_fd = 0;
  };

  explicit Console(const Setup& setup) : setup_(setup) {}

  const Setup& setup() const { return setup_; }
  texts::Language language() const { return setup_.locale.language; }
  bool json() const { return setup_.output != OutputMode::kText; }
  const texts::Glyphs& glyphs() const { return texts::GlyphsFor(setup_.locale.ascii); }

  // The catalogue's text: T(ENLACE_TEXT("Nothing waits.")).
  std::string T(std::string_view msgid, texts::Arguments arguments = {}) const {
    return texts::Text(language(), msgid, arguments);
  }

  // A line of the result on stdout; nothing in JSON mode.
  void Line(std::string_view text) const;
  // The same in as many lines as it needs, each at most 80 columns wide.
  void Paragraph(std::string_view text) const;
  // What to do next, on stdout; nothing when quiet or in JSON mode.
  void Next(std::string_view text) const;
  // Talk on stderr; nothing when quiet.
  void Talk(std::string_view text) const;
  // A line of a refusal on stderr, quiet or not.
  void Problem(std::string_view text) const;

  // `object` with "schema": "<program>.cli.v1/<command>" in front; nothing in text mode. In jsonl
  // mode callers give one object for each row.
  void Json(std::string_view command, nlohmann::json object) const;

  // Text, hint and reason of an error on stderr, at most 80 columns wide, or as one JSON object.
  // `what` and `why` of its metadata pass the catalogue too.
  void Error(const absl::Status& status, const std::vector<Violation>& violations = {}) const;

  struct Question {
    std::string text;    // Ends in its own punctuation; a space is added.
    std::string what;    // For PROMPT_IMPOSSIBLE: what is needed.
    std::string option;  // And the option that supplies it.
  };
  // One line without its end. INTERRUPTED at the end of input.
  absl::StatusOr<std::string> Ask(const Question& question) const;
  // The same without echo.
  absl::StatusOr<SecretBytes> AskSecret(const Question& question) const;
  // True for s, sí, y, yes; false for anything else.
  absl::StatusOr<bool> Confirm(const Question& question) const;

 private:
  std::ostream& out() const;
  std::ostream& err() const;
  std::string ForTerminal(std::string_view text) const;
  absl::Status Prompt(const Question& question) const;
  void Hanging(std::string_view text, size_t indent) const;

  Setup setup_;
};

// Whether stdin and stderr are a terminal, so that questions make sense.
bool CanAsk();

}  // namespace enlace::client
