#include "storage/crash_point.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>

namespace enlace::storage {
namespace {

struct Armed {
  std::string name;
  std::atomic<uint64_t> passes_left;
};

// Set once before other threads start and never freed: the process ends by it.
std::atomic<Armed*> armed_point{nullptr};

}  // namespace

void ArmCrashPoint(std::string_view name, uint64_t nth) {
  auto armed = std::make_unique<Armed>();
  armed->name = std::string(name);
  armed->passes_left = nth;
  Armed* expected = nullptr;
  if (nth == 0 || !armed_point.compare_exchange_strong(expected, armed.get())) std::abort();
  static_cast<void>(armed.release());
}

bool CrashPointArmed(std::string_view name) {
  const Armed* armed = armed_point.load(std::memory_order_acquire);
  return armed != nullptr && armed->name == name;
}

void CrashPoint(std::string_view name) {
  if (!CrashPointArmed(name)) return;
  if (armed_point.load()->passes_left.fetch_sub(1) == 1) std::raise(SIGKILL);
}

}  // namespace enlace::storage
