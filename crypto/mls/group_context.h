// GroupContext, RFC 9420 section 8.1: the public state that all members of an epoch agree on.
//
// Thread safety: as a value's. Ownership: values.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/mls/extensions.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/cipher_suite.h"

namespace enlace::mls {

struct GroupContext {
  crypto::CipherSuite cipher_suite = crypto::CipherSuite::Rooms();
  Bytes group_id;
  uint64_t epoch = 0;
  Bytes tree_hash;
  Bytes confirmed_transcript_hash;
  ExtensionList extensions;

  // INVALID_ARGUMENT when malformed or of another protocol version, UNIMPLEMENTED for an unknown
  // suite.
  static absl::Status Read(codec::Reader& in, GroupContext& out);
  void Write(codec::Writer& out) const;
  Bytes Serialize() const;

  friend bool operator==(const GroupContext&, const GroupContext&) = default;
};

// required_capabilities of the context's extensions; empty lists when it has none (section 11.1).
absl::StatusOr<RequiredCapabilities> RequiredCapabilitiesOf(const ExtensionList& extensions);

}  // namespace enlace::mls
