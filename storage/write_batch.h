// A list of writes that take effect together: put, delete, delete a range.
//
// Promises order: a later write of the same key wins, a range deletion removes what stands in the
// store and what earlier writes of the batch put there. Holds its writes in one buffer, so that a
// batch costs no allocation per write; large ones can be borrowed. Does not check limits;
// Engine::Commit does, before anything is written.
//
// Thread safety: one thread. Ownership: owns copies of keys and values, but for borrowed ones;
// views handed to a visitor live as long as the batch is not changed.
#pragma once

#include <cstdint>
#include <vector>

#include "storage/key.h"

namespace enlace::storage {

class WriteBatch {
 public:
  enum class Kind : uint8_t { kPut, kDelete, kDeleteRange };
  // One write: for kPut key and value; for kDelete the key; for kDeleteRange first (inclusive) and
  // last (exclusive) key, an empty last meaning to the end of the store.
  struct Write {
    Kind kind;
    BytesView key;
    BytesView value;
  };

  void Put(BytesView key, BytesView value) { Add(Kind::kPut, key, value); }
  // The same without copies: both must live and stay as they are as long as the batch and its
  // copies are used. Append copies what they hold.
  void PutBorrowed(BytesView key, BytesView value);
  void Delete(BytesView key) { Add(Kind::kDelete, key, {}); }
  // Cheap however much the range holds, but it slows later scans over the range until it is
  // compacted: for a room or a long stretch; single keys are better deleted one by one. An empty
  // range is nothing.
  void DeleteRange(const KeyRange& range);
  // Appends the writes of `other` after those that are here; its word about space is not taken
  // over.
  void Append(const WriteBatch& other);
  // Makes room for so many writes and bytes of keys and values in all.
  void Reserve(size_t writes, size_t bytes) {
    entries_.reserve(writes);
    data_.reserve(bytes);
  }
  void Clear();

  bool empty() const { return entries_.empty(); }
  size_t size() const { return entries_.size(); }
  // Bytes of all keys and values.
  size_t size_bytes() const { return data_.size() + borrowed_bytes_; }
  // The caller's word that this batch gives back more space than it takes, like a retention step
  // that leaves tombstones behind.
  void set_reclaims_space(bool reclaims) { reclaims_space_ = reclaims; }
  // True when nothing is put, or space is reclaimed: accepted on a disk that is nearly full.
  bool allowed_on_full_disk() const { return puts_ == 0 || reclaims_space_; }

  // Calls visit(const Write&) for each write in order.
  template <typename Visitor>
  void ForEach(Visitor&& visit) const {
    size_t offset = 0;
    for (const Entry& entry : entries_) {
      if (entry.borrowed_key != nullptr) {
        visit(Write{entry.kind,
                    {entry.borrowed_key, entry.key_bytes},
                    {entry.borrowed_value, entry.value_bytes}});
        continue;
      }
      const BytesView all = BytesView(data_).subspan(offset, entry.key_bytes + entry.value_bytes);
      visit(Write{entry.kind, all.first(entry.key_bytes), all.subspan(entry.key_bytes)});
      offset += all.size();
    }
  }

 private:
  struct Entry {
    Kind kind;
    size_t key_bytes;
    size_t value_bytes;
    // Where a borrowed write stands; null for one whose bytes are the next of data_.
    const uint8_t* borrowed_key = nullptr;
    const uint8_t* borrowed_value = nullptr;
  };

  void Add(Kind kind, BytesView key, BytesView value);

  std::vector<Entry> entries_;
  Bytes data_;
  size_t borrowed_bytes_ = 0;
  size_t puts_ = 0;
  bool reclaims_space_ = false;
};

}  // namespace enlace::storage
