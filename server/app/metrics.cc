#include "server/app/metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/metric_family.h>

#include <exception>
#include <utility>

#include "crypto/primitives/status.h"

namespace enlace::server {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr size_t kPageThreads = 1;

const char* const kCodeNames[CallCounters::kCodes] = {
    "ok",        "cancelled",      "unknown",           "invalid_argument",   "deadline_exceeded",
    "not_found", "already_exists", "permission_denied", "resource_exhausted", "failed_precondition",
    "aborted",   "out_of_range",   "unimplemented",     "internal",           "unavailable",
    "data_loss", "unauthenticated"};

// Collects families one after the other.
class Page {
 public:
  MetricFamily& Add(const char* name, const char* help, MetricType type) {
    MetricFamily& family = families_.emplace_back();
    family.name = name;
    family.help = help;
    family.type = type;
    return family;
  }
  void Gauge(const char* name, const char* help, double value) {
    Add(name, help, MetricType::Gauge).metric.emplace_back().gauge.value = value;
  }
  void Counter(const char* name, const char* help, double value) {
    Add(name, help, MetricType::Counter).metric.emplace_back().counter.value = value;
  }
  void Histogram(const char* name, const char* help, const PowerHistogram& source);
  std::vector<MetricFamily> Take() { return std::move(families_); }

 private:
  std::vector<MetricFamily> families_;
};

void Page::Histogram(const char* name, const char* help, const PowerHistogram& source) {
  ClientMetric& metric = Add(name, help, MetricType::Histogram).metric.emplace_back();
  uint64_t count = 0;
  for (size_t i = 0; i < PowerHistogram::kBuckets; ++i) {
    count += source.counts[i].load(std::memory_order_relaxed);
    const auto bound = static_cast<double>((uint64_t{1} << i) - 1);
    metric.histogram.bucket.push_back({count, bound});
  }
  metric.histogram.sample_count = count;
  metric.histogram.sample_sum = static_cast<double>(source.sum.load());
}

void AddLabelled(MetricFamily& family, const char* label, const char* value, uint64_t number) {
  ClientMetric& metric = family.metric.emplace_back();
  metric.label.push_back({label, value});
  metric.counter.value = static_cast<double>(number);
}

void AddListener(Page& page, const char* prefix_help, const AcceptCounts& counts,
                 const char* open_name, const char* refused_name) {
  page.Gauge(open_name, prefix_help, static_cast<double>(counts.open));
  MetricFamily& refused =
      page.Add(refused_name, "Connections turned away, by limit.", MetricType::Counter);
  AddLabelled(refused, "limit", "address", counts.refused_address_full);
  AddLabelled(refused, "limit", "all", counts.refused_table_full);
  AddLabelled(refused, "limit", "descriptors", counts.refused_no_descriptor);
}

class Collector : public prometheus::Collectable {
 public:
  explicit Collector(MetricsSources sources) : sources_(std::move(sources)) {}

  std::vector<MetricFamily> Collect() const override {
    Page page;
    AddCommitter(page);
    AddStreams(page);
    AddStore(page);
    return page.Take();
  }

 private:
  void AddCommitter(Page& page) const;
  void AddStreams(Page& page) const;
  void AddStore(Page& page) const;

  const MetricsSources sources_;
};

void Collector::AddCommitter(Page& page) const {
  const GroupTotals& groups = sources_.figures->groups;
  page.Gauge("enlace_committer_queue", "Operations that wait.",
             static_cast<double>(sources_.queued()));
  page.Counter("enlace_committer_operations_total", "Operations decided.",
               static_cast<double>(groups.operations.load()));
  page.Counter("enlace_committer_failed_groups_total", "Groups that could not be written.",
               static_cast<double>(groups.failed.load()));
  page.Counter("enlace_committer_written_bytes_total", "Bytes of keys and values written.",
               static_cast<double>(groups.written_bytes.load()));
  page.Histogram("enlace_committer_group_operations", "Operations of a group.",
                 groups.operations_per_group);
  page.Histogram("enlace_committer_decide_us", "Microseconds to decide a group.", groups.decide_us);
  page.Histogram("enlace_committer_commit_us", "Microseconds of a synced write.", groups.commit_us);
  page.Histogram("enlace_committer_settle_us", "Microseconds to answer a group.", groups.settle_us);
  MetricFamily& calls =
      page.Add("enlace_calls_total", "Finished calls by code.", MetricType::Counter);
  for (size_t i = 0; i < CallCounters::kCodes; ++i) {
    AddLabelled(calls, "code", kCodeNames[i], sources_.calls->by_code[i].load());
  }
}

void Collector::AddStreams(Page& page) const {
  page.Gauge("enlace_streams_open", "Devices that follow their inbox.",
             static_cast<double>(sources_.open_streams()));
  page.Counter("enlace_delivered_total", "Items handed to open streams.",
               static_cast<double>(sources_.delivered()));
  AddListener(page, "Connections of devices.", sources_.main_listener(), "enlace_connections_open",
              "enlace_connections_refused_total");
  AddListener(page, "Connections of the enrolment listener.", sources_.enrolment_listener(),
              "enlace_enrolment_connections_open", "enlace_enrolment_connections_refused_total");
}

void Collector::AddStore(Page& page) const {
  const HealthView health = sources_.figures->health();
  page.Gauge("enlace_storage_state", "0 serving, 1 disk full, 2 read-only.",
             static_cast<double>(health.engine.state));
  page.Gauge("enlace_disk_free_bytes", "Free space of the data folder's disk.",
             static_cast<double>(health.engine.disk_free_bytes));
  page.Gauge("enlace_stored_bytes", "What the store's files take.",
             static_cast<double>(health.engine.stored_bytes));
  page.Gauge("enlace_registry_entries", "Entries of the registry log.",
             static_cast<double>(health.store.registry_size));
  page.Gauge("enlace_server_sequence", "Entries of the server's chain.",
             static_cast<double>(health.store.server_sequence));
}

}  // namespace

struct Metrics::Parts {
  std::shared_ptr<Collector> collector;  // The exposer keeps only a weak reference.
  std::unique_ptr<prometheus::Exposer> exposer;
};

absl::StatusOr<std::unique_ptr<Metrics>> Metrics::Create(const std::string& address,
                                                         MetricsSources sources) {
  auto parts = std::make_unique<Parts>();
  parts->collector = std::make_shared<Collector>(std::move(sources));
  // The library reports by exception what our functions report by status.
  try {
    parts->exposer = std::make_unique<prometheus::Exposer>(address, kPageThreads);
    parts->exposer->RegisterCollectable(parts->collector);
  } catch (const std::exception& error) {
    return MakeStatus(absl::StatusCode::kUnavailable,
                      "metrics on " + address + ": " + error.what());
  }
  return std::unique_ptr<Metrics>(new Metrics(std::move(parts)));
}

Metrics::Metrics(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Metrics::~Metrics() = default;

uint16_t Metrics::port() const {
  const auto ports = parts_->exposer->GetListeningPorts();
  return ports.empty() ? uint16_t{0} : static_cast<uint16_t>(ports.front());
}

}  // namespace enlace::server
