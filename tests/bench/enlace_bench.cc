// enlace-bench: load on an enlace-server process of its own, on loopback, with mutual TLS and real
// certificates. Prints one JSON object; says on standard error what it does.
//
//   enlace-bench                         one closed loop: 32 messages in flight
//   enlace-bench --rate 2000             one open loop
//   enlace-bench --floor                 the ceilings of gRPC and of the engine, and the ratios
//   enlace-bench --suite standard        the whole table of docs/performance.md
//
// Exits 0 when it measured, whatever it measured; 1 when messages were refused or a stream broke;
// 2 for wrong arguments.
#include <CLI/CLI.hpp>
#include <iostream>

#include "absl/synchronization/mutex.h"
#include "tests/bench/load.h"
#include "tests/bench/suite.h"

namespace enlace::bench {
namespace {

struct Arguments {
  FleetOptions fleet;
  LoadOptions load;
  SuiteOptions suite;
  std::string suite_name;
  std::string follow = "none";
  bool floor = false;
  double seconds = 5;
};

void Declare(CLI::App& app, Arguments& arguments) {
  FleetOptions& fleet = arguments.fleet;
  LoadOptions& load = arguments.load;
  app.add_option("--senders", fleet.senders, "Devices that send")->check(CLI::Range(1, 4000));
  app.add_option("--rooms", fleet.rooms, "Rooms, shared out to the senders")
      ->check(CLI::Range(1, 100'000));
  app.add_option("--room-size", fleet.room_size, "Devices of a room")->check(CLI::Range(1, 2000));
  app.add_option("--payload", load.payload_bytes, "Bytes of a message's ciphertext")
      ->check(CLI::Range(16, 200'000));
  app.add_option("--in-flight", load.in_flight, "Messages that wait for their answer")
      ->check(CLI::Range(1, 100'000));
  app.add_option("--batch", load.batch, "Messages of one call")->check(CLI::Range(1, 64));
  app.add_option("--rate", load.rate, "Messages a second (open loop); 0 is the closed loop");
  app.add_option("--follow", arguments.follow, "Who follows the inbox")
      ->check(CLI::IsMember({"none", "receivers", "all"}));
  app.add_option("--seconds", arguments.seconds, "Measured time, after a second of warm-up")
      ->check(CLI::Range(0.1, 3600.0));
  app.add_option("--server", fleet.server_program, "Another enlace-server program");
  app.add_flag("--floor", arguments.floor, "Ceilings of gRPC and of the engine, and the ratios");
  app.add_option("--suite", arguments.suite_name, "A table of figures")
      ->check(CLI::IsMember({"standard"}));
  app.add_option("--rows", arguments.suite.rows, "Of the suite, only these")
      ->check(CLI::IsMember(StandardRows()));
  app.add_option("--idle-devices", arguments.suite.idle_devices, "Of the suite's row idle_devices");
  app.add_option("--stored", arguments.suite.stored_envelopes,
                 "Envelopes of the suite's row stored_envelopes");
}

void Settle(Arguments& arguments) {
  arguments.load.window = std::chrono::milliseconds(static_cast<int64_t>(arguments.seconds * 1000));
  if (arguments.follow == "receivers") arguments.load.follow = Follow::kReceivers;
  if (arguments.follow == "all") arguments.load.follow = Follow::kEverybody;
  arguments.suite.window = arguments.load.window;
  arguments.suite.server_program = arguments.fleet.server_program;
}

int Main(int argc, char** argv) {
  // As the server does: Debian's Abseil looks for cycles at every lock that gRPC takes.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  CLI::App app("Load on an enlace-server of its own");
  Arguments arguments;
  Declare(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  }
  Settle(arguments);
  nlohmann::ordered_json out;
  int exit_code = 0;
  if (!arguments.suite_name.empty()) {
    out = RunStandardSuite(arguments.suite);
  } else if (arguments.floor) {
    out = MeasureFloor(arguments.suite);
  } else {
    Fleet fleet(arguments.fleet);
    const LoadResult result = Run(fleet, arguments.load);
    out = result.json;
    exit_code = result.refused > 0 || out.contains("stream_fault") ? 1 : 0;
  }
  std::cout << out.dump(2) << std::endl;
  return exit_code;
}

}  // namespace
}  // namespace enlace::bench

int main(int argc, char** argv) { return enlace::bench::Main(argc, argv); }
