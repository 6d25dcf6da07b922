#include "client/cases/own_offices.h"

#include <algorithm>
#include <memory>

#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr std::string_view kSyncTable = "sync";
constexpr std::string_view kOfficesRow = "offices";

absl::Status DamagedOffices() { return MakeError(Reason::kVaultDamaged, {{"what", "sync"}}); }

Bytes EncodeOffices(const merkle::HeadRef& head, const std::vector<std::string>& offices) {
  codec::Writer out;
  out.U64(head.size);
  out.Raw(head.root);
  for (const std::string& office : offices) out.Vector(AsBytes(office));
  return out.Take();
}

}  // namespace

std::vector<std::string> OfficesByRegistry(const identity::Registry& registry,
                                           std::string_view device_uri) {
  const identity::DeviceRecord* record = registry.FindDevice(device_uri);
  return record == nullptr ? std::vector<std::string>()
                           : registry.OfficesOf(*record, registry.size());
}

absl::Status RememberOffices(Vault& vault, const identity::Registry& registry,
                             std::string_view device_uri) {
  const Bytes row = EncodeOffices(registry.head(), OfficesByRegistry(registry, device_uri));
  ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> stored,
                          vault.Get(kSyncTable, AsBytes(kOfficesRow)));
  if (stored && std::ranges::equal(stored->view(), row)) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, vault.Begin());
  ENLACE_RETURN_IF_ERROR(tx->Put(kSyncTable, AsBytes(kOfficesRow), row, kVaultKey));
  return tx->Commit();
}

absl::StatusOr<std::optional<std::vector<std::string>>> RememberedOffices(
    const Vault& vault, const merkle::HeadRef& head) {
  ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> stored,
                          vault.Get(kSyncTable, AsBytes(kOfficesRow)));
  if (!stored) return std::nullopt;
  codec::Reader in(stored->view());
  uint64_t size = 0;
  BytesView root;
  if (!in.ReadU64(size).ok() || !in.ReadFixed(head.root.size(), root).ok()) return DamagedOffices();
  if (size != head.size || !std::ranges::equal(root, head.root)) return std::nullopt;
  std::vector<std::string> offices;
  while (!in.empty()) {
    BytesView office;
    if (!in.ReadVector(office).ok()) return DamagedOffices();
    offices.emplace_back(AsText(office));
  }
  return offices;
}

}  // namespace enlace::client
