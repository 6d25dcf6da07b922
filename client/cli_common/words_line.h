// The line of verification words that an officer reads out and an administrator compares.
//
// Thread safety: free functions.
#pragma once

#include <span>
#include <string>

namespace enlace::client {

// The words on one line, indented by four columns, with three between them; no trailing spaces.
std::string WordsLine(std::span<const std::string> words);

}  // namespace enlace::client
