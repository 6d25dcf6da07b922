#include "crypto/mls/framing.h"
#include "crypto/mls/group_secrets.h"
#include "crypto/mls/ratchet_tree.h"
#include "crypto/primitives/status.h"
#include "tests/vectors/vector_runner.h"

namespace enlace::vectors {
namespace {

using nlohmann::json;

// Each structure decodes and encodes to the same bytes again.
template <typename T>
absl::Status CheckStructure(const json& one, const std::string& name) {
  ENLACE_ASSIGN_OR_RETURN(const Bytes encoded, HexField(one, name));
  codec::Reader in(encoded);
  T value;
  ENLACE_RETURN_IF_ERROR(T::Read(in, value));
  ENLACE_RETURN_IF_ERROR(in.Done());
  codec::Writer out;
  value.Write(out);
  return ExpectEqual(name, out.view(), encoded);
}

absl::Status CheckMessage(const json& one, const std::string& name, mls::WireFormat format) {
  ENLACE_ASSIGN_OR_RETURN(const Bytes encoded, HexField(one, name));
  ENLACE_ASSIGN_OR_RETURN(const mls::MlsMessage message, mls::MlsMessage::Parse(encoded));
  ENLACE_RETURN_IF_ERROR(ExpectTrue(name + " wire format", message.wire_format() == format));
  return ExpectEqual(name, message.Serialize(), encoded);
}

// The vectors hold the proposal's body without its type.
absl::Status CheckProposal(const json& one, const std::string& name, uint16_t type) {
  ENLACE_ASSIGN_OR_RETURN(const Bytes body, HexField(one, name));
  codec::Writer whole;
  whole.U16(type);
  whole.Raw(body);
  codec::Reader in(whole.view());
  mls::Proposal proposal;
  ENLACE_RETURN_IF_ERROR(mls::Proposal::Read(in, proposal));
  ENLACE_RETURN_IF_ERROR(in.Done());
  codec::Writer out;
  proposal.Write(out);
  return ExpectEqual(name, out.view(), whole.view());
}

absl::Status CheckTree(const json& one) {
  ENLACE_ASSIGN_OR_RETURN(const Bytes encoded, HexField(one, "ratchet_tree"));
  ENLACE_ASSIGN_OR_RETURN(const mls::RatchetTree tree, mls::RatchetTree::Parse(encoded));
  return ExpectEqual("ratchet_tree", tree.Serialize(), encoded);
}

absl::Status CheckGroupSecrets(const json& one) {
  ENLACE_ASSIGN_OR_RETURN(const Bytes encoded, HexField(one, "group_secrets"));
  ENLACE_ASSIGN_OR_RETURN(const mls::GroupSecrets secrets, mls::GroupSecrets::Parse(encoded));
  return ExpectEqual("group_secrets", secrets.Serialize().view(), encoded);
}

// The suite of the case's key package: the cases of a suite with keys of another length are that
// suite's.
absl::StatusOr<uint16_t> SuiteOf(const json& one) {
  ENLACE_ASSIGN_OR_RETURN(const Bytes key_package, HexField(one, "mls_key_package"));
  codec::Reader in(key_package);
  uint16_t skipped = 0;
  uint16_t suite = 0;
  for (int i = 0; i < 3; ++i) ENLACE_RETURN_IF_ERROR(in.ReadU16(skipped));
  ENLACE_RETURN_IF_ERROR(in.ReadU16(suite));
  return suite;
}

absl::StatusOr<Outcome> CheckMessages(const json& one) {
  ENLACE_ASSIGN_OR_RETURN(const uint16_t suite, SuiteOf(one));
  if (!crypto::CipherSuite::FromId(suite).ok()) return Outcome::kSkipped;
  ENLACE_RETURN_IF_ERROR(CheckMessage(one, "mls_welcome", mls::WireFormat::kWelcome));
  ENLACE_RETURN_IF_ERROR(CheckMessage(one, "mls_group_info", mls::WireFormat::kGroupInfo));
  ENLACE_RETURN_IF_ERROR(CheckMessage(one, "mls_key_package", mls::WireFormat::kKeyPackage));
  ENLACE_RETURN_IF_ERROR(CheckTree(one));
  ENLACE_RETURN_IF_ERROR(CheckGroupSecrets(one));
  ENLACE_RETURN_IF_ERROR(CheckProposal(one, "add_proposal", mls::kProposalAdd));
  ENLACE_RETURN_IF_ERROR(CheckProposal(one, "update_proposal", mls::kProposalUpdate));
  ENLACE_RETURN_IF_ERROR(CheckProposal(one, "remove_proposal", mls::kProposalRemove));
  ENLACE_RETURN_IF_ERROR(CheckProposal(one, "pre_shared_key_proposal", mls::kProposalPreSharedKey));
  ENLACE_RETURN_IF_ERROR(CheckProposal(one, "re_init_proposal", mls::kProposalReInit));
  ENLACE_RETURN_IF_ERROR(CheckProposal(one, "external_init_proposal", mls::kProposalExternalInit));
  ENLACE_RETURN_IF_ERROR(CheckProposal(one, "group_context_extensions_proposal",
                                       mls::kProposalGroupContextExtensions));
  ENLACE_RETURN_IF_ERROR(CheckStructure<mls::Commit>(one, "commit"));
  ENLACE_RETURN_IF_ERROR(
      CheckMessage(one, "public_message_application", mls::WireFormat::kPublicMessage));
  ENLACE_RETURN_IF_ERROR(
      CheckMessage(one, "public_message_proposal", mls::WireFormat::kPublicMessage));
  ENLACE_RETURN_IF_ERROR(
      CheckMessage(one, "public_message_commit", mls::WireFormat::kPublicMessage));
  ENLACE_RETURN_IF_ERROR(CheckMessage(one, "private_message", mls::WireFormat::kPrivateMessage));
  return Outcome::kPassed;
}

}  // namespace

void RegisterMessages(VectorTypes& types) { types.push_back({"messages", CheckMessages}); }

}  // namespace enlace::vectors
