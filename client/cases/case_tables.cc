#include "client/cases/case_tables.h"

#include <algorithm>

#include "client/cases/case_keys.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client::case_tables {

absl::StatusOr<std::optional<DataKeyId>> FindKey(const VaultTransaction& tx,
                                                 std::string_view case_ref) {
  ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> stored,
                          tx.Get(kCaseKeys, CaseKey(case_ref)));
  if (!stored) return std::optional<DataKeyId>();
  DataKeyId key{};
  if (stored->size() != key.size())
    return MakeError(Reason::kVaultDamaged, {{"what", "case-keys"}});
  std::ranges::copy(stored->view(), key.begin());
  return std::make_optional(key);
}

absl::Status PutMessage(VaultTransaction& tx, std::string_view table, BytesView row,
                        const google::protobuf::MessageLite& message, const DataKeyId& key) {
  return tx.Put(table, row, AsBytes(message.SerializeAsString()), key);
}

}  // namespace enlace::client::case_tables
