// Opens the disk engine on a RocksDB environment of the caller's: how the fault tests put a failing
// disk under it.
//
// Only tests of storage/ include this; everything above storage/ uses disk.h and names no RocksDB.
#pragma once

#include <rocksdb/env.h>

#include "storage/disk.h"

namespace enlace::storage {

// As OpenDiskEngine. `env` must outlive the engine; null is the machine's own.
absl::StatusOr<std::unique_ptr<Engine>> OpenDiskEngineOnEnv(const DiskOptions& options,
                                                            rocksdb::Env* env);

}  // namespace enlace::storage
