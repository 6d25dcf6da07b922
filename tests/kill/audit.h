// The auditor of the kill test: judges the clients' journals (journal.h) when all is over.
//
// Promises to find, whatever the server did: an acknowledged message that a reader of its room does
// not have, has twice, or has in another place than the acknowledgement said; a message that nobody
// sent, or whose bytes changed; a gap or a step back in a reader's cursors or in a room; two
// readers that saw different logs; a chain, of a room or of the server, that does not continue what
// was seen of it before; and a record that can't be read. Expects that every reader has read
// everything and that no writer has an attempt without an answer.
//
// Thread safety: free functions. Ownership: values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace enlace::testing {

struct AuditReport {
  uint64_t acknowledged = 0;
  uint64_t delivered = 0;  // Messages in the journals of all readers.
  uint64_t rooms = 0;
  std::vector<std::string> findings;  // At most kAuditFindingsMax.
};

inline constexpr size_t kAuditFindingsMax = 50;

AuditReport Audit(const std::filesystem::path& folder);

}  // namespace enlace::testing
