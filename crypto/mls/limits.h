// Bounds of the MLS library: what a peer can make us hold or compute.
#pragma once

#include <cstddef>
#include <cstdint>

namespace enlace::mls {

// Leaves of a ratchet tree, blank ones included. A room has 2,000 devices at most; the bound leaves
// a margin and keeps one message from making us allocate gigabytes.
inline constexpr uint32_t kTreeLeavesMax = 1u << 16;

// Levels of such a tree, the leaves included.
inline constexpr uint32_t kTreeLevelsMax = 17;

// Credentials: bytes of a basic identity or of all certificates of a chain, and certificates in it.
inline constexpr size_t kCredentialBytesMax = 64u << 10;
inline constexpr size_t kCertificatesMax = 10;

// Leaf signatures that a MemorySignatureCache remembers unless it is told otherwise.
inline constexpr size_t kSignatureCacheEntries = 1u << 16;

// Proposals that wait for a Commit in one epoch.
inline constexpr size_t kPendingProposalsMax = 256;

}  // namespace enlace::mls
