#include "client/delivery/engine.h"

#include <chrono>

#include "client/delivery/open_engine.h"
#include "crypto/primitives/status.h"
#include "crypto/primitives/system_rng.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

int64_t SystemNowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

class DeliveryEngine final : public AgentEngine {
 public:
  explicit DeliveryEngine(EngineSeams seams) : seams_(std::move(seams)) {}

  absl::Status Open(const Profile& profile, const SecretBytes& master_key,
                    AgentHost& host) override {
    ENLACE_ASSIGN_OR_RETURN(open_, OpenEngine::Open(profile, master_key, host, seams_));
    host.Post([this] {
      if (open_) open_->Start();
    });
    return absl::OkStatus();
  }

  void Close() override { open_.reset(); }

  std::map<std::string, AgentOperation, std::less<>> Operations() override {
    return {{"send", Bind(&OpenEngine::Send)},
            {"act", Bind(&OpenEngine::Act)},
            {"draft-save", Bind(&OpenEngine::SaveDraft)},
            {"draft-drop", Bind(&OpenEngine::DropDraft)},
            {"mark-read", Bind(&OpenEngine::MarkRead)},
            {"sync", Bind(&OpenEngine::Sync)},
            {"sync-state", Bind(&OpenEngine::State)},
            {"outbox-item", Bind(&OpenEngine::OutboxItem)},
            {"attachment", Bind(&OpenEngine::Attachment)},
            {"receipts", Bind(&OpenEngine::Receipts)}};
  }

 private:
  using Method = absl::StatusOr<nlohmann::json> (OpenEngine::*)(const nlohmann::json&);

  AgentOperation Bind(Method method) {
    return [this, method](const nlohmann::json& args) -> absl::StatusOr<nlohmann::json> {
      if (!open_) return MakeError(Reason::kVaultLocked);
      // Arguments come from another process of the same user: one of the wrong kind is its mistake,
      // not ours.
      try {
        return ((*open_).*method)(args);
      } catch (const nlohmann::json::exception& wrong) {
        return MakeError(Reason::kMalformedRequest, {{"what", wrong.what()}});
      }
    };
  }

  EngineSeams seams_;
  std::unique_ptr<OpenEngine> open_;
};

absl::StatusOr<std::unique_ptr<SessionInterface>> ConnectByGrpc(const ServerEndpoint& endpoint,
                                                                const ClientIdentity& identity) {
  return Session::Connect(endpoint, identity);
}

}  // namespace

std::unique_ptr<AgentEngine> MakeDeliveryEngine(EngineSeams seams) {
  return std::make_unique<DeliveryEngine>(std::move(seams));
}

std::unique_ptr<AgentEngine> MakeDeliveryEngine() {
  return MakeDeliveryEngine({std::make_unique<crypto::SystemRng>(), SystemNowMs, ConnectByGrpc});
}

}  // namespace enlace::client
