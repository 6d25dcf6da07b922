// Named places where a test makes the process die, as SIGKILL would.
//
// A program arms at most one point, once, at its start (the server does from its environment);
// unarmed, a point costs one load. The name and the count of passes are fixed by the tests, not by
// the place.
//
// Points of this folder: storage.before_write, storage.after_write (in the log, not synced),
// storage.after_sync.
//
// Thread safety: ArmCrashPoint before other threads start; CrashPoint from anywhere.
#pragma once

#include <cstdint>
#include <string_view>

namespace enlace::storage {

// The `nth` pass (1 = the first) of the point called `name` kills the process. CHECKs that nothing
// was armed before and that nth > 0.
void ArmCrashPoint(std::string_view name, uint64_t nth);

// Kills the process with SIGKILL when this point was armed and this is its pass.
void CrashPoint(std::string_view name);

// True when `name` is the armed point; for places that take another path to reach it.
bool CrashPointArmed(std::string_view name);

}  // namespace enlace::storage
