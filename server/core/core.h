// The delivery service's decisions: everything that changes state, one operation after the other.
//
// The core is pure: it has no thread, clock, network or randomness but what is passed in. It
// decides an operation against the state of the engine plus what the operations before it in the
// same group decided, and collects the writes. The shell's committer thread runs it:
//
//   for each queued operation:  status = core.Apply(...)            // decides, fills the answer
//   if core.has_writes():       status = engine.Commit(core.TakeBatch(), kSynced)
//   on OK:     effects = core.Committed()   // then answer the calls, tell the streams
//   on error:  core.Abandon(status)         // every operation of the group that was OK gets this
//   error instead
//
// Promises:
//  1. An operation that is refused leaves nothing behind, in the batch or in memory.
//  2. Nothing that a group decided is told to anybody before Committed(); after Abandon() it never
//  happened.
//  3. Memory is a cache: every record stands in the engine, and any cached one may be dropped and
//  read again.
//  4. A repeat of a request id with the same body gives the first answer again, byte for byte,
//  without a second effect.
// Statuses carry a Reason of proto/errors/reasons.h; errors of the engine are passed on.
//
// Thread safety: one thread, except callers() and reader(), whose objects can be used from any.
// Ownership: borrows engine and options; owns everything else.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/primitives/ed25519.h"
#include "crypto/primitives/rng.h"
#include "enlace/v1/blob.pb.h"
#include "enlace/v1/enrolment.pb.h"
#include "enlace/v1/inbox.pb.h"
#include "enlace/v1/key_package.pb.h"
#include "enlace/v1/registry.pb.h"
#include "enlace/v1/room.pb.h"
#include "server/core/caller.h"
#include "server/core/group_effects.h"
#include "server/core/limits.h"
#include "server/core/prepared_request.h"
#include "server/core/reader.h"
#include "storage/engine.h"
#include "storage/high_water.h"

namespace enlace::server {

struct CoreOptions {
  // The only root whose charters are accepted; the operator pins it.
  merkle::Hash charter_root{};
  // Signs registry heads and receipts; its public half stands in the charter.
  const crypto::SigningKey* log_key = nullptr;
  crypto::Rng* rng = nullptr;
  uint64_t office_quota_bytes = kOfficeQuotaBytesDefault;
  size_t rooms_cached_max = kRoomsCachedMax;
  // The mark of HighWaterFile; Open compares the store's chain with it. Absent for a fresh server.
  std::optional<storage::ChainHead> high_water;
  // The operator has declared what a missing tail of the log held as lost: Open records it, also
  // where the mark knows of no loss, and goes on where it would refuse.
  bool declare_loss = false;
};

class Core {
 public:
  // Reads the registry, appends this start's generation record to the server's chain (synced), and
  // prepares the rest to be read on demand. DATA_LOSS/STORAGE_DAMAGED when the store does not hold
  // together, lies behind its high-water mark, or holds a log without one; errors of the engine.
  static absl::StatusOr<std::unique_ptr<Core>> Open(storage::Engine& engine,
                                                    const CoreOptions& options, int64_t now_ms);
  ~Core();

  const CallerDirectory& callers() const;
  const Reader& reader() const;

  // --- Operations. `answer` is filled on OK only and must not be sent before Committed().

  // Enrolment listener: callers without a certificate.
  absl::Status Apply(int64_t now_ms, const v1::BootstrapRequest& request,
                     v1::BootstrapResponse& answer);
  absl::Status Apply(int64_t now_ms, const v1::RequestEnrolmentRequest& request,
                     v1::RequestEnrolmentResponse& answer);

  // Registry. Entries are LogEntry encodings (crypto/identity/log_entry.h) whose logged_at_ms is 0:
  // the server sets it.
  absl::Status Apply(const Call& call, const v1::PublishRequest& request,
                     v1::PublishResponse& answer);
  absl::Status Apply(const Call& call, const v1::LeaseCaseNumbersRequest& request,
                     v1::LeaseCaseNumbersResponse& answer);

