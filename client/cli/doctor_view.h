// What `doctor` found on this machine, and its screen.
//
// Thread safety: values and pure functions.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "client/cli/screen.h"

namespace enlace::client {

// Below this a long case with attachments does not fit any more.
inline constexpr uint64_t kDiskBytesMin = 200ull << 20;
// A clock that is off by more makes deadlines on the screen wrong.
inline constexpr int64_t kDoctorClockMsMax = 60'000;
// Certificates renew themselves before; one that is nearer to its end was not renewed.
inline constexpr int64_t kDoctorCertificateMsMin = 14LL * 24 * 60 * 60 * 1000;
// Nobody sends on an older registry.
inline constexpr int64_t kDoctorRegistryMsMax = 24LL * 60 * 60 * 1000;

struct DoctorView {
  int64_t now_ms = 0;
  // OK, or why the vault could not be opened. What needs the vault is not judged then.
  absl::Status vault;
  uint64_t disk_free_bytes = 0;
  // host:port.
  std::string server;
  // Whether a connection to the server's port came about: the network, without anybody's identity.
  absl::Status network;
  // Whether the agent speaks with the server, else why not.
  absl::Status session;
  // Server's time minus this machine's; nothing before the first contact.
  std::optional<int64_t> clock_offset_ms;
  int64_t round_trip_ms = 0;
  int64_t certificate_until_ms = 0;
  // OK, or why nothing is sent on this registry.
  absl::Status registry;
  uint64_t registry_entries = 0;
  int64_t registry_seen_at_ms = 0;
  size_t queued = 0;
};

// The first thing that is wrong, in the order in which one would mend it; OK when all is well. Its
// reason gives the exit code.
absl::Status DoctorVerdict(const DoctorView& view);

// A line for each thing: a tick or a cross, what it is, what was found; then what to do.
Page RenderDoctor(const DoctorView& view, const Screen& screen);
nlohmann::json JsonOf(const DoctorView& view);

}  // namespace enlace::client
