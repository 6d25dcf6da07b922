#include "tests/bench/process_meter.h"

#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

namespace enlace::bench {
namespace {

std::string Folder(pid_t pid) { return "/proc/" + std::to_string(pid); }

// The number after "name:" in a file of such lines.
uint64_t NamedNumber(const std::string& path, const std::string& name) {
  std::ifstream in(path);
  std::string line;
  while (std::getline(in, line)) {
    if (line.rfind(name + ":", 0) == 0) return std::stoull(line.substr(name.size() + 1));
  }
  return 0;
}

double CpuSeconds(pid_t pid) {
  std::ifstream in(Folder(pid) + "/stat");
  std::string line;
  std::getline(in, line);
  const size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(line.substr(name_end + 1));
  std::string skipped;
  // State and ten more fields stand before utime.
  for (int i = 0; i < 11; ++i) fields >> skipped;
  uint64_t user = 0;
  uint64_t system = 0;
  fields >> user >> system;
  return static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// Fields of the first line of /proc/stat that are no work: idle and iowait, and what virtual
// machines take, which user time holds already.
constexpr size_t kBusyFields = 8;
constexpr size_t kIdleField = 3;
constexpr size_t kWaitField = 4;

}  // namespace

double MachineBusySeconds() {
  std::ifstream in("/proc/stat");
  std::string skipped;
  in >> skipped;
  uint64_t busy = 0;
  for (size_t field = 0; field < kBusyFields; ++field) {
    uint64_t ticks = 0;
    in >> ticks;
    if (field != kIdleField && field != kWaitField) busy += ticks;
  }
  return static_cast<double>(busy) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

ProcessUsage UsageOf(pid_t pid) {
  ProcessUsage usage;
  usage.cpu_seconds = CpuSeconds(pid);
  usage.resident_kib = NamedNumber(Folder(pid) + "/status", "VmRSS");
  usage.written_bytes = NamedNumber(Folder(pid) + "/io", "write_bytes");
  return usage;
}

}  // namespace enlace::bench
