#include "tests/unit/storage/writer_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <iostream>
#include <thread>

#include "gtest/gtest.h"
#include "storage/crash_point.h"
#include "tests/unit/storage/stores.h"

namespace enlace::storage {
namespace {

constexpr KeySpace kLog = 0x10;
constexpr KeySpace kIndex = 0x11;
constexpr KeySpace kCounter = 0x12;

// Bytes that no compression shrinks, different for each number.
Bytes ValueOf(uint64_t sequence, size_t value_bytes) {
  Bytes value(value_bytes);
  uint64_t state = sequence;
  for (uint8_t& byte : value) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    byte = static_cast<uint8_t>(state >> 56);
  }
  return value;
}

Bytes IndexKey(uint64_t sequence) {
  // In another order than the log, so that a batch lands in several places of the files.
  return KeyBuilder(kIndex).U64(sequence * 0x9e3779b97f4a7c15u).Take();
}

WriteBatch WriteGroup(uint64_t sequence, size_t value_bytes) {
  const Bytes number = KeyBuilder(0).U64(sequence).Take();
  WriteBatch batch;
  batch.Put(KeyBuilder(kLog).U64(sequence).view(), ValueOf(sequence, value_bytes));
  batch.Put(IndexKey(sequence), number);
  batch.Put(KeyBuilder(kCounter).view(), number);
  return batch;
}

absl::StatusOr<uint64_t> CounterOf(const ReadView& view) {
  ENLACE_ASSIGN_OR_RETURN(const std::optional<Bytes> value, view.Get(KeyBuilder(kCounter).view()));
  if (!value) return 0;
  KeyReader number(*value);
  ENLACE_RETURN_IF_ERROR(number.Space().status());
  return number.U64();
}

bool Say(uint64_t word) { return ::write(STDOUT_FILENO, &word, sizeof word) == sizeof word; }

absl::Status Write(const std::filesystem::path& folder, size_t value_bytes) {
  ENLACE_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, OpenDiskEngine(SmallDisk(folder)));
  ENLACE_ASSIGN_OR_RETURN(uint64_t sequence, CounterOf(*engine));
  char go = 0;
  if (!Say(kOpened) || ::read(STDIN_FILENO, &go, 1) != 1) return absl::OkStatus();
  for (++sequence;;) {
    const absl::Status status =
        engine->Commit(WriteGroup(sequence, value_bytes), Durability::kSynced);
    if (!status.ok() && !absl::IsResourceExhausted(status)) return status;
    if (!Say(status.ok() ? sequence : kFull)) return absl::OkStatus();
    if (status.ok()) {
      ++sequence;
    } else {
      // Not to wait for anything: only so that a full disk is not asked a million times.
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
}

}  // namespace

bool RunAsWriter(int argc, char** argv, int& exit_code) {
  if (argc != 6 || std::strcmp(argv[1], "--writer") != 0) return false;
  if (argv[3][0] != 0) ArmCrashPoint(argv[3], std::strtoull(argv[4], nullptr, 10));
  const absl::Status status = Write(argv[2], std::strtoull(argv[5], nullptr, 10));
  if (!status.ok()) std::cerr << "writer: " << status << "\n";
  exit_code = status.ok() ? 0 : 1;
  return true;
}

WriterProcess::WriterProcess(const WriterOptions& options) {
  int says[2];
  int go[2];
  if (::pipe2(says, O_CLOEXEC) != 0 || ::pipe2(go, O_CLOEXEC) != 0) {
    ADD_FAILURE() << "pipe2: " << std::strerror(errno);
    return;
  }
  const std::string pass = std::to_string(options.crash_pass);
  const std::string value_bytes = std::to_string(options.value_bytes);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(says[1], STDOUT_FILENO);
    ::dup2(go[0], STDIN_FILENO);
    ::execl("/proc/self/exe", "writer", "--writer", options.folder.c_str(),
            options.crash_point.c_str(), pass.c_str(), value_bytes.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(says[1]);
  ::close(go[0]);
  says_ = says[0];
  go_ = go[1];
  EXPECT_EQ(Next(), kOpened) << "the writer did not open its store";
}

WriterProcess::~WriterProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    WaitForSignal();
  }
  ::close(says_);
  ::close(go_);
}

void WriterProcess::Go() { EXPECT_EQ(::write(go_, "g", 1), 1); }

uint64_t WriterProcess::Next() {
  uint64_t word = 0;
  return ::read(says_, &word, sizeof word) == sizeof word ? word : 0;
}

void WriterProcess::KillAndDrain(uint64_t& acknowledged) {
  EXPECT_EQ(::kill(pid_, SIGKILL), 0);
  EXPECT_EQ(WaitForSignal(), SIGKILL);
  while (const uint64_t word = Next()) {
    if (word != kFull) acknowledged = word;
  }
}

int WriterProcess::WaitForSignal() {
  int status = 0;
  EXPECT_EQ(::waitpid(pid_, &status, 0), pid_);
  pid_ = -1;
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

absl::StatusOr<uint64_t> AuditWriterStore(const ReadView& view, size_t value_bytes) {
  ENLACE_ASSIGN_OR_RETURN(const uint64_t newest, CounterOf(view));
  uint64_t rows = 0;
  uint64_t all_rows = 0;
  std::optional<KeyRange> rest = KeyRange();
  while (rest) {
    ENLACE_ASSIGN_OR_RETURN(Page page, view.Scan(*rest));
    all_rows += page.rows.size();
    for (const Row& row : page.rows) {
      if (row.key[0] != kLog) continue;
      ++rows;
      if (row.key != KeyBuilder(kLog).U64(rows).Take()) return DataLoss("a number is missing");
      if (row.value != ValueOf(rows, value_bytes)) return DataLoss("a value is altered");
      ENLACE_ASSIGN_OR_RETURN(const std::optional<Bytes> index, view.Get(IndexKey(rows)));
      if (index != KeyBuilder(0).U64(rows).Take()) return DataLoss("an index row is missing");
    }
    rest = std::move(page.rest);
  }
  if (rows != newest) return DataLoss("the counter is not at the last number");
  const uint64_t expected_rows = newest == 0 ? 0 : 2 * newest + 1;
  if (all_rows != expected_rows) return DataLoss("a row too many");
  return newest;
}

}  // namespace enlace::storage
