#include "server/core/presence.h"

#include "server/core/keys.h"
#include "server/core/limits.h"
#include "server/core/store_io.h"

namespace enlace::server {

absl::Status Presence::Load() {
  waiting_.clear();
  changed_ = false;
  return ForEachRow(store_, storage::PrefixRange(keys::All(keys::kWaiting)),
                    [this](const storage::Row& row) -> absl::StatusOr<bool> {
                      storage::KeyReader key(row.key);
                      ENLACE_RETURN_IF_ERROR(key.Space().status());
                      ENLACE_ASSIGN_OR_RETURN(const std::string office, key.Text());
                      ENLACE_ASSIGN_OR_RETURN(
                          waiting_[office],
                          ParseRecord<store::v1::WaitingOffice>(row.key, row.value));
                      return true;
                    });
}

absl::Status Presence::StreamOpened(const Caller& caller, int64_t now_ms) {
  const auto [device, added] = offices_of_open_device_.emplace(caller.device_uri, caller.offices);
  if (!added) {
    for (const std::string& office : device->second) --open_devices_[office];
    device->second = caller.offices;
  }
  for (const std::string& office : caller.offices) {
    ++open_devices_[office];
    if (waiting_.erase(office) == 0) continue;
    store_.Delete(keys::Waiting(office));
    changed_ = true;
  }
  store::v1::LastSeen seen;
  seen.set_seen_at_ms(static_cast<uint64_t>(now_ms));
  WriteRecord(store_, keys::LastSeen(caller.device_uri), seen);
  return absl::OkStatus();
}

absl::Status Presence::StreamClosed(const Caller& caller, int64_t now_ms) {
  const auto device = offices_of_open_device_.find(caller.device_uri);
  if (device == offices_of_open_device_.end()) return absl::OkStatus();
  const std::vector<std::string> offices = std::move(device->second);
  offices_of_open_device_.erase(device);
  store::v1::LastSeen seen;
  seen.set_seen_at_ms(static_cast<uint64_t>(now_ms));
  WriteRecord(store_, keys::LastSeen(caller.device_uri), seen);
  for (const std::string& office : offices) --open_devices_[office];
  ENLACE_ASSIGN_OR_RETURN(const uint64_t left, inboxes_.Waiting(caller.device_uri));
  if (left == 0) return absl::OkStatus();
  for (const std::string& office : offices) {
    if (open_devices_[office] == 0) Wait(office, v1::URGENCY_ROUTINE, now_ms);
  }
  return absl::OkStatus();
}

void Presence::MessageFor(std::string_view office, v1::Urgency urgency, int64_t now_ms) {
  const auto open = open_devices_.find(office);
  if (open == open_devices_.end() || open->second == 0) Wait(office, urgency, now_ms);
}

void Presence::Wait(std::string_view office, v1::Urgency urgency, int64_t now_ms) {
  auto found = waiting_.find(office);
  if (found != waiting_.end() && found->second.urgency() >= urgency) return;
  store::v1::WaitingOffice& waiting = waiting_[std::string(office)];
  if (waiting.since_ms() == 0) waiting.set_since_ms(static_cast<uint64_t>(now_ms));
  // Something more urgent than what the office was woken for wakes it again.
  waiting.set_woken_at_ms(0);
  waiting.set_urgency(urgency);
  WriteRecord(store_, keys::Waiting(office), waiting);
  changed_ = true;
}

std::vector<WakeCall> Presence::TakeWakeCalls(int64_t now_ms) {
  std::vector<WakeCall> calls;
  const auto now = static_cast<uint64_t>(now_ms);
  for (auto& [office, waiting] : waiting_) {
    if (now < waiting.since_ms() + static_cast<uint64_t>(kWakeAfterMs)) continue;
    if (waiting.woken_at_ms() != 0 &&
        now < waiting.woken_at_ms() + static_cast<uint64_t>(kWakeAgainMs))
      continue;
    waiting.set_woken_at_ms(now);
    WriteRecord(store_, keys::Waiting(office), waiting);
    changed_ = true;
    calls.push_back({office, waiting.urgency()});
  }
  return calls;
}

}  // namespace enlace::server
