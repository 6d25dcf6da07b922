#include "crypto/room/room_view.h"

#include "crypto/primitives/status.h"

namespace enlace::room {
namespace {

absl::StatusOr<merkle::Hash> CertificateOf(const mls::LeafNode& leaf) {
  const std::vector<BytesView> chain = leaf.credential().certificates();
  if (chain.size() != 1) return InvalidArgument("a leaf of a room presents exactly one certificate");
  return merkle::Sha256(chain[0]);
}

absl::StatusOr<RoomPolicy> PolicyIn(const mls::ExtensionList& extensions) {
  const std::optional<BytesView> policy = extensions.Find(kRoomPolicyExtension);
  if (!policy) return InvalidArgument("a group without a room policy");
  return DecodeRoomPolicy(*policy);
}

absl::StatusOr<merkle::Hash> CommitmentIn(const mls::ExtensionList& extensions) {
  const std::optional<BytesView> commitment = extensions.Find(kGuardCommitmentExtension);
  if (!commitment) return InvalidArgument("a group without a guard commitment");
  return DecodeGuardCommitment(*commitment);
}

// The extensions that are neither policy nor guard commitment.
mls::ExtensionList OthersOf(const mls::ExtensionList& extensions) {
  mls::ExtensionList others = extensions;
  others.Remove(kRoomPolicyExtension);
  others.Remove(kGuardCommitmentExtension);
  return others;
}

absl::Status ViewExtensions(const mls::ExtensionList& after, const mls::ExtensionList& before, CommitSummary& out) {
  ENLACE_ASSIGN_OR_RETURN(RoomPolicy policy, PolicyIn(after));
  ENLACE_ASSIGN_OR_RETURN(const RoomPolicy old_policy, PolicyIn(before));
  ENLACE_ASSIGN_OR_RETURN(const merkle::Hash commitment, CommitmentIn(after));
  ENLACE_ASSIGN_OR_RETURN(const merkle::Hash old_commitment, CommitmentIn(before));
  if (!(policy == old_policy)) out.new_policy = std::move(policy);
  if (commitment != old_commitment) out.new_guard_commitment = commitment;
  if (!(OthersOf(after) == OthersOf(before))) out.other_changes = true;
  return absl::OkStatus();
}

// Who commits, and the certificate in its new leaf.
absl::Status ViewCommitter(const mls::CommitSummary& commit, const mls::PublicGroup& before, CommitSummary& out) {
  out.committer.leaf = static_cast<uint32_t>(commit.committer);
  for (const mls::Member& updated : commit.updated) {
    if (updated.leaf != commit.committer) {
      // Rooms carry no Update proposals: a leaf changes by its owner's own commit only.
      out.other_changes = true;
      continue;
    }
    ENLACE_ASSIGN_OR_RETURN(out.new_certificate, CertificateOf(updated.node));
  }
  if (commit.external) {
    if (!out.new_certificate) return InvalidArgument("an external commit without a leaf");
    out.committer.certificate = *out.new_certificate;
    out.new_certificate.reset();
    return absl::OkStatus();
  }
  const mls::LeafNode* leaf = before.FindLeaf(commit.committer);
  if (leaf == nullptr) return InvalidArgument("a commit by nobody");
  ENLACE_ASSIGN_OR_RETURN(out.committer.certificate, CertificateOf(*leaf));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RoomState> ViewGroup(const mls::PublicGroup& group, const HeadMark& mark) {
  RoomState room;
  ENLACE_ASSIGN_OR_RETURN(room.policy, PolicyIn(group.extensions()));
  ENLACE_ASSIGN_OR_RETURN(room.guard_commitment, CommitmentIn(group.extensions()));
  room.mark = mark;
  absl::Status status;
  group.ForEachMember([&](mls::LeafIndex index, const mls::LeafNode& node) {
    const absl::StatusOr<merkle::Hash> certificate = CertificateOf(node);
    status = certificate.status();
    if (certificate.ok()) room.members.push_back({static_cast<uint32_t>(index), *certificate});
    return certificate.ok();
  });
  ENLACE_RETURN_IF_ERROR(status);
  return room;
}

absl::StatusOr<CommitSummary> ViewCommit(const mls::CommitSummary& commit, const mls::PublicGroup& before) {
  CommitSummary out;
  out.external = commit.external;
  ENLACE_ASSIGN_OR_RETURN(out.context, DecodeCommitContext(commit.authenticated_data));
  ENLACE_RETURN_IF_ERROR(ViewCommitter(commit, before, out));
  for (const mls::Member& added : commit.added) {
    ENLACE_ASSIGN_OR_RETURN(const merkle::Hash certificate, CertificateOf(added.node));
    out.added.push_back(certificate);
  }
  for (const mls::Member& removed : commit.removed) out.removed.push_back(static_cast<uint32_t>(removed.leaf));
  out.other_changes = out.other_changes || !commit.psks.empty() || commit.reinit.has_value();
  if (commit.group_context_extensions) {
    ENLACE_RETURN_IF_ERROR(ViewExtensions(*commit.group_context_extensions, before.extensions(), out));
  }
  return out;
}

absl::Status CheckRoster(const RoomState& room, const identity::Registry& registry) {
  if (room.mark.head.size > registry.size()) {
    return MakeStatus(absl::StatusCode::kOutOfRange, "the room's registry head is ahead of ours");
  }
  ENLACE_RETURN_IF_ERROR(registry.CheckHeadRef(room.mark.head));
  for (const RoomMember& member : room.members) {
    if (registry.FindCertificates(member.certificate) == nullptr) {
      return PermissionDenied("a member's certificate is not logged");
    }
  }
  return absl::OkStatus();
}

}  // namespace enlace::room
