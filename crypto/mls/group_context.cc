#include "crypto/mls/group_context.h"

#include "crypto/primitives/status.h"

namespace enlace::mls {

absl::Status GroupContext::Read(codec::Reader& in, GroupContext& out) {
  uint16_t version = 0;
  uint16_t suite = 0;
  ENLACE_RETURN_IF_ERROR(in.ReadU16(version));
  ENLACE_RETURN_IF_ERROR(in.ReadU16(suite));
  if (version != kProtocolVersionMls10)
    return InvalidArgument("GroupContext is of another protocol version");
  ENLACE_ASSIGN_OR_RETURN(out.cipher_suite, crypto::CipherSuite::FromId(suite));
  ENLACE_RETURN_IF_ERROR(in.ReadVector(out.group_id));
  ENLACE_RETURN_IF_ERROR(in.ReadU64(out.epoch));
  ENLACE_RETURN_IF_ERROR(in.ReadVector(out.tree_hash));
  ENLACE_RETURN_IF_ERROR(in.ReadVector(out.confirmed_transcript_hash));
  return ExtensionList::Read(in, out.extensions);
}

void GroupContext::Write(codec::Writer& out) const {
  out.U16(kProtocolVersionMls10);
  out.U16(cipher_suite.id());
  out.Vector(group_id);
  out.U64(epoch);
  out.Vector(tree_hash);
  out.Vector(confirmed_transcript_hash);
  extensions.Write(out);
}

Bytes GroupContext::Serialize() const {
  codec::Writer out(group_id.size() + tree_hash.size() + confirmed_transcript_hash.size() + 64);
  Write(out);
  return out.Take();
}

absl::StatusOr<RequiredCapabilities> RequiredCapabilitiesOf(const ExtensionList& extensions) {
  const std::optional<BytesView> data = extensions.Find(kExtensionRequiredCapabilities);
  if (!data) return RequiredCapabilities{};
  return RequiredCapabilities::Parse(*data);
}

}  // namespace enlace::mls
