// A library to be preloaded into a program: it makes the disk fail when a test says so.
//
// While the file named by ENLACE_TEST_SYNC_FAILS exists, fsync and fdatasync give EIO; while the
// one named by ENLACE_TEST_DISK_FULL exists, statvfs says that no block is free. Everything else is
// the C library's.
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace {

bool Asked(const char* variable) {
  const char* path = getenv(variable);
  return path != nullptr && access(path, F_OK) == 0;
}

template <typename Function>
Function* Real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

int Sync(const char* name, int fd) {
  if (Asked("ENLACE_TEST_SYNC_FAILS")) {
    errno = EIO;
    return -1;
  }
  return Real<int(int)>(name)(fd);
}

}  // namespace

extern "C" {

int fsync(int fd) { return Sync("fsync", fd); }
int fdatasync(int fd) { return Sync("fdatasync", fd); }

int statvfs(const char* path, struct statvfs* info) noexcept {
  const int result = Real<int(const char*, struct statvfs*)>("statvfs")(path, info);
  if (result == 0 && Asked("ENLACE_TEST_DISK_FULL")) info->f_bavail = info->f_bfree = 0;
  return result;
}

int statvfs64(const char* path, struct statvfs64* info) noexcept {
  const int result = Real<int(const char*, struct statvfs64*)>("statvfs64")(path, info);
  if (result == 0 && Asked("ENLACE_TEST_DISK_FULL")) info->f_bavail = info->f_bfree = 0;
  return result;
}

}  // extern "C"
