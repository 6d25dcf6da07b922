// Every engine behind one face, so that one test-suite runs over all.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "storage/disk.h"
#include "storage/memory/memory_engine.h"
#include "tests/unit/storage/temp_folder.h"

namespace enlace::storage {

// A place where a store lives on while engines come and go.
class Store {
 public:
  virtual ~Store() = default;
  virtual absl::StatusOr<std::unique_ptr<Engine>> Open() = 0;
  virtual absl::StatusOr<std::unique_ptr<Engine>> OpenCheckpoint(
      const std::filesystem::path& folder) = 0;
};

class MemoryStore : public Store {
 public:
  absl::StatusOr<std::unique_ptr<Engine>> Open() override { return OpenMemoryEngine(disk_); }
  absl::StatusOr<std::unique_ptr<Engine>> OpenCheckpoint(
      const std::filesystem::path& folder) override {
    ENLACE_ASSIGN_OR_RETURN(const std::shared_ptr<MemoryDisk> disk, ReadMemoryCheckpoint(folder));
    return OpenMemoryEngine(disk);
  }

 private:
  std::shared_ptr<MemoryDisk> disk_ = NewMemoryDisk();
};

// Small buffers, so that a test reaches flushes and compactions; no reserve, so that it does not
// depend on the machine.
inline DiskOptions SmallDisk(const std::filesystem::path& folder) {
  DiskOptions options;
  options.folder = folder;
  options.create_if_missing = true;
  options.cache_bytes = 1 << 20;
  options.write_buffer_bytes = 256 << 10;
  options.open_files_max = 64;
  options.reserve_bytes = 0;
  return options;
}

class DiskStore : public Store {
 public:
  absl::StatusOr<std::unique_ptr<Engine>> Open() override {
    return OpenDiskEngine(SmallDisk(folder_.path() / "db"));
  }
  absl::StatusOr<std::unique_ptr<Engine>> OpenCheckpoint(
      const std::filesystem::path& folder) override {
    DiskOptions options = SmallDisk(folder);
    options.create_if_missing = false;
    return OpenDiskEngine(options);
  }

 private:
  TempFolder folder_;
};

struct StoreKind {
  std::string name;
  std::function<std::unique_ptr<Store>()> make;
};

inline std::vector<StoreKind> AllStores() {
  return {{"Memory", [] { return std::make_unique<MemoryStore>(); }},
          {"Disk", [] { return std::make_unique<DiskStore>(); }}};
}

// The value of a key as text; "(absent)", or the error.
inline std::string TextAt(const ReadView& view, std::string_view key) {
  const absl::StatusOr<std::optional<Bytes>> value = view.Get(AsBytes(key));
  if (!value.ok()) return std::string(MessageOf(value.status()));
  return *value ? ToText(**value) : "(absent)";
}

inline absl::Status PutText(Engine& engine, std::string_view key, std::string_view value,
                            Durability durability = Durability::kSynced) {
  WriteBatch batch;
  batch.Put(AsBytes(key), AsBytes(value));
  return engine.Commit(batch, durability);
}

inline KeyRange TextRange(std::string_view begin, std::string_view end) {
  return {ToBytes(begin), ToBytes(end)};
}

}  // namespace enlace::storage
