// The words of the programs: English source strings, complete Spanish.
//
// Promises that a program speaks Spanish on a machine without any locale installed: the catalogues
// client/texts/es/*.po are compiled by msgfmt and embedded. A string without translation comes out
// in English; a test runs xgettext over the sources and fails for each one that is missing, fuzzy
// or empty.
//
// Invariants:
// 1. A msgid is a literal that xgettext can see: the first argument after the language in the
// functions below, or
//    inside ENLACE_TEXT / ENLACE_TEXT_IN where it stands in a table.
// 2. Values enter by name ("{office}"), never by position, and are inserted as they are: the caller
// escapes what a peer
//    wrote (display.h).
//
// Thread safety: free functions on immutable data. No disk, network or environment access here.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace enlace::texts {

enum class Language { kEnglish, kSpanish };

// Marks a msgid in a table. The value is the literal itself.
#define ENLACE_TEXT(msgid) msgid
// The same with a context, for one English word with several Spanish ones. The value is what Text()
// looks up.
#define ENLACE_TEXT_IN(context, msgid) context "\004" msgid

// Named values of a text: {{"office", "mx.consular"}, {"count", "3"}}.
using Arguments = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// `msgid` in `language`; the msgid without its context when there is no translation.
std::string Text(Language language, std::string_view msgid);
// The same with "{name}" replaced by the argument of that name. A placeholder without argument
// stays as it is.
std::string Text(Language language, std::string_view msgid, Arguments arguments);
// Singular or plural by `count` (both languages: one is singular, everything else plural);
// "{count}" is filled by itself.
std::string Plural(Language language, std::string_view singular, std::string_view plural,
                   uint64_t count, Arguments arguments = {});
// True when the catalogue of `language` holds `msgid`. English holds everything.
bool HasText(Language language, std::string_view msgid);

// "{name}" replaced in `pattern`, without any catalogue.
std::string FillPlaceholders(std::string_view pattern, Arguments arguments);

}  // namespace enlace::texts