  // Administration: role admin, own authority.
  absl::Status Apply(const Call& call, const v1::CreateInvitationRequest& request,
                     v1::CreateInvitationResponse& answer);
  absl::Status Apply(const Call& call, const v1::ApproveEnrolmentRequest& request,
                     v1::ApproveEnrolmentResponse& answer);
  absl::Status Apply(const Call& call, const v1::RejectEnrolmentRequest& request,
                     v1::RejectEnrolmentResponse& answer);

  // Key packages.
  absl::Status Apply(const Call& call, const v1::UploadKeyPackagesRequest& request,
                     v1::UploadKeyPackagesResponse& answer);
  absl::Status Apply(const Call& call, const v1::ClaimKeyPackagesRequest& request,
                     v1::ClaimKeyPackagesResponse& answer);

  // Rooms. SendBatch is one Apply for each of its requests (at most kSendBatchMax): each is
  // accepted or refused for itself.
  absl::Status Apply(const Call& call, const v1::CreateRoomRequest& request,
                     v1::CreateRoomResponse& answer);
  absl::Status Apply(const Call& call, const v1::CommitRequest& request,
                     v1::CommitResponse& answer);
  absl::Status Apply(const Call& call, const v1::SendRequest& request, v1::SendResponse& answer);
  // The same with what was worked out before: PrepareSend(request), which is used up.
  absl::Status Apply(const Call& call, const v1::SendRequest& request, PreparedSend prepared,
                     v1::SendResponse& answer);
  absl::Status Apply(const Call& call, const v1::AcquireRemovalLeaseRequest& request,
                     v1::AcquireRemovalLeaseResponse& answer);
  absl::Status Apply(const Call& call, const v1::ReportUnprocessableRequest& request,
                     v1::ReportUnprocessableResponse& answer);

  // Inbox. A cursor beyond the newest item confirms what there is.
  absl::Status Apply(const Call& call, const v1::ConfirmRequest& request,
                     v1::ConfirmResponse& answer);

  // Blobs.
  absl::Status Apply(const Call& call, const v1::CreateBlobRequest& request,
                     v1::CreateBlobResponse& answer);
  absl::Status Apply(const Call& call, const v1::PutChunkRequest& request,
                     v1::PutChunkResponse& answer);

  // --- Work without a caller; part of a group like any operation.

  // Time passes: deadline steps, expiries, collection of blobs, old request ids, lapsed devices. To
  // be applied every second; does at most kTickItemsMax things and returns true when more is due
  // now.
  absl::StatusOr<bool> Tick(int64_t now_ms);
  // Writes the next slice of large fan-outs; returns true when more waits.
  absl::StatusOr<bool> ContinueFanOut(int64_t now_ms);

  // A device's stream opened or ended. Feeds the wake hook and "last seen".
  absl::Status StreamOpened(const Caller& caller, int64_t now_ms);
  absl::Status StreamClosed(const Caller& caller, int64_t now_ms);
  // Offices to be woken now; each comes once, and again after kWakeAgainMs while it still waits.
  // Call after Tick.
  absl::StatusOr<std::vector<WakeCall>> TakeWakeCalls(int64_t now_ms);

  // --- The group.

  bool has_writes() const;
  // The writes of the group so far. Then exactly one of Committed() and Abandon() follows before
  // the next Apply.
  storage::WriteBatch TakeBatch();
  // The batch is durable (or there was none): gives what to tell.
  GroupEffects Committed();
  // The batch was not written, or nobody knows. Everything cached that the group touched is
  // dropped; when it cannot be read again the core answers every further operation with that error.
  void Abandon();

  // The end of the server's chain as of the last Committed(): what the shell writes to
  // HighWaterFile every second.
  std::optional<storage::ChainHead> durable_head() const;

 private:
  struct Parts;
  explicit Core(std::unique_ptr<Parts> parts);

  // Runs one decision and keeps or drops what it did.
  absl::Status Run(absl::FunctionRef<absl::Status()> decide);
  // The same for a caller, who must still be in good standing.
  absl::Status RunFor(const Call& call, absl::FunctionRef<absl::Status()> decide);
  // The same, once for its request id.
  template <typename Request, typename Answer>
  absl::Status RunOnce(const Call& call, const Request& request, Answer& answer,
                       absl::FunctionRef<absl::Status()> decide);

  std::unique_ptr<Parts> parts_;
};

}  // namespace enlace::server
