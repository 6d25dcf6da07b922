// One thing that changes state, on its way through the committer.
//
// Thread safety: the committer calls Decide and then Settle, each from a thread of its own; a full
// queue or the end of the server settles from the submitting one. Ownership: the committer owns a
// submitted operation and destroys it after Settle.
#pragma once

#include <cstddef>

#include "absl/status/status.h"

namespace enlace::server {

class Operation {
 public:
  virtual ~Operation() = default;

  // Decides against the state that the operations before it left, and keeps the answer to itself.
  virtual absl::Status Decide() = 0;

  // Called exactly once. OK: what Decide did is durable. Otherwise nothing of it happened, or
  // nobody knows; the error says.
  virtual void Settle(const absl::Status& outcome) = 0;

  // What it holds while it waits.
  virtual size_t size_bytes() const { return 0; }

  // Gives back more space than it takes: goes on while the disk is full.
  virtual bool reclaims() const { return false; }

  // The server's own: never refused because much waits.
  virtual bool internal() const { return false; }
};

}  // namespace enlace::server
