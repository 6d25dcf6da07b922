// Speed of crypto/mls (docs/performance.md). One thread, basic credentials unless the name says
// X509.
//
// Run in a release build, alone on the machine: build/release/bin/mls_bench. The primitives
// (primitive_bench.cc) are the unit to compare machines by. `heap_bytes` of CommitProcess/N is what
// one group takes of the heap and of the slabs of secrets. JoinX509/N joins a group whose
// certificates the process has verified before; `first_us` is the join that verifies them. The CPU
// column is the thread's own time, whatever else runs on the machine.

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include "tests/bench/mls_fixture.h"

namespace enlace::bench {
namespace {

// The thread's own time: what other programs take meanwhile does not count.
double ThreadSeconds() {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// Does what an iteration needs around that which it measures.
template <typename Work>
void Untimed(benchmark::State& state, const Work& work) {
  state.PauseTiming();
  work();
  state.ResumeTiming();
}

size_t Members(const benchmark::State& state) { return static_cast<size_t>(state.range(0)); }

// ----------------------------------------------------------------------------------- content

constexpr uint32_t kReserveBlock = 1u << 16;

void Reserve(mls::Group& group) {
  if (group.reserved_generations() == 0) group.ReserveGenerations(kReserveBlock);
}

void Protect(benchmark::State& state) {
  Pair pair = MakeColdPair(2, CredentialKind::kBasic);
  const Bytes content(Members(state), 7);
  for (auto _ : state) {
    Untimed(state, [&] { Reserve(pair.near); });
    benchmark::DoNotOptimize(Must(pair.near.Protect(content, {}, SharedRng())));
  }
}
BENCHMARK(Protect)->Arg(1024)->Arg(65536)->Unit(benchmark::kMicrosecond);

void Unprotect(benchmark::State& state) {
  Pair pair = MakeColdPair(2, CredentialKind::kBasic);
  const Bytes content(Members(state), 7);
  for (auto _ : state) {
    Bytes message;
    Untimed(state, [&] {
      Reserve(pair.near);
      message = Must(pair.near.Protect(content, {}, SharedRng()));
    });
    benchmark::DoNotOptimize(Must(pair.far.Process(message, Rules())));
  }
}
BENCHMARK(Unprotect)->Arg(1024)->Arg(65536)->Unit(benchmark::kMicrosecond);

// ----------------------------------------------------------------------------------- commits

mls::CommitOptions FullPath() {
  mls::CommitOptions options;
  options.force_path = true;
  return options;
}

void CreateLoop(benchmark::State& state, mls::Group& group, const mls::CommitOptions& options) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(Must(group.Commit(options, Rules(), SharedRng())));
    Untimed(state, [&] { group.DiscardPendingCommit(); });
  }
}

void CommitCreate(benchmark::State& state) {
  CreateLoop(state, SharedWarmPair(Members(state)).near, FullPath());
}

void CommitCreateWithGroupInfo(benchmark::State& state) {
  mls::CommitOptions options = FullPath();
  options.want_group_info = true;
  CreateLoop(state, SharedWarmPair(Members(state)).near, options);
}

void CommitCreateCold(benchmark::State& state) {
  Pair pair = MakeColdPair(Members(state), CredentialKind::kBasic);
  CreateLoop(state, pair.near, FullPath());
}

// What is allocated now, secrets included.
size_t HeapBytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd + SecretBytes::HeldBytes();
}

// What one more copy of the group costs. Credentials and capability lists are shared with the group
// that it was copied from.
double HeapOfOneCopy(mls::Group& group) {
  CopyOf(group);  // The saved state itself is made here, outside the count.
  const size_t before = HeapBytes();
  const mls::Group copy = CopyOf(group);
  return static_cast<double>(HeapBytes() - before);
}

void CommitProcess(benchmark::State& state) {
  Pair& pair = SharedWarmPair(Members(state));
  for (auto _ : state) {
    Bytes commit;
    Untimed(state, [&] {
      commit = Must(pair.far.Commit(FullPath(), Rules(), SharedRng())).commit;
      Must(pair.far.Process(commit, Rules()));
    });
    benchmark::DoNotOptimize(Must(pair.near.Process(commit, Rules())));
  }
  state.counters["heap_bytes"] = HeapOfOneCopy(pair.near);
}

