#include "storage/write_batch.h"

namespace enlace::storage {

void WriteBatch::DeleteRange(const KeyRange& range) {
  if (range.empty()) return;
  Add(Kind::kDeleteRange, range.begin, range.end);
}

void WriteBatch::Append(const WriteBatch& other) {
  // Of a copy, so that a batch can be appended to itself.
  if (&other == this) return Append(WriteBatch(other));
  Reserve(entries_.size() + other.entries_.size(), data_.size() + other.size_bytes());
  other.ForEach([this](const Write& write) { Add(write.kind, write.key, write.value); });
}

void WriteBatch::Clear() {
  entries_.clear();
  data_.clear();
  borrowed_bytes_ = 0;
  puts_ = 0;
  reclaims_space_ = false;
}

void WriteBatch::PutBorrowed(BytesView key, BytesView value) {
  // An empty key, which no engine takes, has no address to be told by.
  if (key.empty()) return Put(key, value);
  entries_.push_back({Kind::kPut, key.size(), value.size(), key.data(), value.data()});
  borrowed_bytes_ += key.size() + value.size();
  ++puts_;
}

void WriteBatch::Add(Kind kind, BytesView key, BytesView value) {
  entries_.push_back({.kind = kind, .key_bytes = key.size(), .value_bytes = value.size()});
  enlace::Append(data_, key);
  enlace::Append(data_, value);
  if (kind == Kind::kPut) ++puts_;
}

}  // namespace enlace::storage
