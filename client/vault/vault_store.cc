#include "client/vault/vault_store.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

// Up to here looking up each row is cheaper than reading all rows of a word.
constexpr size_t kProbesMax = 256;

absl::Status CheckPlace(std::string_view table, BytesView row) {
  if (table.empty() || table.size() > kVaultTableNameBytesMax) {
    return InvalidArgument("vault: table name");
  }
  if (row.empty() || row.size() > kVaultRowKeyBytesMax) return InvalidArgument("vault: row key");
  return absl::OkStatus();
}

absl::StatusOr<DataKeyId> KeyIdOf(BytesView bytes) {
  DataKeyId id;
  if (bytes.size() != id.size()) return MakeError(Reason::kVaultDamaged, {{"what", "key id"}});
  std::copy(bytes.begin(), bytes.end(), id.begin());
  return id;
}

bool HasPrefix(BytesView bytes, BytesView prefix) {
  return bytes.size() >= prefix.size() && EqualBytes(bytes.first(prefix.size()), prefix);
}

}  // namespace

absl::Status CreateVaultTables(Database& database) {
  return database.Execute(
      "CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
      "CREATE TABLE data_keys(id BLOB PRIMARY KEY, wrapped BLOB NOT NULL) WITHOUT ROWID;"
      "CREATE TABLE items(item INTEGER PRIMARY KEY, tab TEXT NOT NULL, row BLOB NOT NULL,"
      " key_id BLOB NOT NULL, sealed BLOB NOT NULL, UNIQUE(tab,row));"
      "CREATE INDEX items_by_key ON items(key_id);"
      "CREATE TABLE tokens(token INTEGER NOT NULL, item INTEGER NOT NULL,"
      " PRIMARY KEY(token,item)) WITHOUT ROWID;"
      "CREATE INDEX tokens_by_item ON tokens(item);");
}

absl::StatusOr<std::optional<SecretBytes>> VaultStore::LoadKey(const DataKeyId& key_id) {
  if (key_id == kVaultKey) return std::optional<SecretBytes>();
  ENLACE_ASSIGN_OR_RETURN(StatementHandle get,
                          database_->Prepare("SELECT wrapped FROM data_keys WHERE id=?1"));
  ENLACE_ASSIGN_OR_RETURN(const bool found, get->Bind(1, BytesView(key_id)).Step());
  if (!found) return NotFound("vault: data key");
  auto key = keys_.UnwrapDataKey(key_id, get->Blob(0));
  if (!key.ok()) return key.status();
  return std::optional<SecretBytes>(std::move(*key));
}

absl::StatusOr<SecretBytes> VaultStore::OpenRow(const VaultKeys::Place& place, BytesView sealed) {
  auto key = LoadKey(place.key_id);
  if (absl::IsNotFound(key.status())) {
    return MakeError(Reason::kVaultDamaged, {{"what", "data key"}});
  }
  if (!key.ok()) return key.status();
  return keys_.OpenRow(key->has_value() ? &**key : nullptr, place, sealed);
}

absl::StatusOr<std::optional<SecretBytes>> VaultStore::Get(std::string_view table, BytesView row) {
  ENLACE_ASSIGN_OR_RETURN(
      StatementHandle get,
      database_->Prepare("SELECT key_id, sealed FROM items WHERE tab=?1 AND row=?2"));
  ENLACE_ASSIGN_OR_RETURN(const bool found, get->Bind(1, table).Bind(2, row).Step());
  if (!found) return std::optional<SecretBytes>();
  ENLACE_ASSIGN_OR_RETURN(const DataKeyId key_id, KeyIdOf(get->Blob(0)));
  auto value = OpenRow({table, row, key_id}, get->Blob(1));
  if (!value.ok()) return value.status();
  return std::optional<SecretBytes>(std::move(*value));
}

