#include "client/vault/vault.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "client/vault/vault_header.h"
#include "client/vault/vault_store.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

// Rolls back whatever was begun and not committed.
class SqliteTransaction final : public VaultTransaction {
 public:
  // `open` is the vault's mark that a transaction exists.
  SqliteTransaction(VaultStore& store, bool& open, uint64_t& commits)
      : store_(store), open_(open), commits_(commits) {
    open_ = true;
  }
  ~SqliteTransaction() override {
    // A failed rollback means that SQLite has rolled back by itself already.
    if (!committed_) store_.database().Execute("ROLLBACK").IgnoreError();
    open_ = false;
  }

  absl::StatusOr<DataKeyId> CreateKey() override { return store_.CreateKey(); }
  absl::Status DestroyKey(const DataKeyId& key_id) override { return store_.DestroyKey(key_id); }
  absl::Status Put(std::string_view table, BytesView row, BytesView plaintext,
                   const DataKeyId& key_id) override {
    return store_.Put({table, row, key_id}, plaintext);
  }
  absl::Status Delete(std::string_view table, BytesView row) override {
    return store_.Delete(table, row);
  }
  absl::Status AddTokens(std::string_view table, BytesView row,
                         std::span<const std::string> tokens) override {
    return store_.AddTokens(table, row, tokens);
  }
  absl::StatusOr<int64_t> NumberOf(std::string_view table, BytesView row) const override {
    return store_.NumberOf(table, row);
  }
  absl::StatusOr<std::optional<SecretBytes>> Get(std::string_view table,
                                                 BytesView row) const override {
    return store_.Get(table, row);
  }
  absl::StatusOr<std::vector<VaultRow>> Scan(std::string_view table,
                                             const VaultRange& range) const override {
    return store_.Scan(table, range);
  }
  absl::Status Commit() override {
    if (committed_) return FailedPrecondition("vault: the transaction is over");
    ENLACE_RETURN_IF_ERROR(store_.database().Execute("COMMIT"));
    committed_ = true;
    ++commits_;
    return absl::OkStatus();
  }

 private:
  VaultStore& store_;
  bool& open_;
  uint64_t& commits_;
  bool committed_ = false;
};

class SqliteVault final : public Vault {
 public:
  SqliteVault(VaultMode mode, VaultHeader header, VaultStore store)
      : mode_(mode), header_(std::move(header)), store_(std::move(store)) {}

  const SecretBytes& master_key() const override { return store_.keys().master_key(); }

