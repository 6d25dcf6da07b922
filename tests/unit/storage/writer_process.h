// A process that does nothing but commit to a store and say so, to be killed by a test.
//
// The test program starts itself again as the writer. The writer opens the store, says kOpened and
// waits for one byte; then it commits the sequence numbers from where the store ends, each with one
// synced commit of three rows (WriteGroup), and says the number once it was told OK, or kFull when
// it was told RESOURCE_EXHAUSTED, before it tries the number again.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "storage/engine.h"

namespace enlace::storage {

inline constexpr uint64_t kOpened = UINT64_MAX;
inline constexpr uint64_t kFull = UINT64_MAX - 1;

struct WriterOptions {
  std::filesystem::path folder = {};
  // Empty: none.
  std::string crash_point = {};
  uint64_t crash_pass = 1;
  size_t value_bytes = 1000;
};

class WriterProcess {
 public:
  // Starts the writer and waits until the store is open.
  explicit WriterProcess(const WriterOptions& options);
  // Kills and reaps it.
  ~WriterProcess();
  WriterProcess(const WriterProcess&) = delete;
  WriterProcess& operator=(const WriterProcess&) = delete;

  // Lets it write.
  void Go();
  // The next thing it says; 0 when it is dead and everything it said was read.
  uint64_t Next();
  // Kills it, and reads all that it had still said. The last acknowledged number goes to
  // `acknowledged` when there is one.
  void KillAndDrain(uint64_t& acknowledged);
  // The signal that ended it; waits for its end.
  int WaitForSignal();

 private:
  pid_t pid_ = -1;
  int says_ = -1;
  int go_ = -1;
};

// True when the program was started as a writer; then the exit code is in `exit_code`.
bool RunAsWriter(int argc, char** argv, int& exit_code);

// Checks that the store holds the numbers 1..n, each with its three rows whole, and nothing else; n
// or an error.
absl::StatusOr<uint64_t> AuditWriterStore(const ReadView& view, size_t value_bytes);

}  // namespace enlace::storage
