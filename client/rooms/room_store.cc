#include "client/rooms/room_store.h"

#include <map>

#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr std::string_view kRooms = "rooms";
constexpr std::string_view kWaiting = "rooms-waiting";
constexpr std::string_view kMls = "mls";
constexpr std::string_view kMlsNext = "mls-next";
constexpr std::string_view kMlsKey = "mls-key";
constexpr std::string_view kPublicPrefix = "public/";

absl::StatusOr<vault::v1::RoomRecord> Parse(BytesView stored) {
  vault::v1::RoomRecord record;
  if (!record.ParseFromArray(stored.data(), static_cast<int>(stored.size())))
    return MakeError(Reason::kVaultDamaged, {{"what", "rooms"}});
  return record;
}

bool Waits(const vault::v1::RoomRecord& record) {
  const bool member = record.membership() == vault::v1::ROOM_MEMBERSHIP_MEMBER;
  const bool lost =
      member && record.read_only_since_ms() != 0 && record.successor_room_id().empty();
  return !record.pending_request().empty() || !record.guard_wanted_leaves().empty() || lost ||
         record.membership() == vault::v1::ROOM_MEMBERSHIP_FOUNDING;
}

Bytes RowOf(BytesView room_id, std::string_view key) {
  Bytes row = ToBytes(room_id);
  Append(row, AsBytes(key));
  return row;
}

// Every row of a table that begins with `prefix`. `Source` is a Vault or a VaultTransaction.
template <typename Source>
absl::StatusOr<std::vector<VaultRow>> ScanAll(const Source& source, std::string_view table,
                                              BytesView prefix) {
  std::vector<VaultRow> rows;
  VaultRange range{ToBytes(prefix), {}, kVaultPageRows};
  while (true) {
    ENLACE_ASSIGN_OR_RETURN(std::vector<VaultRow> page, source.Scan(table, range));
    const bool last = page.size() < kVaultPageRows;
    if (!page.empty()) range.after = page.back().row;
    for (VaultRow& row : page) rows.push_back(std::move(row));
    if (last) return rows;
  }
}

using SavedGroup = std::map<std::string, SecretBytes>;

template <typename Source>
absl::StatusOr<SavedGroup> CurrentRows(const Source& source, BytesView room_id) {
  SavedGroup saved;
  ENLACE_ASSIGN_OR_RETURN(std::vector<VaultRow> rows, ScanAll(source, kMls, room_id));
  for (VaultRow& row : rows)
    saved[ToText(BytesView(row.row).subspan(room_id.size()))] = std::move(row.value);
  if (saved.empty()) return NotFound("no saved group");
  return saved;
}

absl::StatusOr<DataKeyId> KeyOf(const VaultTransaction& tx, BytesView room_id) {
  ENLACE_ASSIGN_OR_RETURN(std::optional<SecretBytes> stored, tx.Get(kMlsKey, room_id));
  DataKeyId key_id{};
  if (!stored) return NotFound("the room has no data key");
  if (stored->size() != key_id.size())
    return MakeError(Reason::kVaultDamaged, {{"what", "mls-key"}});
  std::copy(stored->view().begin(), stored->view().end(), key_id.begin());
  return key_id;
}

// A data key for the room's secrets; with `fresh` a new one, to which every secret row moves before
// the old one dies.
absl::StatusOr<DataKeyId> EnsureKey(VaultTransaction& tx, BytesView room_id, bool fresh) {
  const absl::StatusOr<DataKeyId> old_key = KeyOf(tx, room_id);
  if (!old_key.ok() && !absl::IsNotFound(old_key.status())) return old_key.status();
  if (old_key.ok() && !fresh) return *old_key;
  ENLACE_ASSIGN_OR_RETURN(const DataKeyId new_key, tx.CreateKey());
  ENLACE_RETURN_IF_ERROR(tx.Put(kMlsKey, room_id, new_key, kVaultKey));
  if (!old_key.ok()) return new_key;
  ENLACE_ASSIGN_OR_RETURN(std::vector<VaultRow> rows, ScanAll(tx, kMls, room_id));
  for (const VaultRow& row : rows) {
    const bool is_public =
        AsText(BytesView(row.row).subspan(room_id.size())).starts_with(kPublicPrefix);
    if (!is_public) ENLACE_RETURN_IF_ERROR(tx.Put(kMls, row.row, row.value.view(), new_key));
  }
  ENLACE_RETURN_IF_ERROR(tx.DestroyKey(*old_key));
  return new_key;
}