  absl::Status ChangePassphrase(const SecretBytes& passphrase,
                                const PassphraseCost& cost) override {
    VaultHeader changed = header_;
    ENLACE_RETURN_IF_ERROR(WrapMasterKey(master_key(), passphrase, cost, changed, store_.rng()));
    ENLACE_ASSIGN_OR_RETURN(const std::unique_ptr<VaultTransaction> transaction, Begin());
    ENLACE_RETURN_IF_ERROR(WriteVaultHeader(changed, store_.database()));
    ENLACE_RETURN_IF_ERROR(transaction->Commit());
    header_ = std::move(changed);
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<VaultTransaction>> Begin() override {
    if (mode_ != VaultMode::kOwner) return FailedPrecondition("vault: opened for reading");
    if (transaction_open_) return FailedPrecondition("vault: a transaction is open");
    ENLACE_RETURN_IF_ERROR(store_.database().Execute("BEGIN IMMEDIATE"));
    return std::make_unique<SqliteTransaction>(store_, transaction_open_, commits_);
  }

  absl::StatusOr<std::optional<SecretBytes>> Get(std::string_view table,
                                                 BytesView row) const override {
    return store_.Get(table, row);
  }
  absl::StatusOr<std::vector<VaultRow>> Scan(std::string_view table,
                                             const VaultRange& range) const override {
    return store_.Scan(table, range);
  }
  absl::StatusOr<uint64_t> Count(std::string_view table, BytesView prefix) const override {
    return store_.Count(table, prefix);
  }
  absl::StatusOr<std::vector<Bytes>> FindTokens(
      std::string_view table, std::span<const std::string> tokens) const override {
    return store_.FindTokens(table, tokens);
  }
  absl::StatusOr<std::vector<int64_t>> FindNumbers(
      std::string_view table, std::span<const std::string> tokens) const override {
    return store_.FindNumbers(table, tokens);
  }

  absl::StatusOr<uint64_t> ChangeCounter() const override {
    ENLACE_ASSIGN_OR_RETURN(StatementHandle get, store_.database().Prepare("PRAGMA data_version"));
    ENLACE_RETURN_IF_ERROR(get->Step().status());
    const auto others = static_cast<uint64_t>(get->Integer(0));
    return others + commits_;
  }

  absl::Status Purge() override { return store_.database().TruncateWal(); }

 private:
  VaultMode mode_;
  VaultHeader header_;
  // Reading prepares statements; what callers see does not change.
  mutable VaultStore store_;
  bool transaction_open_ = false;
  uint64_t commits_ = 0;
};

absl::StatusOr<std::unique_ptr<Database>> OpenDatabase(const Vault::Location& location) {
  auto database =
      Database::Open(location.path, location.mode == VaultMode::kOwner ? Database::Mode::kOwner
                                                                       : Database::Mode::kReader);
  if (absl::IsNotFound(database.status())) return MakeError(Reason::kNotEnrolled);
  return database;
}

// A damaged file has no meta table.
absl::StatusOr<VaultHeader> HeaderOf(Database& database) {
  auto header = ReadVaultHeader(database);
  if (absl::IsInternal(header.status())) {
    return MakeError(Reason::kVaultDamaged, {{"what", "meta"}});
  }
  return header;
}

// Writes the whole new file beside its place, so that a failure leaves none.
absl::Status WriteNewVault(const std::string& path, const VaultHeader& header) {
  ENLACE_ASSIGN_OR_RETURN(const std::unique_ptr<Database> database,
                          Database::Open(path, Database::Mode::kCreate));
  ENLACE_RETURN_IF_ERROR(CreateVaultTables(*database));
  ENLACE_RETURN_IF_ERROR(WriteVaultHeader(header, *database));
  return database->TruncateWal();
}

absl::Status NotWritable(const std::string& path) {
  return MakeError(Reason::kFileNotWritable, {{"path", path}, {"what", std::strerror(errno)}});
}

// Gives the finished file its name; never over another one.
absl::Status Publish(const std::string& temporary, const std::string& path) {
  if (link(temporary.c_str(), path.c_str()) != 0) {
    if (errno == EEXIST) return MakeError(Reason::kFileExists, {{"path", path}});
    return NotWritable(path);
  }
  const std::string folder = path.substr(0, path.find_last_of('/') + 1);
  const int fd = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return NotWritable(folder);
  const bool synced = fsync(fd) == 0;
  close(fd);
  return synced ? absl::OkStatus() : NotWritable(folder);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Vault>> Vault::Create(const std::string& path,
                                                     const SecretBytes& passphrase,
                                                     crypto::Rng& rng, const PassphraseCost& cost) {
  if (Exists(path)) return MakeError(Reason::kFileExists, {{"path", path}});
  ENLACE_ASSIGN_OR_RETURN(const NewVault fresh, MakeVaultHeader(passphrase, cost, rng));
  const std::string temporary = path + ".new";
  // Left by a program that was killed while creating; never an opened vault.
  unlink(temporary.c_str());
  absl::Status status = WriteNewVault(temporary, fresh.header);
  if (status.ok()) status = Publish(temporary, path);
  for (const char* suffix : {"", "-wal", "-shm"}) unlink((temporary + suffix).c_str());
  ENLACE_RETURN_IF_ERROR(status);
  return OpenWithMasterKey({path, VaultMode::kOwner}, fresh.master_key, rng);
}

absl::StatusOr<std::unique_ptr<Vault>> Vault::Open(const Location& location,
                                                   const SecretBytes& passphrase,
                                                   crypto::Rng& rng) {
  ENLACE_ASSIGN_OR_RETURN(const std::unique_ptr<Database> database, OpenDatabase(location));
  ENLACE_ASSIGN_OR_RETURN(const VaultHeader header, HeaderOf(*database));
  ENLACE_ASSIGN_OR_RETURN(const SecretBytes master, UnwrapMasterKey(header, passphrase));
  return OpenWithMasterKey(location, master, rng);
}

absl::StatusOr<std::unique_ptr<Vault>> Vault::OpenWithMasterKey(const Location& location,
                                                                const SecretBytes& master_key,
                                                                crypto::Rng& rng) {
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<Database> database, OpenDatabase(location));
  ENLACE_ASSIGN_OR_RETURN(VaultHeader header, HeaderOf(*database));
  VaultKeys keys(master_key.Clone(), header.vault_id);
  if (!EqualBytes(keys.Check(), header.check)) return MakeError(Reason::kPassphraseWrong);
  VaultStore store(std::move(database), std::move(keys), rng);
  return std::make_unique<SqliteVault>(location.mode, std::move(header), std::move(store));
}

bool Vault::Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

}  // namespace enlace::client
