// Reads the part of TOML 1.0 that a configuration file needs, strictly.
//
// Accepts comments, [tables], and key = value with basic strings, decimal integers, booleans and
// one-line arrays of strings. Promises that whatever else a file holds (a key or table twice,
// dates, floats, nested tables, multi-line values) is an error with its line, never something
// silently understood in another way.
//
// Thread safety: free functions, values. Ownership: values.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"

namespace enlace::server {

inline constexpr size_t kConfigBytesMax = 64u << 10;

struct TomlValue {
  std::variant<std::string, int64_t, bool, std::vector<std::string>> value;
  int line = 0;
};

// By full name: "port" at the top, "listen.port" in the table [listen].
using TomlDocument = std::map<std::string, TomlValue>;

// INVALID_ARGUMENT: "line 12: ...".
absl::StatusOr<TomlDocument> ParseToml(std::string_view text);

}  // namespace enlace::server
