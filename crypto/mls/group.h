// Group: a member's view of a group; PublicGroup with the secrets of the epoch (RFC 9420).
//
// Promises:
//  1. A message that is refused leaves the state as it was: ratchets step only after AEAD and
//  signature.
//  2. Making a Commit changes nothing but the pending Commit; the group moves when the Commit is
//  processed as the ordered
//     stream brings it back, or forgets it when a rival's Commit is processed instead.
//  3. No generation is ever used twice: sending needs a reservation that was saved first
//  (ReserveGenerations), and what
//     is saved of the own ratchets is their state after the reservation.
//  4. TakeChanges gives what a message changed, so that saving costs O(changed); what is saved
//  holds no spent secret.
//  5. Past epochs are gone: a message of another epoch is an error, ABORTED when older,
//  OUT_OF_RANGE when newer.
// Secrets are SecretBytes throughout. Thread safety: as a vector's. Ownership: move-only.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/mls/commit_summary.h"
#include "crypto/mls/group_types.h"
#include "crypto/mls/key_package_bundle.h"
#include "crypto/mls/psk_store.h"
#include "crypto/mls/public_group.h"
#include "crypto/primitives/rng.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::mls {

// Results that contain a Group; group_results.h defines them.
struct JoinedGroup;
struct ExternalJoin;
struct Subgroup;

class Group {
 public:
  // A group of one member in epoch 0 (section 11). INVALID_ARGUMENT when the creator's leaf does
  // not support what the configuration requires.
  static absl::StatusOr<Group> Create(const GroupConfig& config, const LeafProfile& creator,
                                      const crypto::SigningKey& key, crypto::Rng& rng);

  // Joins by Welcome (section 12.4.3.1). NOT_FOUND when the Welcome is not for this key package or
  // a PSK is missing; ALREADY_EXISTS when `already_joined` says so of the group id;
  // INVALID_ARGUMENT when anything does not verify.
  static absl::StatusOr<JoinedGroup> JoinWelcome(const WelcomeInput& input,
                                                 const ValidationRules& rules);

  // Makes an external Commit (sections 8.3, 12.4.3.2). The group that is returned has no epoch of
  // its own until its Commit is processed: only Process, PendingCommit and DiscardPendingCommit may
  // be called on it before that.
  static absl::StatusOr<ExternalJoin> JoinExternal(const ExternalJoinInput& input,
                                                   const ValidationRules& rules, crypto::Rng& rng);

  // The state of all writes of TakeChanges. DATA_LOSS when they are not a whole state.
  static absl::StatusOr<Group> Restore(const std::map<std::string, SecretBytes>& saved);
  // The writes since the last call, in any order, for one transaction together with what caused
  // them.
  std::vector<StateChange> TakeChanges();

  Group(Group&&) noexcept;
  Group& operator=(Group&&) noexcept;
  ~Group();

  const PublicGroup& public_group() const;
  const GroupContext& context() const { return public_group().context(); }
  uint64_t epoch() const { return context().epoch; }
  LeafIndex own_leaf() const;
  // True once this client was removed, the group was reinitialised, or an external join is still
  // pending.
  bool is_active() const;

  // Makes a Commit from `options.proposals` by value and, when asked, the pending proposals by
  // reference. It becomes the pending Commit; a former one is forgotten. INVALID_ARGUMENT when the
  // proposal list is not valid.
  absl::StatusOr<CommitBundle> Commit(const CommitOptions& options, const ValidationRules& rules,
                                      crypto::Rng& rng);
  // The bytes of the pending Commit; empty when there is none.
  BytesView PendingCommit() const;
  void DiscardPendingCommit();

  // Sends a proposal by itself; it is kept as pending. For an Update of the own leaf use
  // ProposeUpdate.
  absl::StatusOr<Bytes> Propose(const Proposal& proposal, const MessageOptions& options,
                                const ValidationRules& rules, crypto::Rng& rng);
  absl::StatusOr<Bytes> ProposeUpdate(const LeafChange& change, const MessageOptions& options,
                                      const ValidationRules& rules, crypto::Rng& rng);

  // Takes any PublicMessage or PrivateMessage of this group and epoch.
  // ABORTED / OUT_OF_RANGE: of an older / newer epoch. FAILED_PRECONDITION: the group is not
  // active. NOT_FOUND: a PSK of the Commit is missing. INVALID_ARGUMENT: malformed, not authentic,
  // or not valid. RESOURCE_EXHAUSTED: the generation is further ahead than kForwardGenerationsMax.
  // ALREADY_EXISTS: the generation was used up (a replay).
  absl::StatusOr<Received> Process(BytesView message, const ValidationRules& rules,
                                   const PskStore* psks = nullptr);
  // Who sent the handshake message and its authenticated_data, both verified, without applying it;
  // nothing changes.
  absl::StatusOr<HandshakeHeader> PeekHandshake(BytesView message) const;

  // An application message. FAILED_PRECONDITION when the reservation is spent, while proposals are
  // pending (section 12.4), or when the group is not active.
  absl::StatusOr<Bytes> Protect(BytesView content, const MessageOptions& options, crypto::Rng& rng);
  // Makes `count` more generations of application messages (and of handshake messages sent
  // privately) usable. The changes must be saved before a message that uses them leaves the
  // process. Unused ones are lost when the state is restored.
  void ReserveGenerations(uint32_t count);
  uint32_t reserved_generations() const;

  // A signed GroupInfo of this epoch as MLSMessage, with external_pub; `tree` adds the ratchet_tree
  // extension.
  absl::StatusOr<Bytes> MakeGroupInfo(bool tree, const ExtensionList& extensions) const;

  // MLS-Exporter(label, context, size_bytes), section 8.5.
  absl::StatusOr<SecretBytes> Exporter(std::string_view label, BytesView context,
                                       size_t size_bytes) const;
  // Section 8.7; 32 bytes, equal for all members of the epoch.
  BytesView EpochAuthenticator() const;
  // The resumption PSK of this or a kept past epoch (section 8.6). NOT_FOUND when it is no longer
  // kept.
  absl::StatusOr<SecretBytes> ResumptionPsk(uint64_t epoch) const;

  // Creates the subgroup or successor of sections 11.2 and 11.3: a new group whose first Commit
  // adds `members` and carries this group's resumption PSK with the right usage. The Commit is the
  // new group's pending Commit.
  absl::StatusOr<Subgroup> CreateSubgroup(const SubgroupOptions& options,
                                          const ValidationRules& rules, crypto::Rng& rng) const;

 private:
  struct Impl;
  explicit Group(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace enlace::mls
