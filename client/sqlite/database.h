// A thin owner of SQLite connections and statements, for the vault and the registry replica.
//
// Promises our durability settings on every connection (WAL, synchronous=FULL, secure_delete),
// files of mode 0600, and errors as statuses: VAULT_BUSY, LOCAL_DISK_FULL, VAULT_DAMAGED for a file
// that is not a database or not whole, FILE_UNREADABLE, INTERNAL for the rest. What is stored is
// the caller's business.
//
// Thread safety: one Database, one thread. Ownership: a Statement must not outlive its Database.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/primitives/bytes.h"

namespace enlace::client {

inline constexpr int kDatabaseBusyTimeoutMs = 5000;

// A prepared statement. Parameters count from 1, columns from 0, as in SQLite.
class DatabaseStatement {
 public:
  explicit DatabaseStatement(sqlite3_stmt* statement) : statement_(statement) {}

  // Views must live until the next Step() has returned false or the statement is used anew.
  DatabaseStatement& Bind(int index, BytesView blob);
  DatabaseStatement& Bind(int index, std::string_view text);
  DatabaseStatement& Bind(int index, int64_t value);

  // Ends the use: an unfinished statement keeps its read transaction open.
  void Reset() { sqlite3_reset(statement_.get()); }

  // True for a row, false at the end.
  absl::StatusOr<bool> Step();
  // For statements without rows.
  absl::Status Run();

  // Of the current row; views die with the next Step().
  BytesView Blob(int column) const;
  int64_t Integer(int column) const;

 private:
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  friend class Database;
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
};

struct StatementResetter {
  void operator()(DatabaseStatement* statement) const { statement->Reset(); }
};
// A use of a prepared statement; over when destroyed.
using StatementHandle = std::unique_ptr<DatabaseStatement, StatementResetter>;

class Database {
 public:
  enum class Mode { kCreate, kOwner, kReader };

  // kCreate makes a new file (FILE_EXISTS when there is one), kOwner writes, kReader reads beside
  // an owner. NOT_FOUND when there is no file to open.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path, Mode mode);

  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Statements without parameters and rows.
  absl::Status Execute(const char* sql);
  // The prepared statement of `sql`, ready for new parameters; kept for the next call. At most one
  // use of the same text at a time.
  absl::StatusOr<StatementHandle> Prepare(std::string_view sql);

  // Rows that the last statement changed.
  int changes() const { return sqlite3_changes(connection_.get()); }
  // Moves the WAL into the file and empties it. VAULT_BUSY when a reader holds it up.
  absl::Status TruncateWal();

 private:
  struct Closer {
    void operator()(sqlite3* connection) const { sqlite3_close(connection); }
  };
  explicit Database(sqlite3* connection) : connection_(connection) {}
  absl::Status Configure(Mode mode);

  std::unique_ptr<sqlite3, Closer> connection_;
  std::map<std::string, DatabaseStatement, std::less<>> statements_;
};

// The status of an SQLite result code of `connection` (its message is used where there is one).
absl::Status DatabaseError(int code, sqlite3* connection);

}  // namespace enlace::client
