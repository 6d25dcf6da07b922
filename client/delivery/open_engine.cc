#include "client/delivery/open_engine.h"

#include <algorithm>

#include "client/cases/registry_facts.h"
#include "client/delivery/deadline_notices.h"
#include "client/delivery/engine_parts.h"
#include "client/delivery/history.h"
#include "client/delivery/identity_rooms.h"
#include "client/delivery/limits.h"
#include "client/delivery/receipts.h"
#include "client/enrolment/key_packages.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr int kStepsAtOnce = 16;
constexpr int64_t kReconnectFirstMs = 250;
constexpr int64_t kReconnectMaxMs = 30'000;

// Half to the whole of `delay_ms`: devices that lost the same server don't come back together.
int64_t Jittered(int64_t delay_ms, crypto::Rng& rng) {
  const Bytes random = rng.PublicBytes(2);
  return delay_ms / 2 + (random[0] << 8 | random[1]) * (delay_ms / 2) / 0xFFFF;
}

}  // namespace

OpenEngine::OpenEngine(std::unique_ptr<Parts> parts, AgentHost& host)
    : parts_(std::move(parts)), host_(host), gate_(std::make_shared<Gate>()) {}

absl::StatusOr<std::unique_ptr<OpenEngine>> OpenEngine::Open(const Profile& profile,
                                                             const SecretBytes& master_key,
                                                             AgentHost& host,
                                                             const EngineSeams& seams) {
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<Parts> parts, Parts::Make(profile, master_key, seams));
  return std::unique_ptr<OpenEngine>(new OpenEngine(std::move(parts), host));
}

OpenEngine::~OpenEngine() {
  {
    const std::lock_guard<std::mutex> lock(gate_->mutex);
    gate_->closed = true;
  }
  connector_.reset();
  DropStream();
}

void OpenEngine::DropStream() {
  {
    const std::lock_guard<std::mutex> lock(gate_->mutex);
    gate_->live_stream = 0;
  }
  gate_->room.notify_all();
  subscription_.reset();
}

void OpenEngine::Start() {
  const auto on_result = [this, gate = gate_](const absl::Status& connected) {
    host_.Post([this, gate, connected] {
      if (!gate->closed) OnConnected(connected);
    });
  };
  const auto attempt = [session = parts_->session.get()](const std::atomic<bool>& cancelled) {
    return session->WaitConnected(kCallTimeoutMs, cancelled);
  };
  connector_ = std::make_unique<Connector>(attempt, on_result);
  host_.PostAfter(kPurgeFirstMs, [this, gate = gate_] {
    if (!gate->closed) PurgeRegularly();
  });
  // The first command after an unlock speaks of the newest registry where the server answers at
  // once; where it does not, the command goes on without it.
  OnConnected(parts_->session->WaitConnected(kFirstConnectMs));
}

// Online or not: what has to be forgotten does not wait for a server.
void OpenEngine::PurgeRegularly() {
  const absl::StatusOr<size_t> purged = parts_->retention.PurgeExpired();
  if (!purged.ok()) trouble_ = purged.status();
  if (purged.ok() && *purged > 0) host_.NotifyChange();
  host_.PostAfter(kPurgeEveryMs, [this, gate = gate_] {
    if (!gate->closed) PurgeRegularly();
  });
}

void OpenEngine::Connect() {
  connect_planned_ = false;
  if (!online_) connector_->Try();
}

void OpenEngine::ConnectNow() {
  failures_ = 0;
  if (!online_ && connector_) connector_->Try();
}

void OpenEngine::OnConnected(const absl::Status& connected) {
  if (online_) return;
  const absl::Status followed = connected.ok() ? Follow() : connected;
  if (!followed.ok()) return Disconnect(followed);
  trouble_ = absl::OkStatus();
}

absl::Status OpenEngine::Follow() {
  DropStream();
  // Before the inbox, behind whose bytes an answer would wait on a poor line.
  ENLACE_RETURN_IF_ERROR(RefreshRegistry());
  ENLACE_RETURN_IF_ERROR(FollowInbox());
  vault::v1::SyncRecord& record = parts_->sync.mutable_record();
  online_ = true;
  record.set_online(true);
  record.clear_offline_since_ms();
  ENLACE_RETURN_IF_ERROR(parts_->sync.Save());
  parts_->outbox.RetryNow();
  PlanWork(0);
  return absl::OkStatus();
}

