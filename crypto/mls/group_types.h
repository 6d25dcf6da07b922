// Inputs and results of Group (group.h).
//
// Thread safety: as a value's. Ownership: values, but for the borrowed inputs, which outlive the
// call they are passed to.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "crypto/mls/commit_summary.h"
#include "crypto/mls/framing.h"
#include "crypto/mls/key_package_bundle.h"
#include "crypto/mls/psk_store.h"
#include "crypto/mls/state_change.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::mls {

class Group;

struct GroupConfig {
  crypto::CipherSuite suite = crypto::CipherSuite::Rooms();
  Bytes group_id;
  ExtensionList extensions;  // Of the GroupContext.
};

// How a message is framed.
struct MessageOptions {
  Bytes authenticated_data;
  size_t padding_bytes = 0;  // Zero bytes after the content of a PrivateMessage; see padding.h.
  bool encrypt = false;      // Handshake messages: PrivateMessage instead of PublicMessage.
};

// What changes in the own leaf besides its encryption key; absent parts stay.
struct LeafChange {
  std::optional<LeafProfile> profile;
  const crypto::SigningKey* signing_key = nullptr;
};

struct CommitOptions {
  std::vector<Proposal> proposals;  // By value.
  bool include_pending =
      false;                // Also every pending proposal, by reference, that makes a valid list.
  bool force_path = false;  // A path even where section 12.4 does not require one.
  LeafChange leaf_change;   // Applies when the Commit has a path.
  MessageOptions message;
  bool want_group_info = false;  // A GroupInfo of the next epoch with external_pub, without tree.
  bool tree_in_welcome = true;   // The ratchet_tree extension in the Welcome's GroupInfo.
  ExtensionList
      welcome_extensions;  // Further extensions of the GroupInfo that the Welcome encrypts.
  ExtensionList
      group_info_extensions;  // Further extensions of the GroupInfo that want_group_info makes.
  const PskStore* psks = nullptr;  // For PreSharedKey proposals.
};

struct CommitBundle {
  Bytes commit;                     // MLSMessage
  std::optional<Bytes> welcome;     // MLSMessage, one for all that are added.
  std::optional<Bytes> group_info;  // MLSMessage
  CommitSummary summary;
};

struct WelcomeInput {
  BytesView welcome;                      // MLSMessage
  const KeyPackageBundle* own = nullptr;  // Required.
  const crypto::SigningKey* key =
      nullptr;                    // Required: the private half of the leaf's signature key.
  std::optional<BytesView> tree;  // When the GroupInfo has no ratchet_tree extension.
  const PskStore* psks = nullptr;
  // Whether this client takes part in a group with this id already (section 12.4.3.1); may be empty
  // for a client that can't.
  std::function<bool(BytesView group_id)> already_joined = {};
  // The group that this one branches from or reinitialises, whose resumption PSK it needs and which
  // it must match; required for such a Welcome. Whether the right members are in it the caller
  // judges.
  const Group* former = nullptr;
};

struct ExternalJoinInput {
  BytesView group_info;           // MLSMessage
  std::optional<BytesView> tree;  // When the GroupInfo has no ratchet_tree extension.
  LeafProfile profile;
  const crypto::SigningKey* key = nullptr;  // Required.
  std::optional<LeafIndex> resync_leaf;     // The own old leaf, to be removed by the same Commit.
  std::vector<PreSharedKeyId> psk_ids;
  const PskStore* psks = nullptr;
  Bytes authenticated_data;
  bool want_group_info = false;
  ExtensionList group_info_extensions;
};

// An application message that was opened.
struct ReceivedContent {
  LeafIndex sender = 0;
  uint32_t generation = 0;
  Bytes authenticated_data;
  SecretBytes content;
};

// A Commit that was applied; the group is in the next epoch, or inactive when it was removed from
// it.
struct ReceivedCommit {
  CommitSummary summary;
  bool own = false;  // The pending Commit came back.
  bool removed_self = false;
};

// A proposal that was kept as pending.
struct ReceivedProposal {
  Bytes reference;
  Sender sender;
};

// An own message came back. `unused_generation` is true when this state never sent it although the
// own keys made it: another copy of the state is in use somewhere.
struct ReceivedOwn {
  uint32_t generation = 0;
  bool unused_generation = false;
};

using Received = std::variant<ReceivedContent, ReceivedCommit, ReceivedProposal, ReceivedOwn>;

struct HandshakeHeader {
  ContentType content_type = ContentType::kCommit;
  Sender sender;
  Bytes authenticated_data;
};

enum class SubgroupKind : uint8_t { kReInit, kBranch };

struct SubgroupOptions {
  SubgroupKind kind = SubgroupKind::kBranch;
  Bytes group_id;            // kBranch; kReInit takes the proposal's.
  ExtensionList extensions;  // kBranch
  LeafProfile creator;
  const crypto::SigningKey* key = nullptr;
  std::vector<KeyPackage> members;
  CommitOptions commit;  // Its proposals are added to those of the subgroup.
};

}  // namespace enlace::mls
