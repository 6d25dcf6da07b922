#include "storage/memory/versioned_map.h"

#include <algorithm>

namespace enlace::storage {
namespace {

uint64_t SizeOf(const Bytes& key, const std::optional<Bytes>& value) {
  return value ? key.size() + value->size() : 0;
}

}  // namespace

const VersionedMap::Version* VersionedMap::At(const Versions& versions, uint64_t sequence) {
  for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
    if (version->sequence <= sequence) return &*version;
  }
  return nullptr;
}

std::optional<Bytes> VersionedMap::Find(BytesView key, uint64_t sequence) const {
  const auto found = keys_.find(ToBytes(key));
  if (found == keys_.end()) return std::nullopt;
  const Version* version = At(found->second, sequence);
  return version == nullptr ? std::nullopt : version->value;
}

void VersionedMap::Visit(const KeyRange& range, Order order, uint64_t sequence,
                         const Visitor& visit) const {
  if (range.empty()) return;
  const auto begin = LowerBound(range.begin);
  const auto end = range.end.empty() ? keys_.end() : LowerBound(range.end);
  const auto visit_at = [&](Keys::const_iterator at) {
    const Version* version = At(at->second, sequence);
    return version == nullptr || !version->value || visit(at->first, *version->value);
  };
  if (order == Order::kForward) {
    for (auto at = begin; at != end; ++at) {
      if (!visit_at(at)) return;
    }
    return;
  }
  for (auto at = end; at != begin;) {
    if (!visit_at(--at)) return;
  }
}

void VersionedMap::Apply(const WriteBatch& batch) {
  ++newest_;
  batch.ForEach([this](const WriteBatch::Write& write) {
    switch (write.kind) {
      case WriteBatch::Kind::kPut:
        return Write(ToBytes(write.key), ToBytes(write.value));
      case WriteBatch::Kind::kDelete:
        return Write(ToBytes(write.key), std::nullopt);
      case WriteBatch::Kind::kDeleteRange:
        return DeleteRange({ToBytes(write.key), ToBytes(write.value)});
    }
  });
}

void VersionedMap::Write(const Bytes& key, std::optional<Bytes> value) {
  const auto at = keys_.try_emplace(key).first;
  Versions& versions = at->second;
  if (!versions.empty()) newest_bytes_ -= SizeOf(key, versions.back().value);
  newest_bytes_ += SizeOf(key, value);
  stored_bytes_ += SizeOf(key, value);
  if (!versions.empty() && versions.back().sequence == newest_) {
    stored_bytes_ -= SizeOf(key, versions.back().value);
    versions.back().value = std::move(value);
  } else {
    versions.push_back({newest_, std::move(value)});
  }
  Prune(at);
}

void VersionedMap::DeleteRange(const KeyRange& range) {
  std::vector<Bytes> keys;
  Visit(range, Order::kForward, newest_, [&keys](BytesView key, BytesView) {
    keys.push_back(ToBytes(key));
    return true;
  });
  for (const Bytes& key : keys) Write(key, std::nullopt);
}

bool VersionedMap::Needed(const Versions& versions, size_t index) const {
  if (index + 1 == versions.size()) return true;
  // Seen by those who look from here up to just before the next version.
  const uint64_t first = versions[index].sequence;
  const uint64_t next = versions[index + 1].sequence;
  if (first <= synced_ && synced_ < next) return true;
  const auto pin = pins_.lower_bound(first);
  return pin != pins_.end() && *pin < next;
}

void VersionedMap::Prune(Keys::iterator key) {
  Versions& versions = key->second;
  Versions kept;
  for (size_t i = 0; i < versions.size(); ++i) {
    // A deletion with nothing older kept before it hides nothing.
    const bool needed = Needed(versions, i) && (versions[i].value || !kept.empty());
    if (needed) {
      kept.push_back(std::move(versions[i]));
    } else {
      stored_bytes_ -= SizeOf(key->first, versions[i].value);
    }
  }
  versions = std::move(kept);
  if (versions.empty()) {
    prunable_.erase(key->first);
    keys_.erase(key);
  } else if (versions.size() > 1) {
    prunable_.insert(key->first);
  } else {
    prunable_.erase(key->first);
  }
}

void VersionedMap::Sync() {
  synced_ = newest_;
  DropUnneeded();
}

void VersionedMap::RollBackToSync() {
  for (auto at = keys_.begin(); at != keys_.end();) {
    const auto key = at++;
    Versions& versions = key->second;
    newest_bytes_ -= SizeOf(key->first, versions.back().value);
    while (!versions.empty() && versions.back().sequence > synced_) {
      stored_bytes_ -= SizeOf(key->first, versions.back().value);
      versions.pop_back();
    }
    if (versions.empty()) {
      prunable_.erase(key->first);
      keys_.erase(key);
      continue;
    }
    newest_bytes_ += SizeOf(key->first, versions.back().value);
    Prune(key);
  }
}

void VersionedMap::Unpin(uint64_t sequence) {
  pins_.erase(pins_.find(sequence));
  DropUnneeded();
}

void VersionedMap::DropUnneeded() {
  const std::vector<Bytes> keys(prunable_.begin(), prunable_.end());
  for (const Bytes& key : keys) Prune(keys_.find(key));
}

}  // namespace enlace::storage
