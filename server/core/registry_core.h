// The registry's mutations: publications, the bootstrap of charter and authorities, cards, case
// numbers.
//
// The server writes no word of the log: every entry is judged by its own signatures
// (identity::Registry). What is decided here is who may hand entries in, and that a publication
// takes effect whole or not at all.
//
// Thread safety: the committer. Ownership: borrows all collaborators.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/primitives/ed25519.h"
#include "enlace/v1/enrolment.pb.h"
#include "enlace/v1/registry.pb.h"
#include "server/core/caller.h"
#include "server/core/effects_buffer.h"
#include "server/core/group_overlay.h"
#include "server/core/shared_registry.h"

namespace enlace::server {

// Entries and cards of one publication.
struct Publication {
  std::vector<Bytes> entries;
  std::vector<const v1::Card*> cards;
};

class RegistryCore {
 public:
  struct Sources {
    GroupOverlay& store;
    EffectsBuffer& effects;
    SharedRegistry& registry;
    const crypto::SigningKey& log_key;
  };
  // Told of the devices whose standing an entry may have changed, within the same operation.
  using DevicesChanged =
      std::function<absl::Status(const std::vector<std::string>& device_uris, int64_t now_ms)>;

  explicit RegistryCore(const Sources& sources) : s_(sources) {}
  void OnDevicesChanged(DevicesChanged listener) { devices_changed_ = std::move(listener); }

  absl::Status Bootstrap(const v1::BootstrapRequest& request, int64_t now_ms,
                         v1::BootstrapResponse& answer);
  absl::Status Publish(const Caller& caller, const v1::PublishRequest& request, int64_t now_ms,
                       v1::PublishResponse& answer);
  absl::Status LeaseCaseNumbers(const Caller& caller, const v1::LeaseCaseNumbersRequest& request,
                                v1::LeaseCaseNumbersResponse& answer);

  // Appends entries stamped with the server's time and stores the cards. REGISTRY_ENTRY_INVALID,
  // CHARTER_REJECTED. When it fails after the first entry, the operation must be dropped, which
  // reads the registry again. Gives the entries as logged.
  absl::StatusOr<std::vector<Bytes>> Append(const Publication& publication, int64_t now_ms);
  // Index that the next entry gets.
  uint64_t NextIndex() const { return s_.registry.latest().size(); }
  // The signed head of what was appended so far.
  Bytes SignedHead(int64_t now_ms) const;

  // The operation ended. Dropping one that appended reads the registry again from the store and
  // what the group kept.
  void KeepOperation() { appended_ = 0; }
  absl::Status DropOperation();
  absl::Status AbandonGroup();
  void GroupCommitted() {
    s_.registry.SetDurable();
    group_appended_ = false;
  }

 private:
  absl::StatusOr<Bytes> AppendOne(BytesView encoded, int64_t now_ms);
  absl::Status NoteChange(BytesView entry);
  absl::Status StoreCard(const v1::Card& card);
  absl::Status CheckFailures(std::string_view authority, int64_t now_ms);

  Sources s_;
  DevicesChanged devices_changed_;
  size_t appended_ = 0;
  bool group_appended_ = false;
  std::vector<std::string> changed_;
  std::map<std::string, std::deque<int64_t>, std::less<>> failures_;
};

}  // namespace enlace::server
