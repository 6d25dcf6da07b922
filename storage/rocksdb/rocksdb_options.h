// The options that RocksDB runs with; each departs from its default for a reason given in the
// source.
//
// Thread safety: free function without state.
#pragma once

#include <rocksdb/options.h>

#include <memory>

#include "storage/disk.h"

namespace enlace::storage {

// `env` may be null: the machine's own. It must outlive the store.
rocksdb::Options RocksDbOptions(const DiskOptions& options,
                                std::shared_ptr<rocksdb::EventListener> listener,
                                rocksdb::Env* env);

}  // namespace enlace::storage
