// How the process's file descriptors are shared out, so that no flood of connections takes those of
// the store.
//
// Thread safety: free functions. Source: DESIGN chapter 8 on running out of descriptors.
#pragma once

#include <cstddef>

namespace enlace::server {

struct DescriptorBudget {
  int engine_files = 0;
  size_t main_connections = 0;
  size_t enrolment_connections = 0;
};

struct WantedConnections {
  size_t main = 0;
  size_t enrolment = 0;
};

// Raises the soft limit of the process to the hard one and gives it.
size_t RaiseDescriptorLimit();

// Shares out `descriptors`: first what the server itself needs, then the store's files, then
// connections as far as they are wanted, at least two of each kind.
DescriptorBudget ShareOut(size_t descriptors, const WantedConnections& wanted);

}  // namespace enlace::server