absl::Status OpenEngine::FollowInbox() {
  const vault::v1::SyncRecord& record = parts_->sync.record();
  v1::SubscribeRequest request;
  request.set_cursor(record.cursor());
  request.set_generation(record.generation());
  request.set_server_sequence(record.server_sequence());
  request.set_server_head(record.server_head());
  const uint64_t stream = ++stream_;
  replayed_ = false;
  {
    const std::lock_guard<std::mutex> lock(gate_->mutex);
    gate_->live_stream = stream;
  }
  StreamCallbacks callbacks;
  callbacks.on_response = [this, stream](const v1::SubscribeResponse& response) {
    return OnResponse(stream, response);
  };
  callbacks.on_end = [this, stream](const absl::Status& status) { OnEnd(stream, status); };
  ENLACE_ASSIGN_OR_RETURN(subscription_, parts_->session->Subscribe(request, std::move(callbacks)));
  return absl::OkStatus();
}

absl::Status OpenEngine::RefreshRegistry() {
  const int64_t before = parts_->services.now_ms();
  ENLACE_RETURN_IF_ERROR(parts_->replica->Refresh(*parts_->session, before, kCallTimeoutMs));
  refreshed_at_ms_ = parts_->services.now_ms();
  vault::v1::SyncRecord& record = parts_->sync.mutable_record();
  record.set_round_trip_ms(refreshed_at_ms_ - before);
  record.set_registry_seen_at_ms(refreshed_at_ms_);
  return RememberFacts(*parts_->vault, parts_->replica->registry(), parts_->identity.uri.text());
}

void OpenEngine::Disconnect(const absl::Status& why) {
  trouble_ = why;
  vault::v1::SyncRecord& record = parts_->sync.mutable_record();
  if (online_ || record.offline_since_ms() == 0)
    record.set_offline_since_ms(parts_->services.now_ms());
  online_ = false;
  record.set_online(false);
  // A vault that can't be written now is not made better by a second error: the next save carries
  // it.
  if (const absl::Status saved = parts_->sync.Save(); !saved.ok()) trouble_ = saved;
  host_.NotifyChange();
  ScheduleConnect();
}

void OpenEngine::ScheduleConnect() {
  if (connect_planned_) return;
  connect_planned_ = true;
  const int64_t delay = std::min(kReconnectFirstMs << std::min(failures_, 10), kReconnectMaxMs);
  ++failures_;
  host_.PostAfter(Jittered(delay, parts_->rooms.rng), [this, gate = gate_] {
    if (!gate->closed) Connect();
  });
}

bool OpenEngine::OnResponse(uint64_t stream, const v1::SubscribeResponse& response) {
  std::unique_lock<std::mutex> lock(gate_->mutex);
  const auto ended = [&] { return gate_->closed || gate_->live_stream != stream; };
  gate_->room.wait(lock, [&] { return ended() || gate_->waiting < kInboxResponsesMax; });
  if (ended()) return false;
  ++gate_->waiting;
  host_.Post([this, gate = gate_, response, stream] {
    if (gate->closed) return;
    if (stream == stream_ && online_) Apply(response);
    const std::lock_guard<std::mutex> inner(gate->mutex);
    --gate->waiting;
    gate->room.notify_one();
  });
  return true;
}

void OpenEngine::OnEnd(uint64_t stream, const absl::Status& status) {
  const std::lock_guard<std::mutex> lock(gate_->mutex);
  if (gate_->closed || gate_->live_stream != stream) return;
  const absl::Status why = status.ok() ? MakeError(Reason::kServerUnreachable,
                                                   {{"server", parts_->identity.server_address}})
                                       : status;
  host_.Post([this, gate = gate_, stream, why] {
    if (!gate->closed && stream == stream_) Disconnect(why);
  });
}

