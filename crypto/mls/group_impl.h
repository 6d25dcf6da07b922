// The inside of Group (group.h): its state, and the steps that its several source files share.
//
// Invariants:
//  1. `epoch` is present exactly while this client is a member of the epoch that `public_group`
//  shows.
//  2. A pending Commit was made on `public_group` as it stands.
//  3. What is marked as changed is a superset of what a saved state lacks.
// Thread safety and ownership: as Group's.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "crypto/mls/commit_builder.h"
#include "crypto/mls/group.h"
#include "crypto/mls/key_schedule.h"
#include "crypto/mls/message_protection.h"
#include "crypto/mls/secret_tree.h"
#include "crypto/mls/send_ratchet.h"
#include "crypto/mls/staged_commit.h"
#include "crypto/mls/treekem.h"

namespace enlace::mls {

// How many epochs' resumption PSKs a group keeps (section 8.6 leaves it to the application).
inline constexpr size_t kResumptionPsksMax = 32;

// An own Commit that waits to come back.
struct OwnCommit {
  Bytes message;           // MLSMessage, as it was sent.
  Bytes content;           // AuthenticatedContent.
  LeafIndex own_leaf = 0;  // After the Commit.
  PrivateTree private_tree;
  SecretBytes epoch_secret;
  std::optional<crypto::SigningKey> signing_key;  // When the Commit changes it.
};

// An own Update that may be committed by somebody else.
struct OwnUpdate {
  crypto::HpkeKeyPair leaf_key;
  std::optional<crypto::SigningKey> signing_key;
};

struct EpochState {
  PrivateTree private_tree;
  EpochSecrets secrets;
  SecretTree secret_tree;
  // Taken out of the secret tree when generations are first reserved.
  std::optional<SendRatchet> application;
  std::optional<SendRatchet> handshake;
};

// A PrivateMessage that opened, and what accepting it does to its sender's ratchet.
struct OpenedPrivate {
  SenderData sender;
  HashRatchet::Step step;
  OpenedContent content;
};

struct Group::Impl {
  Impl(PublicGroup group, LeafIndex leaf, crypto::SigningKey key)
      : public_group(std::move(group)), own_leaf(leaf), signing_key(std::move(key)) {}

  PublicGroup public_group;
  LeafIndex own_leaf;
  crypto::SigningKey signing_key;
  // Mutable: a const peek may derive a sender's ratchet, which reveals and forgets nothing.
  mutable std::optional<EpochState> epoch;
  std::optional<OwnCommit> pending;
  std::map<Bytes, OwnUpdate> updates;
  std::map<uint64_t, SecretBytes> resumption_psks;
  bool removed = false;

  bool record_changed = true;
  bool epoch_changed = true;
  bool pending_changed = false;
  bool send_changed = false;
  std::set<uint64_t> changed_psks;
  std::set<Bytes> changed_updates;
  std::vector<std::string>
      gone;  // Keys of the secret tree of an epoch that ended without a successor.

  // FAILED_PRECONDITION when this client can't take part now.
  absl::Status CheckActive() const;
  // Enters the epoch that public_group shows.
  void InstallEpoch(LeafIndex leaf, PrivateTree private_tree, EpochSecrets secrets);
  // Forgets everything secret after this client was removed.
  void Leave();
  void SetPending(std::optional<OwnCommit> commit);
  void ForgetUpdates();
  SendRatchet& Sender(RatchetType type);

  // The keys for PreSharedKey ids: own resumption PSKs, else the store. NOT_FOUND when one is
  // missing.
  absl::StatusOr<std::vector<PskInput>> LookUpPsks(std::span<const PreSharedKeyId> ids,
                                                   const PskStore* store) const;

  // Saving (group_state.cc). INVALID_ARGUMENT for what is malformed.
  std::vector<StateChange> TakeChanges();
  static absl::StatusOr<std::unique_ptr<Impl>> FromRecord(PublicGroup group, BytesView record);
  absl::Status RestoreEpoch(const std::map<std::string, SecretBytes>& saved);
  absl::Status RestoreRest(const std::map<std::string, SecretBytes>& saved);

  // Framing of own handshake messages: membership tag, or encryption with a reserved generation.
  absl::StatusOr<Bytes> Frame(const AuthenticatedContent& content, const MessageOptions& options,
                              crypto::Rng& rng);
  absl::StatusOr<Bytes> FrameProposal(const Proposal& proposal, const MessageOptions& options,
                                      const ValidationRules& rules, crypto::Rng& rng);
  // Builds the Commit, frames it and keeps it as pending (group_commit.cc).
  absl::StatusOr<CommitBundle> MakeCommit(CommitRequest& request, const CommitOptions& options,
                                          const ValidationRules& rules, crypto::Rng& rng);

  // Processing (group_process.cc).
  absl::StatusOr<Received> ProcessPublic(PublicMessage message, const ValidationRules& rules,
                                         const PskStore* psks);
  absl::StatusOr<Received> ProcessPrivate(const PrivateMessageView& message,
                                          const ValidationRules& rules, const PskStore* psks);
  absl::StatusOr<Received> ProcessHandshake(const AuthenticatedContent& content,
                                            const ValidationRules& rules, const PskStore* psks);
  absl::StatusOr<Received> ProcessCommit(const AuthenticatedContent& content,
                                         const ValidationRules& rules, const PskStore* psks);
  absl::StatusOr<Received> MergeOwnCommit(const ValidationRules& rules);
  absl::StatusOr<Received> ProcessOwnPrivate(const SenderData& sender,
                                             const PrivateMessageView& message);
  absl::Status VerifyPublic(const PublicMessage& message) const;
  absl::StatusOr<SenderData> SenderOf(const PrivateMessageView& message) const;
  absl::StatusOr<OpenedPrivate> OpenPrivate(const PrivateMessageView& message) const;
  absl::StatusOr<OpenedPrivate> OpenFrom(const SenderData& sender,
                                         const PrivateMessageView& message) const;
  absl::StatusOr<PrivateTree> PrivateTreeAfter(const StagedCommit& staged) const;
  std::optional<crypto::SigningKey> UpdatedSigningKey(const StagedCommit& staged) const;
};

}  // namespace enlace::mls
