// Messages that a member with a modified client could make: whatever their content, signature and
// membership tag are genuine.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "crypto/codec/reader.h"
#include "crypto/mls/framing.h"
#include "crypto/mls/key_schedule.h"
#include "crypto/mls/message_protection.h"
#include "crypto/mls/tree_diff.h"
#include "crypto/mls/treekem.h"
#include "tests/unit/mls/support/group_fixture.h"

namespace enlace::mls {

// The secrets of a group's epoch, as its saved state holds them.
inline EpochSecrets SecretsOf(Group& group) {
  for (const StateChange& change : group.TakeChanges()) {
    if (change.key != "group/epoch") continue;
    codec::Reader in(change.value->view());
    BytesView tree;
    BytesView secrets;
    EXPECT_TRUE(in.ReadVector(tree).ok() && in.ReadVector(secrets).ok());
    return EpochSecrets::Parse(secrets).value();
  }
  ADD_FAILURE() << "the epoch was saved before";
  return EpochSecrets(Bytes(crypto::kHashBytes));
}

class Forger {
 public:
  // Takes the changes of the client's group, which must be the first to do so in its epoch.
  Forger(TestRoom& room, TestClient& client)
      : room_(room), client_(client), secrets_(SecretsOf(*client.group)) {}

  // An application message with sender data that name anybody. It is signed by the client and
  // sealed under a key of its own choice.
  Bytes PrivateFrom(const SenderData& named, BytesView data) {
    const MessageKey key{SecretBytes(32), SecretBytes(crypto::kAeadNonceBytes)};
    const codec::VectorPrefix prefix(data.size());
    const GroupContext& context = client_.group->context();
    const FramedContentView view{.group_id = context.group_id,
                                 .epoch = context.epoch,
                                 .sender = Sender::Member(named.leaf_index),
                                 .authenticated_data = {},
                                 .content_type = ContentType::kApplication,
                                 .content_prefix = prefix.view(),
                                 .encoded_content = data};
    FramedContentAuthData auth;
    auth.signature = SignContent(client_.key, WireFormat::kPrivateMessage, view, context);
    return SealPrivateMessage({context.cipher_suite, secrets_.sender_data_key(), key, named}, view,
                              auth, 0);
  }

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
    // The provisional GroupContext of section 12.4.1.
    GroupContext provisional = group.context();
    ++provisional.epoch;
    provisional.tree_hash = ToBytes(diff.TreeHash());
    const Bytes context = provisional.Serialize();
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
      message.membership_tag =
          MembershipTag(secrets_.membership_key(), message, client_.group->context());
    return SerializeMessage(message);
  }

  TestRoom& room_;
  TestClient& client_;
  EpochSecrets secrets_;
};

}  // namespace enlace::mls
