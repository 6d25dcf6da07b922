// Everything that exists while the vault is open; see engine.h. Internal to client/delivery.
//
// Thread safety: the agent's engine thread, except OnResponse and OnEnd, which the session's thread
// calls. Ownership: owns all parts; the members' order is that of their dependencies.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "client/agent/agent.h"
#include "client/delivery/actions.h"
#include "client/delivery/composer.h"
#include "client/delivery/connector.h"
#include "client/delivery/engine.h"
#include "client/delivery/housekeeping.h"
#include "client/delivery/inbox_pump.h"
#include "client/delivery/offers.h"
#include "client/delivery/outbox.h"
#include "client/delivery/retention.h"
#include "client/delivery/room_book.h"
#include "client/delivery/sync_state.h"
#include "client/delivery/transfers.h"
#include "client/enrolment/device_store.h"

namespace enlace::client {

class OpenEngine {
 public:
  static absl::StatusOr<std::unique_ptr<OpenEngine>> Open(const Profile& profile,
                                                          const SecretBytes& master_key,
                                                          AgentHost& host,
                                                          const EngineSeams& seams);
  ~OpenEngine();

  // Starts connecting; called once.
  void Start();

  absl::StatusOr<nlohmann::json> Send(const nlohmann::json& args);
  absl::StatusOr<nlohmann::json> Act(const nlohmann::json& args);
  absl::StatusOr<nlohmann::json> SaveDraft(const nlohmann::json& args);
  absl::StatusOr<nlohmann::json> DropDraft(const nlohmann::json& args);
  absl::StatusOr<nlohmann::json> MarkRead(const nlohmann::json& args);
  absl::StatusOr<nlohmann::json> Sync(const nlohmann::json& args);
  absl::StatusOr<nlohmann::json> State(const nlohmann::json& args);
  absl::StatusOr<nlohmann::json> OutboxItem(const nlohmann::json& args);
  absl::StatusOr<nlohmann::json> Attachment(const nlohmann::json& args);
  absl::StatusOr<nlohmann::json> Receipts(const nlohmann::json& args);

 private:
  struct Parts;
  OpenEngine(std::unique_ptr<Parts> parts, AgentHost& host);

  // Asks for a connection; OnConnected follows. ConnectNow does not wait for the planned time.
  void Connect();
  void ConnectNow();
  void OnConnected(const absl::Status& connected);
  // Follows registry and inbox over the connection that stands.
  absl::Status Follow();
  absl::Status FollowInbox();
  absl::Status RefreshRegistry();
  void Disconnect(const absl::Status& why);
  // Asks how far the server's inbox goes now, and confirms what is stored.
  void RaiseFence();
  void ScheduleConnect();
  void Apply(const v1::SubscribeResponse& response);
  // Called by the session's thread.
  bool OnResponse(uint64_t stream, const v1::SubscribeResponse& response);
  void OnEnd(uint64_t stream, const absl::Status& status);
  // Ends the running stream; its reader, should it be waiting, is let go first.
  void DropStream();
  // Does what is due now, a bounded amount, and plans the next run.
  void Work();
  absl::Status WorkOnce(bool& more, std::optional<int64_t>& next);
  void PlanWork(int64_t delay_ms);
  void PurgeRegularly();
  nlohmann::json StateJson() const;
  nlohmann::json ActedJson(Acted acted);

  std::unique_ptr<Parts> parts_;
  AgentHost& host_;
  // Shared with tasks that the host may still hold when this object is gone, and with the session's
  // thread: they look whether it is alive. Owners: this object and those tasks.
  struct Gate {
    std::mutex mutex;
    std::condition_variable room;
    size_t waiting = 0;
    uint64_t live_stream = 0;
    bool closed = false;
  };
  std::shared_ptr<Gate> gate_;
  std::unique_ptr<Subscription> subscription_;
  // After parts_ and gate_: it uses both until it is gone.
  std::unique_ptr<Connector> connector_;
  bool online_ = false;
  bool replayed_ = false;
  bool connect_planned_ = false;
  int failures_ = 0;
  // The newest cursor that the server named when a command asked: up to date means to have it.
  uint64_t fence_ = 0;
  // A command asked and the server has not answered yet.
  bool fence_due_ = false;
  uint64_t stream_ =
      0;  // Counts streams, so that the end of an old one is not taken for the new one's.
  int64_t work_planned_ms_ = 0;
  int64_t tended_at_ms_ = 0;
  int64_t refreshed_at_ms_ = 0;
  absl::Status trouble_;
};

}  // namespace enlace::client
