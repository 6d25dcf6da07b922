// Which language and which characters a program uses.
//
// Language: --lang, else ENLACE_LANG, else the first of LC_ALL, LC_MESSAGES, LANG that is set;
// Spanish when the value begins with "es", else English. Characters: ASCII when the locale of
// LC_ALL, LC_CTYPE, LANG is "C" or "POSIX" without
// ".UTF-8"; with none of them set, UTF-8.
//
// Thread safety: pure functions; the environment comes in as a function.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "client/texts/texts.h"

namespace enlace::texts {

// The value of an environment variable; nothing when it is not set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

struct Locale {
  Language language = Language::kEnglish;
  // True: only ASCII may be printed (display.h, ToAscii).
  bool ascii = false;
};

// The language that --lang or ENLACE_LANG names: "es", "en", or a locale name such as
// "es_HN.UTF-8"; nothing for another.
std::optional<Language> ParseLanguage(std::string_view text);

// `lang_option` is the value of --lang, empty when it is absent. A value that names no language is
// passed over: the program refuses it before.
Locale ChooseLocale(std::string_view lang_option, const Environment& environment);

// Reads the process's environment.
Environment ProcessEnvironment();

}  // namespace enlace::texts
