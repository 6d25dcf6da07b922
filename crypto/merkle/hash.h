// SHA-256 of public data and the node hashes of RFC 6962.
//
// Promises RFC 6962 section 2.1's domain separation: a leaf and an inner node never hash alike.
// Uses OpenSSL, several times as fast here as libsodium; nothing secret is hashed by these
// functions.
//
// Thread safety: free functions without shared state. Ownership: values.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>

#include "crypto/primitives/bytes.h"
#include "crypto/primitives/sha256.h"

namespace enlace::merkle {

inline constexpr size_t kHashBytes = crypto::kHashBytes;

// A SHA-256 value. Compared with ==; as bytes it is a BytesView by itself.
using Hash = crypto::Digest;

// SHA-256 of `data` (FIPS 180-4).
Hash Sha256(BytesView data);

// SHA-256 of the concatenation of `parts`, without separators: callers keep it unambiguous by fixed
// lengths.
Hash Sha256(std::initializer_list<BytesView> parts);

// Root of the empty tree: SHA-256 of nothing (RFC 6962 section 2.1).
Hash EmptyRoot();

// SHA-256(0x00 ‖ entry) (RFC 6962 section 2.1).
Hash LeafHash(BytesView entry);

// SHA-256(0x01 ‖ left ‖ right) (RFC 6962 section 2.1).
Hash NodeHash(const Hash& left, const Hash& right);

// Hash function of an unordered map keyed by SHA-256 values: their first bytes are uniform already,
// as long as no peer can choose them freely at low cost; use for values that a signature or our own
// hashing has fixed.
struct HashOfHash {
  size_t operator()(const Hash& hash) const;
};

}  // namespace enlace::merkle
