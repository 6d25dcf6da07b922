// A small file system of a test's own, which can be filled up.
//
// Thread safety: one thread, before the process has others. Ownership: whoever mounts it unmounts
// it.
#pragma once

#include <sched.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <string>

namespace enlace::testing {

// Gives this process and its children a view of mounts of their own, so that nothing is left
// mounted however it ends. In a root that is no mount point (chroot) the folder becomes one, which
// is private.
inline bool HideMounts(const std::filesystem::path& folder) {
  static const bool own =
      ::unshare(CLONE_NEWNS) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
  if (!own) return false;
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0) return true;
  return errno == EINVAL &&
         ::mount(folder.c_str(), folder.c_str(), nullptr, MS_BIND, nullptr) == 0 &&
         ::mount("none", folder.c_str(), nullptr, MS_PRIVATE, nullptr) == 0;
}

// Mounts a tmpfs of `size_bytes` at `folder`, which exists; false where that is not allowed.
inline bool MountSmallDisk(const std::filesystem::path& folder, uint64_t size_bytes) {
  const std::string options = "mode=0700,size=" + std::to_string(size_bytes);
  return HideMounts(folder) && ::mount("enlace-test", folder.c_str(), "tmpfs", MS_NOSUID | MS_NODEV,
                                       options.c_str()) == 0;
}

// Whether nothing is mounted there any more.
inline bool UnmountSmallDisk(const std::filesystem::path& folder) {
  const bool unmounted = ::umount2(folder.c_str(), MNT_DETACH) == 0;
  // The folder itself, where it had to become a mount point; else there is nothing to unmount.
  ::umount2(folder.c_str(), MNT_DETACH);
  return unmounted;
}

}  // namespace enlace::testing
