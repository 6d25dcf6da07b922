#include "crypto/mls/proposal.h"

#include <type_traits>
#include <utility>

#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

enum class ProposalOrRefType : uint8_t { kProposal = 1, kReference = 2 };

absl::Status ReadBody(codec::Reader& in, Add& out) { return KeyPackage::Read(in, out.key_package); }
absl::Status ReadBody(codec::Reader& in, Update& out) { return LeafNode::Read(in, out.leaf_node); }
absl::Status ReadBody(codec::Reader& in, Remove& out) { return in.ReadU32(out.removed); }
absl::Status ReadBody(codec::Reader& in, PreSharedKey& out) {
  return PreSharedKeyId::Read(in, out.psk);
}
absl::Status ReadBody(codec::Reader& in, ReInit& out) {
  ENLACE_RETURN_IF_ERROR(in.ReadVector(out.group_id));
  ENLACE_RETURN_IF_ERROR(in.ReadU16(out.version));
  ENLACE_RETURN_IF_ERROR(in.ReadU16(out.cipher_suite));
  return ExtensionList::Read(in, out.extensions);
}
absl::Status ReadBody(codec::Reader& in, ExternalInit& out) {
  return in.ReadVector(out.kem_output);
}
absl::Status ReadBody(codec::Reader& in, GroupContextExtensions& out) {
  return ExtensionList::Read(in, out.extensions);
}

void WriteBody(codec::Writer& out, const Add& body) { body.key_package.Write(out); }
void WriteBody(codec::Writer& out, const Update& body) { body.leaf_node.Write(out); }
void WriteBody(codec::Writer& out, const Remove& body) { out.U32(body.removed); }
void WriteBody(codec::Writer& out, const PreSharedKey& body) { body.psk.Write(out); }
void WriteBody(codec::Writer& out, const ReInit& body) {
  out.Vector(body.group_id);
  out.U16(body.version);
  out.U16(body.cipher_suite);
  body.extensions.Write(out);
}
void WriteBody(codec::Writer& out, const ExternalInit& body) { out.Vector(body.kem_output); }
void WriteBody(codec::Writer& out, const GroupContextExtensions& body) {
  body.extensions.Write(out);
}

template <typename Body>
absl::Status ReadAs(codec::Reader& in, Proposal& out) {
  return ReadBody(in, out.body.emplace<Body>());
}

absl::Status ReadProposalOrRef(codec::Reader& in, ProposalOrRef& out) {
  uint8_t type = 0;
  ENLACE_RETURN_IF_ERROR(in.ReadU8(type));
  switch (static_cast<ProposalOrRefType>(type)) {
    case ProposalOrRefType::kProposal:
      return Proposal::Read(in, out.emplace<Proposal>());
    case ProposalOrRefType::kReference:
      return in.ReadVector(out.emplace<ProposalReference>().value);
  }
  return InvalidArgument("ProposalOrRef is of an unknown type");
}

void WriteProposalOrRef(codec::Writer& out, const ProposalOrRef& item) {
  if (const auto* proposal = std::get_if<Proposal>(&item)) {
    out.U8(static_cast<uint8_t>(ProposalOrRefType::kProposal));
    proposal->Write(out);
  } else {
    out.U8(static_cast<uint8_t>(ProposalOrRefType::kReference));
    out.Vector(std::get<ProposalReference>(item).value);
  }
}

}  // namespace

absl::Status Proposal::Read(codec::Reader& in, Proposal& out) {
  uint16_t type = 0;
  ENLACE_RETURN_IF_ERROR(in.ReadU16(type));
  switch (type) {
    case kProposalAdd:
      return ReadAs<Add>(in, out);
    case kProposalUpdate:
      return ReadAs<Update>(in, out);
    case kProposalRemove:
      return ReadAs<Remove>(in, out);
    case kProposalPreSharedKey:
      return ReadAs<PreSharedKey>(in, out);
    case kProposalReInit:
      return ReadAs<ReInit>(in, out);
    case kProposalExternalInit:
      return ReadAs<ExternalInit>(in, out);
    case kProposalGroupContextExtensions:
      return ReadAs<GroupContextExtensions>(in, out);
    default:
      return MakeStatus(absl::StatusCode::kUnimplemented, "proposal is of an unknown type");
  }
}

void Proposal::Write(codec::Writer& out) const {
  out.U16(type());
  std::visit([&out](const auto& value) { WriteBody(out, value); }, body);
}

absl::Status Commit::Read(codec::Reader& in, Commit& out) {
  BytesView body;
  ENLACE_RETURN_IF_ERROR(in.ReadVector(body));
  codec::Reader items(body);
  out.proposals.clear();
  while (!items.empty()) {
    ENLACE_RETURN_IF_ERROR(ReadProposalOrRef(items, out.proposals.emplace_back()));
  }
  bool has_path = false;
  ENLACE_RETURN_IF_ERROR(in.ReadPresence(has_path));
  out.path.reset();
  return has_path ? UpdatePath::Read(in, out.path.emplace()) : absl::OkStatus();
}

void Commit::Write(codec::Writer& out) const {
  const size_t mark = out.BeginVector();
  for (const ProposalOrRef& item : proposals) WriteProposalOrRef(out, item);
  out.EndVector(mark);
  out.Presence(path.has_value());
  if (path) path->Write(out);
}

}  // namespace enlace::mls
