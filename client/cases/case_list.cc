#include "client/cases/case_list.h"

#include <algorithm>
#include <optional>

#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client::case_list {
namespace {

constexpr std::string_view kLists = "case-lists";
constexpr std::string_view kListKeys = "case-list-keys";
constexpr std::string_view kHead = "head";
constexpr size_t kListPage = 32;

absl::Status Damaged() { return MakeError(Reason::kVaultDamaged, {{"what", "case-lists"}}); }

Bytes BlockRow(uint32_t block) {
  codec::Writer row;
  row.U8('b');
  row.U32(block);
  return row.Take();
}

struct Head {
  uint32_t block = 0;
  uint32_t count = 0;
};

absl::StatusOr<Head> ReadHead(const VaultTransaction& tx) {
  ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> stored, tx.Get(kLists, AsBytes(kHead)));
  Head head;
  if (!stored) return head;
  codec::Reader in(stored->view());
  if (!in.ReadU32(head.block).ok() || !in.ReadU32(head.count).ok() || !in.Done().ok())
    return Damaged();
  return head;
}

absl::StatusOr<DataKeyId> KeyOf(const VaultTransaction& tx, BytesView row) {
  ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> stored, tx.Get(kListKeys, row));
  DataKeyId key{};
  if (!stored || stored->size() != key.size()) return Damaged();
  std::ranges::copy(stored->view(), key.begin());
  return key;
}

// Reads the entry at the reader's place.
absl::Status ReadEntry(codec::Reader& in, Entry& entry) {
  uint8_t open = 0;
  uint64_t newest_at_ms = 0;
  uint64_t number = 0;
  BytesView case_ref;
  const bool whole = in.ReadU8(open).ok() && in.ReadU64(newest_at_ms).ok() &&
                     in.ReadU64(number).ok() && in.ReadVector(case_ref).ok() &&
                     in.ReadVector(entry.record).ok();
  if (!whole) return Damaged();
  entry.open = open != 0;
  entry.newest_at_ms = static_cast<int64_t>(newest_at_ms);
  entry.number = static_cast<int64_t>(number);
  entry.case_ref = {reinterpret_cast<const char*>(case_ref.data()), case_ref.size()};
  return absl::OkStatus();
}

// The block without the entry of `case_ref`.
absl::StatusOr<Bytes> Without(BytesView block, std::string_view case_ref) {
  Bytes rest;
  codec::Reader in(block);
  while (!in.empty()) {
    const BytesView before = in.rest();
    Entry entry;
    ENLACE_RETURN_IF_ERROR(ReadEntry(in, entry));
    if (entry.case_ref != case_ref) Append(rest, before.first(before.size() - in.remaining()));
  }
  return rest;
}

}  // namespace

absl::StatusOr<vault::v1::CaseRecord> Entry::Decode() const {
  vault::v1::CaseRecord decoded;
  if (!decoded.ParseFromArray(record.data(), static_cast<int>(record.size()))) return Damaged();
  return decoded;
}

absl::StatusOr<uint32_t> ChooseBlock(VaultTransaction& tx) {
  ENLACE_ASSIGN_OR_RETURN(Head head, ReadHead(tx));
  if (head.block == 0 || head.count >= kCasesPerBlock) {
    ++head.block;
    head.count = 0;
    ENLACE_ASSIGN_OR_RETURN(const DataKeyId key, tx.CreateKey());
    ENLACE_RETURN_IF_ERROR(tx.Put(kListKeys, BlockRow(head.block), key, kVaultKey));
  }
  ++head.count;
  codec::Writer out;
  out.U32(head.block);
  out.U32(head.count);
  ENLACE_RETURN_IF_ERROR(tx.Put(kLists, AsBytes(kHead), out.view(), kVaultKey));
  return head.block;
}

absl::Status Put(VaultTransaction& tx, const vault::v1::CaseRecord& record, int64_t number) {
  const Bytes row = BlockRow(record.list_block());
  ENLACE_ASSIGN_OR_RETURN(const DataKeyId key, KeyOf(tx, row));
  ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> stored, tx.Get(kLists, row));
  codec::Writer out;
  if (stored) {
    ENLACE_ASSIGN_OR_RETURN(const Bytes others, Without(stored->view(), record.case_ref()));
    out.Raw(others);
  }
  out.U8(record.closed() || record.withdrawn() ? 0 : 1);
  out.U64(static_cast<uint64_t>(record.newest_at_ms()));
  out.U64(static_cast<uint64_t>(number));
  out.Vector(AsBytes(record.case_ref()));
  out.Vector(AsBytes(record.SerializeAsString()));
  return tx.Put(kLists, row, out.view(), key);
}

absl::Status Remove(VaultTransaction& tx, const vault::v1::CaseRecord& record) {
  if (record.list_block() == 0) return absl::OkStatus();
  const Bytes row = BlockRow(record.list_block());
  ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> stored, tx.Get(kLists, row));
  if (!stored) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(const Bytes others, Without(stored->view(), record.case_ref()));
  ENLACE_ASSIGN_OR_RETURN(const DataKeyId old_key, KeyOf(tx, row));
  ENLACE_ASSIGN_OR_RETURN(const DataKeyId new_key, tx.CreateKey());
  ENLACE_RETURN_IF_ERROR(tx.Put(kLists, row, others, new_key));
  ENLACE_RETURN_IF_ERROR(tx.Put(kListKeys, row, new_key, kVaultKey));
  return tx.DestroyKey(old_key);
}

absl::Status ForEach(const Vault& vault, const std::function<absl::Status(const Entry&)>& visit) {
  VaultRange range{{'b'}, {}, kListPage};
  while (true) {
    ENLACE_ASSIGN_OR_RETURN(const std::vector<VaultRow> rows, vault.Scan(kLists, range));
    for (const VaultRow& row : rows) {
      codec::Reader in(row.value.view());
      while (!in.empty()) {
        Entry entry;
        ENLACE_RETURN_IF_ERROR(ReadEntry(in, entry));
        ENLACE_RETURN_IF_ERROR(visit(entry));
      }
    }
    if (rows.size() < kListPage) return absl::OkStatus();
    range.after = rows.back().row;
  }
}

}  // namespace enlace::client::case_list