absl::StatusOr<std::vector<VaultRow>> VaultStore::Scan(std::string_view table,
                                                       const VaultRange& range) {
  const bool from_after = !range.after.empty() && range.after >= range.prefix;
  ENLACE_ASSIGN_OR_RETURN(
      StatementHandle scan,
      database_->Prepare(from_after ? "SELECT row, key_id, sealed FROM items WHERE tab=?1 AND "
                                      "row>?2 ORDER BY row LIMIT ?3"
                                    : "SELECT row, key_id, sealed FROM items WHERE tab=?1 AND "
                                      "row>=?2 ORDER BY row LIMIT ?3"));
  scan->Bind(1, table)
      .Bind(2, BytesView(from_after ? range.after : range.prefix))
      .Bind(3, static_cast<int64_t>(range.limit));
  std::vector<VaultRow> rows;
  for (;;) {
    ENLACE_ASSIGN_OR_RETURN(const bool more, scan->Step());
    if (!more) return rows;
    VaultRow row;
    row.row = ToBytes(scan->Blob(0));
    if (!HasPrefix(row.row, range.prefix)) break;
    ENLACE_ASSIGN_OR_RETURN(const DataKeyId key_id, KeyIdOf(scan->Blob(1)));
    ENLACE_ASSIGN_OR_RETURN(row.value, OpenRow({table, row.row, key_id}, scan->Blob(2)));
    rows.push_back(std::move(row));
  }
  return rows;
}

absl::StatusOr<uint64_t> VaultStore::Count(std::string_view table, BytesView prefix) {
  ENLACE_ASSIGN_OR_RETURN(
      StatementHandle count,
      database_->Prepare("SELECT count(*) FROM items WHERE tab=?1 AND substr(row,1,?3)=?2"));
  count->Bind(1, table).Bind(2, prefix).Bind(3, static_cast<int64_t>(prefix.size()));
  ENLACE_RETURN_IF_ERROR(count->Step().status());
  const int64_t result = count->Integer(0);
  return static_cast<uint64_t>(result);
}

absl::StatusOr<std::vector<int64_t>> VaultStore::NumbersWith(int64_t token) {
  ENLACE_ASSIGN_OR_RETURN(
      StatementHandle find,
      database_->Prepare("SELECT item FROM tokens WHERE token=?1 ORDER BY item"));
  find->Bind(1, token);
  std::vector<int64_t> numbers;
  for (;;) {
    ENLACE_ASSIGN_OR_RETURN(const bool more, find->Step());
    if (!more) return numbers;
    numbers.push_back(find->Integer(0));
  }
}

absl::StatusOr<std::vector<int64_t>> VaultStore::Having(const std::vector<int64_t>& numbers,
                                                        int64_t token) {
  std::vector<int64_t> having;
  if (numbers.size() > kProbesMax) {
    ENLACE_ASSIGN_OR_RETURN(const std::vector<int64_t> all, NumbersWith(token));
    std::set_intersection(numbers.begin(), numbers.end(), all.begin(), all.end(),
                          std::back_inserter(having));
    return having;
  }
  for (const int64_t number : numbers) {
    ENLACE_ASSIGN_OR_RETURN(StatementHandle probe,
                            database_->Prepare("SELECT 1 FROM tokens WHERE token=?1 AND item=?2"));
    ENLACE_ASSIGN_OR_RETURN(const bool found, probe->Bind(1, token).Bind(2, number).Step());
    if (found) having.push_back(number);
  }
  return having;
}

absl::StatusOr<std::vector<int64_t>> VaultStore::FindNumbers(std::string_view table,
                                                             std::span<const std::string> tokens) {
  if (tokens.empty()) return std::vector<int64_t>();
  ENLACE_ASSIGN_OR_RETURN(std::vector<int64_t> hits,
                          NumbersWith(keys_.TokenOf(table, tokens.front())));
  for (const std::string& token : tokens.subspan(1)) {
    ENLACE_ASSIGN_OR_RETURN(hits, Having(hits, keys_.TokenOf(table, token)));
  }
  return hits;
}

