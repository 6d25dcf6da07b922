// GroupInfo, Welcome and what they contain, RFC 9420 section 12.4.3; ExternalSender,
// section 12.1.8.1.
//
// GroupSecrets, the decrypted part of a Welcome, belongs to the secret half (group_secrets.h).
//
// Thread safety: as a value's. Ownership: values.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/mls/credential.h"
#include "crypto/mls/group_context.h"
#include "crypto/mls/tree_math.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/cipher_suite.h"

namespace enlace::mls {

struct GroupInfo {
  GroupContext group_context;
  ExtensionList extensions;
  Bytes confirmation_tag;
  LeafIndex signer = 0;
  Bytes signature;

  static absl::Status Read(codec::Reader& in, GroupInfo& out);
  void Write(codec::Writer& out) const;

  // GroupInfoTBS: every field but the signature.
  Bytes EncodeTbs() const;
  void Sign(const crypto::SigningKey& key);
  // Against the signature key of the leaf `signer`. INVALID_ARGUMENT when it is not valid.
  absl::Status VerifySignature(BytesView signature_key) const;
};

struct EncryptedGroupSecrets {
  Bytes new_member;  // KeyPackageRef
  crypto::HpkeCiphertext encrypted_group_secrets;
};

struct Welcome {
  crypto::CipherSuite cipher_suite = crypto::CipherSuite::Rooms();
  std::vector<EncryptedGroupSecrets> secrets;
  Bytes encrypted_group_info;

  // UNIMPLEMENTED for an unknown suite.
  static absl::Status Read(codec::Reader& in, Welcome& out);
  void Write(codec::Writer& out) const;
};

struct ExternalSender {
  Bytes signature_key;
  Credential credential;
};

// external_senders, a GroupContext extension.
absl::StatusOr<std::vector<ExternalSender>> ParseExternalSenders(BytesView data);
Bytes SerializeExternalSenders(const std::vector<ExternalSender>& senders);

// external_pub, a GroupInfo extension: the HPKE public key.
absl::StatusOr<Bytes> ParseExternalPub(BytesView data);
Bytes SerializeExternalPub(BytesView public_key);

}  // namespace enlace::mls
