// Saving and restoring a PublicGroup. The format is the keys below with values in the TLS
// presentation language:
//   public/record              version, leaf width, GroupContext, interim transcript hash,
//   confirmation tag, ReInit public/node/<index>        one node of the tree that is not blank
//   public/proposal/<ref>      sender and proposal, waiting for a Commit

#include <charconv>
#include <utility>

#include "crypto/mls/public_group.h"
#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

constexpr uint8_t kRecordVersion = 1;
constexpr std::string_view kRecordKey = "public/record";
constexpr std::string_view kNodePrefix = "public/node/";
constexpr std::string_view kProposalPrefix = "public/proposal/";

std::string NodeKey(NodeIndex node) { return std::string(kNodePrefix) + std::to_string(node); }

// Wraps any parse error of saved bytes: they were ours, so it is damage, not a peer's mistake.
absl::Status Damaged(const absl::Status& status) { return DataLoss(MessageOf(status)); }

struct Record {
  uint32_t leaf_width = 0;
  GroupContext context;
  Bytes interim_transcript_hash;
  Bytes confirmation_tag;
  std::optional<ReInit> reinit;
};

absl::Status ReadRecord(codec::Reader& in, Record& out) {
  uint8_t version = 0;
  bool has_reinit = false;
  ENLACE_RETURN_IF_ERROR(in.ReadU8(version));
  if (version != kRecordVersion) return InvalidArgument("saved group is of an unknown version");
  ENLACE_RETURN_IF_ERROR(in.ReadU32(out.leaf_width));
  ENLACE_RETURN_IF_ERROR(GroupContext::Read(in, out.context));
  ENLACE_RETURN_IF_ERROR(in.ReadVector(out.interim_transcript_hash));
  ENLACE_RETURN_IF_ERROR(in.ReadVector(out.confirmation_tag));
  ENLACE_RETURN_IF_ERROR(in.ReadPresence(has_reinit));
  if (has_reinit) {
    Proposal proposal;
    ENLACE_RETURN_IF_ERROR(Proposal::Read(in, proposal));
    const auto* reinit = std::get_if<ReInit>(&proposal.body);
    if (reinit == nullptr) return InvalidArgument("saved group has a malformed ReInit");
    out.reinit = *reinit;
  }
  return in.Done();
}

Bytes EncodePending(const PendingProposal& pending) {
  codec::Writer out(512);
  out.Vector(pending.reference);
  pending.sender.Write(out);
  pending.proposal.Write(out);
  return out.Take();
}

absl::Status ReadPending(BytesView value, PendingProposal& out) {
  codec::Reader in(value);
  ENLACE_RETURN_IF_ERROR(in.ReadVector(out.reference));
  ENLACE_RETURN_IF_ERROR(Sender::Read(in, out.sender));
  ENLACE_RETURN_IF_ERROR(Proposal::Read(in, out.proposal));
  return in.Done();
}

absl::Status ReadNodeKey(std::string_view key, NodeIndex& out) {
  const std::string_view digits = key.substr(kNodePrefix.size());
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  return whole ? absl::OkStatus() : InvalidArgument("saved node has a malformed key");
}

}  // namespace

Bytes PublicGroup::SerializeRecord() const {
  codec::Writer out(512);
  out.U8(kRecordVersion);
  out.U32(tree_.leaf_width());
  context_.Write(out);
  out.Vector(interim_transcript_hash_);
  out.Vector(confirmation_tag_);
  out.Presence(reinit_.has_value());
  if (reinit_) Proposal{*reinit_}.Write(out);
  return out.Take();
}

std::vector<PublicChange> PublicGroup::TakeChanges() {
  std::vector<PublicChange> out;
  for (NodeIndex node : tree_.TakeChangedNodes()) {
    const bool stands = node < tree_.node_width() && !tree_.IsBlank(node);
    out.push_back(
        {NodeKey(node), stands ? std::optional(tree_.SerializeNode(node)) : std::nullopt});
  }
  for (const Bytes& reference : changed_pending_) {
    PublicChange change{std::string(kProposalPrefix) + ToHex(reference), std::nullopt};
    const auto found = pending_.find(reference);
    if (found != pending_.end()) change.value = EncodePending(found->second);
    out.push_back(std::move(change));
  }
  if (record_changed_) out.push_back({std::string(kRecordKey), SerializeRecord()});
  changed_pending_.clear();
  record_changed_ = false;
  return out;
}

