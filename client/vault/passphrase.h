// From a passphrase to the key that wraps the master key: Argon2id (RFC 9106) through libsodium.
//
// The default cost is libsodium's MODERATE: 256 MiB and 3 passes, about a second on one core. The
// parameters are stored beside the salt, so that a later version can raise them; a vault with
// parameters beyond kPassphraseMemoryBytesMax is refused, so that a forged file can't exhaust the
// machine. Tests pass a cheaper cost as an argument; there is no other way to lower it.
//
// Thread safety: free functions. Ownership: borrows for the call.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::client {

inline constexpr size_t kPassphraseCharactersMin = 14;
inline constexpr size_t kPassphraseBytesMax = 1024;
inline constexpr size_t kPassphraseSaltBytes = 16;
inline constexpr uint64_t kPassphraseMemoryBytesMin = 8192;
inline constexpr uint64_t kPassphraseMemoryBytesMax = 4ull << 30;
inline constexpr uint32_t kPassphrasePassesMax = 64;

struct PassphraseCost {
  uint64_t memory_bytes = 256ull << 20;
  uint32_t passes = 3;

  friend bool operator==(const PassphraseCost&, const PassphraseCost&) = default;
};

// OK for at least kPassphraseCharactersMin characters (code points of UTF-8) and at most
// kPassphraseBytesMax; PASSPHRASE_WEAK otherwise.
absl::Status CheckPassphrase(const SecretBytes& passphrase);

// The 32-byte wrapping key. INVALID_ARGUMENT for a cost or salt outside the limits;
// RESOURCE_EXHAUSTED when the memory is not there.
absl::StatusOr<SecretBytes> DeriveWrappingKey(const SecretBytes& passphrase, BytesView salt,
                                              const PassphraseCost& cost);

}  // namespace enlace::client
