// What the operator may ask the running server over its socket: status, backup, compact.
//
//   status        -> the status object
//   backup PATH   -> {"folder", "log_head"}; PATH must not exist
//   compact       -> {"bytes_before", "bytes_after", "bytes_freed"}
// An error is {"error": text, "code": canonical code in words}.
//
// Thread safety: one thread. Ownership: borrows its targets.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "server/app/data_folder.h"
#include "storage/engine.h"
#include "storage/high_water.h"

namespace enlace::server {

struct ControlTargets {
  storage::Engine* engine = nullptr;
  DataFolder folder;
  std::function<std::string()> status;
  std::function<std::optional<storage::ChainHead>()> durable_head;
};

std::string AnswerControl(const ControlTargets& targets, std::string_view line);

}  // namespace enlace::server
