// Where a case stands in the vault: names of tables, and the data key that its rows are sealed
// under (docs/vault.md). Internal to client/cases.
//
// Thread safety: free functions; as the transaction's.
#pragma once

#include <google/protobuf/message_lite.h>

#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/vault/vault.h"

namespace enlace::client::case_tables {

inline constexpr std::string_view kCases = "cases";
inline constexpr std::string_view kCaseKeys = "case-keys";
inline constexpr std::string_view kContents = "contents";
inline constexpr std::string_view kAlerts = "alerts";
inline constexpr std::string_view kAttachments = "attachments";
inline constexpr std::string_view kIdentities = "identities";

// The data key of a case; nothing when it has none. VAULT_DAMAGED.
absl::StatusOr<std::optional<DataKeyId>> FindKey(const VaultTransaction& tx,
                                                 std::string_view case_ref);

absl::Status PutMessage(VaultTransaction& tx, std::string_view table, BytesView row,
                        const google::protobuf::MessageLite& message, const DataKeyId& key);

}  // namespace enlace::client::case_tables