absl::Status Write(VaultTransaction& tx, BytesView row, std::optional<BytesView> value,
                   const DataKeyId& secrets, bool is_public) {
  if (!value) return tx.Delete(kMls, row);
  return tx.Put(kMls, row, *value, is_public ? kVaultKey : secrets);
}

}  // namespace

absl::StatusOr<std::optional<vault::v1::RoomRecord>> RoomStore::Load(BytesView room_id) const {
  ENLACE_ASSIGN_OR_RETURN(std::optional<SecretBytes> stored, vault_.Get(kRooms, room_id));
  if (!stored) return std::optional<vault::v1::RoomRecord>();
  ENLACE_ASSIGN_OR_RETURN(vault::v1::RoomRecord record, Parse(stored->view()));
  return std::make_optional(std::move(record));
}

absl::StatusOr<std::vector<vault::v1::RoomRecord>> RoomStore::LoadPage(BytesView after,
                                                                       size_t limit) const {
  ENLACE_ASSIGN_OR_RETURN(const std::vector<VaultRow> rows,
                          vault_.Scan(kRooms, {{}, ToBytes(after), limit}));
  std::vector<vault::v1::RoomRecord> records;
  for (const VaultRow& row : rows) {
    ENLACE_ASSIGN_OR_RETURN(vault::v1::RoomRecord record, Parse(row.value.view()));
    records.push_back(std::move(record));
  }
  return records;
}

absl::StatusOr<std::vector<vault::v1::RoomRecord>> RoomStore::LoadWaiting() const {
  ENLACE_ASSIGN_OR_RETURN(const std::vector<VaultRow> rows, ScanAll(vault_, kWaiting, {}));
  std::vector<vault::v1::RoomRecord> records;
  for (const VaultRow& row : rows) {
    ENLACE_ASSIGN_OR_RETURN(std::optional<vault::v1::RoomRecord> record, Load(row.row));
    if (!record) return MakeError(Reason::kVaultDamaged, {{"what", "rooms-waiting"}});
    records.push_back(*std::move(record));
  }
  return records;
}

absl::StatusOr<mls::Group> RoomStore::LoadGroup(BytesView room_id) const {
  ENLACE_ASSIGN_OR_RETURN(SavedGroup saved, CurrentRows(vault_, room_id));
  return mls::Group::Restore(saved);
}

absl::StatusOr<mls::Group> RoomStore::LoadNextGroup(BytesView room_id) const {
  ENLACE_ASSIGN_OR_RETURN(std::vector<VaultRow> next, ScanAll(vault_, kMlsNext, room_id));
  if (next.empty()) return NotFound("no state after a pending commit");
  ENLACE_ASSIGN_OR_RETURN(SavedGroup saved, CurrentRows(vault_, room_id));
  for (const VaultRow& row : next) {
    const std::string key = ToText(BytesView(row.row).subspan(room_id.size()));
    const BytesView value = row.value.view();
    if (value.empty()) return MakeError(Reason::kVaultDamaged, {{"what", "mls-next"}});
    if (value[0] == 0) {
      saved.erase(key);
    } else {
      saved[key] = SecretBytes::CopyOf(value.subspan(1));
    }
  }
  return mls::Group::Restore(saved);
}

absl::StatusOr<mls::Group> RoomStore::CopyGroup(const VaultTransaction& tx,
                                                BytesView room_id) const {
  ENLACE_ASSIGN_OR_RETURN(SavedGroup saved, CurrentRows(tx, room_id));
  return mls::Group::Restore(saved);
}

absl::Status RoomStore::Save(VaultTransaction& tx, const vault::v1::RoomRecord& record) const {
  const BytesView room_id = AsBytes(record.room_id());
  ENLACE_RETURN_IF_ERROR(Waits(record) ? tx.Put(kWaiting, room_id, {}, kVaultKey)
                                       : tx.Delete(kWaiting, room_id));
  return tx.Put(kRooms, room_id, AsBytes(record.SerializeAsString()), kVaultKey);
}

