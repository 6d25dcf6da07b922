// Verification of RFC 6962 inclusion and consistency proofs, and their encoding.
//
// Promises that a proof that verifies fixes its statement: no second leaf, index or prefix
// satisfies the same roots without a SHA-256 collision. A proof with a hash too many or too few
// never verifies.
//
// Thread safety: free functions without state. Ownership: borrows for the call.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/merkle/hash.h"

namespace enlace::merkle {

// That a leaf stands at an index of a tree.
struct InclusionClaim {
  uint64_t index = 0;
  uint64_t size = 0;
  Hash leaf_hash{};
  Hash root{};
};

// That a tree is the beginning of another.
struct ConsistencyClaim {
  uint64_t old_size = 0;
  uint64_t new_size = 0;
  Hash old_root{};
  Hash new_root{};
};

// OK when `proof` shows the claim (RFC 6962 section 2.1.1); DATA_LOSS when it does not,
// INVALID_ARGUMENT for index >= size.
absl::Status VerifyInclusion(const InclusionClaim& claim, std::span<const Hash> proof);

// OK when `proof` shows the claim (RFC 6962 section 2.1.2); DATA_LOSS when it does not,
// INVALID_ARGUMENT for old > new. Sizes that are equal need equal roots and an empty proof; old
// size 0 needs the empty root and an empty proof.
absl::Status VerifyConsistency(const ConsistencyClaim& claim, std::span<const Hash> proof);

// Proof as a TLS vector: Hash hashes<V>. Reading: INVALID_ARGUMENT for more than kProofHashesMax
// hashes.
void WriteProof(std::span<const Hash> proof, codec::Writer& writer);
absl::Status ReadProof(codec::Reader& reader, std::vector<Hash>& proof);

}  // namespace enlace::merkle
