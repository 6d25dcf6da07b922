// Validation of proposals and proposal lists, RFC 9420 sections 12.1 and 12.2.
//
// Sender and receiver of a Commit use the same functions. The rules that speak of the tree after
// the Commit (unique keys, capabilities of the members) are checked where that tree is built, in
// commit_effects.h.
//
// Thread safety: functions without state. Ownership: lists borrow the proposals.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/mls/commit_summary.h"
#include "crypto/mls/framing.h"
#include "crypto/mls/group_context.h"
#include "crypto/mls/tree_view.h"

namespace enlace::mls {

// A proposal with who made it: of one by value, the committer. `checked` is true when
// ValidateProposal accepted it in this epoch before.
struct ProposalEntry {
  const Proposal* proposal = nullptr;
  Sender sender;
  bool checked = false;
};

// The proposals of a Commit by kind; within a kind in the order of the Commit.
struct ProposalList {
  std::vector<const KeyPackage*> adds;
  std::vector<std::pair<LeafIndex, LeafNode>> updates;
  std::vector<LeafIndex> removes;
  std::vector<PreSharedKeyId> psks;
  const ReInit* reinit = nullptr;
  const ExternalInit* external_init = nullptr;
  const ExtensionList* group_context_extensions = nullptr;
  bool path_required = false;  // Section 12.4.
};

// The group that proposals are judged in.
struct ProposalScope {
  const GroupContext& context;
  const TreeView& tree;
  const ValidationRules& rules;
  // The extensions that the list brings in, which count for its other proposals (section 12.3);
  // null for the context's.
  const ExtensionList* extensions = nullptr;
};

// One proposal by itself (section 12.1): whether its sender may send it, and its own rules.
// INVALID_ARGUMENT or the CredentialValidator's error when not.
absl::Status ValidateProposal(const ProposalScope& scope, const ProposalEntry& entry);

// The list of a Commit by a member at `committer`, or of an external Commit when the committer is
// absent (section 12.2).
absl::StatusOr<ProposalList> ValidateProposalList(const ProposalScope& scope,
                                                  std::span<const ProposalEntry> entries,
                                                  std::optional<LeafIndex> committer);

// Extensions of a GroupContext that this library understands are well-formed, and the external
// senders acceptable (sections 11.1, 12.1.7, 12.1.8.1).
absl::Status ValidateContextExtensions(const ExtensionList& extensions,
                                       const CredentialValidator& credentials);

}  // namespace enlace::mls
