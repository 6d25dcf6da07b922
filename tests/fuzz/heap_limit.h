// The limit on what one input may hold on the heap.
//
// libFuzzer bounds single allocations and the whole resident memory, most of which is the
// sanitizer's own; neither says what an input made the library hold. This counts it: while a
// HeapLimit lives, the bytes that are allocated and not yet freed may not exceed kHeapBytesMax,
// else the process aborts and libFuzzer keeps the input. Secrets over a page come from mmap and are
// not counted; they are no larger than the input.
//
// Thread safety: one HeapLimit at a time, on the thread that runs the inputs.
#pragma once

#include <cstddef>

namespace enlace::fuzz {

inline constexpr size_t kHeapBytesMax = size_t{64} << 20;

class HeapLimit {
 public:
  HeapLimit();
  ~HeapLimit();
  HeapLimit(const HeapLimit&) = delete;
  HeapLimit& operator=(const HeapLimit&) = delete;
};

}  // namespace enlace::fuzz
