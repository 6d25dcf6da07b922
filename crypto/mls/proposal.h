// Proposals and Commits as structures, RFC 9420 sections 12.1 and 12.4. Their validation is in
// proposal_list.h.
//
// Thread safety: as a value's. Ownership: values.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/mls/extensions.h"
#include "crypto/mls/key_package.h"
#include "crypto/mls/leaf_node.h"
#include "crypto/mls/psk_id.h"
#include "crypto/mls/tree_math.h"
#include "crypto/mls/update_path.h"
#include "crypto/primitives/bytes.h"

namespace enlace::mls {

struct Add {
  KeyPackage key_package;
};

struct Update {
  LeafNode leaf_node;
};

struct Remove {
  LeafIndex removed = 0;
};

struct PreSharedKey {
  PreSharedKeyId psk;
};

struct ReInit {
  Bytes group_id;
  uint16_t version = kProtocolVersionMls10;
  uint16_t cipher_suite = 0;
  ExtensionList extensions;
};

struct ExternalInit {
  Bytes kem_output;
};

struct GroupContextExtensions {
  ExtensionList extensions;
};

struct Proposal {
  std::variant<Add, Update, Remove, PreSharedKey, ReInit, ExternalInit, GroupContextExtensions>
      body;

  uint16_t type() const { return static_cast<uint16_t>(body.index() + 1); }

  // INVALID_ARGUMENT when malformed; UNIMPLEMENTED for a type that this library does not know,
  // whose length can't be told (section 13.2: such a proposal needs the support of every member,
  // which a group with us in it never has).
  static absl::Status Read(codec::Reader& in, Proposal& out);
  void Write(codec::Writer& out) const;
};

// ProposalRef, section 5.2: kHashBytes bytes in our suites; kept as it came.
struct ProposalReference {
  Bytes value;
};

using ProposalOrRef = std::variant<Proposal, ProposalReference>;

struct Commit {
  std::vector<ProposalOrRef> proposals;
  std::optional<UpdatePath> path;

  static absl::Status Read(codec::Reader& in, Commit& out);
  void Write(codec::Writer& out) const;
};

}  // namespace enlace::mls
