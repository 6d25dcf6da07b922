// Messages that a member with a modified client could sign: whatever their content, signature and
// tags are genuine.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "crypto/mls/framing.h"
#include "crypto/mls/tree_diff.h"
#include "crypto/mls/treekem.h"
#include "tests/unit/mls/support/group_fixture.h"

namespace enlace::mls {

class Forger {
 public:
  Forger(TestRoom& room, TestClient& client) : room_(room), client_(client) {}

  // A Commit as PublicMessage, signed by the client's key. The confirmation tag has the right
  // length and is wrong, which only members can tell.
  Bytes Message(std::vector<ProposalOrRef> proposals, std::optional<UpdatePath> path,
                std::optional<Sender> sender = std::nullopt) {
    PublicMessage message;
    message.content = Content(sender.value_or(Sender::Member(client_.group->own_leaf())));
    message.content.content = Commit{std::move(proposals), std::move(path)};
    message.auth.confirmation_tag = Bytes(crypto::kHashBytes, 0xcc);
    return Sign(message);
  }

  // A proposal by itself, from any kind of sender.
  Bytes ProposalMessage(const Proposal& proposal, Sender sender, const crypto::SigningKey& key) {
    PublicMessage message;
    message.content = Content(sender);
    message.content.content = proposal;
    return Sign(message, &key);
  }

  // A path over the group with `apply` done to its tree, whose leaf `change` may alter before it is
  // signed.
  UpdatePath Path(
      const std::function<void(TreeDiff&)>& apply = [](TreeDiff&) {},
      const std::function<void(LeafNodeFields&)>& change = [](LeafNodeFields&) {}) {
    const PublicGroup& group = client_.group->public_group();
    const LeafIndex sender = client_.group->own_leaf();
    TreeDiff diff(group.tree());
    apply(diff);
    PathSecrets secrets = PathSecrets::Create(diff, sender, room_.rng);
    LeafNodeFields fields = group.tree().leaf(sender).ToFields();
    fields.encryption_key = ToBytes(secrets.leaf_public_key());
    fields.source = LeafNodeSource::kCommit;
    fields.parent_hash = ToBytes(secrets.parent_hash().view());
    change(fields);
    const LeafNode leaf = LeafNode::Sign(fields, {group.group_id(), sender}, client_.key).value();
    diff.SetLeaf(sender, leaf);
    const Bytes context = group.context().Serialize();
    return secrets.Encrypt(diff, leaf, {group.suite(), context, {}}, room_.rng).value();
  }

 private:
  FramedContent Content(Sender sender) const {
    FramedContent content;
    content.group_id = client_.group->context().group_id;
    content.epoch = client_.group->epoch();
    content.sender = sender;
    return content;
  }

  Bytes Sign(PublicMessage& message, const crypto::SigningKey* key = nullptr) const {
    const Bytes tbs = EncodeFramedContentTbs(WireFormat::kPublicMessage, message.content,
                                             client_.group->context());
    message.auth.signature =
        crypto::SignWithLabel(key != nullptr ? *key : client_.key, kFramedContentLabel, tbs);
    if (message.content.sender.type == SenderType::kMember)
      message.membership_tag = Bytes(crypto::kHashBytes, 0xee);
    return SerializeMessage(message);
  }

  TestRoom& room_;
  TestClient& client_;
};

}  // namespace enlace::mls
