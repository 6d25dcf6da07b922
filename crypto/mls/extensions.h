// Extensions of RFC 9420 section 13.4 and the fixed registries of section 17 that go with them.
//
// An ExtensionList keeps the order in which its extensions came, so that it encodes to the bytes
// that were signed. It promises that no type stands in it twice (section 13.4) and keeps types that
// it does not know (section 13.5, GREASE).
//
// Thread safety: as a vector's. Ownership: values.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/primitives/bytes.h"

namespace enlace::mls {

// The version of every structure of RFC 9420.
inline constexpr uint16_t kProtocolVersionMls10 = 1;

// Extension types, section 17.3.
enum ExtensionType : uint16_t {
  kExtensionApplicationId = 0x0001,
  kExtensionRatchetTree = 0x0002,
  kExtensionRequiredCapabilities = 0x0003,
  kExtensionExternalPub = 0x0004,
  kExtensionExternalSenders = 0x0005,
  // Marks a KeyPackage that may be used again when the others are spent (sections 10 and 16.8; the
  // type is that of the MLS extensions document).
  kExtensionLastResort = 0x000A,
};

// Proposal types, section 17.4.
enum ProposalType : uint16_t {
  kProposalAdd = 0x0001,
  kProposalUpdate = 0x0002,
  kProposalRemove = 0x0003,
  kProposalPreSharedKey = 0x0004,
  kProposalReInit = 0x0005,
  kProposalExternalInit = 0x0006,
  kProposalGroupContextExtensions = 0x0007,
};

// Credential types, section 17.5.
enum CredentialType : uint16_t {
  kCredentialBasic = 0x0001,
  kCredentialX509 = 0x0002,
};

// True for the types that every client supports without listing them in its Capabilities
// (section 7.2).
bool IsDefaultExtension(uint16_t type);
bool IsDefaultProposal(uint16_t type);

struct Extension {
  uint16_t type = 0;
  Bytes data;

  friend bool operator==(const Extension&, const Extension&) = default;
};

class ExtensionList {
 public:
  ExtensionList() = default;

  // Reads `Extension extensions<V>`. INVALID_ARGUMENT when malformed or when a type stands twice.
  static absl::Status Read(codec::Reader& in, ExtensionList& out);
  void Write(codec::Writer& out) const;

  // The data of the extension of `type`; nothing when absent. Borrowed.
  std::optional<BytesView> Find(uint16_t type) const;
  bool Has(uint16_t type) const { return Find(type).has_value(); }

  // Adds the extension, or replaces the data of the one with this type in place.
  void Set(uint16_t type, BytesView data);
  void Remove(uint16_t type);

  std::span<const Extension> items() const { return items_; }
  bool empty() const { return items_.empty(); }

  friend bool operator==(const ExtensionList&, const ExtensionList&) = default;

 private:
  std::vector<Extension> items_;
};

// required_capabilities, section 11.1: what every member must support.
struct RequiredCapabilities {
  std::vector<uint16_t> extension_types;
  std::vector<uint16_t> proposal_types;
  std::vector<uint16_t> credential_types;

  static absl::StatusOr<RequiredCapabilities> Parse(BytesView data);
  Bytes Serialize() const;
};

// `uint16 types<V>`: shared by capabilities and required_capabilities.
absl::Status ReadU16Vector(codec::Reader& in, std::vector<uint16_t>& out);
void WriteU16Vector(codec::Writer& out, std::span<const uint16_t> values);

}  // namespace enlace::mls
