#include "client/texts/locale.h"

#include <algorithm>
#include <cstdlib>

namespace enlace::texts {
namespace {

// The first of `names` that is set to something.
std::string FirstSet(const Environment& environment,
                     std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const auto value = environment(name);
    if (value && !value->empty()) return *value;
  }
  return "";
}

// The first language of a list such as "es_HN:en" that there is, as gettext reads LANGUAGE.
std::optional<Language> FirstOf(std::string_view list) {
  while (!list.empty()) {
    const size_t end = std::min(list.find(':'), list.size());
    if (const auto language = ParseLanguage(list.substr(0, end))) return language;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return std::nullopt;
}

}  // namespace

std::optional<Language> ParseLanguage(std::string_view text) {
  const std::string_view tag = text.substr(0, text.find_first_of("_-.@"));
  if (tag == "es") return Language::kSpanish;
  if (tag == "en" || tag == "C" || tag == "POSIX") return Language::kEnglish;
  return std::nullopt;
}

Locale ChooseLocale(std::string_view lang_option, const Environment& environment) {
  Locale locale;
  const std::string messages = FirstSet(environment, {"LC_ALL", "LC_MESSAGES", "LANG"});
  const std::string wish = FirstSet(environment, {"ENLACE_LANG"});
  locale.language = ParseLanguage(messages).value_or(Language::kEnglish);
  // As gettext does: the list counts before the locale, unless that is C.
  const bool plain =
      messages.empty() || messages == "C" || messages == "POSIX" || messages.starts_with("C.");
  if (!plain)
    locale.language = FirstOf(FirstSet(environment, {"LANGUAGE"})).value_or(locale.language);
  locale.language = ParseLanguage(wish).value_or(locale.language);
  locale.language = ParseLanguage(lang_option).value_or(locale.language);
  const std::string characters = FirstSet(environment, {"LC_ALL", "LC_CTYPE", "LANG"});
  locale.ascii = characters == "C" || characters == "POSIX";
  return locale;
}

Environment ProcessEnvironment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

}  // namespace enlace::texts
