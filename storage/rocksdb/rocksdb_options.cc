#include "storage/rocksdb/rocksdb_options.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/sst_file_manager.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>

#include <utility>

#include "storage/rocksdb/event_log.h"

namespace enlace::storage {
namespace {

constexpr int kCacheShardBits = 2;

void SetSafety(rocksdb::Options& out) {
  out.paranoid_checks = true;
  // Accepts the torn last record of a crash and refuses everything else; the default skips damage
  // silently.
  out.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
}

void SetMemory(rocksdb::Options& out, const DiskOptions& options) {
  out.write_buffer_size = options.write_buffer_bytes;
  out.max_write_buffer_number = 4;
  // A start replays at most this much.
  out.max_total_wal_size = 4 * options.write_buffer_bytes;
  out.max_open_files = options.open_files_max;
  rocksdb::BlockBasedTableOptions table;
  // Few shards: what is larger than a shard is never kept, and the default of many small ones has
  // the index of a file of short rows read and inflated again for every lookup.
  table.block_cache = rocksdb::NewLRUCache(options.cache_bytes, kCacheShardBits);
  // Indexes and filters count against the cache, so that memory does not grow with the store, and
  // come in parts, so that a lookup needs one part and not the whole of a file's.
  table.cache_index_and_filter_blocks = true;
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.metadata_block_size = 16 << 10;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.block_size = 16 << 10;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  out.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
}

void SetFiles(rocksdb::Options& out) {
  // Nearly all bytes are ciphertext, hashes and signatures, which no compression shrinks; the
  // cheapest one costs a busy server a tenth of its time.
  out.compression = rocksdb::kNoCompression;
  out.level_compaction_dynamic_level_bytes = true;
  // Every compaction of new files rewrites the level below them: with twice as many at a time a
  // message is rewritten less often.
  out.level0_file_num_compaction_trigger = 8;
  out.max_background_jobs = 2;
  // Files are written out while they grow, so that their sync does not hold up the log's.
  out.bytes_per_sync = 1 << 20;
  // Inboxes are queues: a file in which half of a stretch is deletions is rewritten without waiting
  // for its turn.
  out.table_properties_collector_factories.push_back(
      rocksdb::NewCompactOnDeletionCollectorFactory(1024, 512));
  // A start does not read every file.
  out.skip_stats_update_on_db_open = true;
  out.stats_dump_period_sec = 0;
  out.stats_persist_period_sec = 0;
}

// Removing a file frees its blocks, and a file system that tells its device of each (the mount
// option discard) lets the log's sync wait for all of them, tens of milliseconds for one file. So
// files go a piece at a time.
void SetRemoval(rocksdb::Options& out) {
  out.sst_file_manager.reset(rocksdb::NewSstFileManager(
      out.env, out.info_log, /*trash_dir=*/"", kRemovedBytesPerSecond,
      /*delete_existing_trash=*/true, /*status=*/nullptr, kTrashShareMax, kRemovedPieceBytes));
}

}  // namespace

rocksdb::Options RocksDbOptions(const DiskOptions& options,
                                std::shared_ptr<rocksdb::EventListener> listener,
                                rocksdb::Env* env) {
  rocksdb::Options out;
  if (env != nullptr) out.env = env;
  out.create_if_missing = options.create_if_missing;
  out.info_log = std::make_shared<EventLog>(options.log);
  out.listeners.push_back(std::move(listener));
  SetSafety(out);
  SetMemory(out, options);
  SetFiles(out);
  SetRemoval(out);
  return out;
}

}  // namespace enlace::storage
