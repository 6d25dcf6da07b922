#include "server/app/store_folder.h"

#include "crypto/primitives/status.h"
#include "storage/disk.h"
#include "storage/schema.h"

namespace enlace::server {
namespace {

absl::Status MakeFolder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  return error ? storage::FileError("cannot create", folder, error.value()) : absl::OkStatus();
}

}  // namespace

absl::StatusOr<StoreFolder> OpenStoreFolder(const DataFolder& folder,
                                            const StoreFolderOptions& options) {
  ENLACE_ASSIGN_OR_RETURN(storage::FolderLock lock, storage::FolderLock::Acquire(folder.root()));
  ENLACE_RETURN_IF_ERROR(MakeFolder(folder.marks()));
  ENLACE_ASSIGN_OR_RETURN(storage::HighWaterFile mark,
                          storage::HighWaterFile::Open(folder.marks()));
  storage::DiskOptions disk;
  disk.folder = folder.store();
  // A server that has served before has a store: its absence is a loss, not a beginning.
  disk.create_if_missing = !mark.mark().has_value() || options.declare_loss;
  disk.open_files_max = options.engine_files_max;
  absl::StatusOr<std::unique_ptr<storage::Engine>> engine = storage::OpenDiskEngine(disk);
  if (engine.status().code() == absl::StatusCode::kNotFound) {
    return DataLoss("there is a high-water mark (" + storage::Describe(*mark.mark()) +
                    ") but no store in " + folder.store().string() +
                    "; restore a backup, or declare the loss");
  }
  ENLACE_RETURN_IF_ERROR(engine.status());
  ENLACE_RETURN_IF_ERROR(storage::OpenSchema(**engine, kStoreKind, kStoreVersion).status());
  return StoreFolder{std::move(lock), std::move(mark), *std::move(engine)};
}

std::string_view EngineStateName(storage::EngineState state) {
  switch (state) {
    case storage::EngineState::kServing:
      return "serving";
    case storage::EngineState::kDiskFull:
      return "disk_full";
    case storage::EngineState::kReadOnly:
      return "read_only";
  }
  return "unknown";
}

}  // namespace enlace::server
