#include "server/core/hash_state.h"

#include <cstring>

#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/primitives/status.h"

namespace enlace::server {

HashState::HashState() { crypto_hash_sha256_init(&state_); }

absl::StatusOr<HashState> HashState::Restore(BytesView saved) {
  HashState out;
  codec::Reader in(saved);
  for (uint32_t& word : out.state_.state) ENLACE_RETURN_IF_ERROR(in.ReadU32(word));
  ENLACE_RETURN_IF_ERROR(in.ReadU64(out.state_.count));
  BytesView block;
  ENLACE_RETURN_IF_ERROR(in.ReadFixed(sizeof(out.state_.buf), block));
  std::memcpy(out.state_.buf, block.data(), block.size());
  ENLACE_RETURN_IF_ERROR(in.Done());
  return out;
}

void HashState::Add(BytesView part) {
  crypto_hash_sha256_update(&state_, part.data(), part.size());
}

Bytes HashState::Save() const {
  codec::Writer out(128);
  for (const uint32_t word : state_.state) out.U32(word);
  out.U64(state_.count);
  out.Raw(state_.buf);
  return out.Take();
}

crypto::Digest HashState::Digest() const {
  crypto_hash_sha256_state copy = state_;
  crypto::Digest digest;
  crypto_hash_sha256_final(&copy, digest.data());
  return digest;
}

}  // namespace enlace::server
