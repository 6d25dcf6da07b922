// Pieces of an upload follow what the line takes.
#include "client/delivery/chunk_pace.h"

#include <gtest/gtest.h>

namespace enlace::client {
namespace {

// Plays pieces one after the other, each taking `took_ms`; the size of the next one.
size_t After(ChunkPace& pace, int64_t& now_ms, int pieces, int64_t took_ms) {
  for (int i = 0; i < pieces; ++i) {
    pace.Next(now_ms);
    now_ms += took_ms;
    pace.Ended(now_ms, false);
  }
  return pace.Next(now_ms);
}

TEST(ChunkPace, GrowsOnAQuickLine_ToItsLimit) {
  ChunkPace pace;
  int64_t now = 1'000'000;
  EXPECT_EQ(pace.Next(now), kChunkBytesFirst);
  EXPECT_EQ(After(pace, now, 1, 100), 2 * kChunkBytesFirst);
  EXPECT_EQ(After(pace, now, 20, 100), kChunkBytesMax);
}

TEST(ChunkPace, ShrinksOnASlowLine_AndStaysInBetween) {
  ChunkPace pace;
  int64_t now = 1'000'000;
  EXPECT_EQ(After(pace, now, 1, kChunkSlowMs + 1), kChunkBytesFirst / 2);
  EXPECT_EQ(After(pace, now, 5, (kChunkQuickMs + kChunkSlowMs) / 2), kChunkBytesFirst / 2);
  EXPECT_EQ(After(pace, now, 20, kChunkSlowMs + 1), kChunkBytesMin);
}

TEST(ChunkPace, ThatBrokeOff_BeginsBelowTheFirst) {
  ChunkPace pace;
  int64_t now = 1'000'000;
  ASSERT_EQ(After(pace, now, 20, 100), kChunkBytesMax);
  pace.Ended(now + 30'000, true);
  EXPECT_EQ(pace.Next(now + 30'000), kChunkBytesFirst / 2);
}

TEST(ChunkPace, AfterAPause_BeginsSmall) {
  ChunkPace pace;
  int64_t now = 1'000'000;
  ASSERT_EQ(After(pace, now, 20, 100), kChunkBytesMax);
  pace.Ended(now, false);
  EXPECT_EQ(pace.Next(now + kChunkPauseMs), kChunkBytesMax);
  pace.Ended(now + kChunkPauseMs, false);
  EXPECT_EQ(pace.Next(now + 2 * kChunkPauseMs + 1), kChunkBytesFirst);
}

}  // namespace
}  // namespace enlace::client
