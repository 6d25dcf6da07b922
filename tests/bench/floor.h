// What the engine alone gives: the ceiling of everything that is durable before it is answered.
//
// Thread safety: free function. Ownership: its folder is made and removed within the call.
#pragma once

#include <chrono>
#include <cstddef>
#include <nlohmann/json.hpp>

namespace enlace::bench {

struct EngineFloorOptions {
  // Messages of one synced batch, each with three keys: the payload and two short ones.
  size_t in_flight = 32;
  size_t payload_bytes = 1024;
  std::chrono::milliseconds window{3000};
};

// Synced batches one after the other on a fresh store in the folder for temporary files, as
// "messages_per_s", "batches_per_s" and "batch_ms". Aborts the program when the store fails.
nlohmann::ordered_json MeasureEngine(const EngineFloorOptions& options);

}  // namespace enlace::bench
