// An ordered map that keeps as many versions of each key as somebody can still see.
//
// Every Apply() makes one version of the whole map, numbered by newest(). Versions that are seen by
// the newest state, the last sync or a pin are kept; what nobody sees is dropped when a key is
// written, a pin ends or a sync moves on.
//
// Thread safety: none; the owner locks. Ownership: owns keys and values; views given to visitors
// live until the next change.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "storage/engine.h"

namespace enlace::storage {

class VersionedMap {
 public:
  // Takes the rows of a range in order until it returns false.
  using Visitor = std::function<bool(BytesView key, BytesView value)>;

  uint64_t newest() const { return newest_; }
  std::optional<Bytes> Find(BytesView key, uint64_t sequence) const;
  void Visit(const KeyRange& range, Order order, uint64_t sequence, const Visitor& visit) const;

  // The batch as one new version.
  void Apply(const WriteBatch& batch);
  // The newest version is what a crash leaves.
  void Sync();
  // Back to the last sync, forgetting what came after. Pins of later versions must be released as
  // usual.
  void RollBackToSync();

  // While a version is pinned, all that it sees is kept.
  void Pin(uint64_t sequence) { pins_.insert(sequence); }
  void Unpin(uint64_t sequence);
  void DropUnneeded();

  // Keys and values of the newest version, and of all versions that are kept.
  uint64_t newest_bytes() const { return newest_bytes_; }
  uint64_t stored_bytes() const { return stored_bytes_; }

 private:
  struct Version {
    uint64_t sequence;
    std::optional<Bytes> value;
  };
  using Versions = std::vector<Version>;
  using Keys = std::map<Bytes, Versions>;

  static const Version* At(const Versions& versions, uint64_t sequence);
  Keys::const_iterator LowerBound(const Bytes& key) const { return keys_.lower_bound(key); }
  void Write(const Bytes& key, std::optional<Bytes> value);
  void DeleteRange(const KeyRange& range);
  // Drops what nobody sees of one key; erases the key when nothing is left.
  void Prune(Keys::iterator key);
  bool Needed(const Versions& versions, size_t index) const;

  Keys keys_;
  std::multiset<uint64_t> pins_;
  // Keys with more than one version, or deleted in the newest one.
  std::set<Bytes> prunable_;
  uint64_t newest_ = 0;
  uint64_t synced_ = 0;
  uint64_t newest_bytes_ = 0;
  uint64_t stored_bytes_ = 0;
};

}  // namespace enlace::storage
