#include "server/app/server.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "crypto/primitives/status.h"
#include "crypto/primitives/system_rng.h"
#include "server/app/control.h"
#include "server/app/control_commands.h"
#include "server/app/core_group_state.h"
#include "server/app/descriptor_budget.h"
#include "server/app/figures.h"
#include "server/app/identity_files.h"
#include "server/app/log.h"
#include "server/app/maintenance.h"
#include "server/app/metrics.h"
#include "server/app/store_folder.h"
#include "server/listener/grpc_listener.h"
#include "server/services/blob_service.h"
#include "server/services/enrolment_service.h"
#include "server/services/inbox_service.h"
#include "server/services/registry_service.h"
#include "server/services/room_service.h"
#include "storage/durable_file.h"

namespace enlace::server {

int64_t SystemNowMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

// In the order in which they stand on each other; destroyed from the last to the first.
struct Server::Parts {
  Parts(ServerOptions server_options, ServerIdentityFiles identity_files, StoreFolder opened)
      : options(std::move(server_options)),
        folder(options.config.data_folder),
        identity(std::move(identity_files)),
        store(std::move(opened)) {}

  ServerOptions options;
  DataFolder folder;
  ServerIdentityFiles identity;
  crypto::SystemRng rng;
  StoreFolder store;
  std::unique_ptr<Core> core;
  CallCounters counters;
  PeerFingerprints peers;
  ServerFigures figures;
  ServiceContext services;
  std::unique_ptr<CoreGroupState> state;
  std::unique_ptr<Committer> committer;
  std::unique_ptr<SubscriptionHub> hub;
  BlobStreams blobs;

  std::unique_ptr<RegistryService> registry_service;
  std::unique_ptr<AdministrationService> administration_service;
  std::unique_ptr<KeyPackageService> key_package_service;
  std::unique_ptr<RoomService> room_service;
  std::unique_ptr<InboxService> inbox_service;
  std::unique_ptr<BlobService> blob_service;
  std::unique_ptr<EnrolmentService> enrolment_service;

  std::unique_ptr<GrpcListener> main_listener;
  std::unique_ptr<GrpcListener> enrolment_listener;
  std::unique_ptr<Maintenance> maintenance;
  std::unique_ptr<Metrics> metrics;
  std::unique_ptr<ControlServer> control;
  bool started = false;
  bool stopped = false;

