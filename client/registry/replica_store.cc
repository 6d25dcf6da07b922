#include "client/registry/replica_store.h"

#include <utility>

#include "client/registry/registry_replica.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr std::string_view kSelectState =
    "SELECT version, root, head, refreshed_at_ms FROM state WHERE id=1";

}  // namespace

absl::Status LogInconsistent(std::string_view what) {
  return MakeError(Reason::kLogInconsistent, {{"what", std::string(what)}});
}

absl::StatusOr<std::unique_ptr<ReplicaStore>> ReplicaStore::Open(const std::string& path,
                                                                 const merkle::Hash& root,
                                                                 bool read_only) {
  auto database =
      Database::Open(path, read_only ? Database::Mode::kReader : Database::Mode::kOwner);
  if (absl::IsNotFound(database.status()) && read_only) return MakeError(Reason::kNotEnrolled);
  if (absl::IsNotFound(database.status())) database = Database::Open(path, Database::Mode::kCreate);
  if (!database.ok()) return database.status();
  std::unique_ptr<ReplicaStore> store(new ReplicaStore(std::move(*database)));
  if (!read_only) ENLACE_RETURN_IF_ERROR(store->Create(root));
  ENLACE_RETURN_IF_ERROR(store->Load(root));
  return store;
}

// A file whose making was interrupted has no row: making it again is harmless.
absl::Status ReplicaStore::Create(const merkle::Hash& root) {
  ENLACE_RETURN_IF_ERROR(database_->Execute("BEGIN IMMEDIATE"));
  ENLACE_RETURN_IF_ERROR(database_->Execute(
      "CREATE TABLE IF NOT EXISTS state(id INTEGER PRIMARY KEY, version INTEGER,"
      " root BLOB, head BLOB, refreshed_at_ms INTEGER);"
      "CREATE TABLE IF NOT EXISTS entries(idx INTEGER PRIMARY KEY, entry BLOB);"));
  {
    ENLACE_ASSIGN_OR_RETURN(
        StatementHandle put,
        database_->Prepare("INSERT OR IGNORE INTO state VALUES(1,?1,?2,X'',0)"));
    put->Bind(1, int64_t{kReplicaVersion}).Bind(2, BytesView(root));
    ENLACE_RETURN_IF_ERROR(put->Run());
  }
  return database_->Execute("COMMIT");
}

absl::Status ReplicaStore::Load(const merkle::Hash& root) {
  ENLACE_ASSIGN_OR_RETURN(StatementHandle get, database_->Prepare(kSelectState));
  ENLACE_ASSIGN_OR_RETURN(const bool found, get->Step());
  if (!found) return LogInconsistent("registry.db");
  if (get->Integer(0) > kReplicaVersion) {
    return MakeError(Reason::kProgramTooOld, {{"what", "registry.db"}});
  }
  if (!EqualBytes(get->Blob(1), root)) return LogInconsistent("registry.db: charter root");
  refreshed_at_ms_ = get->Integer(3);
  if (get->Blob(2).empty()) return absl::OkStatus();
  auto head = merkle::DecodeSignedHead(get->Blob(2));
  if (!head.ok()) return LogInconsistent("registry.db: head");
  head_ = std::move(*head);
  return absl::OkStatus();
}

absl::Status ReplicaStore::Replay(identity::Registry& registry) {
  ENLACE_ASSIGN_OR_RETURN(StatementHandle scan,
                          database_->Prepare("SELECT idx, entry FROM entries ORDER BY idx"));
  for (;;) {
    ENLACE_ASSIGN_OR_RETURN(const bool more, scan->Step());
    if (!more) break;
    if (scan->Integer(0) != static_cast<int64_t>(registry.size())) {
      return LogInconsistent("registry.db: gap");
    }
    const absl::Status applied = registry.Apply(scan->Blob(1), identity::Trust::kVerifiedBefore);
    if (!applied.ok()) return LogInconsistent("registry.db: " + std::string(MessageOf(applied)));
  }
  const bool matches = head_.head.size == 0 ? registry.size() == 0 : registry.head() == head_.head;
  return matches ? absl::OkStatus() : LogInconsistent("registry.db: root");
}

absl::StatusOr<Bytes> ReplicaStore::EntryAt(uint64_t index) {
  ENLACE_ASSIGN_OR_RETURN(StatementHandle get,
                          database_->Prepare("SELECT entry FROM entries WHERE idx=?1"));
  ENLACE_ASSIGN_OR_RETURN(const bool found, get->Bind(1, static_cast<int64_t>(index)).Step());
  if (!found) return NotFound("registry: no such entry");
  return ToBytes(get->Blob(0));
}

absl::Status ReplicaStore::Write(const Update& update) {
  ENLACE_RETURN_IF_ERROR(database_->Execute("BEGIN IMMEDIATE"));
  absl::Status status = WriteRows(update);
  if (status.ok()) status = database_->Execute("COMMIT");
  if (!status.ok()) {
    // SQLite may have rolled back already; either way nothing of the update stays.
    database_->Execute("ROLLBACK").IgnoreError();
    return status;
  }
  head_ = update.head;
  refreshed_at_ms_ = update.now_ms;
  return absl::OkStatus();
}

absl::Status ReplicaStore::WriteRows(const Update& update) {
  for (size_t i = 0; i < update.entries.size(); ++i) {
    ENLACE_ASSIGN_OR_RETURN(StatementHandle put,
                            database_->Prepare("INSERT INTO entries VALUES(?1,?2)"));
    put->Bind(1, static_cast<int64_t>(update.first_index + i))
        .Bind(2, BytesView(update.entries[i]));
    ENLACE_RETURN_IF_ERROR(put->Run());
  }
  const Bytes head = merkle::EncodeSignedHead(update.head);
  ENLACE_ASSIGN_OR_RETURN(
      StatementHandle put,
      database_->Prepare("UPDATE state SET head=?1, refreshed_at_ms=?2 WHERE id=1"));
  return put->Bind(1, BytesView(head)).Bind(2, update.now_ms).Run();
}

}  // namespace enlace::client
