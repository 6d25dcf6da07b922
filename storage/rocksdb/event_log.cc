#include "storage/rocksdb/event_log.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

namespace enlace::storage {
namespace {

constexpr size_t kLineBytesMax = 1024;

}  // namespace

void EventLog::Logv(const char* format, va_list arguments) {
  if (!sink_) return;
  char line[kLineBytesMax];
  const int length = std::vsnprintf(line, sizeof line, format, arguments);
  if (length <= 0) return;
  sink_({line, std::min(static_cast<size_t>(length), sizeof line - 1)});
}

}  // namespace enlace::storage
