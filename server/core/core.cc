#include "server/core/core.h"

#include "absl/functional/function_ref.h"
#include "crypto/primitives/status.h"
#include "server/core/core_parts.h"
#include "storage/schema.h"

namespace enlace::server {
namespace {

constexpr uint32_t kSchemaVersion = 1;

}  // namespace

Core::Core(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Core::~Core() = default;

absl::StatusOr<std::unique_ptr<Core>> Core::Open(storage::Engine& engine,
                                                 const CoreOptions& options, int64_t now_ms) {
  ENLACE_RETURN_IF_ERROR(storage::OpenSchema(engine, "server", kSchemaVersion).status());
  auto parts = std::make_unique<Parts>(engine, options);
  ENLACE_RETURN_IF_ERROR(parts->Load());
  ENLACE_RETURN_IF_ERROR(
      parts->server_log.CompareWith(options.high_water, options.declare_loss, now_ms));
  parts->inboxes.SetCursorBases(CursorBases(parts->server_log.chain()));
  ENLACE_RETURN_IF_ERROR(parts->server_log.StartGeneration(now_ms, *options.rng));
  parts->Keep();
  std::unique_ptr<Core> core(new Core(std::move(parts)));
  const storage::WriteBatch batch = core->TakeBatch();
  ENLACE_RETURN_IF_ERROR(engine.Commit(batch, storage::Durability::kSynced));
  core->Committed();
  return core;
}

const CallerDirectory& Core::callers() const { return parts_->callers; }
const Reader& Core::reader() const { return parts_->reader; }

absl::Status Core::Run(absl::FunctionRef<absl::Status()> decide) {
  Parts& p = *parts_;
  if (!p.broken.ok()) p.Recover();
  ENLACE_RETURN_IF_ERROR(p.broken);
  const absl::Status decided = decide();
  if (decided.ok()) {
    p.Keep();
  } else {
    p.Drop();
  }
  return decided;
}

absl::Status Core::RunFor(const Call& call, absl::FunctionRef<absl::Status()> decide) {
  return Run([&]() -> absl::Status {
    // An operation before this one may have ended the caller's standing; the messages of a batch
    // are one caller's at one time.
    if (!parts_->stood.Covers(call, parts_->registry.latest().size())) {
      ENLACE_RETURN_IF_ERROR(parts_->callers.CheckStill(call.caller, call.now_ms));
      parts_->stood = {call.caller.tls_fingerprint, call.now_ms, parts_->registry.latest().size()};
    }
    return decide();
  });
}

template <typename Request, typename Answer>
absl::Status Core::RunOnce(const Call& call, const Request& request, Answer& answer,
                           absl::FunctionRef<absl::Status()> decide) {
  return RunFor(call, [&] {
    const merkle::Hash hash = HashRequest(request);
    return parts_->requests.Once({call.caller.device_uri, request.request_id(), hash}, call.now_ms,
                                 answer, decide);
  });
}

absl::Status Core::Apply(int64_t now_ms, const v1::BootstrapRequest& request,
                         v1::BootstrapResponse& answer) {
  return Run([&] { return parts_->registry_core.Bootstrap(request, now_ms, answer); });
}

absl::Status Core::Apply(int64_t now_ms, const v1::RequestEnrolmentRequest& request,
                         v1::RequestEnrolmentResponse& answer) {
  return Run([&] { return parts_->enrolments.Request(request, now_ms, answer); });
}

absl::Status Core::Apply(const Call& call, const v1::PublishRequest& request,
                         v1::PublishResponse& answer) {
  return RunOnce(call, request, answer, [&] {
    return parts_->registry_core.Publish(call.caller, request, call.now_ms, answer);
  });
}

absl::Status Core::Apply(const Call& call, const v1::LeaseCaseNumbersRequest& request,
                         v1::LeaseCaseNumbersResponse& answer) {
  return RunOnce(call, request, answer, [&] {
    return parts_->registry_core.LeaseCaseNumbers(call.caller, request, answer);
  });
}

absl::Status Core::Apply(const Call& call, const v1::CreateInvitationRequest& request,
                         v1::CreateInvitationResponse& answer) {
  return RunOnce(call, request, answer, [&] {
    return parts_->enrolments.CreateInvitation(call.caller, request, call.now_ms);
  });
}

absl::Status Core::Apply(const Call& call, const v1::ApproveEnrolmentRequest& request,
                         v1::ApproveEnrolmentResponse& answer) {
  return RunOnce(call, request, answer, [&] {
    return parts_->enrolments.Approve(call.caller, request, call.now_ms, answer);
  });
}

absl::Status Core::Apply(const Call& call, const v1::RejectEnrolmentRequest& request,
                         v1::RejectEnrolmentResponse& answer) {
  return RunOnce(call, request, answer,
                 [&] { return parts_->enrolments.Reject(call.caller, request, call.now_ms); });
}

absl::Status Core::Apply(const Call& call, const v1::UploadKeyPackagesRequest& request,
                         v1::UploadKeyPackagesResponse& answer) {
  return RunOnce(call, request, answer, [&] {
    return parts_->key_packages.Upload(call.caller, request, call.now_ms, answer);
  });
}

absl::Status Core::Apply(const Call& call, const v1::ClaimKeyPackagesRequest& request,
                         v1::ClaimKeyPackagesResponse& answer) {
  return RunOnce(call, request, answer, [&] {
    return parts_->key_packages.Claim(call.caller, request, call.now_ms, answer);
  });
}

absl::Status Core::Apply(const Call& call, const v1::CreateRoomRequest& request,
                         v1::CreateRoomResponse& answer) {
  return RunOnce(call, request, answer, [&] {
    return parts_->commits.CreateRoom(call.caller, request, call.now_ms, answer);
  });
}

absl::Status Core::Apply(const Call& call, const v1::CommitRequest& request,
                         v1::CommitResponse& answer) {
  return RunOnce(call, request, answer,
                 [&] { return parts_->commits.Commit(call.caller, request, call.now_ms, answer); });
}

absl::Status Core::Apply(const Call& call, const v1::SendRequest& request,
                         v1::SendResponse& answer) {
  return Apply(call, request, PrepareSend(request), answer);
}

absl::Status Core::Apply(const Call& call, const v1::SendRequest& request, PreparedSend prepared,
                         v1::SendResponse& answer) {
  return RunFor(call, [&] {
    const RequestLog::Key key = {call.caller.device_uri, request.request_id(), prepared.request};
    return parts_->requests.OnceSent(key, AsBytes(request.room_id()), call.now_ms, answer, [&] {
      return parts_->messages.Send(call, request, prepared.message, answer);
    });
  });
}

absl::Status Core::Apply(const Call& call, const v1::AcquireRemovalLeaseRequest& request,
                         v1::AcquireRemovalLeaseResponse& answer) {
  return RunFor(call, [&] {
    return parts_->care.AcquireRemovalLease(call.caller, request, call.now_ms, answer);
  });
}

absl::Status Core::Apply(const Call& call, const v1::ReportUnprocessableRequest& request,
                         v1::ReportUnprocessableResponse& answer) {
  return RunOnce(call, request, answer, [&] {
    return parts_->care.ReportUnprocessable(call.caller, request, call.now_ms, answer);
  });
}

absl::Status Core::Apply(const Call& call, const v1::ConfirmRequest& request,
                         v1::ConfirmResponse& answer) {
  return RunFor(call, [&]() -> absl::Status {
    const std::string& device = call.caller.device_uri;
    ENLACE_RETURN_IF_ERROR(parts_->inboxes.Confirm(device, request.cursor()));
    ENLACE_ASSIGN_OR_RETURN(const uint64_t last, parts_->inboxes.LastCursor(device));
    answer.set_last_cursor(last);
    return absl::OkStatus();
  });
}

absl::Status Core::Apply(const Call& call, const v1::CreateBlobRequest& request,
                         v1::CreateBlobResponse& answer) {
  // The blob's id makes it idempotent: an answer from the past would hide how far the upload has
  // come.
  return RunFor(call, [&]() -> absl::Status {
    ENLACE_RETURN_IF_ERROR(RequestTime(AsBytes(request.request_id()), call.now_ms).status());
    return parts_->blobs.Create(call.caller, request, call.now_ms, answer);
  });
}

absl::Status Core::Apply(const Call& call, const v1::PutChunkRequest& request,
                         v1::PutChunkResponse& answer) {
  return RunFor(call, [&] { return parts_->blobs.Put(call.caller, request, answer); });
}

absl::StatusOr<bool> Core::Tick(int64_t now_ms) {
  bool more = false;
  const absl::Status ticked = Run([&]() -> absl::Status {
    ENLACE_ASSIGN_OR_RETURN(more, parts_->Tick(now_ms));
    return absl::OkStatus();
  });
  if (!ticked.ok()) return ticked;
  return more;
}

absl::StatusOr<bool> Core::ContinueFanOut(int64_t) {
  bool more = false;
  const absl::Status continued = Run([&]() -> absl::Status {
    ENLACE_ASSIGN_OR_RETURN(more, parts_->fan_out.Continue());
    return absl::OkStatus();
  });
  if (!continued.ok()) return continued;
  return more;
}

absl::Status Core::StreamOpened(const Caller& caller, int64_t now_ms) {
  return Run([&] { return parts_->presence.StreamOpened(caller, now_ms); });
}

absl::Status Core::StreamClosed(const Caller& caller, int64_t now_ms) {
  return Run([&] { return parts_->presence.StreamClosed(caller, now_ms); });
}

absl::StatusOr<std::vector<WakeCall>> Core::TakeWakeCalls(int64_t now_ms) {
  std::vector<WakeCall> calls;
  const absl::Status taken = Run([&] {
    calls = parts_->presence.TakeWakeCalls(now_ms);
    return absl::OkStatus();
  });
  if (!taken.ok()) return taken;
  return calls;
}

bool Core::has_writes() const {
  return !parts_->store.empty() || parts_->server_log.dirty() || parts_->inboxes.dirty() ||
         parts_->requests.dirty();
}

storage::WriteBatch Core::TakeBatch() {
  parts_->server_log.Flush();
  parts_->retention.Flush();
  parts_->inboxes.Flush();
  parts_->requests.Flush();
  parts_->store.KeepOperation();
  return parts_->store.Batch();
}

GroupEffects Core::Committed() { return parts_->Committed(); }

void Core::Abandon() { parts_->Abandon(); }

std::optional<storage::ChainHead> Core::durable_head() const {
  return parts_->server_log.durable();
}

}  // namespace enlace::server
