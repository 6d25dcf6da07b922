// How long a command takes to replay the registry's log (client/registry): a log of a Conference
// that has run for years, with signatures verified and without, as every program that opens its
// stored copy does.
#include <benchmark/benchmark.h>

#include "client/cases/registry_facts.h"
#include "tests/unit/identity/world.h"

namespace enlace::testing {
namespace {

using identity::Registry;
using identity::Trust;

// Of each six entries one admits a device; the others state duty rosters and assignments.
constexpr size_t kEntriesForEachDevice = 6;

const World& WorldOf(size_t entries) {
  static std::map<size_t, World> worlds;
  const auto [found, fresh] = worlds.try_emplace(entries);
  World& world = found->second;
  if (!fresh) return world;
  world.AddOffice("hn.consular");
  world.AddOffice("hn.child");
  for (size_t i = 0; world.entries().size() < entries; ++i) {
    const std::string officer = "ofc-hn-" + std::to_string(100'000 + i);
    world.AddDevice(officer, "dev-1", {"hn.consular"});
    for (size_t j = 1; j < kEntriesForEachDevice && world.entries().size() < entries; ++j) {
      const auto from_ms = static_cast<int64_t>(j) * 1000;
      const bool logged =
          world
              .LogStatement("hn", identity::OfficeDuty{"hn.consular",
                                                       {{officer, from_ms, from_ms + 1000, ""}}})
              .ok();
      if (!logged) std::abort();
    }
  }
  return world;
}

void Replay(benchmark::State& state, Trust trust) {
  const World& world = WorldOf(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    Registry registry(world.charter().root);
    for (const Bytes& entry : world.entries()) {
      if (!registry.Apply(entry, trust).ok()) std::abort();
    }
    benchmark::DoNotOptimize(registry.root());
  }
  state.SetItemsProcessed(state.range(0) * state.iterations());
}

// What a command does instead where the vault holds the facts of the head (client/cases).
void ReadFacts(benchmark::State& state) {
  const World& world = WorldOf(static_cast<size_t>(state.range(0)));
  Registry registry(world.charter().root);
  for (const Bytes& entry : world.entries()) {
    if (!registry.Apply(entry, Trust::kVerifiedBefore).ok()) std::abort();
  }
  const std::string row = client::FactsOf(registry, "").SerializeAsString();
  for (auto _ : state) {
    client::RegistryFacts facts;
    if (!facts.ParseFromString(row)) std::abort();
    benchmark::DoNotOptimize(facts.log_size());
  }
  state.counters["bytes"] = static_cast<double>(row.size());
}

void ReplayStored(benchmark::State& state) { Replay(state, Trust::kVerifiedBefore); }
void ReplayVerified(benchmark::State& state) { Replay(state, Trust::kVerify); }
BENCHMARK(ReplayStored)->Arg(30)->Arg(1'000)->Arg(18'342)->Unit(benchmark::kMillisecond);
BENCHMARK(ReadFacts)->Arg(30)->Arg(1'000)->Arg(18'342)->Unit(benchmark::kMillisecond);
BENCHMARK(ReplayVerified)->Arg(1'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace enlace::testing

BENCHMARK_MAIN();
