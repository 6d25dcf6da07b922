// The standard table: what docs/performance.md says about the delivery service, in one run.
//
// Every row has a server of its own with a fresh folder, but what is set in proportion to each
// other (a floor and the figure that is read against it) runs on one server, one after the other.
//
// Thread safety: one at a time. Ownership: values.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace enlace::bench {

struct SuiteOptions {
  // Names of rows; empty takes all of StandardRows().
  std::vector<std::string> rows = {};
  std::chrono::milliseconds window{5000};
  std::string server_program = {};
  size_t idle_devices = 2000;
  uint64_t stored_envelopes = 1'000'000;
};

// Names of the rows in the order in which they run.
std::vector<std::string> StandardRows();

// One object with a member for each row: what was measured, the goal, and whether it is met. Aborts
// the program when a server can't be set up.
nlohmann::ordered_json RunStandardSuite(const SuiteOptions& options);

// Health checks and unary sends over the same connections of one server, the engine alone, batched
// sends, and the ratios.
nlohmann::ordered_json MeasureFloor(const SuiteOptions& options);

}  // namespace enlace::bench