  absl::Status OpenCore();
  void MakeServices();
  absl::Status MakeListeners(const DescriptorBudget& budget);
  absl::Status MakeMetrics();
  void MakeMaintenance();
  absl::Status WritePorts(const ServerPorts& ports) const;
  void ShowState(storage::EngineState state);
};

absl::Status Server::Parts::OpenCore() {
  CoreOptions core_options;
  core_options.charter_root = *options.config.charter_root;
  core_options.log_key = &identity.log_key;
  core_options.rng = &rng;
  core_options.office_quota_bytes = options.config.limits.office_quota_bytes;
  core_options.high_water = store.mark.mark();
  core_options.declare_loss = options.declare_loss;
  ENLACE_ASSIGN_OR_RETURN(core, Core::Open(*store.engine, core_options, options.now_ms()));
  const std::optional<storage::ChainHead> head = core->durable_head();
  if (!head) return absl::OkStatus();
  // The start itself extended the chain: the mark follows before anything is served.
  return options.declare_loss ? store.mark.DeclareLoss(*head) : store.mark.Write(*head);
}

void Server::Parts::MakeServices() {
  services.core = core.get();
  services.counters = &counters;
  services.peers = &peers;
  services.now_ms = options.now_ms;
  services.slow_consumer_ms = options.config.limits.slow_consumer_ms;
  state = std::make_unique<CoreGroupState>(*core);
  hub = std::make_unique<SubscriptionHub>(services);
  CommitterOptions committer_options;
  committer_options.engine = store.engine.get();
  committer_options.state = state.get();
  committer_options.now_ms = options.now_ms;
  committer_options.publish = [this](const GroupEffects& effects) { hub->Publish(effects); };
  committer_options.observe = [this](const GroupFigures& group) { figures.groups.Observe(group); };
  committer = std::make_unique<Committer>(std::move(committer_options));
  services.committer = committer.get();

  registry_service = std::make_unique<RegistryService>(services);
  administration_service = std::make_unique<AdministrationService>(services);
  key_package_service = std::make_unique<KeyPackageService>(services);
  room_service = std::make_unique<RoomService>(services);
  inbox_service = std::make_unique<InboxService>(services, *hub);
  blob_service = std::make_unique<BlobService>(services, blobs);
  enrolment_service = std::make_unique<EnrolmentService>(
      services, options.config.limits.enrolment_calls_per_minute);
}

absl::Status Server::Parts::MakeListeners(const DescriptorBudget& budget) {
  const Config& config = options.config;
  ListenerOptions listener;
  listener.certificate_pem = identity.certificate.ToPem();
  listener.private_key_pem = &identity.tls_key_pem;
  listener.accept.addresses = config.listen.addresses;
  listener.accept.port = config.listen.port;
  listener.accept.limits = {config.limits.connections_per_address, budget.main_connections};
  listener.services = {registry_service.get(),    administration_service.get(),
                       key_package_service.get(), room_service.get(),
                       inbox_service.get(),       blob_service.get()};
  listener.health_and_reflection = true;
  ENLACE_ASSIGN_OR_RETURN(main_listener, GrpcListener::Create(listener));

  listener.accept.port = config.listen.enrolment_port;
  listener.accept.limits = {config.limits.enrolment_connections_per_address,
                            budget.enrolment_connections};
  listener.client_certificates = ClientCertificates::kNone;
  listener.services = {enrolment_service.get()};
  listener.health_and_reflection = false;
  ENLACE_ASSIGN_OR_RETURN(enrolment_listener, GrpcListener::Create(listener));
  return absl::OkStatus();
}

absl::Status Server::Parts::MakeMetrics() {
  if (options.config.metrics_address.empty()) return absl::OkStatus();
  MetricsSources sources;
  sources.figures = &figures;
  sources.calls = &counters;
  sources.main_listener = [this] { return main_listener->counts(); };
  sources.enrolment_listener = [this] { return enrolment_listener->counts(); };
  sources.queued = [this] { return committer->queued(); };
  sources.open_streams = [this] { return hub->open_streams(); };
  sources.delivered = [this] { return hub->delivered(); };
  ENLACE_ASSIGN_OR_RETURN(metrics,
                          Metrics::Create(options.config.metrics_address, std::move(sources)));
  return absl::OkStatus();
}

void Server::Parts::MakeMaintenance() {
  MaintenanceSources sources;
  sources.services = &services;
  sources.engine = store.engine.get();
  sources.hub = hub.get();
  sources.blobs = &blobs;
  sources.figures = &figures;
  sources.state_changed = [this](storage::EngineState now) { ShowState(now); };
  maintenance = std::make_unique<Maintenance>(std::move(sources), std::move(store.mark),
                                              options.config.wake_program);
}

void Server::Parts::ShowState(storage::EngineState now) {
  // Reads go on in every state: health tells the writing service apart from the whole.
  main_listener->SetServing(GrpcListener::kWritingService, now == storage::EngineState::kServing);
}

absl::Status Server::Parts::WritePorts(const ServerPorts& ports) const {
  const nlohmann::ordered_json json = {
      {"main", ports.main}, {"enrolment", ports.enrolment}, {"metrics", ports.metrics}};
  return storage::ReplaceFile(folder.ports(), AsBytes(json.dump() + "\n"));
}

absl::StatusOr<std::unique_ptr<Server>> Server::Open(ServerOptions options) {
  const Config& config = options.config;
  if (!config.charter_root) {
    return FailedPrecondition(
        "charter_root is missing in the configuration: pin the charter's "
        "root before the first start");
  }
  const DataFolder folder(config.data_folder);
  ENLACE_ASSIGN_OR_RETURN(ServerIdentityFiles identity, LoadIdentity(folder));
  const DescriptorBudget budget = ShareOut(
      RaiseDescriptorLimit(), {config.limits.connections, config.limits.enrolment_connections});
  ENLACE_ASSIGN_OR_RETURN(StoreFolder store,
                          OpenStoreFolder(folder, {budget.engine_files, options.declare_loss}));
  auto parts = std::make_unique<Parts>(std::move(options), std::move(identity), std::move(store));
  ENLACE_RETURN_IF_ERROR(parts->OpenCore());
  parts->MakeServices();
  ENLACE_RETURN_IF_ERROR(parts->MakeListeners(budget));
  ENLACE_RETURN_IF_ERROR(parts->MakeMetrics());
  parts->MakeMaintenance();
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::~Server() { Stop(); }

absl::Status Server::Start() {
  const ControlTargets targets{
      .engine = parts_->store.engine.get(),
      .folder = parts_->folder,
      .status = [this] { return StatusJson(); },
      .durable_head = [this] { return parts_->figures.health().durable_head; }};
  ENLACE_ASSIGN_OR_RETURN(
      parts_->control,
      ControlServer::Create(parts_->folder.control(), [targets](std::string_view line) {
        return AnswerControl(targets, line);
      }));
  parts_->started = true;
  parts_->committer->Start();
  parts_->maintenance->Start();
  parts_->main_listener->Start();
  parts_->enrolment_listener->Start();
  return parts_->WritePorts(ports());
}

void Server::Stop() {
  Parts& parts = *parts_;
  if (!parts.started || std::exchange(parts.stopped, true)) return;
  parts.control.reset();
  std::error_code ignored;
  std::filesystem::remove(parts.folder.ports(), ignored);
  parts.main_listener->StopAccepting();
  parts.enrolment_listener->StopAccepting();
  parts.hub->EndAll();
  parts.blobs.EndAll();
  parts.enrolment_listener->Shutdown(kDrainGrace);
  parts.main_listener->Shutdown(kDrainGrace);
  parts.maintenance->Stop();
  parts.committer->Stop();
  parts.maintenance->Finish(parts.core->durable_head());
  parts.metrics.reset();
  parts.core.reset();
  const absl::Status closed = parts.store.engine->Close();
  if (!closed.ok()) LogError("the store does not close: " + std::string(closed.message()));
}

ServerPorts Server::ports() const {
  ServerPorts ports;
  ports.main = parts_->main_listener->port();
  ports.enrolment = parts_->enrolment_listener->port();
  if (parts_->metrics != nullptr) ports.metrics = parts_->metrics->port();
  return ports;
}

std::string Server::StatusJson() const {
  const HealthView health = parts_->figures.health();
  const ServerPorts now = ports();
  nlohmann::ordered_json json = {
      {"schema", "enlace.server.v1/status"},
      {"state", EngineStateName(health.engine.state)},
      {"detail", health.engine.detail},
      {"queued", parts_->committer->queued()},
      {"streams", parts_->hub->open_streams()},
      {"connections", parts_->main_listener->counts().open},
      {"disk_free_bytes", health.engine.disk_free_bytes},
      {"disk_total_bytes", health.engine.disk_total_bytes},
      {"stored_bytes", health.engine.stored_bytes},
      {"registry_entries", health.store.registry_size},
      {"server_sequence", health.store.server_sequence},
      {"refused_as_behind", parts_->counters.refused_as_behind.load()},
      {"seen_at_ms", health.at_ms},
      {"ports", {{"main", now.main}, {"enrolment", now.enrolment}, {"metrics", now.metrics}}},
  };
  if (health.durable_head) json["log_head"] = storage::Describe(*health.durable_head);
  if (health.marked_head) json["marked_head"] = storage::Describe(*health.marked_head);
  return json.dump();
}

}  // namespace enlace::server
