// How large the pieces of an upload are: what the line takes within a second or two, since a piece
// counts only once the server has all of it, and on a poor line it has to fit between two breaks.
//
// Thread safety: one thread. Ownership: values.
#pragma once

#include <cstddef>
#include <cstdint>

#include "client/delivery/limits.h"

namespace enlace::client {

class ChunkPace {
 public:
  // Bytes of the piece that begins at `now_ms`. After a pause the line may be another: it begins
  // small again.
  size_t Next(int64_t now_ms);
  // The piece that began last is over; `broke_off`: without an answer of the server.
  void Ended(int64_t now_ms, bool broke_off);

 private:
  size_t bytes_ = kChunkBytesFirst;
  int64_t begun_ms_ = 0;
  int64_t ended_ms_ = 0;
};

}  // namespace enlace::client
