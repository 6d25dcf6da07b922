#include "server/core/core_parts.h"

#include "crypto/primitives/status.h"
#include "server/core/keys.h"
#include "server/core/limits.h"

namespace enlace::server {

Core::Parts::Parts(storage::Engine& engine, const CoreOptions& options)
    : store(engine),
      registry(options.charter_root),
      requests(store, server_log),
      server_log(store),
      inboxes(store, effects),
      fan_out(store, effects, inboxes),
      registry_core({store, effects, registry, *options.log_key}),
      enrolments(store, registry_core),
      key_packages(store, registry),
      blobs(store, options.office_quota_bytes),
      rooms(store, options.rooms_cached_max),
      roster(store, registry, rooms),
      directory(store, registry, fan_out),
      room_log(store, server_log),
      deadlines(store, registry, inboxes),
      retention(store, blobs, deadlines),
      presence(store, inboxes),
      messages({rooms, roster, room_log, fan_out, blobs, deadlines, retention, presence, registry}),
      commits({store, rooms, roster, directory, room_log, fan_out, retention, messages, registry}),
      care(store, rooms, server_log, registry, fan_out),
      callers(registry),
      reader({engine, registry, *options.log_key}) {
  registry_core.OnDevicesChanged([this](const std::vector<std::string>& uris, int64_t now_ms) {
    return DevicesChanged(uris, now_ms);
  });
  inboxes.OnLapsed([this](std::string_view uri) { return roster.DeviceLapsed(uri); });
}

absl::Status Core::Parts::DevicesChanged(const std::vector<std::string>& uris, int64_t now_ms) {
  for (const std::string& uri : uris) {
    const identity::DeviceRecord* device = registry.latest().FindDevice(uri);
    if (device == nullptr || !device->revoked_at) continue;
    ENLACE_RETURN_IF_ERROR(inboxes.Forget(uri));
    ENLACE_RETURN_IF_ERROR(key_packages.Forget(uri));
  }
  return roster.DevicesChanged(uris, now_ms);
}

absl::Status Core::Parts::Load() {
  ENLACE_RETURN_IF_ERROR(registry.Load(store));
  registry.SetDurable();
  ENLACE_RETURN_IF_ERROR(server_log.Load());
  ENLACE_RETURN_IF_ERROR(fan_out.Load());
  return presence.Load();
}

absl::StatusOr<bool> Core::Parts::Tick(int64_t now_ms) {
  ENLACE_RETURN_IF_ERROR(requests.Expire(now_ms));
  ENLACE_RETURN_IF_ERROR(roster.Recheck(now_ms));
  size_t left = kTickItemsMax;
  ENLACE_ASSIGN_OR_RETURN(const size_t raised, deadlines.Raise(now_ms, left));
  left -= raised;
  if (left == 0) return true;
  ENLACE_ASSIGN_OR_RETURN(const size_t expired, retention.Expire(now_ms, left));
  left -= expired;
  if (left == 0) return true;
  ENLACE_ASSIGN_OR_RETURN(const size_t collected, blobs.Collect(now_ms, left));
  left -= collected;
  if (left == 0) return true;
  ENLACE_ASSIGN_OR_RETURN(const size_t settled, enrolments.Expire(now_ms, left));
  return settled == left;
}

void Core::Parts::Note(const absl::Status& reloaded) {
  if (broken.ok()) broken = reloaded;
}

void Core::Parts::Keep() {
  store.KeepOperation();
  effects.KeepOperation();
  server_log.KeepOperation();
  retention.KeepOperation();
  inboxes.KeepOperation();
  fan_out.KeepOperation();
  registry_core.KeepOperation();
  rooms.KeepOperation();
  presence.KeepOperation();
}

void Core::Parts::Drop() {
  stood = {};
  // The store first: what is read again is read from what the group kept.
  store.DropOperation();
  effects.DropOperation();
  server_log.DropOperation();
  retention.DropOperation();
  inboxes.DropOperation();
  rooms.DropOperation();
  Note(fan_out.DropOperation());
  Note(registry_core.DropOperation());
  Note(presence.DropOperation());
}

GroupEffects Core::Parts::Committed() {
  store.Clear();
  server_log.GroupCommitted();
  inboxes.GroupCommitted();
  requests.GroupCommitted();
  registry_core.GroupCommitted();
  rooms.GroupCommitted();
  return effects.Take();
}

void Core::Parts::Abandon() {
  stood = {};
  store.Clear();
  effects.Clear();
  inboxes.AbandonGroup();
  requests.AbandonGroup();
  retention.AbandonGroup();
  rooms.AbandonGroup();
  broken = absl::OkStatus();
  Note(server_log.AbandonGroup());
  Note(fan_out.AbandonGroup());
  Note(registry_core.AbandonGroup());
  Note(presence.AbandonGroup());
}

void Core::Parts::Recover() {
  broken = absl::OkStatus();
  stood = {};
  if (store.empty()) Note(server_log.Load());
  Note(fan_out.Load());
  Note(registry.Load(store));
  Note(presence.Load());
}

}  // namespace enlace::server
