#include "crypto/mls/message_protection.h"
#include "crypto/mls/secret_tree.h"
#include "crypto/primitives/status.h"
#include "crypto/primitives/system_rng.h"
#include "tests/vectors/vector_runner.h"

namespace enlace::vectors {
namespace {

using nlohmann::json;

// The vectors' sender is always leaf 1 of a tree of two.
constexpr mls::LeafIndex kSender = 1;

struct Fixture {
  mls::GroupContext context;
  crypto::SigningKey signing_key;
  crypto::HmacKey membership_key;
  crypto::HmacKey sender_data_secret;
  Bytes encryption_secret;

  mls::SecretTree Tree() const {
    return mls::SecretTree(context.cipher_suite, 2, SecretBytes::CopyOf(encryption_secret));
  }
};

absl::StatusOr<Fixture> ReadFixture(const json& one) {
  mls::GroupContext context;
  ENLACE_ASSIGN_OR_RETURN(context.cipher_suite, SuiteField(one));
  ENLACE_ASSIGN_OR_RETURN(context.epoch, NumberField(one, "epoch", UINT64_MAX));
  ENLACE_ASSIGN_OR_RETURN(context.group_id, HexField(one, "group_id"));
  ENLACE_ASSIGN_OR_RETURN(context.tree_hash, HexField(one, "tree_hash"));
  ENLACE_ASSIGN_OR_RETURN(context.confirmed_transcript_hash,
                          HexField(one, "confirmed_transcript_hash"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes public_key, HexField(one, "signature_pub"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes membership, HexField(one, "membership_key"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes sender_data, HexField(one, "sender_data_secret"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes encryption, HexField(one, "encryption_secret"));
  ENLACE_ASSIGN_OR_RETURN(crypto::SigningKey key, SigningKeyField(one, "signature_priv"));
  ENLACE_RETURN_IF_ERROR(ExpectEqual("signature_pub", key.public_key(), public_key));
  return Fixture{std::move(context), std::move(key), crypto::HmacKey(membership),
                 crypto::HmacKey(sender_data), encryption};
}

Bytes EncodedContent(const mls::FramedContent& content) {
  codec::Writer out;
  mls::WriteContent(out, content.content);
  return out.Take();
}

absl::Status CheckPublic(const Fixture& fixture, BytesView message, BytesView raw) {
  ENLACE_ASSIGN_OR_RETURN(const mls::MlsMessage parsed, mls::MlsMessage::Parse(message));
  const auto& body = std::get<mls::PublicMessage>(parsed.body);
  ENLACE_RETURN_IF_ERROR(ExpectTrue("sender", body.content.sender == mls::Sender::Member(kSender)));
  ENLACE_RETURN_IF_ERROR(VerifyMembershipTag(fixture.membership_key, body, fixture.context));
  const Bytes tbs =
      EncodeFramedContentTbs(mls::WireFormat::kPublicMessage, body.content, fixture.context);
  ENLACE_RETURN_IF_ERROR(crypto::VerifyWithLabel(
      fixture.signing_key.public_key(), mls::kFramedContentLabel, tbs, body.auth.signature));
  ENLACE_RETURN_IF_ERROR(ExpectEqual("re-encoded message", parsed.Serialize(), message));
  return ExpectEqual("content", EncodedContent(body.content), raw);
}

// `raw` is the encoded content; application data stands in the vectors without its length.
absl::Status CheckPrivate(const Fixture& fixture, BytesView message, BytesView raw) {
  ENLACE_ASSIGN_OR_RETURN(const mls::PrivateMessageView body,
                          mls::PrivateMessageView::Parse(message));
  const crypto::CipherSuite suite = fixture.context.cipher_suite;
  ENLACE_ASSIGN_OR_RETURN(const mls::SenderData sender,
                          OpenSenderData(suite, fixture.sender_data_secret, body));
  ENLACE_RETURN_IF_ERROR(ExpectTrue("sender", sender.leaf_index == kSender));
  mls::SecretTree tree = fixture.Tree();
  const auto type = body.content_type == mls::ContentType::kApplication
                        ? mls::RatchetType::kApplication
                        : mls::RatchetType::kHandshake;
  ENLACE_ASSIGN_OR_RETURN(const mls::HashRatchet::Step step,
                          tree.Find(kSender, type, sender.generation));
  ENLACE_ASSIGN_OR_RETURN(mls::OpenedContent opened,
                          OpenPrivateContent(suite, step.key, sender, body));
  ENLACE_RETURN_IF_ERROR(
      opened.VerifySignature(fixture.signing_key.public_key(), kSender, body, fixture.context));
  return ExpectEqual("content", opened.encoded_content(), raw);
}

mls::FramedContent Framed(const Fixture& fixture) {
  mls::FramedContent content;
  content.group_id = fixture.context.group_id;
  content.epoch = fixture.context.epoch;
  content.sender = mls::Sender::Member(kSender);
  content.authenticated_data = ToBytes("authenticated");
  return content;
}

Bytes OwnPublic(const Fixture& fixture, const mls::FramedContent& content) {
  mls::PublicMessage message{content, {}, std::nullopt};
  const Bytes tbs =
      EncodeFramedContentTbs(mls::WireFormat::kPublicMessage, content, fixture.context);
  message.auth.signature =
      crypto::SignWithLabel(fixture.signing_key, mls::kFramedContentLabel, tbs);
  message.auth.confirmation_tag =
      Bytes(content.content_type() == mls::ContentType::kCommit ? 32 : 0, 0xc0);
  message.membership_tag = MembershipTag(fixture.membership_key, message, fixture.context);
  return SerializeMessage(message);
}

absl::StatusOr<Bytes> OwnPrivate(const Fixture& fixture, const mls::FramedContent& content) {
  const Bytes encoded = EncodedContent(content);
  const mls::ContentType type = content.content_type();
  const mls::FramedContentView view{.group_id = content.group_id,
                                    .epoch = content.epoch,
                                    .sender = content.sender,
                                    .authenticated_data = content.authenticated_data,
                                    .content_type = type,
                                    .content_prefix = {},
                                    .encoded_content = encoded};
  mls::FramedContentAuthData auth;
  auth.signature =
      SignContent(fixture.signing_key, mls::WireFormat::kPrivateMessage, view, fixture.context);
  auth.confirmation_tag = Bytes(type == mls::ContentType::kCommit ? 32 : 0, 0xc0);
  mls::SecretTree tree = fixture.Tree();
  const auto ratchet = type == mls::ContentType::kApplication ? mls::RatchetType::kApplication
                                                              : mls::RatchetType::kHandshake;
  ENLACE_ASSIGN_OR_RETURN(const mls::HashRatchet::Step step, tree.Find(kSender, ratchet, 3));
  const mls::SealingKeys keys{fixture.context.cipher_suite,
                              fixture.sender_data_secret,
                              step.key,
                              {kSender, 3, {1, 2, 3, 4}}};
  return SealPrivateMessage(keys, view, auth, 11);
}

absl::StatusOr<Outcome> CheckMessageProtection(const json& one) {
  if (!SuiteKnown(one)) return Outcome::kSkipped;
  ENLACE_ASSIGN_OR_RETURN(const Fixture fixture, ReadFixture(one));
  for (const std::string kind : {"proposal", "commit"}) {
    ENLACE_ASSIGN_OR_RETURN(const Bytes raw, HexField(one, kind));
    ENLACE_ASSIGN_OR_RETURN(const Bytes public_message, HexField(one, kind + "_pub"));
    ENLACE_ASSIGN_OR_RETURN(const Bytes private_message, HexField(one, kind + "_priv"));
    ENLACE_RETURN_IF_ERROR(CheckPublic(fixture, public_message, raw));
    ENLACE_RETURN_IF_ERROR(CheckPrivate(fixture, private_message, raw));
    mls::FramedContent content = Framed(fixture);
    codec::Reader in(raw);
    const auto type = kind == "proposal" ? mls::ContentType::kProposal : mls::ContentType::kCommit;
    ENLACE_RETURN_IF_ERROR(mls::ReadContentOfType(in, type, content.content));
    ENLACE_RETURN_IF_ERROR(CheckPublic(fixture, OwnPublic(fixture, content), raw));
    ENLACE_ASSIGN_OR_RETURN(const Bytes own, OwnPrivate(fixture, content));
    ENLACE_RETURN_IF_ERROR(CheckPrivate(fixture, own, raw));
  }
  ENLACE_ASSIGN_OR_RETURN(const Bytes application, HexField(one, "application"));
  ENLACE_ASSIGN_OR_RETURN(const Bytes application_priv, HexField(one, "application_priv"));
  mls::FramedContent content = Framed(fixture);
  content.content = mls::ApplicationData{application};
  ENLACE_RETURN_IF_ERROR(CheckPrivate(fixture, application_priv, EncodedContent(content)));
  ENLACE_ASSIGN_OR_RETURN(const Bytes own, OwnPrivate(fixture, content));
  ENLACE_RETURN_IF_ERROR(CheckPrivate(fixture, own, EncodedContent(content)));
  return Outcome::kPassed;
}

}  // namespace

void RegisterMessageProtection(VectorTypes& types) {
  types.push_back({"message-protection", CheckMessageProtection});
}

}  // namespace enlace::vectors
