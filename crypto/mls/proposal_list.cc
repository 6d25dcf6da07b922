#include "crypto/mls/proposal_list.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

bool SentByMember(const Sender& sender) { return sender.type == SenderType::kMember; }

// The "Ext" column of section 17.4, and section 12.1.8 for new members.
absl::Status ValidateSenderOfProposal(const Sender& sender, uint16_t type) {
  switch (sender.type) {
    case SenderType::kMember:
      return absl::OkStatus();
    case SenderType::kExternal:
      if (type == kProposalUpdate || type == kProposalExternalInit) break;
      return absl::OkStatus();
    case SenderType::kNewMemberProposal:
      if (type != kProposalAdd) break;
      return absl::OkStatus();
    case SenderType::kNewMemberCommit:
      // By value in an external Commit; which ones is checked with the list.
      return absl::OkStatus();
  }
  return InvalidArgument("the sender may not send a proposal of this type");
}

absl::StatusOr<RequiredCapabilities> RequiredIn(const ProposalScope& scope) {
  return RequiredCapabilitiesOf(scope.extensions != nullptr ? *scope.extensions
                                                            : scope.context.extensions);
}

// The extensions of the first GroupContextExtensions proposal; null when there is none.
const ExtensionList* NewExtensions(std::span<const ProposalEntry> entries) {
  for (const ProposalEntry& entry : entries) {
    const auto* proposal = std::get_if<GroupContextExtensions>(&entry.proposal->body);
    if (proposal != nullptr) return &proposal->extensions;
  }
  return nullptr;
}

absl::Status Validate(const ProposalScope& scope, const Sender&, const Add& add) {
  ENLACE_ASSIGN_OR_RETURN(const RequiredCapabilities required, RequiredIn(scope));
  LeafRules rules;
  rules.suite = scope.context.cipher_suite;
  rules.required = &required;
  rules.now_s = scope.rules.now_s;
  ENLACE_RETURN_IF_ERROR(ValidateKeyPackage(add.key_package, rules));
  return scope.rules.credentials->ValidateLeaf(add.key_package.leaf_node());
}

absl::Status Validate(const ProposalScope& scope, const Sender& sender, const Update& update) {
  if (!SentByMember(sender) || !scope.tree.HasLeaf(sender.index)) {
    return InvalidArgument("Update is not from a member");
  }
  ENLACE_ASSIGN_OR_RETURN(const RequiredCapabilities required, RequiredIn(scope));
  LeafRules rules;
  rules.suite = scope.context.cipher_suite;
  rules.required = &required;
  rules.source = LeafNodeSource::kUpdate;
  const LeafNode& current = scope.tree.leaf(sender.index);
  const LeafNode& leaf = update.leaf_node;
  ENLACE_RETURN_IF_ERROR(ValidateLeafNode(leaf, rules));
  if (EqualBytes(leaf.encryption_key(), current.encryption_key())) {
    return InvalidArgument("Update keeps the encryption key");
  }
  ENLACE_RETURN_IF_ERROR(
      leaf.VerifySignature({scope.context.group_id, sender.index}, scope.rules.verified));
  ENLACE_RETURN_IF_ERROR(scope.rules.credentials->ValidateLeaf(leaf));
  return scope.rules.credentials->ValidateSuccessor(current, leaf);
}

absl::Status Validate(const ProposalScope& scope, const Sender&, const Remove& remove) {
  return scope.tree.HasLeaf(remove.removed) ? absl::OkStatus()
                                            : InvalidArgument("Remove names a blank leaf");
}

absl::Status Validate(const ProposalScope& scope, const Sender&, const PreSharedKey& proposal) {
  const PreSharedKeyId& psk = proposal.psk;
  if (psk.psk_nonce.size() != crypto::kHashBytes)
    return InvalidArgument("PSK nonce has a wrong length");
  if (psk.psk_type != PskType::kResumption) return absl::OkStatus();
  // In a PreSharedKey proposal only usage "application" is legal; the others belong to a new
  // group's first Commit (sections 8.6, 11.2, 11.3, 12.1.4).
  const bool first_commit = scope.context.epoch == 0;
  if (psk.usage != ResumptionPskUsage::kApplication && !first_commit) {
    return InvalidArgument(
        "resumption PSK for reinit or branch outside a new group's first Commit");
  }
  return absl::OkStatus();
}

