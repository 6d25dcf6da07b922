// Running the other programs of Enlace, as a person at a terminal would.
//
// Thread safety: free functions. Ownership: values.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace enlace::client::admin {

struct ProgramRun {
  std::string program;  // Path.
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;  // Besides this process's own.
  std::string log;                                 // Its output is appended here.
};

// Runs it to its end. FAILED_PRECONDITION with its last words when it exits with another code than
// 0.
absl::Status RunProgram(const ProgramRun& run);
// Starts it in a session of its own; its process id.
absl::StatusOr<int> StartProgram(const ProgramRun& run);

// A program of Enlace beside this one.
absl::StatusOr<std::string> SiblingProgram(std::string_view name);

}  // namespace enlace::client::admin
