// Proof that an office was notified, for somebody who trusts neither the sender nor the server
// alone: delivery receipts and acknowledgements as their devices signed them, the server's signed
// word of when it accepted each, and the registry log from which the signers follow.
//
// The file is JSON with binary values in hexadecimal. It names alerts by the digest of their signed
// content and holds no word of them; who was shown an alert can compare its digest. What it proves:
// a device that the named authority had certified, active then and acting for the office, signed
// that it decrypted (or that its officer acknowledged) the alert with that digest, and the server
// of the charter accepted a message of that device at that time. What it does not: that an officer
// understood it, or that the server's clock was right.
//
// Thread safety: pure functions; values.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "client/vault/vault.h"
#include "crypto/identity/registry.h"
#include "crypto/merkle/signed_head.h"
#include "enlace/vault/v1/vault.pb.h"

namespace enlace::client {

inline constexpr int kProofVersion = 1;

// Whether a stored message belongs into a proof: a delivery receipt or an acknowledgement,
// verified.
bool BelongsToProof(const vault::v1::StoredContent& stored);

// Encoded room::Receipt of the server by the message's sequence in its room.
using ServerReceipts = std::map<uint64_t, Bytes>;

struct ProofSources {
  std::string case_ref;
  merkle::Hash charter_root{};
  merkle::SignedHead head;
  // EncodeLogEntry's bytes, the whole log up to the head.
  std::vector<Bytes> entries;
  ServerReceipts receipts;
};
// The file's text: of the case's messages those that belong to the proof and have a receipt.
// CASE_UNKNOWN, VAULT_DAMAGED.
absl::StatusOr<std::string> MakeProof(const Vault& vault, const ProofSources& sources);

// What a proof shows once it verified.
struct ProvenNotice {
  std::string office_id;
  // Empty for a receipt: a device speaks, no officer.
  std::string officer_id;
  bool acknowledged = false;
  std::vector<std::string> alert_ids;
  // SHA-256 of each alert's SignedContent, in hexadecimal; of an acknowledgement the digest of what
  // that SignedContent signs.
  std::vector<std::string> digests;
  int64_t accepted_at_ms = 0;
};
struct VerifiedProof {
  std::string case_ref;
  std::string charter_root;
  uint64_t registry_entries = 0;
  int64_t head_at_ms = 0;
  std::vector<ProvenNotice> notices;
};
// PROOF_INVALID says what does not hold. `expected_root` (64 hexadecimal digits) is whom the
// verifier trusts; empty takes the file's own, which the verifier then has to compare.
absl::StatusOr<VerifiedProof> VerifyProof(std::string_view text, std::string_view expected_root);

}  // namespace enlace::client
