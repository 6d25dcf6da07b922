#include "crypto/room/room_view.h"

#include <utility>

#include "crypto/primitives/status.h"

namespace enlace::room {
namespace {

absl::StatusOr<RoomPolicy> PolicyIn(const mls::ExtensionList& extensions) {
  const std::optional<BytesView> data = extensions.Find(kRoomPolicyExtension);
  if (!data.has_value()) return InvalidArgument("the group has no room policy");
  return DecodeRoomPolicy(*data);
}

absl::StatusOr<merkle::Hash> CommitmentIn(const mls::ExtensionList& extensions) {
  const std::optional<BytesView> data = extensions.Find(kGuardCommitmentExtension);
  if (!data.has_value()) return InvalidArgument("the group has no guard commitment");
  return DecodeGuardCommitment(*data);
}

// `extensions` without what a commit in a room may change.
mls::ExtensionList Rest(mls::ExtensionList extensions) {
  extensions.Remove(kRoomPolicyExtension);
  extensions.Remove(kGuardCommitmentExtension);
  return extensions;
}

absl::Status ViewExtensions(const mls::ExtensionList& after, const mls::ExtensionList& before,
                            CommitSummary& out) {
  ENLACE_ASSIGN_OR_RETURN(const RoomPolicy old_policy, PolicyIn(before));
  ENLACE_ASSIGN_OR_RETURN(RoomPolicy policy, PolicyIn(after));
  ENLACE_ASSIGN_OR_RETURN(const merkle::Hash old_commitment, CommitmentIn(before));
  ENLACE_ASSIGN_OR_RETURN(const merkle::Hash commitment, CommitmentIn(after));
  if (policy != old_policy) out.new_policy = std::move(policy);
  if (commitment != old_commitment) out.new_guard_commitment = commitment;
  out.other_changes = out.other_changes || Rest(after) != Rest(before);
  return absl::OkStatus();
}

// The path's leaf is the last of `updated`; any other is an Update proposal, which rooms don't use.
absl::Status ViewUpdated(const mls::CommitSummary& commit, CommitSummary& out) {
  for (const mls::Member& member : commit.updated) {
    if (member.leaf != commit.committer) {
      out.other_changes = true;
      continue;
    }
    ENLACE_ASSIGN_OR_RETURN(out.new_certificate, CertificateOfLeaf(member.node));
  }
  return absl::OkStatus();
}

absl::Status ViewCommitter(const mls::CommitSummary& commit, const mls::PublicGroup& before,
                           CommitSummary& out) {
  out.committer.leaf = commit.committer;
  if (commit.external) {
    if (!out.new_certificate.has_value()) return InvalidArgument("an external commit has no leaf");
    out.committer.certificate = *out.new_certificate;
    out.new_certificate.reset();
    return absl::OkStatus();
  }
  const mls::LeafNode* leaf = before.FindLeaf(commit.committer);
  if (leaf == nullptr) return InvalidArgument("the committer is no member");
  ENLACE_ASSIGN_OR_RETURN(out.committer.certificate, CertificateOfLeaf(*leaf));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<merkle::Hash> CertificateOfLeaf(const mls::LeafNode& leaf) {
  const merkle::Hash* certificate = leaf.credential().SoleCertificate();
  if (certificate == nullptr) {
    return InvalidArgument("a leaf does not present exactly one certificate");
  }
  return *certificate;
}

absl::StatusOr<RoomState> ViewGroup(const mls::PublicGroup& group, const HeadMark& mark) {
  RoomState state;
  state.mark = mark;
  ENLACE_ASSIGN_OR_RETURN(state.policy, PolicyIn(group.extensions()));
  ENLACE_ASSIGN_OR_RETURN(state.guard_commitment, CommitmentIn(group.extensions()));
  absl::Status status;
  group.ForEachMember([&](mls::LeafIndex leaf, const mls::LeafNode& node) {
    const absl::StatusOr<merkle::Hash> certificate = CertificateOfLeaf(node);
    status = certificate.status();
    if (certificate.ok()) state.members.push_back({leaf, *certificate});
    return status.ok();
  });
  if (!status.ok()) return status;
  return state;
}

absl::StatusOr<CommitSummary> ViewCommit(const mls::CommitSummary& commit,
                                         const mls::PublicGroup& before) {
  CommitSummary out;
  out.external = commit.external;
  out.other_changes = !commit.psks.empty() || commit.reinit.has_value();
  ENLACE_RETURN_IF_ERROR(ViewUpdated(commit, out));
  ENLACE_RETURN_IF_ERROR(ViewCommitter(commit, before, out));
  for (const mls::Member& member : commit.added) {
    ENLACE_ASSIGN_OR_RETURN(out.added.emplace_back(), CertificateOfLeaf(member.node));
  }
  for (const mls::Member& member : commit.removed) out.removed.push_back(member.leaf);
  if (commit.group_context_extensions.has_value()) {
    ENLACE_RETURN_IF_ERROR(
        ViewExtensions(*commit.group_context_extensions, before.extensions(), out));
  }
  ENLACE_ASSIGN_OR_RETURN(out.context, DecodeCommitContext(commit.authenticated_data));
  return out;
}

}  // namespace enlace::room
