// One thing that is wrong, or doubtful, in an alert or an action.
//
// Reasons are rows of the one table of public errors (proto/errors/reasons_alert.inc). The texts
// are ready in both languages; values that a person or a peer wrote are inside them, so a screen
// escapes them like any other text.
//
// Thread safety: values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace enlace::alerts {

enum class Severity { kError, kWarning };

struct Violation {
  // Path in the alert: "persons[0].birth_date". Empty for the whole.
  std::string field;
  // UPPER_SNAKE.
  std::string reason;
  Severity severity = Severity::kError;
  std::string message_en;
  std::string message_es;
  // What to do; empty where the message says it.
  std::string hint_en;
  std::string hint_es;
};

using Violations = std::vector<Violation>;

// True when at least one is an error.
bool HasError(const Violations& violations);
size_t CountErrors(const Violations& violations);

// Errors before warnings, each in the order in which they were found (that of the model). One of
// the same field and reason is dropped, and what only follows from a value that could not be read.
// Every list that is shown goes through this.
void Normalise(Violations& violations);

}  // namespace enlace::alerts
