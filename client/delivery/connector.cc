#include "client/delivery/connector.h"

#include <utility>

namespace enlace::client {

Connector::Connector(Attempt attempt, OnResult on_result)
    : attempt_(std::move(attempt)), on_result_(std::move(on_result)), thread_([this] { Run(); }) {}

Connector::~Connector() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Connector::Try() {
  const std::lock_guard<std::mutex> lock(mutex_);
  wanted_ = true;
  changed_.notify_all();
}

bool Connector::NextTry() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return wanted_ || ending_.load(); });
  return !ending_;
}

void Connector::Run() {
  while (NextTry()) {
    const absl::Status connected = attempt_(ending_);
    {
      // A wish that came while this attempt ran is answered by it.
      const std::lock_guard<std::mutex> lock(mutex_);
      wanted_ = false;
    }
    if (!ending_) on_result_(connected);
  }
}

}  // namespace enlace::client
