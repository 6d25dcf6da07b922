#include <map>

#include "crypto/mls/group.h"
#include "crypto/mls/group_results.h"
#include "crypto/primitives/status.h"
#include "tests/vectors/vector_runner.h"

namespace enlace::vectors {
namespace {

using nlohmann::json;

// The cases have no Authentication Service: whoever the other members take for somebody, we do.
class AnyCredential final : public mls::CredentialValidator {
 public:
  absl::Status ValidateLeaf(const mls::LeafNode&) const override { return absl::OkStatus(); }
  absl::Status ValidateSuccessor(const mls::LeafNode&, const mls::LeafNode&) const override {
    return absl::OkStatus();
  }
  BytesView ClientOf(const mls::LeafNode& leaf) const override { return leaf.signature_key(); }
  absl::Status ValidateExternalSender(const mls::ExternalSender&) const override {
    return absl::OkStatus();
  }
};

// The external PSKs of a case.
class CasePsks final : public mls::PskStore {
 public:
  absl::Status Read(const json& psks) {
    for (const json& one : psks) {
      ENLACE_ASSIGN_OR_RETURN(const Bytes id, HexField(one, "psk_id"));
      ENLACE_ASSIGN_OR_RETURN(const Bytes psk, HexField(one, "psk"));
      psks_.insert_or_assign(id, psk);
    }
    return absl::OkStatus();
  }
  absl::StatusOr<SecretBytes> Find(const mls::PreSharedKeyId& id) const override {
    const auto found = psks_.find(id.psk_id);
    if (id.psk_type != mls::PskType::kExternal || found == psks_.end())
      return NotFound("PSK of the case");
    return SecretBytes::CopyOf(found->second);
  }

 private:
  std::map<Bytes, Bytes> psks_;
};

struct Client {
  mls::KeyPackageBundle bundle;
  crypto::SigningKey signing_key;
};

absl::StatusOr<Client> ReadClient(const json& one) {
  ENLACE_ASSIGN_OR_RETURN(const Bytes key_package_bytes, HexField(one, "key_package"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes encryption_priv, HexField(one, "encryption_priv"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes init_priv, HexField(one, "init_priv"));
  ENLACE_ASSIGN_OR_RETURN(const mls::MlsMessage message, mls::MlsMessage::Parse(key_package_bytes));
  const auto& key_package = std::get<mls::KeyPackage>(message.body);
  ENLACE_ASSIGN_OR_RETURN(crypto::SigningKey key, SigningKeyField(one, "signature_priv"));
  ENLACE_ASSIGN_OR_RETURN(crypto::HpkeKeyPair encryption,
                          crypto::HpkeKeyPair::FromPrivate(encryption_priv));
  ENLACE_ASSIGN_OR_RETURN(crypto::HpkeKeyPair init, crypto::HpkeKeyPair::FromPrivate(init_priv));
  ENLACE_RETURN_IF_ERROR(
      ExpectEqual("signature_priv", key.public_key(), key_package.leaf_node().signature_key()));
  ENLACE_RETURN_IF_ERROR(ExpectEqual("encryption_priv", encryption.public_key(),
                                     key_package.leaf_node().encryption_key()));
  ENLACE_RETURN_IF_ERROR(ExpectEqual("init_priv", init.public_key(), key_package.init_key()));
  return Client{{key_package, std::move(init), std::move(encryption)}, std::move(key)};
}

absl::Status ExpectAuthenticator(const json& one, const std::string& name,
                                 const mls::Group& group) {
  ENLACE_ASSIGN_OR_RETURN(const Bytes expected, HexField(one, name));
  return ExpectEqual(name, group.EpochAuthenticator(), expected);
}

absl::Status Follow(mls::Group& group, const json& epoch, const mls::ValidationRules& rules,
                    const CasePsks& psks) {
  for (const json& proposal : ListField(epoch, "proposals")) {
    ENLACE_ASSIGN_OR_RETURN(const Bytes message, FromHex(proposal.get<std::string>()));
    ENLACE_RETURN_IF_ERROR(group.Process(message, rules, &psks).status());
  }
  ENLACE_ASSIGN_OR_RETURN(const Bytes commit, HexField(epoch, "commit"));
  ENLACE_RETURN_IF_ERROR(group.Process(commit, rules, &psks).status());
  return ExpectAuthenticator(epoch, "epoch_authenticator", group);
}

absl::StatusOr<Outcome> CheckPassiveClient(const json& one) {
  if (!SuiteKnown(one)) return Outcome::kSkipped;
  ENLACE_ASSIGN_OR_RETURN(const Client client, ReadClient(one));
  CasePsks psks;
  ENLACE_RETURN_IF_ERROR(psks.Read(ListField(one, "external_psks")));
  ENLACE_ASSIGN_OR_RETURN(const Bytes welcome, HexField(one, "welcome"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes tree, OptionalHexField(one, "ratchet_tree"));
  const AnyCredential credentials;
  mls::ValidationRules rules;
  rules.credentials = &credentials;
  mls::WelcomeInput input;
  input.welcome = welcome;
  input.own = &client.bundle;
  input.key = &client.signing_key;
  if (!tree.empty()) input.tree = tree;
  input.psks = &psks;
  ENLACE_ASSIGN_OR_RETURN(mls::JoinedGroup joined, mls::Group::JoinWelcome(input, rules));
  ENLACE_RETURN_IF_ERROR(ExpectAuthenticator(one, "initial_epoch_authenticator", joined.group));
  for (const json& epoch : ListField(one, "epochs")) {
    ENLACE_RETURN_IF_ERROR(Follow(joined.group, epoch, rules, psks));
  }
  return Outcome::kPassed;
}

}  // namespace

void RegisterPassiveClient(VectorTypes& types) {
  types.push_back({"passive-client", CheckPassiveClient});
}

}  // namespace enlace::vectors