absl::StatusOr<std::vector<Bytes>> VaultStore::FindTokens(std::string_view table,
                                                          std::span<const std::string> tokens) {
  ENLACE_ASSIGN_OR_RETURN(const std::vector<int64_t> numbers, FindNumbers(table, tokens));
  std::vector<Bytes> rows;
  for (const int64_t number : numbers) {
    ENLACE_ASSIGN_OR_RETURN(StatementHandle get,
                            database_->Prepare("SELECT row FROM items WHERE item=?1 AND tab=?2"));
    ENLACE_ASSIGN_OR_RETURN(const bool found, get->Bind(1, number).Bind(2, table).Step());
    if (found) rows.push_back(ToBytes(get->Blob(0)));
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

absl::StatusOr<int64_t> VaultStore::NumberOf(std::string_view table, BytesView row) {
  ENLACE_ASSIGN_OR_RETURN(const int64_t item, ItemOf(table, row));
  if (item == 0) return NotFound("vault: row");
  return item;
}

absl::StatusOr<DataKeyId> VaultStore::CreateKey() {
  DataKeyId id;
  rng_.Fill(id);
  const SecretBytes key = rng_.Secret(kMasterKeyBytes);
  const Bytes wrapped = keys_.WrapDataKey(id, key, rng_);
  ENLACE_ASSIGN_OR_RETURN(StatementHandle put,
                          database_->Prepare("INSERT INTO data_keys VALUES(?1,?2)"));
  ENLACE_RETURN_IF_ERROR(put->Bind(1, BytesView(id)).Bind(2, BytesView(wrapped)).Run());
  return id;
}

absl::Status VaultStore::DestroyKey(const DataKeyId& key_id) {
  if (key_id == kVaultKey) return InvalidArgument("vault: its own key is never destroyed");
  for (const char* sql :
       {"DELETE FROM tokens WHERE item IN (SELECT item FROM items WHERE key_id=?1)",
        "DELETE FROM items WHERE key_id=?1", "DELETE FROM data_keys WHERE id=?1"}) {
    ENLACE_ASSIGN_OR_RETURN(StatementHandle erase, database_->Prepare(sql));
    ENLACE_RETURN_IF_ERROR(erase->Bind(1, BytesView(key_id)).Run());
  }
  return absl::OkStatus();
}

absl::Status VaultStore::Put(const VaultKeys::Place& place, BytesView plaintext) {
  ENLACE_RETURN_IF_ERROR(CheckPlace(place.table, place.row));
  if (plaintext.size() > kVaultValueBytesMax) return InvalidArgument("vault: value too long");
  ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> key, LoadKey(place.key_id));
  const Bytes sealed = keys_.SealRow(key.has_value() ? &*key : nullptr, place, plaintext, rng_);
  ENLACE_ASSIGN_OR_RETURN(
      StatementHandle put,
      database_->Prepare("INSERT INTO items(tab,row,key_id,sealed) VALUES(?1,?2,?3,?4) "
                         "ON CONFLICT(tab,row) DO UPDATE SET key_id=?3, sealed=?4"));
  return put->Bind(1, place.table)
      .Bind(2, place.row)
      .Bind(3, BytesView(place.key_id))
      .Bind(4, BytesView(sealed))
      .Run();
}

absl::StatusOr<int64_t> VaultStore::ItemOf(std::string_view table, BytesView row) {
  ENLACE_ASSIGN_OR_RETURN(StatementHandle get,
                          database_->Prepare("SELECT item FROM items WHERE tab=?1 AND row=?2"));
  ENLACE_ASSIGN_OR_RETURN(const bool found, get->Bind(1, table).Bind(2, row).Step());
  if (!found) return 0;
  const int64_t item = get->Integer(0);
  return item;
}

absl::Status VaultStore::Delete(std::string_view table, BytesView row) {
  ENLACE_ASSIGN_OR_RETURN(const int64_t item, ItemOf(table, row));
  if (item == 0) return absl::OkStatus();
  for (const char* sql : {"DELETE FROM tokens WHERE item=?1", "DELETE FROM items WHERE item=?1"}) {
    ENLACE_ASSIGN_OR_RETURN(StatementHandle erase, database_->Prepare(sql));
    ENLACE_RETURN_IF_ERROR(erase->Bind(1, item).Run());
  }
  return absl::OkStatus();
}

absl::Status VaultStore::AddTokens(std::string_view table, BytesView row,
                                   std::span<const std::string> tokens) {
  if (tokens.size() > kVaultTokensMax) return InvalidArgument("vault: too many tokens");
  ENLACE_ASSIGN_OR_RETURN(const int64_t item, ItemOf(table, row));
  if (item == 0) return NotFound("vault: row");
  for (const std::string& token : tokens) {
    ENLACE_ASSIGN_OR_RETURN(StatementHandle put,
                            database_->Prepare("INSERT OR IGNORE INTO tokens VALUES(?1,?2)"));
    ENLACE_RETURN_IF_ERROR(put->Bind(1, keys_.TokenOf(table, token)).Bind(2, item).Run());
  }
  return absl::OkStatus();
}

}  // namespace enlace::client
