#include "crypto/mls/message_protection.h"
#include "crypto/mls/secret_tree.h"
#include "crypto/primitives/status.h"
#include "tests/vectors/vector_runner.h"

namespace enlace::vectors {
namespace {

using nlohmann::json;

absl::Status CheckSenderData(crypto::CipherSuite suite, const json& one) {
  ENLACE_ASSIGN_OR_RETURN(const Bytes secret, HexField(one, "sender_data_secret"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes ciphertext, HexField(one, "ciphertext"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes key, HexField(one, "key"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes nonce, HexField(one, "nonce"));
  const mls::MessageKey actual =
      mls::DeriveSenderDataKey(suite, crypto::HmacKey(secret), ciphertext);
  ENLACE_RETURN_IF_ERROR(ExpectEqual("sender data key", actual.key.view(), key));
  return ExpectEqual("sender data nonce", actual.nonce.view(), nonce);
}

absl::Status CheckGeneration(mls::SecretTree& tree, mls::LeafIndex leaf, const json& one) {
  ENLACE_ASSIGN_OR_RETURN(const uint64_t number, NumberField(one, "generation", UINT32_MAX));
  const auto generation = static_cast<uint32_t>(number);
  for (const auto& [type, prefix] :
       {std::pair{mls::RatchetType::kApplication, std::string("application_")},
        std::pair{mls::RatchetType::kHandshake, std::string("handshake_")}}) {
    ENLACE_ASSIGN_OR_RETURN(const Bytes key, HexField(one, prefix + "key"));
    ENLACE_ASSIGN_OR_RETURN(const Bytes nonce, HexField(one, prefix + "nonce"));
    ENLACE_ASSIGN_OR_RETURN(mls::HashRatchet::Step step, tree.Find(leaf, type, generation));
    ENLACE_RETURN_IF_ERROR(ExpectEqual(prefix + "key", step.key.key.view(), key));
    ENLACE_RETURN_IF_ERROR(ExpectEqual(prefix + "nonce", step.key.nonce.view(), nonce));
    tree.Accept(leaf, type, std::move(step));
  }
  return absl::OkStatus();
}

absl::StatusOr<Outcome> CheckSecretTree(const json& one) {
  if (!SuiteKnown(one)) return Outcome::kSkipped;
  ENLACE_ASSIGN_OR_RETURN(const auto suite, SuiteField(one));
  ENLACE_RETURN_IF_ERROR(CheckSenderData(suite, one.at("sender_data")));
  ENLACE_ASSIGN_OR_RETURN(const Bytes secret, HexField(one, "encryption_secret"));
  const json& leaves = one.at("leaves");
  ENLACE_RETURN_IF_ERROR(ExpectTrue("leaves", leaves.is_array() && !leaves.empty()));
  mls::SecretTree tree(suite, mls::FullWidth(static_cast<uint32_t>(leaves.size())),
                       SecretBytes::CopyOf(secret));
  for (size_t leaf = 0; leaf < leaves.size(); ++leaf) {
    for (const json& generation : leaves[leaf]) {
      ENLACE_RETURN_IF_ERROR(CheckGeneration(tree, static_cast<mls::LeafIndex>(leaf), generation));
    }
  }
  return Outcome::kPassed;
}

}  // namespace

void RegisterSecretTree(VectorTypes& types) { types.push_back({"secret-tree", CheckSecretTree}); }

}  // namespace enlace::vectors
