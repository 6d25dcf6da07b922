#include "tests/unit/rooms/machine.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "client/enrolment/device_store.h"
#include "client/enrolment/key_packages.h"
#include "crypto/primitives/status.h"

namespace enlace::client::testing {
namespace {

using ::enlace::testing::World;
using ::enlace::testing::WorldDevice;

template <typename T>
T Value(absl::StatusOr<T> value, const char* what) {
  if (!value.ok()) {
    std::fprintf(stderr, "%s: %s\n", what, value.status().ToString().c_str());
    std::abort();
  }
  return *std::move(value);
}

void Must(const absl::Status& status, const char* what) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s: %s\n", what, status.ToString().c_str());
  std::abort();
}

PassphraseCost LowCost() {
  PassphraseCost cost;
  cost.memory_bytes = kPassphraseMemoryBytesMin;
  cost.passes = 1;
  return cost;
}

OwnDevice OwnDeviceFrom(const World& world, const WorldDevice& device) {
  const DeviceIdentity identity{device.uri,
                                device.tls,
                                device.mls,
                                device.tls_key.Clone(),
                                device.mls_key.Clone(),
                                {world.charter().root, 1},
                                "localhost:1",
                                "localhost:2",
                                {},
                                ""};
  return Value(OwnDeviceOf(identity), "device");
}

}  // namespace

absl::Status WorldReplica::Refresh(SessionInterface&, int64_t, int) {
  Refresh();
  return absl::OkStatus();
}

absl::StatusOr<Bytes> WorldReplica::EntryAt(uint64_t index) const {
  if (index >= world_.entries().size()) return NotFound("past the end");
  return world_.entries()[index];
}

Machine::Machine(World& world, const WorldDevice& device)
    : now_ms_(world.now_ms()), device_(OwnDeviceFrom(world, device)), replica_(world) {
  const SecretBytes passphrase = SecretBytes::CopyOf(AsBytes("cuatro palabras de prueba"));
  vault_ = Value(Vault::Create(folder_.File("vault.db"), passphrase, rng_, LowCost()), "vault");
  master_key_ = vault_->master_key().Clone();
  context_ = std::make_unique<RoomContext>(RoomContext{*vault_, replica_, device_, rng_, nullptr});
}

void Machine::Open() {
  vault_ = Value(
      Vault::OpenWithMasterKey({folder_.File("vault.db"), VaultMode::kOwner}, master_key_, rng_),
      "vault");
  context_ = std::make_unique<RoomContext>(RoomContext{*vault_, replica_, device_, rng_, nullptr});
}

void Machine::Restart(const std::string& backup) {
  context_.reset();
  vault_.reset();
  if (!backup.empty()) {
    for (const char* rest : {"vault.db-wal", "vault.db-shm"})
      std::filesystem::remove(folder_.File(rest));
    std::filesystem::copy_file(backup, folder_.File("vault.db"),
                               std::filesystem::copy_options::overwrite_existing);
  }
  Open();
}

std::string Machine::Backup() {
  context_.reset();
  vault_.reset();
  std::filesystem::copy_file(folder_.File("vault.db"), folder_.File("backup.db"));
  Open();
  return folder_.File("backup.db");
}

mls::KeyPackage Machine::MakeKeyPackage() {
  mls::KeyPackageOptions options;
  options.lifetime = {static_cast<uint64_t>(now_ms_ / 1000 - 3600),
                      static_cast<uint64_t>((now_ms_ + kKeyPackageLifetimeMs) / 1000)};
  const mls::KeyPackageBundle bundle =
      Value(mls::GenerateKeyPackage(device_.profile, options, device_.key, rng_), "key package");
  Must(InTransaction([&](VaultTransaction& tx) {
         return tx.Put(kKeyPackageTable, bundle.key_package.Ref(), bundle.Serialize().view(),
                       kVaultKey);
       }),
       "key package");
  return bundle.key_package;
}

absl::Status Machine::InTransaction(const std::function<absl::Status(VaultTransaction&)>& step) {
  ENLACE_ASSIGN_OR_RETURN(const std::unique_ptr<VaultTransaction> tx, vault_->Begin());
  ENLACE_RETURN_IF_ERROR(step(*tx));
  return tx->Commit();
}

std::unique_ptr<Room> Machine::Load(BytesView room_id) const {
  return Value(Room::Load(*context_, room_id), "room");
}

const RoomLog::Entry& RoomLog::Append(room::LogKind kind, const Machine& sender, BytesView content,
                                      uint64_t epoch) {
  room::LogHeader header;
  if (!entries_.empty()) {
    header = Value(room::DecodeLogHeader(entries_.back().header), "header");
    header.previous_room_head = room::LogHeaderHash(header);
    header.previous_server_head = header.previous_room_head;
  }
  header.room_id = room_id_;
  ++header.sequence;
  ++header.server_sequence;
  header.kind = kind;
  header.sender = sender.device().sender_hash;
  header.content_hash = merkle::Sha256(content);
  header.accepted_at_ms += 1000;
  header.epoch = epoch;
  return entries_.emplace_back(Entry{room::EncodeLogHeader(header), ToBytes(content)});
}

}  // namespace enlace::client::testing
