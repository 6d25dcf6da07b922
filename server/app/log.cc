#include "server/app/log.h"

#include <grpc/support/log.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <string>

namespace enlace::server {
namespace {

constexpr int64_t kGrpcIntervalS = 60;

std::atomic<int64_t> grpc_logged_at_s{-kGrpcIntervalS};
std::atomic<uint64_t> grpc_held_back{0};

int64_t SteadySeconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

void LogGrpc(gpr_log_func_args* args) {
  const int64_t now = SteadySeconds();
  int64_t last = grpc_logged_at_s.load();
  if (now - last < kGrpcIntervalS || !grpc_logged_at_s.compare_exchange_strong(last, now)) {
    grpc_held_back.fetch_add(1);
    return;
  }
  spdlog::warn("grpc: {} ({} more since the last)", args->message, grpc_held_back.exchange(0));
}

spdlog::string_view_t View(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

void InitLog(std::string_view level) {
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(
      "enlace", std::make_shared<spdlog::sinks::stderr_sink_mt>()));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  spdlog::set_level(spdlog::level::from_str(std::string(level)));
  spdlog::flush_on(spdlog::level::info);
  gpr_set_log_function(&LogGrpc);
}

void LogInfo(std::string_view message) { spdlog::info(View(message)); }
void LogWarning(std::string_view message) { spdlog::warn(View(message)); }
void LogError(std::string_view message) { spdlog::error(View(message)); }

}  // namespace enlace::server
