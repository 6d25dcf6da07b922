// Collects violations, with texts of the one table of reasons. Internal to the folder.
//
// Thread safety: one thread at a time.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "client/alerts/violation.h"
#include "proto/errors/reasons.h"

namespace enlace::alerts {

// A phrase in both languages.
struct Phrase {
  std::string en;
  std::string es;
};

// The value of a placeholder of the reason's texts.
struct Value {
  std::string_view name;
  Phrase phrase;
};
inline Value Same(std::string_view name, std::string_view text) {
  return {name, {std::string(text), std::string(text)}};
}
inline Value Both(std::string_view name, std::string_view en, std::string_view es) {
  return {name, {std::string(en), std::string(es)}};
}

using Values = std::initializer_list<Value>;

// The violation that `reason` is, with its placeholders filled.
Violation MakeViolation(Reason reason, Severity severity, std::string_view field,
                        Values values = {});

class Report {
 public:
  void Error(Reason reason, std::string_view field, Values values = {});
  void Warn(Reason reason, std::string_view field, Values values = {});
  void Add(Violation violation) { violations_.push_back(std::move(violation)); }
  void AddAll(Violations violations);

  bool Has(std::string_view reason) const;
  Violations Take() && { return std::move(violations_); }

 private:
  Violations violations_;
};

// "persons[2]" and "persons[2].phones[0]".
std::string Indexed(std::string_view list, int index);
std::string Under(std::string_view parent, std::string_view field);

}  // namespace enlace::alerts
