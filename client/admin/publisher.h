// Signing statements with the authority's CA and handing them to the server.
//
// Thread safety: free functions. Ownership: borrows for the call.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/admin/admin_context.h"
#include "client/admin/authority_keys.h"
#include "crypto/identity/statement.h"

namespace enlace::client::admin {

// `body` as a statement of the CA with the given number, signed, as a log entry's bytes.
absl::StatusOr<Bytes> SignedEntry(const AuthorityCa& ca, identity::StatementBody body,
                                  uint64_t sequence, int64_t now_ms);
// The same for a statement that has its number and time already.
absl::StatusOr<Bytes> SignedEntry(const AuthorityCa& ca, const identity::Statement& statement);

// Signs `bodies` in order, publishes them in one call and refreshes the registry.
// REGISTRY_ENTRY_INVALID and the session's errors; all or nothing.
absl::Status PublishStatements(AdminContext& context, const AuthorityCa& ca,
                               std::vector<identity::StatementBody> bodies);

}  // namespace enlace::client::admin
