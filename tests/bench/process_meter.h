// What a process has used so far, from /proc: processor time, memory, bytes handed to the disk.
//
// Thread safety: free functions. Ownership: values. Source: proc(5).
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace enlace::bench {

struct ProcessUsage {
  double cpu_seconds = 0;
  uint64_t resident_kib = 0;
  // write_bytes of /proc/PID/io: what reached the block layer, not the cache.
  uint64_t written_bytes = 0;
};

// All zero for a process that is gone.
ProcessUsage UsageOf(pid_t pid);

// Seconds that all processors of the machine together were busy, with whatever.
double MachineBusySeconds();

}  // namespace enlace::bench
