// Where RocksDB's own messages go: to the caller's log instead of a file in the store.
//
// RocksDB's file logger ends the process when it meets a full disk (Debian's build keeps
// assertions), and a store that must survive a full disk can't keep a diary on it. Warnings and
// worse only; those name files and sequence numbers, no keys.
//
// Thread safety: RocksDB calls from its own threads; so must the sink allow. Ownership: RocksDB
// shares it.
#pragma once

#include <rocksdb/env.h>

#include <functional>
#include <string_view>

namespace enlace::storage {

class EventLog : public rocksdb::Logger {
 public:
  // `sink` may be empty: messages are dropped.
  explicit EventLog(std::function<void(std::string_view)> sink)
      : Logger(rocksdb::InfoLogLevel::WARN_LEVEL), sink_(std::move(sink)) {}

  using Logger::Logv;
  void Logv(const char* format, va_list arguments) override;

 private:
  std::function<void(std::string_view)> sink_;
};

}  // namespace enlace::storage
