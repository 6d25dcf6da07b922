#include "tests/fuzz/heap_limit.h"

#include <sanitizer/allocator_interface.h>

#include <cstdint>
#include <cstdlib>

namespace enlace::fuzz {
namespace {

thread_local bool counting = false;
thread_local int64_t held_bytes = 0;

void OnMalloc(const volatile void*, size_t size_bytes) {
  if (!counting) return;
  held_bytes += static_cast<int64_t>(size_bytes);
  if (held_bytes > static_cast<int64_t>(kHeapBytesMax)) std::abort();
}

void OnFree(const volatile void* data) {
  if (!counting || data == nullptr) return;
  held_bytes -= static_cast<int64_t>(__sanitizer_get_allocated_size(data));
}

}  // namespace

HeapLimit::HeapLimit() {
  // 0 means that no hook could be placed: without them nothing would be limited.
  static const int installed = __sanitizer_install_malloc_and_free_hooks(OnMalloc, OnFree);
  if (installed == 0) std::abort();
  held_bytes = 0;
  counting = true;
}

HeapLimit::~HeapLimit() { counting = false; }

}  // namespace enlace::fuzz