absl::Status Validate(const ProposalScope&, const Sender&, const ReInit& reinit) {
  return reinit.version >= kProtocolVersionMls10 ? absl::OkStatus()
                                                 : InvalidArgument("ReInit lowers the version");
}

absl::Status Validate(const ProposalScope&, const Sender& sender, const ExternalInit& init) {
  if (sender.type != SenderType::kNewMemberCommit)
    return InvalidArgument("ExternalInit outside an external Commit");
  if (init.kem_output.size() != crypto::kKemOutputBytes)
    return InvalidArgument("ExternalInit is malformed");
  return absl::OkStatus();
}

absl::Status Validate(const ProposalScope& scope, const Sender&,
                      const GroupContextExtensions& proposal) {
  return ValidateContextExtensions(proposal.extensions, *scope.rules.credentials);
}

// Puts one proposal in its place in the list.
struct Sorter {
  ProposalList& list;
  const Sender& sender;

  absl::Status operator()(const Add& add) const {
    list.adds.push_back(&add.key_package);
    return absl::OkStatus();
  }
  absl::Status operator()(const Update& update) const {
    list.updates.emplace_back(sender.index, update.leaf_node);
    return RequirePath();
  }
  absl::Status operator()(const Remove& remove) const {
    list.removes.push_back(remove.removed);
    return RequirePath();
  }
  absl::Status operator()(const PreSharedKey& psk) const {
    list.psks.push_back(psk.psk);
    return absl::OkStatus();
  }
  absl::Status operator()(const ReInit& reinit) const { return Once(list.reinit, &reinit); }
  absl::Status operator()(const ExternalInit& init) const {
    ENLACE_RETURN_IF_ERROR(RequirePath());
    return Once(list.external_init, &init);
  }
  absl::Status operator()(const GroupContextExtensions& extensions) const {
    ENLACE_RETURN_IF_ERROR(RequirePath());
    return Once(list.group_context_extensions, &extensions.extensions);
  }

 private:
  absl::Status RequirePath() const {
    list.path_required = true;
    return absl::OkStatus();
  }
  template <typename T>
  static absl::Status Once(const T*& slot, const T* value) {
    if (slot != nullptr) return InvalidArgument("a proposal that may stand once stands twice");
    slot = value;
    return absl::OkStatus();
  }
};

// One leaf may be updated or removed once.
absl::Status ValidateLeavesTouchedOnce(const ProposalList& list) {
  std::set<LeafIndex> touched;
  for (const auto& [leaf, node] : list.updates) {
    if (!touched.insert(leaf).second) return InvalidArgument("two proposals for one leaf");
  }
  for (LeafIndex leaf : list.removes) {
    if (!touched.insert(leaf).second) return InvalidArgument("two proposals for one leaf");
  }
  return absl::OkStatus();
}

absl::Status ValidatePsksDistinct(const ProposalList& list) {
  std::set<Bytes> seen;
  for (const PreSharedKeyId& psk : list.psks) {
    codec::Writer id;
    psk.Write(id);
    if (!seen.insert(id.Take()).second) return InvalidArgument("two proposals for one PSK");
  }
  const auto for_new_group = [](const PreSharedKeyId& psk) {
    return psk.psk_type == PskType::kResumption && psk.usage != ResumptionPskUsage::kApplication;
  };
  if (std::count_if(list.psks.begin(), list.psks.end(), for_new_group) > 1) {
    return InvalidArgument("more than one resumption PSK for reinit or branch");
  }
  return absl::OkStatus();
}

