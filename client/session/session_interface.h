// What a device asks of the server: one typed call for each RPC of the wire contract.
//
// Two interfaces, as the server has two listeners: SessionInterface for enrolled devices (mutual
// TLS), EnrolmentInterface for machines without a certificate. No gRPC type stands here, so that
// the room engine can be tested against a server inside the test, and an attack test can put a
// dishonest one in between.
//
// Errors of every call: SERVER_UNREACHABLE when the server does not answer within the deadline,
// SERVER_IDENTITY when its certificate is not the pinned one (nothing was sent then), else the
// server's own reason with its code and metadata (proto/errors/rpc_status.h). A mutation that ended
// in SERVER_UNREACHABLE may have happened: repeat it with the same request_id.
//
// Thread safety: as the implementation says; Session's calls may run in any number of threads.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/primitives/bytes.h"
#include "enlace/v1/blob.pb.h"
#include "enlace/v1/enrolment.pb.h"
#include "enlace/v1/inbox.pb.h"
#include "enlace/v1/key_package.pb.h"
#include "enlace/v1/registry.pb.h"
#include "enlace/v1/room.pb.h"

namespace enlace::client {

// The usual deadline of a unary call, and the longest that the server accepts.
inline constexpr int kCallTimeoutMs = 15'000;
inline constexpr int kCallTimeoutMsMax = 60'000;

// A running server stream. Destroying it cancels the stream and waits for its reader: neither
// callback runs afterwards. Must not be destroyed inside one of its own callbacks.
class Subscription {
 public:
  virtual ~Subscription() = default;
  // Asks the stream to end; on_end follows with CANCELLED. Any thread, any number of times.
  virtual void Cancel() = 0;
};

// Called from a thread of the session, one call at a time, on_end last and once.
struct StreamCallbacks {
  // False ends the stream.
  std::function<bool(const v1::SubscribeResponse&)> on_response;
  // STREAM_REPLACED, SLOW_CONSUMER, SERVER_UNREACHABLE …: the caller reconnects where it makes
  // sense. OK when the server ended the stream in order.
  std::function<void(const absl::Status&)> on_end;
};

class SessionInterface {
 public:
  virtual ~SessionInterface() = default;

  // Tries to connect now, however long a pause was planned after earlier failures. OK when a
  // connection with the pinned server stands. SERVER_UNREACHABLE when the attempt fails or after
  // `timeout_ms`, SERVER_IDENTITY for a foreign server, CANCELLED soon after `cancelled` became
  // true. Calls fail at once while no connection stands: a device that lost it comes back by this
  // call.
  virtual absl::Status WaitConnected(int timeout_ms, const std::atomic<bool>& cancelled) = 0;
  absl::Status WaitConnected(int timeout_ms) {
    const std::atomic<bool> never = false;
    return WaitConnected(timeout_ms, never);
  }

#define ENLACE_CALL(name)                                                           \
  virtual absl::StatusOr<v1::name##Response> name(const v1::name##Request& request, \
                                                  int timeout_ms) = 0
  // RegistryService
  ENLACE_CALL(GetHead);
  ENLACE_CALL(ListEntries);
  ENLACE_CALL(GetProof);
  ENLACE_CALL(Publish);
  ENLACE_CALL(GetCards);
  ENLACE_CALL(LeaseCaseNumbers);
  // KeyPackageService
  ENLACE_CALL(UploadKeyPackages);
  ENLACE_CALL(ClaimKeyPackages);
  // RoomService
  ENLACE_CALL(CreateRoom);
  ENLACE_CALL(Commit);
  ENLACE_CALL(Send);
  ENLACE_CALL(SendBatch);
  ENLACE_CALL(GetRoom);
  ENLACE_CALL(GetTree);
  ENLACE_CALL(ListRooms);
  ENLACE_CALL(AcquireRemovalLease);
  ENLACE_CALL(ReportUnprocessable);
  ENLACE_CALL(GetReceipt);
  // InboxService
  ENLACE_CALL(Confirm);
  // BlobService
  ENLACE_CALL(CreateBlob);
  ENLACE_CALL(PutChunk);
  // AdministrationService
  ENLACE_CALL(CreateInvitation);
  ENLACE_CALL(ListEnrolments);
  ENLACE_CALL(ApproveEnrolment);
  ENLACE_CALL(RejectEnrolment);
  ENLACE_CALL(GetOverview);

  // Follows the inbox. The stream has no deadline; the callbacks' owner must outlive it.
  virtual absl::StatusOr<std::unique_ptr<Subscription>> Subscribe(
      const v1::SubscribeRequest& request, StreamCallbacks callbacks) = 0;

  // Reads a blob from request.offset on. `on_chunk` runs in the calling thread; an error that it
  // returns ends the call with that error. `timeout_ms` is for the whole.
  virtual absl::Status GetBlob(const v1::GetBlobRequest& request, int timeout_ms,
                               const std::function<absl::Status(BytesView chunk)>& on_chunk) = 0;
};

class EnrolmentInterface {
 public:
  virtual ~EnrolmentInterface() = default;

  ENLACE_CALL(GetCharters);
  ENLACE_CALL(Bootstrap);
  ENLACE_CALL(RequestEnrolment);
  ENLACE_CALL(GetEnrolment);
#undef ENLACE_CALL
};

}  // namespace enlace::client
