#include "client/agent/work_queue.h"

#include <algorithm>
#include <vector>

namespace enlace::client {

void WorkQueue::Push(Kind kind, Time due, std::function<void()> task) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (closed_) return;
  requests_ += kind == Kind::kRequest ? 1 : 0;
  entries_.emplace(due, Entry{kind, std::move(task)});
  changed_.notify_all();
}

std::optional<std::function<void()>> WorkQueue::Next(Time until) {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!closed_) {
    const Time now = std::chrono::steady_clock::now();
    if (!entries_.empty() && entries_.begin()->first <= now) {
      const auto first = entries_.begin();
      std::function<void()> task = std::move(first->second.task);
      requests_ -= first->second.kind == Kind::kRequest ? 1 : 0;
      entries_.erase(first);
      return task;
    }
    if (now >= until) return std::nullopt;
    changed_.wait_until(lock, entries_.empty() ? until : std::min(until, entries_.begin()->first));
  }
  return std::nullopt;
}

void WorkQueue::DropEngineTasks() {
  // Destroyed outside the lock: a task may own what pushes another when it goes.
  std::vector<Entry> dropped;
  const std::lock_guard<std::mutex> lock(mutex_);
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    if (entry->second.kind == Kind::kRequest) {
      ++entry;
      continue;
    }
    dropped.push_back(std::move(entry->second));
    entry = entries_.erase(entry);
  }
}

void WorkQueue::Close() {
  const std::lock_guard<std::mutex> lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

bool WorkQueue::closed() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return closed_;
}

size_t WorkQueue::requests() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return requests_;
}

}  // namespace enlace::client