void OpenEngine::Apply(const v1::SubscribeResponse& response) {
  const absl::StatusOr<PumpResult> result = parts_->pump.Apply(response);
  if (!result.ok()) {
    // The stream is begun again from the last durable cursor.
    ++stream_;
    return Disconnect(result.status());
  }
  for (const Unprocessable& commit : result->unprocessable) {
    if (const absl::Status entered = parts_->housekeeping.Reenter(commit); !entered.ok())
      trouble_ = entered;
  }
  const bool first_replay = response.replayed() && !replayed_;
  replayed_ = replayed_ || response.replayed();
  if (first_replay) failures_ = 0;
  if (replayed_ && fence_due_ && result->newest_cursor) {
    fence_ = *result->newest_cursor;
    fence_due_ = false;
  }
  if (first_replay && fence_due_) RaiseFence();
  const bool newer_registry = response.registry_size() > parts_->replica->registry().size();
  absl::Status followed;
  if (newer_registry) followed = RefreshRegistry();
  if (followed.ok() && replayed_ && (result->rooms_to_enter || first_replay))
    followed = parts_->housekeeping.EnterRooms();
  if (followed.ok() && response.has_key_packages_low()) followed = parts_->PublishKeyPackages();
  if (!followed.ok()) trouble_ = followed;
  if (result->changed || newer_registry || first_replay) tended_at_ms_ = 0;
  host_.NotifyChange();
  PlanWork(0);
}

void OpenEngine::PlanWork(int64_t delay_ms) {
  const int64_t at = parts_->services.now_ms() + delay_ms;
  // A run that is planned earlier serves this wish too.
  if (work_planned_ms_ != 0 && work_planned_ms_ <= at) return;
  work_planned_ms_ = at;
  host_.PostAfter(delay_ms, [this, gate = gate_, at] {
    if (gate->closed || work_planned_ms_ != at) return;
    work_planned_ms_ = 0;
    Work();
  });
}

void OpenEngine::Work() {
  if (!online_) return;
  bool more = false;
  std::optional<int64_t> next;
  const absl::Status worked = WorkOnce(more, next);
  if (!worked.ok()) trouble_ = worked;
  if (HasReason(worked, Reason::kServerUnreachable)) return Disconnect(worked);
  host_.NotifyChange();
  if (more) return PlanWork(0);
  const int64_t now = parts_->services.now_ms();
  const int64_t idle = now + kHousekeepingMs;
  PlanWork(std::clamp<int64_t>(next.value_or(idle) - now, 10, kHousekeepingMs));
}

absl::Status OpenEngine::WorkOnce(bool& more, std::optional<int64_t>& next) {
  const int64_t now = parts_->services.now_ms();
  const auto sooner = [&next](std::optional<int64_t> at) {
    if (at) next = std::min(next.value_or(*at), *at);
  };
  for (int i = 0; i < kStepsAtOnce; ++i) {
    ENLACE_ASSIGN_OR_RETURN(const bool worked, parts_->outbox.Step());
    if (!worked) break;
    more = i + 1 == kStepsAtOnce;
  }
  if (replayed_ && now - tended_at_ms_ >= kHousekeepingMs) {
    tended_at_ms_ = now;
    ENLACE_RETURN_IF_ERROR(parts_->housekeeping.TendRooms());
    ENLACE_RETURN_IF_ERROR(parts_->outbox.Sweep());
    ENLACE_RETURN_IF_ERROR(SweepDeadlines(parts_->services));
  } else if (parts_->housekeeping.lapping()) {
    ENLACE_RETURN_IF_ERROR(parts_->housekeeping.TendMoreRooms());
  }
  if (parts_->housekeeping.lapping()) sooner(now + kTendPauseMs);
  if (now - refreshed_at_ms_ >= kRegistryRefreshMs) {
    refreshed_at_ms_ = now;
    ENLACE_RETURN_IF_ERROR(RefreshRegistry());
  }
  ENLACE_RETURN_IF_ERROR(parts_->retention.PurgeWithdrawn().status());
  if (replayed_) {
    ENLACE_ASSIGN_OR_RETURN(const std::optional<int64_t> receipts,
                            SendDueReceipts(parts_->services, parts_->outbox));
    sooner(receipts);
    ENLACE_ASSIGN_OR_RETURN(const std::optional<int64_t> notices,
                            parts_->housekeeping.SendGuardNotices());
    sooner(notices);
    ENLACE_ASSIGN_OR_RETURN(const std::optional<int64_t> identities,
                            OpenDueIdentities(parts_->services, parts_->book, parts_->outbox));
    sooner(identities);
    ENLACE_ASSIGN_OR_RETURN(const std::optional<int64_t> history,
                            SendDueHistory(parts_->services, parts_->book, parts_->outbox));
    sooner(history);
  }
  sooner(parts_->outbox.NextDue());
  if (!more && parts_->outbox.WaitingCount() == 0) {
    ENLACE_ASSIGN_OR_RETURN(more, parts_->transfers.UploadStep());
  }
  return absl::OkStatus();
}

}  // namespace enlace::client
