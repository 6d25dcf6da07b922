#include <map>
#include <utility>
#include <vector>

#include "crypto/mls/group_context.h"
#include "crypto/mls/ratchet_tree.h"
#include "crypto/mls/tree_diff.h"
#include "crypto/mls/tree_validation.h"
#include "crypto/mls/treekem.h"
#include "crypto/primitives/status.h"
#include "crypto/primitives/system_rng.h"
#include "tests/vectors/vector_runner.h"

namespace enlace::vectors {
namespace {

// One member of the vector's group: what it knows before the paths.
struct Participant {
  mls::PrivateTree keys;
  crypto::SigningKey signing_key;
};
using Participants = std::map<mls::LeafIndex, Participant>;

struct Fixture {
  crypto::CipherSuite suite = crypto::CipherSuite::Rooms();
  mls::RatchetTree tree;
  mls::GroupContext context;  // tree_hash is filled in for each path.
  Participants participants;
};

// The index of a leaf that is not blank.
absl::StatusOr<mls::LeafIndex> LeafField(const nlohmann::json& one, const std::string& name,
                                         const mls::RatchetTree& tree) {
  ENLACE_ASSIGN_OR_RETURN(const uint64_t index, NumberField(one, name, UINT32_MAX));
  ENLACE_RETURN_IF_ERROR(ExpectTrue(name, tree.HasLeaf(static_cast<mls::LeafIndex>(index))));
  return static_cast<mls::LeafIndex>(index);
}

absl::Status ReadParticipant(const nlohmann::json& one, Fixture& fixture) {
  ENLACE_ASSIGN_OR_RETURN(const mls::LeafIndex index, LeafField(one, "index", fixture.tree));
  ENLACE_ASSIGN_OR_RETURN(const Bytes encryption, HexField(one, "encryption_priv"));
  ENLACE_ASSIGN_OR_RETURN(crypto::HpkeKeyPair leaf_key,
                          crypto::HpkeKeyPair::FromPrivate(encryption));
  ENLACE_ASSIGN_OR_RETURN(crypto::SigningKey signing_key, SigningKeyField(one, "signature_priv"));
  ENLACE_RETURN_IF_ERROR(ExpectEqual("encryption_priv", leaf_key.public_key(),
                                     fixture.tree.leaf(index).encryption_key()));
  ENLACE_RETURN_IF_ERROR(ExpectEqual("signature_priv", signing_key.public_key(),
                                     fixture.tree.leaf(index).signature_key()));
  mls::PrivateTree keys(index, std::move(leaf_key));
  for (const nlohmann::json& known : ListField(one, "path_secrets")) {
    ENLACE_ASSIGN_OR_RETURN(const uint64_t node, NumberField(known, "node", UINT32_MAX));
    ENLACE_ASSIGN_OR_RETURN(const Bytes secret, HexField(known, "path_secret"));
    ENLACE_RETURN_IF_ERROR(
        keys.ImplantNodeSecret(fixture.tree, static_cast<mls::NodeIndex>(node), secret));
  }
  fixture.participants.emplace(index, Participant{std::move(keys), std::move(signing_key)});
  return absl::OkStatus();
}

absl::Status ReadFixture(const nlohmann::json& object, Fixture& fixture) {
  ENLACE_ASSIGN_OR_RETURN(fixture.suite, SuiteField(object));
  ENLACE_ASSIGN_OR_RETURN(const Bytes tree, HexField(object, "ratchet_tree"));
  ENLACE_ASSIGN_OR_RETURN(fixture.tree, mls::RatchetTree::Parse(tree));
  fixture.context.cipher_suite = fixture.suite;
  ENLACE_ASSIGN_OR_RETURN(fixture.context.group_id, HexField(object, "group_id"));
  ENLACE_ASSIGN_OR_RETURN(fixture.context.epoch, NumberField(object, "epoch", UINT64_MAX));
  ENLACE_ASSIGN_OR_RETURN(fixture.context.confirmed_transcript_hash,
                          HexField(object, "confirmed_transcript_hash"));
  for (const nlohmann::json& one : ListField(object, "leaves_private")) {
    ENLACE_RETURN_IF_ERROR(ReadParticipant(one, fixture));
  }
  return absl::OkStatus();
}

absl::Status ReadPath(const nlohmann::json& one, mls::UpdatePath& path) {
  ENLACE_ASSIGN_OR_RETURN(const Bytes bytes, HexField(one, "update_path"));
  codec::Reader in(bytes);
  ENLACE_RETURN_IF_ERROR(mls::UpdatePath::Read(in, path));
  ENLACE_RETURN_IF_ERROR(in.Done());
  codec::Writer again;
  path.Write(again);
  return ExpectEqual("update_path", again.view(), bytes);
}

// Every participant but the sender opens the path and comes to the commit secret.
absl::Status ExpectAllDecrypt(const Fixture& fixture, const mls::TreeDiff& diff,
                              mls::LeafIndex sender, const mls::UpdatePath& path,
                              const std::function<absl::Status(BytesView)>& expect) {
  mls::GroupContext context = fixture.context;
  context.tree_hash = ToBytes(diff.TreeHash());
  const Bytes serialized = context.Serialize();
  for (const auto& [index, participant] : fixture.participants) {
    if (index == sender) continue;
    ENLACE_ASSIGN_OR_RETURN(
        mls::DecryptedPath opened,
        DecryptPath(diff, participant.keys, sender, path, {fixture.suite, serialized, {}}));
    ENLACE_RETURN_IF_ERROR(expect(opened.commit_secret.view()));
    const mls::NodeIndex common = mls::CommonAncestor(index, sender);
    if (diff.IsBlank(common)) continue;
    const crypto::HpkeKeyPair* key = opened.next.FindKey(common);
    ENLACE_RETURN_IF_ERROR(ExpectTrue("key of the common ancestor", key != nullptr));
    ENLACE_RETURN_IF_ERROR(
        ExpectEqual("common ancestor", key->public_key(), diff.EncryptionKey(common)));
  }
  return absl::OkStatus();
}

absl::Status CheckGivenPath(const Fixture& fixture, const nlohmann::json& one) {
  ENLACE_ASSIGN_OR_RETURN(const mls::LeafIndex sender, LeafField(one, "sender", fixture.tree));
  mls::UpdatePath path;
  ENLACE_RETURN_IF_ERROR(ReadPath(one, path));
  ENLACE_RETURN_IF_ERROR(path.leaf_node.VerifySignature({fixture.context.group_id, sender}));
  mls::TreeDiff diff(fixture.tree);
  ENLACE_RETURN_IF_ERROR(mls::ApplyUpdatePath(diff, sender, path, {}));
  ENLACE_ASSIGN_OR_RETURN(const Bytes hash_after, HexField(one, "tree_hash_after"));
  ENLACE_RETURN_IF_ERROR(ExpectEqual("tree_hash_after", diff.TreeHash(), hash_after));
  ENLACE_RETURN_IF_ERROR(mls::VerifyParentHashes(diff));
  ENLACE_ASSIGN_OR_RETURN(const Bytes commit_secret, HexField(one, "commit_secret"));
  return ExpectAllDecrypt(fixture, diff, sender, path, [&commit_secret](BytesView actual) {
    return ExpectEqual("commit_secret", actual, commit_secret);
  });
}

// A path of our own from the same sender does for the participants what the given one did.
absl::Status CheckOwnPath(const Fixture& fixture, mls::LeafIndex sender) {
  const Participant& participant = fixture.participants.at(sender);
  crypto::SystemRng rng;
  mls::TreeDiff diff(fixture.tree);
  const mls::PathSecrets secrets = mls::PathSecrets::Create(diff, sender, rng);
  mls::LeafNodeFields fields = fixture.tree.leaf(sender).ToFields();
  fields.source = mls::LeafNodeSource::kCommit;
  fields.encryption_key = ToBytes(secrets.leaf_public_key());
  fields.parent_hash = ToBytes(secrets.parent_hash().view());
  ENLACE_ASSIGN_OR_RETURN(
      const mls::LeafNode leaf,
      mls::LeafNode::Sign(fields, {fixture.context.group_id, sender}, participant.signing_key));
  diff.SetLeaf(sender, leaf);
  mls::GroupContext context = fixture.context;
  context.tree_hash = ToBytes(diff.TreeHash());
  const Bytes serialized = context.Serialize();
  ENLACE_ASSIGN_OR_RETURN(const mls::UpdatePath path,
                          secrets.Encrypt(diff, leaf, {fixture.suite, serialized, {}}, rng));
  mls::TreeDiff received(fixture.tree);
  ENLACE_RETURN_IF_ERROR(mls::ApplyUpdatePath(received, sender, path, {}));
  ENLACE_RETURN_IF_ERROR(ExpectEqual("own tree hash", received.TreeHash(), diff.TreeHash()));
  return ExpectAllDecrypt(fixture, received, sender, path, [&secrets](BytesView actual) {
    return ExpectEqual("own commit secret", actual, secrets.commit_secret().view());
  });
}

absl::StatusOr<Outcome> CheckTreeKem(const nlohmann::json& object) {
  if (!SuiteKnown(object)) return Outcome::kSkipped;
  Fixture fixture;
  ENLACE_RETURN_IF_ERROR(ReadFixture(object, fixture));
  for (const nlohmann::json& one : object.at("update_paths")) {
    ENLACE_RETURN_IF_ERROR(CheckGivenPath(fixture, one));
    ENLACE_ASSIGN_OR_RETURN(const mls::LeafIndex sender, LeafField(one, "sender", fixture.tree));
    ENLACE_RETURN_IF_ERROR(CheckOwnPath(fixture, sender));
  }
  return Outcome::kPassed;
}

}  // namespace

void RegisterTreeKem(VectorTypes& types) { types.push_back({"treekem", CheckTreeKem}); }

}  // namespace enlace::vectors
