#include "tests/bench/suite.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "tests/bench/floor.h"
#include "tests/bench/follower.h"
#include "tests/bench/load.h"
#include "tests/bench/process_meter.h"

namespace enlace::bench {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::duration;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr size_t kUnaryInFlight = 32;
constexpr size_t kBatch = 16;
constexpr size_t kPendingItems = 10'000;
constexpr double kGrpcIdleKib = 114;

double Ratio(double a, double b) { return b > 0 ? std::round(a / b * 1000) / 1000 : 0; }

double SecondsSince(steady_clock::time_point start) {
  return std::round(duration<double>(steady_clock::now() - start).count() * 1000) / 1000;
}

// Notes a goal beside what was measured.
void Judge(Json& row, const std::string& goal, bool met) {
  row["goal"] = goal;
  row["met"] = met;
}

double P50(const Json& row, const char* what) { return row[what]["p50"]; }
double P99(const Json& row, const char* what) { return row[what]["p99"]; }

FleetOptions FleetOf(const SuiteOptions& options) {
  FleetOptions fleet;
  fleet.server_program = options.server_program;
  return fleet;
}

LoadOptions LoadOf(const SuiteOptions& options, size_t in_flight, size_t batch) {
  LoadOptions load;
  load.in_flight = in_flight;
  load.batch = batch;
  load.window = options.window;
  return load;
}

Json Unary(const SuiteOptions& options) {
  Fleet fleet(FleetOf(options));
  const LoadOptions load = LoadOf(options, kUnaryInFlight, 1);
  const LoadResult ceiling = RunHealthChecks(fleet, load);
  const LoadResult measured = Run(fleet, load);
  Json row = measured.json;
  row["grpc_ceiling"] = ceiling.json;
  const double ratio = Ratio(measured.accepted_per_s(), ceiling.accepted_per_s());
  row["of_grpc_ceiling"] = ratio;
  Judge(row, "of_grpc_ceiling >= 0.40, p99 <= 9 ms", ratio >= 0.40 && P99(row, "send_ms") <= 9);
  return row;
}

Json Batched64(const SuiteOptions& options) {
  const Json engine = MeasureEngine({});
  Fleet fleet(FleetOf(options));
  const LoadResult measured = Run(fleet, LoadOf(options, 64, kBatch));
  Json row = measured.json;
  row["engine"] = engine;
  row["of_engine"] = Ratio(measured.accepted_per_s(), engine["messages_per_s"]);
  Judge(row, "accepted_per_s >= 22000, p99 <= 7 ms, of_engine >= 0.9",
        measured.accepted_per_s() >= 22'000 && P99(row, "send_ms") <= 7 && row["of_engine"] >= 0.9);
  return row;
}

Json Batched512(const SuiteOptions& options) {
  Fleet fleet(FleetOf(options));
  const LoadResult measured = Run(fleet, LoadOf(options, 512, 4 * kBatch));
  Json row = measured.json;
  Judge(row, "accepted_per_s >= 35000, p99 <= 25 ms",
        measured.accepted_per_s() >= 35'000 && P99(row, "send_ms") <= 25);
  return row;
}

Json EndToEnd1(const SuiteOptions& options) {
  FleetOptions one = FleetOf(options);
  one.senders = 1;
  one.rooms = 1;
  Fleet fleet(one);
  LoadOptions load = LoadOf(options, 1, 1);
  load.follow = Follow::kReceivers;
  Json row = Run(fleet, load).json;
  Judge(row, "end_to_end p50 <= 1.0 ms, p99 <= 2 ms",
        P50(row, "end_to_end_ms") <= 1.0 && P99(row, "end_to_end_ms") <= 2);
  return row;
}

Json EndToEnd32(const SuiteOptions& options) {
  Fleet fleet(FleetOf(options));
  LoadOptions load = LoadOf(options, kUnaryInFlight, 1);
  load.follow = Follow::kReceivers;
  const LoadResult measured = Run(fleet, load);
  Json row = measured.json;
  Judge(row, "accepted_per_s >= 5500, end_to_end p99 <= 10 ms",
        measured.accepted_per_s() >= 5500 && P99(row, "end_to_end_ms") <= 10);
  return row;
}

Json TenDeviceRooms(const SuiteOptions& options) {
  FleetOptions ten = FleetOf(options);
  ten.senders = 4;
  ten.rooms = 4;
  ten.room_size = 10;
  Fleet fleet(ten);
  LoadOptions load = LoadOf(options, 256, kBatch);
  load.follow = Follow::kEverybody;
  Json row = Run(fleet, load).json;
  Judge(row, "delivered_per_s >= 40000", row["delivered_per_s"] >= 40'000);
  return row;
}

// Idle devices that follow their inbox, and a send to one of them.
Json IdleDevices(const SuiteOptions& options) {
  FleetOptions many = FleetOf(options);
  many.senders = 1;
  many.rooms = 1;
  many.idle_devices = options.idle_devices;
  Fleet fleet(many);
  const pid_t server = fleet.rcm().server().pid();
  const uint64_t before_kib = UsageOf(server).resident_kib;
  Arrivals arrivals;
  std::vector<std::unique_ptr<Follower>> followers;
  bool all_replayed = true;
  for (const auto& device : fleet.idle()) {
    device->Connect(fleet.rcm());
    followers.push_back(std::make_unique<Follower>(*device, arrivals));
    followers.back()->Start();
    all_replayed &= followers.back()->WaitReplayed(seconds(20));
  }
  const uint64_t after_kib = UsageOf(server).resident_kib;
  LoadOptions load = LoadOf(options, 1, 1);
  load.follow = Follow::kReceivers;
  Json row = Run(fleet, load).json;
  for (const auto& follower : followers) follower->Stop();
  const double kib = std::round(static_cast<double>(after_kib - before_kib) * 10 /
                                static_cast<double>(std::max<size_t>(1, options.idle_devices))) /
                     10;
  row["idle_devices"] = options.idle_devices;
  row["all_follow"] = all_replayed;
  row["kib_per_device"] = kib;
  Judge(row, "kib_per_device <= 137, end_to_end p50 <= 1.0 ms, p99 <= 2 ms",
        all_replayed && kib <= 1.2 * kGrpcIdleKib && P50(row, "end_to_end_ms") <= 1.0 &&
            P99(row, "end_to_end_ms") <= 2);
  return row;
}

// A store with a million envelopes: how long a start takes, and a device that comes back to many.
Json StoredEnvelopes(const SuiteOptions& options) {
  Fleet fleet(FleetOf(options));
  LoadOptions fill = LoadOf(options, 512, 4 * kBatch);
  fill.warm_up = milliseconds(0);
  fill.window = seconds(180);
  fill.accepted_max = options.stored_envelopes;
  const LoadResult filled = Run(fleet, fill);
  Json row = {{"stored", filled.accepted}, {"filled_per_s", std::round(filled.accepted_per_s())}};
  if (filled.refused > 0) row["first_fault"] = filled.first_fault;

  // What the receivers of the first sender miss; everybody else confirms.
  BenchDevice& away = *fleet.receivers().front();
  LoadOptions missed = fill;
  missed.accepted_max = kPendingItems * fleet.rooms().size();
  missed.follow = Follow::kNobody;
  missed.leave_alone = &away;
  Run(fleet, missed);

  row["stop_code"] = fleet.rcm().server().Stop();
  auto start = steady_clock::now();
  const bool started = fleet.rcm().server().Start();
  row["start_s"] = SecondsSince(start);
  Arrivals arrivals;
  arrivals.counting = true;
  away.Connect(fleet.rcm());
  Follower follower(away, arrivals);
  start = steady_clock::now();
  follower.Start();
  const bool replayed = follower.WaitReplayed(seconds(60));
  row["read_s"] = SecondsSince(start);
  follower.Stop();
  row["pending_read"] = arrivals.items.load();
  row["server_rss_mib"] = UsageOf(fleet.rcm().server().pid()).resident_kib >> 10;
  Judge(row, "start_s < 2, read_s < 3 for 10000",
        started && replayed && row["start_s"] < 2 && row["read_s"] < 3 &&
            arrivals.items >= kPendingItems);
  return row;
}

using Row = std::pair<const char*, Json (*)(const SuiteOptions&)>;
constexpr Row kRows[] = {{"unary_32", Unary},           {"batched_64", Batched64},
                         {"batched_512", Batched512},   {"end_to_end_1", EndToEnd1},
                         {"end_to_end_32", EndToEnd32}, {"ten_device_rooms", TenDeviceRooms},
                         {"idle_devices", IdleDevices}, {"stored_envelopes", StoredEnvelopes}};

}  // namespace

std::vector<std::string> StandardRows() {
  std::vector<std::string> names;
  for (const auto& [name, run] : kRows) names.emplace_back(name);
  return names;
}

nlohmann::ordered_json RunStandardSuite(const SuiteOptions& options) {
  Json out;
  for (const auto& [name, run] : kRows) {
    if (!options.rows.empty() &&
        std::find(options.rows.begin(), options.rows.end(), name) == options.rows.end()) {
      continue;
    }
    std::fprintf(stderr, "%s ...\n", name);
    out[name] = run(options);
  }
  return out;
}

nlohmann::ordered_json MeasureFloor(const SuiteOptions& options) {
  return {{"unary_32", Unary(options)}, {"batched_64", Batched64(options)}};
}

}  // namespace enlace::bench
