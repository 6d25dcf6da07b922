// The delivery service under every fault at once, from one seed: sim_test --seed 17 replays one and
// prints what happened; without it, the first 100 seeds. --seeds A-B runs a range.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/sim/simulation.h"

namespace enlace::testing {
namespace {

struct Seeds {
  uint64_t first = 1;
  uint64_t last = 100;
};

Seeds& SeedsToRun() {
  static Seeds seeds;
  return seeds;
}

TEST(Simulation, EverySeed_Converges_AndLosesNothingAcknowledged) {
  const Seeds seeds = SeedsToRun();
  uint64_t crashes = 0;
  uint64_t acknowledged = 0;
  uint64_t epochs = 0;
  for (uint64_t seed = seeds.first; seed <= seeds.last; ++seed) {
    const SimulationResult result = Simulation(seed).Run();
    for (const std::string& finding : result.findings)
      ADD_FAILURE() << "--seed " << seed << ": " << finding;
    if (seeds.first == seeds.last) {
      for (const std::string& line : result.trace) std::printf("%s\n", line.c_str());
    }
    crashes += result.crashes;
    acknowledged += result.acknowledged;
    epochs += result.epochs;
  }
  std::printf(
      "%llu crashes, %llu acknowledged, %llu epochs\n", static_cast<unsigned long long>(crashes),
      static_cast<unsigned long long>(acknowledged), static_cast<unsigned long long>(epochs));
  // The faults must have happened for the promises to mean anything.
  EXPECT_GT(crashes, 0u);
  EXPECT_GT(epochs, seeds.last - seeds.first + 1);
}

TEST(Simulation, ASeed_IsReplayedEventByEvent) {
  const uint64_t seed = SeedsToRun().first;
  EXPECT_EQ(Simulation(seed).Run().trace, Simulation(seed).Run().trace);
}

bool ParseSeeds(int argc, char** argv) {
  if (argc == 1) return true;
  if (argc != 3) return false;
  char* end = nullptr;
  Seeds& seeds = SeedsToRun();
  seeds.first = seeds.last = std::strtoull(argv[2], &end, 10);
  if (std::strcmp(argv[1], "--seed") == 0) return *end == '\0' && seeds.first > 0;
  if (std::strcmp(argv[1], "--seeds") != 0 || *end != '-') return false;
  seeds.last = std::strtoull(end + 1, &end, 10);
  return *end == '\0' && seeds.first > 0 && seeds.first <= seeds.last;
}

}  // namespace
}  // namespace enlace::testing

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (!enlace::testing::ParseSeeds(argc, argv)) {
    std::fprintf(stderr, "usage: sim_test [--seed N | --seeds FIRST-LAST]\n");
    return 2;
  }
  return RUN_ALL_TESTS();
}
