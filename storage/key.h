// Keys of the store: an order-preserving encoding of tuples, and ranges over them.
//
// A key is one byte that names the key space (format.md lists them) followed by elements: unsigned
// integers, strings and byte strings. Keys compare as bytes exactly as their tuples compare element
// by element, so that a scan of the prefix (space, a, b) yields the rows of (a, b, *) in the order
// of the remaining elements. An element never matches a prefix of another: the range of "ab" does
// not hold "abc".
//
// Encoding of an element: a tag byte, then - 0x01 bytes, 0x02 text: the content, in which 0x00
// becomes 0x00 0x01, then the end 0x00 0x00; - 0x03 integer: 8 bytes, big endian.
//
// Thread safety: values, used by one thread at a time. Ownership: builders own; KeyReader borrows
// the key.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/primitives/bytes.h"
#include "crypto/primitives/status.h"

namespace enlace::storage {

// The first byte of a key. 0 belongs to storage/ itself (schema.h); the rest to the layer above.
using KeySpace = uint8_t;
inline constexpr KeySpace kStorageKeySpace = 0;

// Keys from `begin` (inclusive) to `end` (exclusive). An empty `end` means to the end of the store,
// an empty `begin` from its start; {} is everything.
struct KeyRange {
  Bytes begin;
  Bytes end;

  bool operator==(const KeyRange&) const = default;
  // True when no key can lie in it.
  bool empty() const { return !end.empty() && AsText(begin) >= AsText(end); }
  bool Contains(BytesView key) const {
    return AsText(key) >= AsText(begin) && (end.empty() || AsText(key) < AsText(end));
  }
};

// Builds one key: KeyBuilder(kRoomLog).Text(room).U64(sequence).Take().
class KeyBuilder {
 public:
  explicit KeyBuilder(KeySpace space) { out_.push_back(space); }

  KeyBuilder& U64(uint64_t value);
  KeyBuilder& Text(std::string_view text);
  KeyBuilder& Blob(BytesView bytes);

  // What was built so far; the builder can go on.
  BytesView view() const { return out_; }
  Bytes Take() { return std::move(out_); }

 private:
  void Escaped(uint8_t tag, BytesView bytes);

  Bytes out_;
};

// Reads the elements of a key back. Every function gives INVALID_ARGUMENT when the next element is
// of another kind, is cut or not in the one encoding that KeyBuilder writes; after the first error
// all further reads fail.
class KeyReader {
 public:
  explicit KeyReader(BytesView key) : rest_(key) {}

  absl::StatusOr<KeySpace> Space();
  absl::StatusOr<uint64_t> U64();
  absl::StatusOr<std::string> Text();
  absl::StatusOr<Bytes> Blob();
  // OK when every element was read.
  absl::Status Done() const;

 private:
  absl::Status Fail(std::string_view what);
  absl::Status Tag(uint8_t expected);
  absl::StatusOr<Bytes> Escaped(uint8_t tag);

  BytesView rest_;
  bool failed_ = false;
};

// All keys that begin with `prefix`; everything when it is empty.
KeyRange PrefixRange(BytesView prefix);
inline KeyRange PrefixRange(const KeyBuilder& prefix) { return PrefixRange(prefix.view()); }

// From `first` (inclusive) to the end of the keys that begin with `prefix`: how a reader goes on
// after a cursor.
KeyRange PrefixRangeFrom(BytesView prefix, BytesView first);

// The smallest key after `key`.
Bytes KeyAfter(BytesView key);

}  // namespace enlace::storage
