// A core on a memory engine, with the RCM of tests/unit/identity/world.h published to it, and a
// committer of one operation.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "proto/errors/reasons.h"
#include "server/core/core.h"
#include "storage/memory/memory_engine.h"
#include "tests/unit/identity/world.h"

namespace enlace::testing {

// OK, or the reason's name.
std::string ReasonOf(const absl::Status& status);

class CoreFixture : public ::testing::Test {
 protected:
  // The server is there and empty.
  CoreFixture();

  // Charter, an administrator with device of each authority named, and whatever the world has
  // logged by then.
  void Bootstrap(const std::vector<std::string>& authorities);
  // Publishes what the world has logged since, by the administrator of hn for hn and so on.
  void PublishNew();
  // Makes an officer with one device in an office, logged in world and core.
  WorldDevice NewDevice(const std::string& officer, const std::string& office);

  // The process dies and starts again, on the same disk.
  void Restart(bool declare_loss = false);
  // The same, and what Open says.
  absl::Status TryRestart(bool declare_loss = false);
  // A copy of the disk as it is now, as a backup makes one.
  std::shared_ptr<storage::MemoryDisk> CopyOfDisk() const;

  int64_t now_ms() const { return world_.now_ms(); }
  // A fresh UUIDv7 at now.
  std::string RequestId() { return RequestIdAt(now_ms()); }
  std::string RequestIdAt(int64_t time_ms);
  std::string RandomId() { return ToText(world_.rng().PublicBytes(16)); }
  server::Caller CallerOf(const WorldDevice& device) const;

  // Decides and commits one operation of a device.
  template <typename Answer, typename Request>
  absl::StatusOr<Answer> Do(const WorldDevice& device, const Request& request) {
    absl::StatusOr<server::Caller> caller =
        core_->callers().Resolve(device.tls.fingerprint(), now_ms());
    if (!caller.ok()) return caller.status();
    Answer answer;
    const absl::Status decided = core_->Apply(server::Call{*caller, now_ms()}, request, answer);
    if (!decided.ok()) return decided;
    const absl::Status committed = CommitGroup();
    if (!committed.ok()) return committed;
    return answer;
  }
  // The same for a machine without a certificate.
  template <typename Answer, typename Request>
  absl::StatusOr<Answer> DoAnonymously(const Request& request) {
    Answer answer;
    const absl::Status decided = core_->Apply(now_ms(), request, answer);
    if (!decided.ok()) return decided;
    const absl::Status committed = CommitGroup();
    if (!committed.ok()) return committed;
    return answer;
  }
  // What the shell's committer does at the end of a group; the effects are in effects_.
  absl::Status CommitGroup();
  // Ticks until nothing is due.
  void TickUntilDone();

  // The administrator's device of an authority.
  const WorldDevice& admin(const std::string& authority) const { return *admins_.at(authority); }

  World world_;
  std::shared_ptr<storage::MemoryDisk> disk_ = storage::NewMemoryDisk();
  std::unique_ptr<storage::Engine> engine_;
  std::unique_ptr<server::Core> core_;
  server::CoreOptions options_;
  server::GroupEffects effects_;

 private:
  std::map<std::string, std::unique_ptr<WorldDevice>> admins_;
  size_t published_ = 0;
};

}  // namespace enlace::testing
