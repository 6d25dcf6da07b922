#include "client/vault/vault_header.h"

#include <utility>

#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

// The cost and salt are bound to the wrapped key, so that nobody can lower them unnoticed.
Bytes MasterAad(const VaultHeader& header) {
  codec::Writer writer;
  writer.Vector(AsBytes("enlace vault master 1"));
  writer.U32(header.version);
  writer.Vector(header.vault_id);
  writer.Vector(header.salt);
  writer.U64(header.cost.memory_bytes);
  writer.U32(header.cost.passes);
  return writer.Take();
}

absl::Status PutMeta(Database& database, std::string_view name, BytesView value) {
  ENLACE_ASSIGN_OR_RETURN(StatementHandle put,
                          database.Prepare("INSERT OR REPLACE INTO meta VALUES(?1,?2)"));
  return put->Bind(1, name).Bind(2, value).Run();
}

absl::StatusOr<Bytes> GetMeta(Database& database, std::string_view name) {
  ENLACE_ASSIGN_OR_RETURN(StatementHandle get,
                          database.Prepare("SELECT value FROM meta WHERE name=?1"));
  ENLACE_ASSIGN_OR_RETURN(const bool row, get->Bind(1, name).Step());
  if (!row) return MakeError(Reason::kVaultDamaged, {{"what", std::string(name)}});
  Bytes value = ToBytes(get->Blob(0));
  return value;
}

Bytes EncodeCost(const PassphraseCost& cost) {
  codec::Writer writer;
  writer.U64(cost.memory_bytes);
  writer.U32(cost.passes);
  return writer.Take();
}

absl::StatusOr<PassphraseCost> DecodeCost(BytesView bytes) {
  codec::Reader reader(bytes);
  PassphraseCost cost;
  absl::Status status = reader.ReadU64(cost.memory_bytes);
  if (status.ok()) status = reader.ReadU32(cost.passes);
  if (status.ok()) status = reader.Done();
  if (!status.ok()) return MakeError(Reason::kVaultDamaged, {{"what", "cost"}});
  return cost;
}

absl::StatusOr<uint32_t> ReadVersion(Database& database) {
  ENLACE_ASSIGN_OR_RETURN(const Bytes bytes, GetMeta(database, "version"));
  codec::Reader reader(bytes);
  uint32_t version = 0;
  if (!reader.ReadU32(version).ok()) {
    return MakeError(Reason::kVaultDamaged, {{"what", "version"}});
  }
  return version;
}

}  // namespace

absl::StatusOr<NewVault> MakeVaultHeader(const SecretBytes& passphrase, const PassphraseCost& cost,
                                         crypto::Rng& rng) {
  NewVault vault;
  vault.master_key = rng.Secret(kMasterKeyBytes);
  vault.header.vault_id = rng.PublicBytes(kVaultIdBytes);
  ENLACE_RETURN_IF_ERROR(WrapMasterKey(vault.master_key, passphrase, cost, vault.header, rng));
  const crypto::Digest check = VaultKeys(vault.master_key.Clone(), vault.header.vault_id).Check();
  vault.header.check = ToBytes(BytesView(check));
  return vault;
}

absl::Status WrapMasterKey(const SecretBytes& master_key, const SecretBytes& passphrase,
                           const PassphraseCost& cost, VaultHeader& header, crypto::Rng& rng) {
  ENLACE_RETURN_IF_ERROR(CheckPassphrase(passphrase));
  header.salt = rng.PublicBytes(kPassphraseSaltBytes);
  header.cost = cost;
  ENLACE_ASSIGN_OR_RETURN(const SecretBytes key, DeriveWrappingKey(passphrase, header.salt, cost));
  header.wrapped_master = SealBytes(key, MasterAad(header), master_key.view(), rng);
  return absl::OkStatus();
}

absl::StatusOr<SecretBytes> UnwrapMasterKey(const VaultHeader& header,
                                            const SecretBytes& passphrase) {
  ENLACE_ASSIGN_OR_RETURN(const SecretBytes key,
                          DeriveWrappingKey(passphrase, header.salt, header.cost));
  auto master = OpenBytes(key, MasterAad(header), header.wrapped_master);
  if (!master.ok() || master->size() != kMasterKeyBytes) {
    return MakeError(Reason::kPassphraseWrong);
  }
  return master;
}

absl::Status WriteVaultHeader(const VaultHeader& header, Database& database) {
  codec::Writer version;
  version.U32(header.version);
  ENLACE_RETURN_IF_ERROR(PutMeta(database, "version", version.view()));
  ENLACE_RETURN_IF_ERROR(PutMeta(database, "id", header.vault_id));
  ENLACE_RETURN_IF_ERROR(PutMeta(database, "salt", header.salt));
  ENLACE_RETURN_IF_ERROR(PutMeta(database, "cost", EncodeCost(header.cost)));
  ENLACE_RETURN_IF_ERROR(PutMeta(database, "master", header.wrapped_master));
  return PutMeta(database, "check", header.check);
}

absl::StatusOr<VaultHeader> ReadVaultHeader(Database& database) {
  VaultHeader header;
  ENLACE_ASSIGN_OR_RETURN(header.version, ReadVersion(database));
  if (header.version > kVaultVersion) {
    return MakeError(Reason::kProgramTooOld, {{"what", "vault.db"}});
  }
  ENLACE_ASSIGN_OR_RETURN(header.vault_id, GetMeta(database, "id"));
  ENLACE_ASSIGN_OR_RETURN(header.salt, GetMeta(database, "salt"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes cost, GetMeta(database, "cost"));
  ENLACE_ASSIGN_OR_RETURN(header.cost, DecodeCost(cost));
  ENLACE_ASSIGN_OR_RETURN(header.wrapped_master, GetMeta(database, "master"));
  ENLACE_ASSIGN_OR_RETURN(header.check, GetMeta(database, "check"));
  return header;
}

}  // namespace enlace::client