// No client twice among the added, nor one that stays in the group.
absl::Status ValidateClientsDistinct(const ProposalScope& scope, const ProposalList& list) {
  const CredentialValidator& credentials = *scope.rules.credentials;
  std::vector<std::string_view> added;
  for (const KeyPackage* add : list.adds) {
    const BytesView client = credentials.ClientOf(add->leaf_node());
    if (!client.empty()) added.push_back(AsText(client));
  }
  if (added.empty()) return absl::OkStatus();
  std::sort(added.begin(), added.end());
  if (std::adjacent_find(added.begin(), added.end()) != added.end()) {
    return InvalidArgument("two Adds for one client");
  }
  const std::set<LeafIndex> removed(list.removes.begin(), list.removes.end());
  absl::Status status;
  scope.tree.ForEachLeaf([&](LeafIndex leaf, const LeafNode& node) {
    if (removed.contains(leaf)) return true;
    if (std::binary_search(added.begin(), added.end(), AsText(credentials.ClientOf(node)))) {
      status = InvalidArgument("Add for a client in the group");
    }
    return status.ok();
  });
  return status;
}

absl::Status ValidateMemberList(const ProposalScope& scope, const ProposalList& list,
                                LeafIndex committer) {
  if (list.external_init != nullptr) return InvalidArgument("ExternalInit in a member's Commit");
  for (const auto& [leaf, node] : list.updates) {
    if (leaf == committer) return InvalidArgument("Commit with the committer's own Update");
  }
  if (std::find(list.removes.begin(), list.removes.end(), committer) != list.removes.end()) {
    return InvalidArgument("Commit removes its committer");
  }
  return ValidateClientsDistinct(scope, list);
}

// Section 12.2 for external Commits: exactly one ExternalInit, at most one Remove, PSKs, nothing
// else.
absl::Status ValidateExternalList(const ProposalList& list) {
  if (list.external_init == nullptr) return InvalidArgument("external Commit without ExternalInit");
  if (list.removes.size() > 1) return InvalidArgument("external Commit removes more than one leaf");
  if (!list.adds.empty() || !list.updates.empty() || list.reinit != nullptr ||
      list.group_context_extensions != nullptr) {
    return InvalidArgument("external Commit with a proposal that it may not contain");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateProposal(const ProposalScope& scope, const ProposalEntry& entry) {
  ENLACE_RETURN_IF_ERROR(ValidateSenderOfProposal(entry.sender, entry.proposal->type()));
  return std::visit([&](const auto& body) { return Validate(scope, entry.sender, body); },
                    entry.proposal->body);
}

absl::StatusOr<ProposalList> ValidateProposalList(const ProposalScope& given,
                                                  std::span<const ProposalEntry> entries,
                                                  std::optional<LeafIndex> committer) {
  ProposalScope scope = given;
  scope.extensions = NewExtensions(entries);
  ProposalList list;
  for (const ProposalEntry& entry : entries) {
    if (!entry.checked) ENLACE_RETURN_IF_ERROR(ValidateProposal(scope, entry));
    ENLACE_RETURN_IF_ERROR(std::visit(Sorter{list, entry.sender}, entry.proposal->body));
  }
  if (entries.empty()) list.path_required = true;
  if (list.reinit != nullptr && entries.size() > 1)
    return InvalidArgument("ReInit together with other proposals");
  ENLACE_RETURN_IF_ERROR(ValidateLeavesTouchedOnce(list));
  ENLACE_RETURN_IF_ERROR(ValidatePsksDistinct(list));
  ENLACE_RETURN_IF_ERROR(committer ? ValidateMemberList(scope, list, *committer)
                                   : ValidateExternalList(list));
  return list;
}

absl::Status ValidateContextExtensions(const ExtensionList& extensions,
                                       const CredentialValidator& credentials) {
  ENLACE_RETURN_IF_ERROR(RequiredCapabilitiesOf(extensions).status());
  // These three belong to key packages, leaves and GroupInfo (section 17.3).
  for (uint16_t type : {kExtensionApplicationId, kExtensionRatchetTree, kExtensionExternalPub}) {
    if (extensions.Has(type))
      return InvalidArgument("extension that may not stand in a GroupContext");
  }
  const std::optional<BytesView> external_senders = extensions.Find(kExtensionExternalSenders);
  if (!external_senders) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(const std::vector<ExternalSender> senders,
                          ParseExternalSenders(*external_senders));
  for (const ExternalSender& sender : senders) {
    ENLACE_RETURN_IF_ERROR(credentials.ValidateExternalSender(sender));
  }
  return absl::OkStatus();
}

}  // namespace enlace::mls
