// The list of all cases in blocks, so that a screen reads tens of thousands of cases without
// opening each one.
//
// Table "case-lists": "b" ‖ block number (4 bytes, big endian) -> up to kCasesPerBlock entries;
// "head" -> the newest block's number and how many entries it was given. Table "case-list-keys":
// block row -> data key. An entry is
//   U8 open ‖ U64 newest_at_ms ‖ U64 number ‖ Vector(case_ref) ‖ Vector(CaseRecord)
// in the encoding of crypto/codec. `number` is the row number of the case in table "cases"
// (VaultTransaction::NumberOf), by which a search names it.
//
// Promises that a case stands in exactly one block, as it was saved last, and that removing a case
// re-seals what is left of its block under a new data key and destroys the old one, so that a
// purged case can't be read from an old copy of the block.
//
// Thread safety: free functions; as the vault's.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/vault/vault.h"
#include "enlace/vault/v1/vault.pb.h"

namespace enlace::client::case_list {

inline constexpr uint32_t kCasesPerBlock = 128;

// The block that takes a new case; counts the case. Set it as the record's list_block.
absl::StatusOr<uint32_t> ChooseBlock(VaultTransaction& tx);
// Writes the entry of a case into its block, over an older one. `record.list_block` is set.
absl::Status Put(VaultTransaction& tx, const vault::v1::CaseRecord& record, int64_t number);
// Takes the case off the list; OK when it is not on it.
absl::Status Remove(VaultTransaction& tx, const vault::v1::CaseRecord& record);

// One entry; views live during the visit.
struct Entry {
  bool open = false;
  int64_t newest_at_ms = 0;
  int64_t number = 0;
  std::string_view case_ref;
  BytesView record;

  // VAULT_DAMAGED when it does not decode.
  absl::StatusOr<vault::v1::CaseRecord> Decode() const;
};
// Visits all cases, block by block, oldest block first. Ends with the first error, that of the
// visitor included; VAULT_DAMAGED when a block does not decode.
absl::Status ForEach(const Vault& vault, const std::function<absl::Status(const Entry&)>& visit);

}  // namespace enlace::client::case_list
