#include "client/delivery/chunk_pace.h"

#include <algorithm>

namespace enlace::client {

size_t ChunkPace::Next(int64_t now_ms) {
  if (now_ms - ended_ms_ > kChunkPauseMs) bytes_ = std::min(bytes_, kChunkBytesFirst);
  begun_ms_ = now_ms;
  return bytes_;
}

void ChunkPace::Ended(int64_t now_ms, bool broke_off) {
  const int64_t took_ms = now_ms - begun_ms_;
  ended_ms_ = now_ms;
  if (broke_off) bytes_ = std::min(bytes_, kChunkBytesFirst);
  if (broke_off || took_ms > kChunkSlowMs) {
    bytes_ = std::max(bytes_ / 2, kChunkBytesMin);
  } else if (took_ms < kChunkQuickMs) {
    bytes_ = std::min(bytes_ * 2, kChunkBytesMax);
  }
}

}  // namespace enlace::client
