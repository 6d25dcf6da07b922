// The two word lists, in one string each: words in order, separated by one space.
//
// Own selection. Each word has 3 to 9 letters; within a list no two words share their first four
// letters (accents folded), are within one edit of each other or sound alike. The order is part of
// the format: index i of a list never changes.
//
// Thread safety: constants. Ownership: static storage.
#pragma once

#include <string_view>

namespace enlace::identity {

extern const std::string_view kSpanishWords;
extern const std::string_view kEnglishWords;

}  // namespace enlace::identity
