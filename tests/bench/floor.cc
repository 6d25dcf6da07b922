#include "tests/bench/floor.h"

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "storage/disk.h"
#include "tests/bench/latency.h"

namespace enlace::bench {
namespace {

namespace fs = std::filesystem;
using std::chrono::duration;
using std::chrono::steady_clock;

constexpr storage::KeySpace kPayloads = 1;
constexpr storage::KeySpace kOrder = 2;
constexpr storage::KeySpace kPointers = 3;
constexpr size_t kShortBytes = 48;

void Must(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "the store of the floor: %s\n", status.ToString().c_str());
  std::abort();
}

Bytes RandomBytes(size_t size_bytes, std::mt19937_64& random) {
  Bytes out(size_bytes);
  for (uint8_t& byte : out) byte = static_cast<uint8_t>(random());
  return out;
}

}  // namespace

nlohmann::ordered_json MeasureEngine(const EngineFloorOptions& options) {
  const fs::path folder = fs::temp_directory_path() / ("enlace-floor-" + std::to_string(getpid()));
  fs::remove_all(folder);
  storage::DiskOptions disk;
  disk.folder = folder;
  disk.create_if_missing = true;
  auto engine = storage::OpenDiskEngine(disk);
  Must(engine.status());
  std::mt19937_64 random(1);
  // A stretch of one pool for each message: making random bytes is not what is measured.
  const Bytes pool = RandomBytes(options.payload_bytes + (1u << 20), random);
  const Bytes pointer = RandomBytes(kShortBytes, random);

  LatencyCounts latency;
  uint64_t messages = 0;
  const auto start = steady_clock::now();
  while (steady_clock::now() - start < options.window) {
    storage::WriteBatch batch;
    for (size_t i = 0; i < options.in_flight; ++i, ++messages) {
      const auto payload = BytesView(pool).subspan(random() % (pool.size() - options.payload_bytes),
                                                   options.payload_bytes);
      batch.Put(storage::KeyBuilder(kPayloads).U64(messages).Take(), payload);
      batch.Put(storage::KeyBuilder(kOrder).U64(messages).Take(), pointer);
      batch.Put(storage::KeyBuilder(kPointers).U64(messages % 64).U64(messages).Take(), pointer);
    }
    const auto begun = steady_clock::now();
    Must((*engine)->Commit(batch, storage::Durability::kSynced));
    latency.Add(steady_clock::now() - begun);
  }
  const double seconds = duration<double>(steady_clock::now() - start).count();
  Must((*engine)->Close());
  engine->reset();
  fs::remove_all(folder);
  return {{"in_flight", options.in_flight},
          {"payload_bytes", options.payload_bytes},
          {"messages_per_s", std::round(static_cast<double>(messages) / seconds)},
          {"batches_per_s", std::round(static_cast<double>(latency.count()) / seconds)},
          {"batch_ms", {{"p50", latency.PercentileMs(0.5)}, {"p99", latency.PercentileMs(0.99)}}}};
}

}  // namespace enlace::bench
