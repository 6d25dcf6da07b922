// The engine thread's work: what is due now, in order, and what is due later.
//
// Thread safety: Push and Close from any thread; Next from one. Ownership: owns the tasks.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

namespace enlace::client {

class WorkQueue {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Tasks of an engine are forgotten when it closes; requests of commands are not.
  enum class Kind { kEngineTask, kRequest };

  // Not before `due`; tasks with the same time run in the order in which they came.
  void Push(Kind kind, Time due, std::function<void()> task);
  // The next task that is due, waiting for it until `until`; nothing then, or once closed.
  std::optional<std::function<void()>> Next(Time until);
  void DropEngineTasks();
  // Next gives nothing from now on.
  void Close();
  bool closed() const;
  size_t requests() const;

 private:
  struct Entry {
    Kind kind;
    std::function<void()> task;
  };
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<Time, Entry> entries_;
  size_t requests_ = 0;
  bool closed_ = false;
};

}  // namespace enlace::client
