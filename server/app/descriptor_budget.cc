#include "server/app/descriptor_budget.h"

#include <sys/resource.h>

#include <algorithm>

#include "server/listener/limits.h"

namespace enlace::server {
namespace {

constexpr size_t kEngineFilesMin = 20;
constexpr size_t kEngineFilesMax = 512;
constexpr size_t kConnectionsMin = 2;
// Parts of what is left: the store gets one of them, enrolment at most one.
constexpr size_t kParts = 4;

}  // namespace

size_t RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  // Where the system refuses, the soft limit stays what it was and is what counts.
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<size_t>(limit.rlim_cur);
}

DescriptorBudget ShareOut(size_t descriptors, const WantedConnections& wanted) {
  const size_t left = descriptors > kReservedDescriptors ? descriptors - kReservedDescriptors : 0;
  const size_t engine = std::clamp(left / kParts, kEngineFilesMin, kEngineFilesMax);
  const size_t connections = left > engine ? left - engine : 0;
  DescriptorBudget budget;
  budget.engine_files = static_cast<int>(engine);
  budget.enrolment_connections =
      std::max(kConnectionsMin, std::min(wanted.enrolment, connections / kParts));
  const size_t main = connections > budget.enrolment_connections
                          ? connections - budget.enrolment_connections
                          : kConnectionsMin;
  budget.main_connections = std::max(kConnectionsMin, std::min(wanted.main, main));
  return budget;
}

}  // namespace enlace::server
