#include "server/app/backup.h"

#include <sys/stat.h>

#include "crypto/primitives/status.h"
#include "storage/durable_file.h"

namespace enlace::server {
namespace {

namespace fs = std::filesystem;

absl::Status CopyTree(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::copy(from, to, fs::copy_options::recursive, error);
  return error ? storage::FileError("cannot copy", from, error.value()) : absl::OkStatus();
}

absl::Status FillBackup(storage::Engine& engine, const DataFolder& folder,
                        const DataFolder& backup) {
  ENLACE_RETURN_IF_ERROR(engine.Checkpoint(backup.store()));
  ENLACE_RETURN_IF_ERROR(CopyTree(folder.keys(), backup.keys()));
  ENLACE_RETURN_IF_ERROR(CopyTree(folder.identity(), backup.identity()));
  return storage::SyncFolder(backup.root());
}

// Creates the folder itself, closed to others.
absl::Status MakeNewFolder(const fs::path& path) {
  if (mkdir(path.c_str(), S_IRWXU) != 0) return storage::FileError("cannot create", path, errno);
  return absl::OkStatus();
}

}  // namespace

absl::Status MakeBackup(storage::Engine& engine, const DataFolder& folder, const fs::path& target) {
  if (!target.is_absolute()) return InvalidArgument("the folder must be an absolute path");
  ENLACE_RETURN_IF_ERROR(MakeNewFolder(target));
  absl::Status filled = FillBackup(engine, folder, DataFolder(target));
  std::error_code ignored;
  if (!filled.ok()) fs::remove_all(target, ignored);
  return filled;
}

absl::Status RestoreBackup(const fs::path& source, const DataFolder& folder) {
  const DataFolder backup(source);
  std::error_code error;
  if (!fs::is_directory(backup.store(), error) || !fs::exists(backup.tls_key(), error)) {
    return NotFound(source.string() + " is not a backup of enlace-server");
  }
  for (const fs::path& path : {folder.store(), folder.keys(), folder.marks()}) {
    if (!fs::exists(path, error)) continue;
    return MakeStatus(absl::StatusCode::kAlreadyExists, path.string() + " is there already");
  }
  fs::create_directories(folder.root(), error);
  if (chmod(folder.root().c_str(), S_IRWXU) != 0) {
    return storage::FileError("cannot close to others", folder.root(), errno);
  }
  // The keys come last: without them the folder does not start.
  ENLACE_RETURN_IF_ERROR(CopyTree(backup.store(), folder.store()));
  ENLACE_RETURN_IF_ERROR(CopyTree(backup.identity(), folder.identity()));
  ENLACE_RETURN_IF_ERROR(CopyTree(backup.keys(), folder.keys()));
  return storage::SyncFolder(folder.root());
}

}  // namespace enlace::server
