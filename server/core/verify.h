// `enlace-server verify`: walks every chain, count and checksum of a store and says what is wrong.
//
// Promises to read every record once, to change nothing, and to go on after a finding, so that one
// report names all damage.
//
// Thread safety: any thread. Ownership: borrows the view.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "crypto/merkle/hash.h"
#include "storage/engine.h"

namespace enlace::server {

struct Finding {
  std::string where;  // "room 0193… sequence 12", "registry entry 40", "inbox enlace://…".
  std::string what;
};

struct VerifyReport {
  uint64_t registry_entries = 0;
  uint64_t rooms = 0;
  uint64_t log_entries = 0;
  uint64_t inbox_items = 0;
  uint64_t blobs = 0;
  uint64_t server_sequence = 0;
  std::vector<Finding> findings;  // At most kFindingsMax; more are counted.
  uint64_t findings_total = 0;

  bool clean() const { return findings_total == 0; }
};

inline constexpr size_t kFindingsMax = 1000;

// One more finding, kept while there are fewer than kFindingsMax.
void AddFinding(VerifyReport& report, Finding finding);

// Errors only when the store can't be read at all; damaged records are findings.
absl::StatusOr<VerifyReport> VerifyStore(const storage::ReadView& view,
                                         const merkle::Hash& charter_root);

}  // namespace enlace::server
