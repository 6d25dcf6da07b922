// Reading what somebody typed as the answer to a question of a questionnaire.
//
// Thread safety: pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/alerts/questionnaire.h"
#include "client/texts/time_format.h"

namespace enlace::alerts {

struct AnswerContext {
  texts::Language language = texts::Language::kSpanish;
  // Of times without an offset.
  texts::Zone zone = texts::Zone::Utc();
  // Offices that can be addressed; empty: any well-formed id.
  std::vector<std::string> offices;
};

// The value for the question's path in the JSON of alerts: codes as numbers, dates as objects,
// times in UTC. A code is typed as its place in CodeTable (from 1), its word, or the beginning of
// its name in the language when only one begins so; a country as alpha-3, alpha-2 or its name.
// Null for an empty text. Nothing when it is not understood.
std::optional<nlohmann::json> ReadAnswer(const Question& question, std::string_view text,
                                         const AnswerContext& context);

// The answer as it is shown when it stands already: "2, 5" of codes by their names, "HND, SLV".
std::string AnswerText(const Question& question, const nlohmann::json& value,
                       texts::Language language);

}  // namespace enlace::alerts
