#include "storage/memory/memory_engine.h"

#include <atomic>
#include <mutex>
#include <utility>

#include "storage/commit_plan.h"
#include "storage/memory/checkpoint_file.h"
#include "storage/memory/versioned_map.h"

namespace enlace::storage {
namespace {

absl::Status Unavailable(std::string_view message) {
  return MakeStatus(absl::StatusCode::kUnavailable, message);
}

// The disk with everything on it. One lock guards it all; nothing waits while holding it.
class Disk : public MemoryDisk {
 public:
  explicit Disk(VersionedMap content) : map(std::move(content)) {}

  void FailSync(uint64_t nth, FailedSync effect) override {
    const std::lock_guard lock(mutex);
    sync_failure_in = nth;
    sync_failure_effect = effect;
  }

  void SetCapacity(uint64_t bytes) override {
    const std::lock_guard lock(mutex);
    capacity_bytes = bytes;
  }

  void Crash() override {
    const std::lock_guard lock(mutex);
    ++incarnation;
    open = false;
    map.RollBackToSync();
    read_only_reason.clear();
    // A write whose sync reported an error can stand on the disk after all.
    map.Apply(written_by_failed_sync);
    map.Sync();
    written_by_failed_sync.Clear();
  }

  uint64_t syncs() const override {
    const std::lock_guard lock(mutex);
    return sync_count;
  }

  // One sync of everything applied and of `pending`, which is not yet applied. False: the disk
  // failed.
  bool Sync(const WriteBatch& pending) {
    if (sync_failure_in > 0 && --sync_failure_in == 0) {
      if (sync_failure_effect == FailedSync::kWritten) written_by_failed_sync = pending;
      read_only_reason = "storage: read-only, the disk failed to sync; restart the server";
      return false;
    }
    ++sync_count;
    map.Apply(pending);
    map.Sync();
    return true;
  }

  mutable std::mutex mutex;
  VersionedMap map;
  uint64_t capacity_bytes = UINT64_MAX;
  // Counts processes: what an engine of an earlier one still calls fails.
  uint64_t incarnation = 0;
  bool open = false;
  std::string read_only_reason;
  uint64_t sync_failure_in = 0;
  FailedSync sync_failure_effect = FailedSync::kLost;
  WriteBatch written_by_failed_sync;
  uint64_t sync_count = 0;
};

absl::StatusOr<Page> ScanMap(const VersionedMap& map, uint64_t sequence, const KeyRange& range,
                             const ScanOptions& options) {
  ENLACE_RETURN_IF_ERROR(CheckScan(options));
  PageBuilder page(range, options);
  bool more = false;
  map.Visit(range, options.order, sequence, [&](BytesView key, BytesView value) {
    more = page.full();
    if (!more) page.Add(key, options.keys_only ? BytesView{} : value);
    return !more;
  });
  return page.Finish(more);
}

class MemorySnapshot : public Snapshot {
 public:
  // Within the disk's lock.
  MemorySnapshot(std::shared_ptr<Disk> disk, std::shared_ptr<std::atomic<int>> open_snapshots)
      : disk_(std::move(disk)),
        open_snapshots_(std::move(open_snapshots)),
        incarnation_(disk_->incarnation),
        sequence_(disk_->map.newest()) {
    disk_->map.Pin(sequence_);
    ++*open_snapshots_;
  }

  ~MemorySnapshot() override {
    const std::lock_guard lock(disk_->mutex);
    disk_->map.Unpin(sequence_);
    --*open_snapshots_;
  }

  absl::StatusOr<std::optional<Bytes>> Get(BytesView key) const override {
    ENLACE_RETURN_IF_ERROR(CheckKey(key));
    const std::lock_guard lock(disk_->mutex);
    if (disk_->incarnation != incarnation_) return Unavailable("storage: the process died");
    return disk_->map.Find(key, sequence_);
  }

  absl::StatusOr<Page> Scan(const KeyRange& range, const ScanOptions& options) const override {
    const std::lock_guard lock(disk_->mutex);
    if (disk_->incarnation != incarnation_) return Unavailable("storage: the process died");
    return ScanMap(disk_->map, sequence_, range, options);
  }

 private:
  // Shared with the engine and with the test that owns the disk.
  std::shared_ptr<Disk> disk_;
  std::shared_ptr<std::atomic<int>> open_snapshots_;
  uint64_t incarnation_;
  uint64_t sequence_;
};

class MemoryEngine : public Engine {
 public:
  // Within the disk's lock.
  explicit MemoryEngine(std::shared_ptr<Disk> disk)
      : disk_(std::move(disk)), incarnation_(disk_->incarnation) {
    disk_->open = true;
  }

  ~MemoryEngine() override { static_cast<void>(Release()); }

  absl::StatusOr<std::optional<Bytes>> Get(BytesView key) const override {
    ENLACE_RETURN_IF_ERROR(CheckKey(key));
    const std::lock_guard lock(disk_->mutex);
    ENLACE_RETURN_IF_ERROR(Usable());
    return disk_->map.Find(key, disk_->map.newest());
  }

  absl::StatusOr<Page> Scan(const KeyRange& range, const ScanOptions& options) const override {
    const std::lock_guard lock(disk_->mutex);
    ENLACE_RETURN_IF_ERROR(Usable());
    return ScanMap(disk_->map, disk_->map.newest(), range, options);
  }