// The member that was added goes again outside the measurement, by a Commit of the same committer.
void AddProcess(benchmark::State& state) {
  Pair& pair = SharedWarmPair(Members(state));
  size_t number = 1u << 20;
  for (auto _ : state) {
    Bytes commit;
    mls::CommitOptions remove;
    Untimed(state, [&] {
      const auto bundle = MakeKeyPackage(MakeClient(CredentialKind::kBasic, number++));
      mls::CommitOptions add;
      add.proposals.push_back({mls::Add{bundle.key_package}});
      const auto made = Must(pair.far.Commit(add, Rules(), SharedRng()));
      commit = made.commit;
      remove.proposals.push_back({mls::Remove{made.summary.added.at(0).leaf}});
    });
    benchmark::DoNotOptimize(Must(pair.near.Process(commit, Rules())));
    Untimed(state, [&] {
      Must(pair.far.Process(commit, Rules()));
      const Bytes undone = Must(pair.far.Commit(remove, Rules(), SharedRng())).commit;
      Must(pair.near.Process(undone, Rules()));
      Must(pair.far.Process(undone, Rules()));
    });
  }
}

void BulkAdd(benchmark::State& state) {
  mls::Group group = MakeGroup(MakeClient(CredentialKind::kBasic, 0));
  std::vector<mls::KeyPackageBundle> bundles;
  for (size_t i = 1; i < Members(state); ++i) {
    bundles.push_back(MakeKeyPackage(MakeClient(CredentialKind::kBasic, i)));
  }
  mls::CommitOptions options;
  options.proposals = AddsOf(bundles);
  CreateLoop(state, group, options);
}

// ------------------------------------------------------------------------------------- joins

void JoinLoop(benchmark::State& state, const Pair& pair, const mls::ValidationRules& rules) {
  mls::WelcomeInput input;
  input.welcome = pair.welcome;
  input.own = &pair.far_bundle;
  input.key = &pair.far_client.key;
  const double start = ThreadSeconds();
  Must(mls::Group::JoinWelcome(input, rules));
  state.counters["first_us"] = 1e6 * (ThreadSeconds() - start);
  for (auto _ : state) {
    benchmark::DoNotOptimize(Must(mls::Group::JoinWelcome(input, rules)));
  }
}

void Join(benchmark::State& state) {
  JoinLoop(state, MakeColdPair(Members(state), CredentialKind::kBasic), Rules());
}
void JoinX509(benchmark::State& state) {
  const Pair pair = MakeColdPair(Members(state), CredentialKind::kX509);
  SharedCertificates().Forget();
  JoinLoop(state, pair, Rules(nullptr, CredentialKind::kX509));
}
void JoinCached(benchmark::State& state) {
  mls::MemorySignatureCache cache;
  JoinLoop(state, MakeColdPair(Members(state), CredentialKind::kBasic), Rules(&cache));
}

void KeyPackage(benchmark::State& state) {
  const Client client = MakeClient(CredentialKind::kBasic, 0);
  for (auto _ : state) {
    benchmark::DoNotOptimize(MakeKeyPackage(client));
  }
}
BENCHMARK(KeyPackage)->Unit(benchmark::kMicrosecond);

// Saving after one received message.
void StateSave(benchmark::State& state) {
  Pair& pair = SharedWarmPair(Members(state));
  KeepChanges(pair.near, pair.near.TakeChanges());
  const Bytes content(1024, 7);
  for (auto _ : state) {
    Untimed(state, [&] {
      Reserve(pair.far);
      Must(pair.near.Process(Must(pair.far.Protect(content, {}, SharedRng())), Rules()));
    });
    std::vector<mls::StateChange> changes = pair.near.TakeChanges();
    benchmark::DoNotOptimize(changes);
    Untimed(state, [&] { KeepChanges(pair.near, std::move(changes)); });
  }
}

void Sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Arg(2)->Arg(10)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);
}

BENCHMARK(CommitCreate)->Apply(Sizes);
BENCHMARK(CommitCreateCold)->Apply(Sizes);
BENCHMARK(CommitCreateWithGroupInfo)->Apply(Sizes);
BENCHMARK(CommitProcess)->Apply(Sizes);
BENCHMARK(AddProcess)->Apply(Sizes);
BENCHMARK(BulkAdd)->Apply(Sizes);
BENCHMARK(Join)->Apply(Sizes);
BENCHMARK(JoinCached)->Apply(Sizes);
BENCHMARK(JoinX509)->Apply(Sizes);
BENCHMARK(StateSave)->Apply(Sizes);

}  // namespace
}  // namespace enlace::bench

// Iterations of StateSave need a hundred times as long around what they measure: the library's half
// a second of measured time for each benchmark would be minutes. What the caller gives holds.
int main(int argc, char** argv) {
  std::string min_time = "--benchmark_min_time=0.1";
  std::vector<char*> arguments(argv, argv + argc);
  arguments.insert(arguments.begin() + 1, min_time.data());
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