absl::StatusOr<PublicGroup> PublicGroup::Restore(const std::map<std::string, Bytes>& saved) {
  const auto found = saved.find(std::string(kRecordKey));
  if (found == saved.end()) return DataLoss("saved group has no record");
  codec::Reader in(found->second);
  Record record;
  if (absl::Status read = ReadRecord(in, record); !read.ok()) return Damaged(read);

  std::vector<RatchetTree::SavedNode> nodes;
  std::map<Bytes, PendingProposal> pending;
  for (const auto& [key, value] : saved) {
    if (key.starts_with(kNodePrefix)) {
      NodeIndex node = 0;
      if (absl::Status read = ReadNodeKey(key, node); !read.ok()) return Damaged(read);
      nodes.push_back({node, value});
    } else if (key.starts_with(kProposalPrefix)) {
      PendingProposal proposal;
      if (absl::Status read = ReadPending(value, proposal); !read.ok()) return Damaged(read);
      pending.emplace(proposal.reference, proposal);
    }
  }
  absl::StatusOr<RatchetTree> tree = RatchetTree::FromNodes(record.leaf_width, nodes);
  if (!tree.ok()) return Damaged(tree.status());
  if (tree->leaf_width() == 0 || !EqualBytes(tree->TreeHash(), record.context.tree_hash)) {
    return DataLoss("saved tree does not have the tree hash of its context");
  }
  // What was just read is saved already.
  tree->TakeChangedNodes();
  PublicGroup out(std::move(record.context), std::move(*tree));
  out.interim_transcript_hash_ = std::move(record.interim_transcript_hash);
  out.confirmation_tag_ = std::move(record.confirmation_tag);
  out.reinit_ = std::move(record.reinit);
  out.pending_ = std::move(pending);
  out.record_changed_ = false;
  return out;
}

Bytes PublicGroup::Serialize() const {
  codec::Writer out(4096);
  out.Vector(SerializeRecord());
  out.Raw(tree_.Serialize());
  const size_t mark = out.BeginVector();
  for (const auto& [reference, pending] : pending_) out.Vector(EncodePending(pending));
  out.EndVector(mark);
  return out.Take();
}

absl::StatusOr<PublicGroup> PublicGroup::Parse(BytesView state) {
  codec::Reader in(state);
  BytesView record_bytes;
  BytesView tree_body;
  BytesView pending_body;
  Record record;
  const BytesView whole = state;
  if (absl::Status read = in.ReadVector(record_bytes); !read.ok()) return Damaged(read);
  const size_t tree_at = whole.size() - in.remaining();
  if (absl::Status read = in.ReadVector(tree_body); !read.ok()) return Damaged(read);
  const BytesView tree_bytes = whole.subspan(tree_at, whole.size() - in.remaining() - tree_at);
  if (absl::Status read = in.ReadVector(pending_body); !read.ok()) return Damaged(read);
  if (absl::Status read = in.Done(); !read.ok()) return Damaged(read);
  codec::Reader record_in(record_bytes);
  if (absl::Status read = ReadRecord(record_in, record); !read.ok()) return Damaged(read);

  absl::StatusOr<RatchetTree> tree = RatchetTree::Parse(tree_bytes);
  if (!tree.ok()) return Damaged(tree.status());
  if (!EqualBytes(tree->TreeHash(), record.context.tree_hash)) {
    return DataLoss("saved tree does not have the tree hash of its context");
  }
  PublicGroup out(std::move(record.context), std::move(*tree));
  out.interim_transcript_hash_ = std::move(record.interim_transcript_hash);
  out.confirmation_tag_ = std::move(record.confirmation_tag);
  out.reinit_ = std::move(record.reinit);
  codec::Reader items(pending_body);
  while (!items.empty()) {
    BytesView value;
    PendingProposal proposal;
    if (absl::Status read = items.ReadVector(value); !read.ok()) return Damaged(read);
    if (absl::Status read = ReadPending(value, proposal); !read.ok()) return Damaged(read);
    out.pending_.emplace(proposal.reference, proposal);
  }
  return out;
}

}  // namespace enlace::mls
