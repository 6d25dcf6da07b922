// What commands that write share: waiting until the server has what was queued.
//
// Thread safety: free functions; one thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/app.h"

namespace enlace::client {

inline constexpr int kSendTimeoutMs = 120'000;

// Waits until all items are accepted, one failed, or the time is over: the time of the last
// acceptance. NOT_SENT_YET; the item's own reason, or SEND_FAILED with it, when one failed.
absl::StatusOr<int64_t> WaitAccepted(App& app, const std::vector<std::string>& item_ids,
                                     int wait_s);

// The same for a command that was given `wait_s` (0 = not): sets `accepted_at_ms` when all are
// accepted; being queued is an error only for who wanted to wait (CLI.md rule 9).
absl::Status AwaitItems(App& app, const std::vector<std::string>& item_ids, int wait_s,
                        int64_t& accepted_at_ms);

std::vector<std::string> AbsolutePaths(const std::vector<std::string>& paths);

}  // namespace enlace::client
