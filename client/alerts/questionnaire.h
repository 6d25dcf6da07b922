// What `compose` asks: the fields of an alert one after the other, in the order in which an officer
// tells a case, and only those that its type and the answers so far call for.
//
// A questionnaire knows nothing of terminals. Answers are values by path; assembling them gives the
// JSON of alert_json.h without ids, times, sender and deadlines, as `send --new` fills them.
// Whether the alert may be sent is validation.h's to say.
//
// Invariants: 1. A path is asked at most once. 2. The same type and answers give the same
// questions. 3. What is asked after an answer depends on answers before it only.
// Thread safety: pure functions on values.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/texts/code_names.h"
#include "client/texts/texts.h"

namespace enlace::alerts {

// More persons or events than one asks for by hand; the rest goes through a file.
inline constexpr size_t kAskedPersonsMax = 20;

enum class AnswerKind {
  kText,
  kLines,      // Several lines, to an empty one.
  kCode,       // One number of Question::codes.
  kCodes,      // Any of them.
  kOffices,    // Ids of offices.
  kCountry,    // ISO 3166-1 alpha-3 or an ICAO code.
  kCountries,  // The same, several.
  kLanguages,  // BCP 47 tags.
  kPhones,     // E.164.
  kDate,       // A partial date: year, month, day, 0 unknown.
  kZone,       // An IANA time zone.
  kTime,       // RFC 3339.
  kYesNo,
  kCount,
  kShares,  // Counts by country.
  kList,    // Short texts.
  kFiles,   // Paths of files to attach.
};

struct Question {  // NOLINT(bugprone-exception-escape): moving JSON does not throw.
  // Where the answer goes: "persons[0].sex". With "?" in front it only steers what follows.
  std::string path;
  AnswerKind kind = AnswerKind::kText;
  // The words to ask it, and what helps to answer; the latter may be empty.
  std::string_view msgid;
  std::string_view hint;
  texts::CodeKind codes = texts::CodeKind::kAlertType;
  bool required = false;
  // What no answer means; null: nothing.
  nlohmann::json preset;
};

// By path. Null: asked and left out.
using Answers = std::map<std::string, nlohmann::json>;

inline constexpr std::string_view kAnswerActionOffices = "?action";
inline constexpr std::string_view kAnswerInfoOffices = "?info";
inline constexpr std::string_view kAnswerFiles = "?files";

// All questions that `answers` leads to; `type` is an enlace.alert.v1.AlertType.
std::vector<Question> QuestionsFor(int type, const Answers& answers);
// The first of them without an answer; nothing when all are answered.
std::optional<Question> NextQuestion(int type, const Answers& answers);
// The last of them with an answer: where going back leads. Nothing before the first answer.
std::optional<std::string> LastAnswered(int type, const Answers& answers);

// The alert as a JSON object; `language` is that of its texts.
nlohmann::json AlertOf(int type, const Answers& answers, texts::Language language);

// The questions whose answers a violation at `field` is about: itself, what stands below it, or the
// block around it. Empty when no question leads there.
std::vector<std::string> PathsFor(std::string_view field, int type, const Answers& answers);

// Questions of the block that belongs to `type` (validation_parts.h, BlockOf).
std::vector<Question> BlockQuestions(int type);

}  // namespace enlace::alerts