  std::vector<absl::Status> CommitGroup(std::span<const CommitItem> items,
                                        Durability durability) override {
    const std::lock_guard lock(disk_->mutex);
    absl::Status usable = Usable();
    if (usable.ok() && !disk_->read_only_reason.empty()) {
      usable = Unavailable(disk_->read_only_reason);
    }
    if (!usable.ok()) return std::vector<absl::Status>(items.size(), usable);

    CommitPlan plan = PlanCommit(items, Fits(items), [this](const Condition& condition) {
      return disk_->map.Find(condition.key, disk_->map.newest()) == condition.expected;
    });
    if (!plan.AnyAccepted()) return std::move(plan.results);
    WriteBatch group;
    for (const WriteBatch* batch : plan.accepted) group.Append(*batch);
    if (durability == Durability::kBuffered) {
      disk_->map.Apply(group);
    } else if (!disk_->Sync(group)) {
      plan.Settle(Unavailable(disk_->read_only_reason));
    }
    return std::move(plan.results);
  }

  absl::StatusOr<std::unique_ptr<Snapshot>> NewSnapshot() const override {
    const std::lock_guard lock(disk_->mutex);
    ENLACE_RETURN_IF_ERROR(Usable());
    return std::make_unique<MemorySnapshot>(disk_, open_snapshots_);
  }

  absl::StatusOr<EngineHealth> Health() const override {
    const std::lock_guard lock(disk_->mutex);
    ENLACE_RETURN_IF_ERROR(Usable());
    EngineHealth health;
    health.stored_bytes = disk_->map.stored_bytes();
    health.disk_total_bytes = disk_->capacity_bytes;
    const uint64_t used = disk_->map.newest_bytes();
    health.disk_free_bytes = disk_->capacity_bytes > used ? disk_->capacity_bytes - used : 0;
    if (!disk_->read_only_reason.empty()) {
      health.state = EngineState::kReadOnly;
      health.detail = disk_->read_only_reason;
    } else if (health.disk_free_bytes == 0) {
      health.state = EngineState::kDiskFull;
      health.detail = "storage: the disk is full";
    }
    return health;
  }

  absl::StatusOr<CompactionReport> Compact(const KeyRange&) override {
    const std::lock_guard lock(disk_->mutex);
    ENLACE_RETURN_IF_ERROR(Usable());
    CompactionReport report;
    report.bytes_before = disk_->map.stored_bytes();
    disk_->map.DropUnneeded();
    report.bytes_after = disk_->map.stored_bytes();
    return report;
  }

  absl::Status Checkpoint(const std::filesystem::path& folder) override {
    std::vector<Row> rows;
    {
      const std::lock_guard lock(disk_->mutex);
      ENLACE_RETURN_IF_ERROR(Usable());
      disk_->map.Visit({}, Order::kForward, disk_->map.newest(),
                       [&rows](BytesView key, BytesView value) {
                         rows.push_back({ToBytes(key), ToBytes(value)});
                         return true;
                       });
    }
    return WriteCheckpointFile(folder, rows);
  }

  absl::Status Close() override { return Release(); }

 private:
  absl::Status Usable() const {
    if (closed_) return FailedPrecondition("storage: the store is closed");
    if (disk_->incarnation != incarnation_) return Unavailable("storage: the process died");
    return absl::OkStatus();
  }

  // Whether the puts of `items` fit, counted without what they replace.
  bool Fits(std::span<const CommitItem> items) const {
    uint64_t group_bytes = 0;
    for (const CommitItem& item : items) group_bytes += item.writes->size_bytes();
    const uint64_t used = disk_->map.newest_bytes();
    return used <= disk_->capacity_bytes && group_bytes <= disk_->capacity_bytes - used;
  }

  absl::Status Release() {
    const std::lock_guard lock(disk_->mutex);
    if (closed_) return absl::OkStatus();
    if (disk_->incarnation != incarnation_) {
      closed_ = true;
      return absl::OkStatus();
    }
    if (*open_snapshots_ > 0) return FailedPrecondition("storage: a snapshot is still open");
    closed_ = true;
    disk_->open = false;
    if (!disk_->read_only_reason.empty()) return Unavailable(disk_->read_only_reason);
    if (!disk_->Sync({})) return Unavailable(disk_->read_only_reason);
    return absl::OkStatus();
  }

  // Shared with the snapshots and with the test that owns the disk.
  std::shared_ptr<Disk> disk_;
  std::shared_ptr<std::atomic<int>> open_snapshots_ = std::make_shared<std::atomic<int>>(0);
  uint64_t incarnation_;
  bool closed_ = false;
};

}  // namespace

std::shared_ptr<MemoryDisk> NewMemoryDisk() { return std::make_shared<Disk>(VersionedMap()); }

absl::StatusOr<std::unique_ptr<Engine>> OpenMemoryEngine(const std::shared_ptr<MemoryDisk>& disk) {
  auto own = std::static_pointer_cast<Disk>(disk);
  const std::lock_guard lock(own->mutex);
  if (own->open) return FailedPrecondition("storage: the store is open already");
  // What a failed sync left stands on the disk, and a new process starts without the old one's
  // verdict.
  if (!own->read_only_reason.empty()) {
    own->read_only_reason.clear();
    own->map.RollBackToSync();
    own->map.Apply(own->written_by_failed_sync);
    own->map.Sync();
    own->written_by_failed_sync.Clear();
  }
  return std::make_unique<MemoryEngine>(std::move(own));
}

absl::StatusOr<std::shared_ptr<MemoryDisk>> ReadMemoryCheckpoint(
    const std::filesystem::path& folder) {
  ENLACE_ASSIGN_OR_RETURN(const std::vector<Row> rows, ReadCheckpointFile(folder));
  WriteBatch batch;
  for (const Row& row : rows) batch.Put(row.key, row.value);
  VersionedMap map;
  map.Apply(batch);
  map.Sync();
  return std::make_shared<Disk>(std::move(map));
}

}  // namespace enlace::storage
