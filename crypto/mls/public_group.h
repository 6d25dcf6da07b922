// PublicGroup: the public state of a group in one epoch; everything of RFC 9420 that needs no
// secret.
//
// This is what a delivery service holds. Promises that a Commit is applied only after the full
// validation of section 12 (signature, epoch, every rule of 12.2, leaf nodes, capabilities, tree
// and parent hashes, application policy), that an error leaves the state untouched, and that the
// verdict is a function of state, message and rules alone. It can't check confirmation and
// membership tags, path ciphertexts or external_pub: whoever relies on those is a Group (group.h).
//
// Invariants:
//  1. The tree is valid by sections 7.3, 7.9.2 and 12.4.3.1, and its hash is context().tree_hash.
//  2. Every member supports the extensions of the context and its required_capabilities.
//  3. Pending proposals belong to the current epoch.
// Thread safety: as a vector's. Ownership: owns its tree; move-only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/mls/commit_summary.h"
#include "crypto/mls/framing.h"
#include "crypto/mls/group_context.h"
#include "crypto/mls/ratchet_tree.h"
#include "crypto/mls/welcome.h"

namespace enlace::mls {

class StagedCommit;
struct ProposalEntry;

// One write of a saved state: the value under a key, or its deletion.
struct PublicChange {
  std::string key;
  std::optional<Bytes> value;
};

// A proposal that was sent by itself in this epoch and may be committed by reference.
struct PendingProposal {
  Bytes reference;
  Sender sender;
  Proposal proposal;
};

class PublicGroup {
 public:
  // The group that `info` describes with `tree` (the ratchet_tree vector of section 12.4.3.3).
  // Verifies everything of section 12.4.3.1 that is public: signature of the GroupInfo by its
  // signer's leaf, tree hash, parent hashes, unmerged leaves, unique keys, every leaf and its
  // credential, capabilities. INVALID_ARGUMENT when any of it does not hold.
  static absl::StatusOr<PublicGroup> FromGroupInfo(const GroupInfo& info, BytesView tree,
                                                   const ValidationRules& rules);

  // A group of one leaf in epoch 0 (section 11); used by Group::Create.
  static absl::StatusOr<PublicGroup> CreateWithOneLeaf(GroupContext context,
                                                       const LeafNode& creator);

  // The whole state in one string, format version 1, and back. What Serialize wrote was validated
  // when it came in, so Parse verifies structure and tree hash but no signature again. DATA_LOSS
  // when the bytes are not such a state.
  Bytes Serialize() const;
  static absl::StatusOr<PublicGroup> Parse(BytesView state);

  PublicGroup(PublicGroup&&) noexcept;
  PublicGroup& operator=(PublicGroup&&) noexcept;
  ~PublicGroup();

  const GroupContext& context() const { return context_; }
  crypto::CipherSuite suite() const { return context_.cipher_suite; }
  uint64_t epoch() const { return context_.epoch; }
  BytesView group_id() const { return context_.group_id; }
  BytesView tree_hash() const { return context_.tree_hash; }
  const ExtensionList& extensions() const { return context_.extensions; }
  BytesView interim_transcript_hash() const { return interim_transcript_hash_; }
  BytesView confirmation_tag() const { return confirmation_tag_; }
  const RatchetTree& tree() const { return tree_; }
  // The ratchet_tree vector, for a joiner.
  Bytes SerializeTree() const;

  // The leaf's node; null when the leaf is blank or does not exist. Borrowed until the next change.
  const LeafNode* FindLeaf(LeafIndex leaf) const;
  // Calls `visit` for every member in ascending order of leaves; it returns false to stop.
  void ForEachMember(const std::function<bool(LeafIndex, const LeafNode&)>& visit) const;
  size_t member_count() const;
  // The leaf with this signature key.
  std::optional<LeafIndex> FindMember(BytesView signature_key) const;

  // OK when `info` describes exactly this epoch and is signed by the member it names;
  // INVALID_ARGUMENT otherwise. A delivery service asks this of the GroupInfo that comes with a
  // Commit, after applying the Commit.
  absl::Status VerifyGroupInfo(const GroupInfo& info) const;

  // Judges a Commit (an MLSMessage with a PublicMessage) without changing anything.
  // FAILED_PRECONDITION: of another epoch or group, or the group was reinitialised.
  // INVALID_ARGUMENT: invalid. An error of the policy is passed on as it is.
  absl::StatusOr<CommitSummary> ValidateCommit(BytesView message,
                                               const ValidationRules& rules) const;
  // Judges and applies it; the group is then in the next epoch.
  absl::StatusOr<CommitSummary> ApplyCommit(BytesView message, const ValidationRules& rules);

  // Keeps a proposal (an MLSMessage with a PublicMessage) that a later Commit may name by
  // reference.
  absl::Status AddProposal(BytesView message, const ValidationRules& rules);
  const std::map<Bytes, PendingProposal>& pending_proposals() const { return pending_; }
  // True after a ReInit was committed: the group accepts nothing more (section 11.2).
  bool reinitialised() const { return reinit_.has_value(); }
  const std::optional<ReInit>& reinit() const { return reinit_; }

  // The writes that bring a saved state up to this one, since the last call: O(changed). Keys begin
  // with "public/".
  std::vector<PublicChange> TakeChanges();
  // The state of all writes up to now. DATA_LOSS when they are not a whole state.
  static absl::StatusOr<PublicGroup> Restore(const std::map<std::string, Bytes>& saved);

  // FAILED_PRECONDITION for another group or after a ReInit, ABORTED for an older epoch,
  // OUT_OF_RANGE for a newer one.
  absl::Status CheckEpoch(BytesView group_id, uint64_t epoch) const;

  // The seams of the secret half. VerifyContent checks group, epoch, sender and signature of a
  // message. StageCommit judges a Commit whose content was verified; `own` = this client made it
  // and judged its proposals itself. Merge applies what was staged on this very state.
  absl::Status VerifyContent(WireFormat wire_format, const FramedContent& content,
                             BytesView signature) const;
  absl::StatusOr<StagedCommit> StageCommit(const AuthenticatedContent& commit,
                                           const ValidationRules& rules, bool own = false) const;
  void Merge(StagedCommit&& staged);
  absl::Status AddPendingProposal(const AuthenticatedContent& content,
                                  const ValidationRules& rules);
  // The confirmation tag of epoch 0, which only the creator can compute.
  void SetInitialConfirmationTag(BytesView tag);

 private:
  PublicGroup(GroupContext context, RatchetTree tree);

  absl::StatusOr<BytesView> SignatureKeyOf(const FramedContent& content) const;
  absl::StatusOr<std::vector<ProposalEntry>> ResolveProposals(
      const AuthenticatedContent& commit) const;
  Bytes SerializeRecord() const;

  GroupContext context_;
  RatchetTree tree_;
  Bytes interim_transcript_hash_;
  Bytes confirmation_tag_;
  std::map<Bytes, PendingProposal> pending_;
  std::set<Bytes> changed_pending_;
  std::optional<ReInit> reinit_;
  bool record_changed_ = true;
};

}  // namespace enlace::mls
