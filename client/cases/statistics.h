// Counts and times over the cases of this vault, for reports that leave the office.
//
// Promises that no cell between 1 and kSmallCell - 1 comes out, and that none can be had back by
// subtraction: where a table would show all but one of the parts of a shown total, the smallest of
// the shown parts is withheld too. Exercises and tests are counted apart and never in a table.
// Medians of fewer than kSmallCell values are withheld.
//
// Thread safety: pure functions on values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "client/vault/vault.h"
#include "enlace/vault/v1/vault.pb.h"

namespace enlace::client {

inline constexpr uint64_t kSmallCell = 5;

enum class StatsTable { kType, kOrigin, kDestination, kSex, kAgeBand, kOutcome };
// "type", "origin" …: the words of CSV and JSON.
std::string_view StatsTableName(StatsTable table);

struct StatsCell {
  // Code word of the model, authority ("mx"), or age band ("0-11", "12-17", "18-29", "30-59",
  // "60+"); "unknown" where the alert does not say.
  std::string key;
  // Number of the code, for screens; 0 where the key is no code.
  int code = 0;
  uint64_t count = 0;
  // Withheld: too small, or it would give a small one away.
  bool suppressed = false;
};

struct StatsGroup {
  StatsTable table = StatsTable::kType;
  // What the cells count: cases, or persons.
  bool persons = false;
  std::vector<StatsCell> cells;
  // All cells together; withheld when it is small itself.
  uint64_t total = 0;
  bool total_suppressed = false;
  // Cells of one table add up to the total; destinations of one case can be several.
  bool additive = true;
};

struct StatsMedian {
  uint64_t count = 0;
  int64_t median_ms = 0;
  bool suppressed = true;
};

struct StatsView {
  int64_t from_ms = 0;
  int64_t to_ms = 0;
  uint64_t cases = 0;
  bool cases_suppressed = false;
  uint64_t exercises = 0;
  bool exercises_suppressed = false;
  std::vector<StatsGroup> groups;
  // From the server's acceptance to the acknowledgement and to the answer, over all offices that
  // owed one.
  StatsMedian acknowledge;
  StatsMedian answer;
};

struct StatsPeriod {
  // Cases opened at or after, and before; 0 = no bound.
  int64_t from_ms = 0;
  int64_t to_ms = 0;
};

// Over all cases of the vault that were opened in the period.
absl::StatusOr<StatsView> Statistics(const Vault& vault, const StatsPeriod& period);
// The same over given records.
StatsView StatisticsOf(const std::vector<vault::v1::CaseRecord>& records,
                       const StatsPeriod& period);

// Withholds small cells of a group and as many others as it takes. Public for its test.
void Suppress(StatsGroup& group);

}  // namespace enlace::client
