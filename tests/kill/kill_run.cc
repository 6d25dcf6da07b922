// kill_run [--cycles N] [--seed N] [--keep FOLDER]: 16 writers and 16 readers against a server that
// is killed N times at random moments, 50 ms to 5 s after it began to serve; then the auditor.
//
// The exit code is 0 when every cycle worked, the auditor found nothing, the same auditor found
// something after one record of the same journals was deleted and after one was altered, and
// `enlace-server verify` finds the store sound.
#include <stdlib.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <thread>

#include "tests/kill/audit.h"
#include "tests/kill/kill_clients.h"

namespace enlace::testing {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr double kDelayMsMin = 50;
constexpr double kDelayMsMax = 5000;

struct Options {
  int cycles = 15;
  uint64_t seed = 1;
  std::string keep = {};
};

bool ParseOptions(int argc, char** argv, Options& options) {
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--cycles") == 0) {
      options.cycles = std::atoi(argv[i + 1]);
    } else if (std::strcmp(argv[i], "--seed") == 0) {
      options.seed = std::strtoull(argv[i + 1], nullptr, 10);
    } else if (std::strcmp(argv[i], "--keep") == 0) {
      options.keep = argv[i + 1];
    } else {
      return false;
    }
  }
  return argc % 2 == 1 && options.cycles > 0;
}

// Even over the orders of magnitude: half of all kills come within the first half second.
milliseconds NextDelay(std::mt19937_64& random) {
  const double part = std::uniform_real_distribution<double>(0, 1)(random);
  return milliseconds(
      static_cast<int64_t>(kDelayMsMin * std::pow(kDelayMsMax / kDelayMsMin, part)));
}

// Kills the server `cycles` times under load. The moment is measured from the server's start.
bool KillAgainAndAgain(KillWorld& world, const Options& options) {
  std::mt19937_64 random(options.seed);
  for (int cycle = 0; cycle < options.cycles && !world.failed(); ++cycle) {
    const milliseconds delay = NextDelay(random);
    world.Pause(delay);
    if (!world.Restart()) {
      std::fprintf(stderr, "the server does not start again:\n%s\n", world.server().Log().c_str());
      return false;
    }
    std::printf("cycle %d: killed after %lld ms\n", cycle + 1,
                static_cast<long long>(delay.count()));
    std::fflush(stdout);
  }
  return !world.failed();
}

bool RunClients(KillWorld& world, const Options& options) {
  std::vector<std::thread> writers;
  std::vector<std::thread> readers;
  for (size_t i = 0; i < kKillWriters; ++i) {
    writers.emplace_back([&, i] { KillWriter(world, i, options.seed * 1000 + i).Run(); });
  }
  for (size_t i = 0; i < kKillReaders; ++i) {
    readers.emplace_back([&, i] { KillReader(world, i, options.seed * 1000 + 500 + i).Run(); });
  }
  const bool survived = KillAgainAndAgain(world, options);
  if (!survived) world.Fail("the cycles ended early");
  world.StopWriting();
  for (std::thread& writer : writers) writer.join();
  world.StopReading();
  // Ends the streams that follow without an end.
  if (survived && !world.Restart()) world.Fail("the last start");
  if (!survived) world.server().Kill();
  for (std::thread& reader : readers) reader.join();
  return !world.failed();
}

bool Audited(const fs::path& journals) {
  const AuditReport report = Audit(journals);
  for (const std::string& finding : report.findings) std::printf("FOUND %s\n", finding.c_str());
  std::printf("%llu acknowledged, %llu delivered, %llu rooms, %zu findings\n",
              static_cast<unsigned long long>(report.acknowledged),
              static_cast<unsigned long long>(report.delivered),
              static_cast<unsigned long long>(report.rooms), report.findings.size());
  return report.findings.empty();
}

// True when the auditor finds nothing in a copy of the journals but does once `change` was made to
// the middle item of one reader.
template <typename Change>
bool AuditorSees(const fs::path& journals, const fs::path& copy, Change change) {
  fs::remove_all(copy);
  fs::copy(journals, copy, fs::copy_options::recursive);
  const fs::path file = copy / "reader-07" / "journal";
  std::vector<std::string> lines;
  std::vector<size_t> items;
  {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("item")) items.push_back(lines.size());
      lines.push_back(line);
    }
  }
  if (items.empty() || !Audit(copy).findings.empty()) return false;
  change(lines, items[items.size() / 2]);
  std::ofstream out(file);
  for (const std::string& line : lines) out << line << "\n";
  out.close();
  return !Audit(copy).findings.empty();
}

bool AuditorIsAwake(const fs::path& journals, const fs::path& copy) {
  const bool deleted = AuditorSees(journals, copy, [](std::vector<std::string>& lines, size_t at) {
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
  });
  const bool altered = AuditorSees(journals, copy, [](std::vector<std::string>& lines, size_t at) {
    lines[at].back() = lines[at].back() == '0' ? '1' : '0';
  });
  fs::remove_all(copy);
  if (!deleted) std::printf("FOUND the auditor did not see a deleted record\n");
  if (!altered) std::printf("FOUND the auditor did not see an altered record\n");
  return deleted && altered;
}

// The server stops cleanly and its store is sound.
bool Verified(KillWorld& world) {
  const bool verified =
      world.server().Stop() == 0 && world.server().Command({"verify"}).exit.code == 0;
  if (!verified) std::printf("FOUND the store does not verify\n");
  return verified;
}

int RunAll(const Options& options) {
  std::string folder = (fs::temp_directory_path() / "enlace-kill-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return 2;
  const fs::path root = options.keep.empty() ? fs::path(folder) : fs::path(options.keep);
  const fs::path journals = root / "journals";
  bool good = false;
  {
    KillWorld world(journals);
    world.Prepare();
    good = RunClients(world, options) && Audited(journals) &&
           AuditorIsAwake(journals, root / "altered") && Verified(world);
  }
  fs::remove_all(folder);
  return good ? 0 : 1;
}

}  // namespace
}  // namespace enlace::testing

int main(int argc, char** argv) {
  enlace::testing::Options options;
  if (!enlace::testing::ParseOptions(argc, argv, options)) {
    std::fprintf(stderr, "usage: kill_run [--cycles N] [--seed N] [--keep FOLDER]\n");
    return 2;
  }
  return enlace::testing::RunAll(options);
}
