#include "client/sqlite/database.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

// An empty file of mode 0600: SQLite gives its journal files the mode of the database.
absl::Status CreateFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 && errno == EEXIST) return MakeError(Reason::kFileExists, {{"path", path}});
  if (fd < 0) {
    return MakeError(Reason::kFileNotWritable, {{"path", path}, {"what", std::strerror(errno)}});
  }
  close(fd);
  return absl::OkStatus();
}

}  // namespace

absl::Status DatabaseError(int code, sqlite3* connection) {
  const std::string what =
      connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return MakeError(Reason::kVaultBusy, {{"pid", "?"}});
    case SQLITE_FULL:
      return MakeError(Reason::kLocalDiskFull);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return MakeError(Reason::kVaultDamaged, {{"what", what}});
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_IOERR:
      return MakeError(Reason::kFileUnreadable, {{"path", "vault"}, {"what", what}});
    default:
      return MakeStatus(absl::StatusCode::kInternal, "sqlite: " + what);
  }
}

DatabaseStatement& DatabaseStatement::Bind(int index, BytesView blob) {
  // A null pointer would bind NULL; an empty blob is a value.
  const void* data = blob.empty() ? "" : static_cast<const void*>(blob.data());
  sqlite3_bind_blob64(statement_.get(), index, data, blob.size(), SQLITE_STATIC);
  return *this;
}

DatabaseStatement& DatabaseStatement::Bind(int index, std::string_view text) {
  const char* data = text.empty() ? "" : text.data();
  sqlite3_bind_text64(statement_.get(), index, data, text.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

DatabaseStatement& DatabaseStatement::Bind(int index, int64_t value) {
  sqlite3_bind_int64(statement_.get(), index, value);
  return *this;
}

absl::StatusOr<bool> DatabaseStatement::Step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) return DatabaseError(code, sqlite3_db_handle(statement_.get()));
  return false;
}

absl::Status DatabaseStatement::Run() {
  for (;;) {
    ENLACE_ASSIGN_OR_RETURN(const bool row, Step());
    if (!row) return absl::OkStatus();
  }
}

BytesView DatabaseStatement::Blob(int column) const {
  const auto* data = static_cast<const uint8_t*>(sqlite3_column_blob(statement_.get(), column));
  return {data, static_cast<size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

int64_t DatabaseStatement::Integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path, Mode mode) {
  if (mode == Mode::kCreate) {
    ENLACE_RETURN_IF_ERROR(CreateFile(path));
  } else if (access(path.c_str(), F_OK) != 0) {
    return NotFound(path);
  }
  const int flags = (mode == Mode::kReader ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
  sqlite3* connection = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &connection, flags, nullptr);
  std::unique_ptr<Database> database(new Database(connection));
  if (code != SQLITE_OK) return DatabaseError(code, connection);
  ENLACE_RETURN_IF_ERROR(database->Configure(mode));
  return database;
}

absl::Status Database::Configure(Mode mode) {
  sqlite3_busy_timeout(connection_.get(), kDatabaseBusyTimeoutMs);
  ENLACE_RETURN_IF_ERROR(Execute("PRAGMA trusted_schema=OFF"));
  ENLACE_RETURN_IF_ERROR(Execute("PRAGMA temp_store=MEMORY"));
  if (mode == Mode::kReader) return absl::OkStatus();
  ENLACE_RETURN_IF_ERROR(Execute("PRAGMA secure_delete=ON"));
  ENLACE_RETURN_IF_ERROR(Execute("PRAGMA journal_mode=WAL"));
  return Execute("PRAGMA synchronous=FULL");
}

absl::Status Database::Execute(const char* sql) {
  const int code = sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : DatabaseError(code, connection_.get());
}

absl::StatusOr<StatementHandle> Database::Prepare(std::string_view sql) {
  auto it = statements_.find(sql);
  if (it == statements_.end()) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) return DatabaseError(code, connection_.get());
    it = statements_.emplace(std::string(sql), DatabaseStatement(statement)).first;
  }
  sqlite3_clear_bindings(it->second.statement_.get());
  return StatementHandle(&it->second);
}

absl::Status Database::TruncateWal() {
  ENLACE_ASSIGN_OR_RETURN(StatementHandle checkpoint, Prepare("PRAGMA wal_checkpoint(TRUNCATE)"));
  ENLACE_ASSIGN_OR_RETURN(const bool row, checkpoint->Step());
  const bool busy = row && checkpoint->Integer(0) != 0;
  return busy ? MakeError(Reason::kVaultBusy, {{"pid", "?"}}) : absl::OkStatus();
}

}  // namespace enlace::client
