// The server's chain: one hash over everything that was ever accepted, and where it stands.
//
// Each start appends a generation record with random bytes; each accepted message appends its
// header (crypto/room/log_chain.h). Promises that the chain in memory is that of the store and the
// group, and that the durable head only moves when a group is committed.
//
// Thread safety: the committer; durable() from any thread. Ownership: borrows the store.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/primitives/rng.h"
#include "crypto/room/log_chain.h"
#include "enlace/store/v1/store.pb.h"
#include "server/core/group_overlay.h"
#include "storage/high_water.h"

namespace enlace::server {

// A header that has its place: its encoding, and its hash, which is the head of both chains.
struct ChainedHeader {
  Bytes encoded;
  merkle::Hash head{};
};

class ServerLog {
 public:
  explicit ServerLog(GroupOverlay& store) : store_(store) {}

  // Reads where the chain stands. Also after a dropped group.
  absl::Status Load();
  // STORAGE_DAMAGED when the store's chain does not reach the mark. With `declare_loss` a loss is
  // recorded instead, also where the mark knows of none: what was lost within the mark's last
  // interval is proven by clients only.
  absl::Status CompareWith(const std::optional<storage::ChainHead>& mark, bool declare_loss,
                           int64_t now_ms);
  // Appends this start's record.
  absl::Status StartGeneration(int64_t now_ms, crypto::Rng& rng);

  // Completes `header` with its place in the server's chain and appends it.
  ChainedHeader Append(room::LogHeader& header);

  const store::v1::ServerChain& chain() const { return chain_; }
  // True when a part of the log was ever declared lost: rooms may then be proven behind.
  bool had_loss() const { return !chain_.losses().empty(); }
  // Writes the group's places and the end of the chain, once per group, before the batch is taken.
  // Until then ServerHeadAt does not know them.
  void Flush();
  bool dirty() const { return dirty_; }

  void KeepOperation();
  void DropOperation();
  void GroupCommitted();
  absl::Status AbandonGroup() { return Load(); }

  // The end of the chain as of the last committed group; absent before the first record.
  std::optional<storage::ChainHead> durable() const;

 private:
  room::ServerHead head() const;
  void DeclareLoss(const std::optional<storage::ChainHead>& mark, int64_t now_ms);
  void Advance(const room::ServerHead& to);
  void WritePlaces();

  GroupOverlay& store_;
  store::v1::ServerChain chain_;
  store::v1::ServerChain before_operation_;
  bool dirty_ = false;
  // The heads after the group's entries, the newest places of the chain; the kept operations'
  // first.
  Bytes heads_;
  size_t kept_heads_bytes_ = 0;
  mutable std::mutex mutex_;
  std::optional<storage::ChainHead> durable_;
};

// The cursors of inboxes after which a declared loss left a gap, ascending.
std::vector<uint64_t> CursorBases(const store::v1::ServerChain& chain);

// What Core::Open says about the store and its mark, without changing anything: OK, or
// STORAGE_DAMAGED.
absl::Status CheckMark(const storage::ReadView& view,
                       const std::optional<storage::ChainHead>& mark);

// A row of the server's log: the places from `first` to `last`.
struct ServerPlaces {
  uint64_t first = 0;
  uint64_t last = 0;
  store::v1::ServerLogRow row;

  // The chain's head after one of them.
  merkle::Hash HeadAt(uint64_t server_sequence) const;
};

// DATA_LOSS when it is not in its form.
absl::StatusOr<ServerPlaces> ReadServerPlaces(const storage::Row& row);

// The head that the store holds at a place of the chain, or nullopt. For HighWaterFile and for what
// clients present.
absl::StatusOr<std::optional<merkle::Hash>> ServerHeadAt(const storage::ReadView& view,
                                                         uint64_t server_sequence);

}  // namespace enlace::server
