// Speed of crypto/mls (docs/performance.md). One thread, basic credentials unless the name says
// X509.
//
// Run in a release build, alone on the machine: build/release/bin/mls_bench. The primitives
// (primitive_bench.cc) are the unit to compare machines by. `heap_bytes` of CommitProcess/N is what
// one group takes of the heap and of the slabs of secrets. JoinX509/N joins a group whose
// certificates the process has verified before; `first_us` is the join that verifies them.

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <ctime>
#include <utility>

#include "tests/bench/mls_fixture.h"

namespace enlace::bench {
namespace {

// The thread's own time: what other programs take meanwhile does not count.
double ThreadSeconds() {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// Sets the iteration's time to what `work` took; what stands around it in the loop is not measured.
template <typename Work>
void Timed(benchmark::State& state, const Work& work) {
  const double start = ThreadSeconds();
  work();
  state.SetIterationTime(ThreadSeconds() - start);
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
    Reserve(pair.near);
    Timed(state,
          [&] { benchmark::DoNotOptimize(Must(pair.near.Protect(content, {}, SharedRng()))); });
  }
}
BENCHMARK(Protect)->Arg(1024)->Arg(65536)->Unit(benchmark::kMicrosecond)->UseManualTime();

void Unprotect(benchmark::State& state) {
  Pair pair = MakeColdPair(2, CredentialKind::kBasic);
  const Bytes content(Members(state), 7);
  for (auto _ : state) {
    Reserve(pair.near);
    const Bytes message = Must(pair.near.Protect(content, {}, SharedRng()));
    Timed(state, [&] { benchmark::DoNotOptimize(Must(pair.far.Process(message, Rules()))); });
  }
}
BENCHMARK(Unprotect)->Arg(1024)->Arg(65536)->Unit(benchmark::kMicrosecond)->UseManualTime();

// ----------------------------------------------------------------------------------- commits

mls::CommitOptions FullPath() {
  mls::CommitOptions options;
  options.force_path = true;
  return options;
}

void CreateLoop(benchmark::State& state, mls::Group& group, const mls::CommitOptions& options) {
  for (auto _ : state) {
    Timed(state,
          [&] { benchmark::DoNotOptimize(Must(group.Commit(options, Rules(), SharedRng()))); });
    group.DiscardPendingCommit();
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
    const Bytes commit = Must(pair.far.Commit(FullPath(), Rules(), SharedRng())).commit;
    Timed(state, [&] { benchmark::DoNotOptimize(Must(pair.near.Process(commit, Rules()))); });
    Must(pair.far.Process(commit, Rules()));
  }
  state.counters["heap_bytes"] = HeapOfOneCopy(pair.near);
}

// The member that was added goes again outside the measurement, by a Commit of the same committer.
void AddProcess(benchmark::State& state) {
  Pair& pair = SharedWarmPair(Members(state));
  size_t number = 1u << 20;
  for (auto _ : state) {
    const auto bundle = MakeKeyPackage(MakeClient(CredentialKind::kBasic, number++));
    mls::CommitOptions add;
    add.proposals.push_back({mls::Add{bundle.key_package}});
    const auto made = Must(pair.far.Commit(add, Rules(), SharedRng()));
    Timed(state, [&] { benchmark::DoNotOptimize(Must(pair.near.Process(made.commit, Rules()))); });
    Must(pair.far.Process(made.commit, Rules()));
    mls::CommitOptions remove;
    remove.proposals.push_back({mls::Remove{made.summary.added.at(0).leaf}});
    const auto undone = Must(pair.far.Commit(remove, Rules(), SharedRng()));
    Must(pair.near.Process(undone.commit, Rules()));
    Must(pair.far.Process(undone.commit, Rules()));
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
    Timed(state, [&] { benchmark::DoNotOptimize(Must(mls::Group::JoinWelcome(input, rules))); });
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
    Timed(state, [&] { benchmark::DoNotOptimize(MakeKeyPackage(client)); });
  }
}
BENCHMARK(KeyPackage)->Unit(benchmark::kMicrosecond)->UseManualTime();

// Saving after one received message.
void StateSave(benchmark::State& state) {
  Pair& pair = SharedWarmPair(Members(state));
  pair.near.TakeChanges();
  const Bytes content(1024, 7);
  for (auto _ : state) {
    Reserve(pair.far);
    const Bytes message = Must(pair.far.Protect(content, {}, SharedRng()));
    Must(pair.near.Process(message, Rules()));
    Timed(state, [&] { benchmark::DoNotOptimize(pair.near.TakeChanges()); });
  }
}

void Sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Arg(2)->Arg(10)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond)->UseManualTime();
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

BENCHMARK_MAIN();