absl::Status RoomStore::SaveGroup(VaultTransaction& tx, BytesView room_id,
                                  const std::vector<mls::StateChange>& changes,
                                  bool new_epoch) const {
  ENLACE_ASSIGN_OR_RETURN(const DataKeyId secrets, EnsureKey(tx, room_id, new_epoch));
  for (const mls::StateChange& change : changes) {
    const std::optional<BytesView> value =
        change.value ? std::optional<BytesView>(change.value->view()) : std::nullopt;
    ENLACE_RETURN_IF_ERROR(Write(tx, RowOf(room_id, change.key), value, secrets,
                                 change.key.starts_with(kPublicPrefix)));
  }
  return absl::OkStatus();
}

absl::Status RoomStore::SaveNextGroup(VaultTransaction& tx, BytesView room_id,
                                      const std::vector<mls::StateChange>& changes) const {
  ENLACE_RETURN_IF_ERROR(DropNextGroup(tx, room_id));
  ENLACE_ASSIGN_OR_RETURN(const DataKeyId secrets, EnsureKey(tx, room_id, false));
  for (const mls::StateChange& change : changes) {
    SecretBytes value(1 + (change.value ? change.value->size() : 0));
    value.mutable_view()[0] = change.value ? 1 : 0;
    if (change.value) {
      std::copy(change.value->view().begin(), change.value->view().end(),
                value.mutable_view().begin() + 1);
    }
    ENLACE_RETURN_IF_ERROR(tx.Put(kMlsNext, RowOf(room_id, change.key), value.view(), secrets));
  }
  return absl::OkStatus();
}

absl::Status RoomStore::PromoteNextGroup(VaultTransaction& tx, BytesView room_id) const {
  ENLACE_ASSIGN_OR_RETURN(std::vector<VaultRow> rows, ScanAll(tx, kMlsNext, room_id));
  ENLACE_ASSIGN_OR_RETURN(const DataKeyId secrets, EnsureKey(tx, room_id, false));
  for (const VaultRow& row : rows) {
    if (row.value.empty()) return MakeError(Reason::kVaultDamaged, {{"what", "mls-next"}});
    const bool present = row.value.view()[0] != 0;
    const std::optional<BytesView> value =
        present ? std::optional<BytesView>(row.value.view().subspan(1)) : std::nullopt;
    const bool is_public =
        AsText(BytesView(row.row).subspan(room_id.size())).starts_with(kPublicPrefix);
    ENLACE_RETURN_IF_ERROR(Write(tx, row.row, value, secrets, is_public));
    ENLACE_RETURN_IF_ERROR(tx.Delete(kMlsNext, row.row));
  }
  return EnsureKey(tx, room_id, true).status();
}

absl::Status RoomStore::DropNextGroup(VaultTransaction& tx, BytesView room_id) const {
  ENLACE_ASSIGN_OR_RETURN(std::vector<VaultRow> rows, ScanAll(tx, kMlsNext, room_id));
  for (const VaultRow& row : rows) ENLACE_RETURN_IF_ERROR(tx.Delete(kMlsNext, row.row));
  return absl::OkStatus();
}

absl::Status RoomStore::Forget(VaultTransaction& tx, BytesView room_id) const {
  ENLACE_RETURN_IF_ERROR(ForgetGroup(tx, room_id));
  ENLACE_RETURN_IF_ERROR(tx.Delete(kWaiting, room_id));
  return tx.Delete(kRooms, room_id);
}

absl::Status RoomStore::ForgetGroup(VaultTransaction& tx, BytesView room_id) const {
  ENLACE_RETURN_IF_ERROR(DropNextGroup(tx, room_id));
  ENLACE_ASSIGN_OR_RETURN(std::vector<VaultRow> rows, ScanAll(tx, kMls, room_id));
  for (const VaultRow& row : rows) ENLACE_RETURN_IF_ERROR(tx.Delete(kMls, row.row));
  const absl::StatusOr<DataKeyId> key = KeyOf(tx, room_id);
  if (absl::IsNotFound(key.status())) return absl::OkStatus();
  if (!key.ok()) return key.status();
  ENLACE_RETURN_IF_ERROR(tx.DestroyKey(*key));
  return tx.Delete(kMlsKey, room_id);
}

}  // namespace enlace::client
