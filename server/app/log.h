// The server's log: to standard error, for systemd's journal.
//
// Promises that no content, name of a person or secret is logged: what is logged are events of the
// server and counts. gRPC's own messages, which strangers can cause at will, are counted and the
// first of a minute is written.
//
// Thread safety: any thread, after InitLog. Ownership: none.
#pragma once

#include <string_view>

namespace enlace::server {

// `level` is one of the configuration's.
void InitLog(std::string_view level);

void LogInfo(std::string_view message);
void LogWarning(std::string_view message);
void LogError(std::string_view message);

}  // namespace enlace::server
