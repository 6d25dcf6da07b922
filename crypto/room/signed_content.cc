#include "crypto/room/signed_content.h"

#include <algorithm>

#include "crypto/codec/fields.h"
#include "crypto/primitives/status.h"

namespace enlace::room {
namespace {

constexpr std::string_view kLabel = "enlace content 1";

absl::Status CheckFields(std::string_view case_id, BytesView content) {
  const auto printable = [](char c) { return c > ' ' && c <= '~'; };
  if (case_id.empty() || case_id.size() > kCaseIdBytesMax ||
      !std::all_of(case_id.begin(), case_id.end(), printable)) {
    return InvalidArgument("case id is not 1 to 64 printable ASCII characters");
  }
  if (content.size() > kContentBytesMax) return InvalidArgument("content is longer than its limit");
  return absl::OkStatus();
}

// The case id may have any length, the hash after it has one: together they are read in one way
// only.
Bytes SignedBytes(std::string_view case_id, BytesView content) {
  Bytes message = ToBytes(kLabel);
  Append(message, AsBytes(case_id));
  Append(message, merkle::Sha256(content));
  return message;
}

}  // namespace

absl::StatusOr<SignedContent> SignContent(std::string_view case_id, BytesView content,
                                          const ContentAuthor& author) {
  ENLACE_RETURN_IF_ERROR(CheckFields(case_id, content));
  return SignedContent{std::string(case_id), ToBytes(content), author.certificate, author.head,
                       author.key.Sign(SignedBytes(case_id, content))};
}

absl::StatusOr<VerifiedAuthor> VerifyContent(const SignedContent& content,
                                             const identity::Registry& registry,
                                             int64_t judged_at_ms) {
  ENLACE_RETURN_IF_ERROR(registry.CheckHeadRef(content.head));
  const identity::DeviceRecord* device = registry.FindDeviceByMls(content.certificate);
  if (device == nullptr)
    return PermissionDenied("content is signed with a certificate that is not in the registry");
  const identity::DeviceState state =
      registry.CertificateStateAt(content.certificate, {content.head.size, judged_at_ms});
  if (state != identity::DeviceState::kActive) {
    return PermissionDenied("content is signed by a device that was not active: " +
                            std::string(identity::DeviceStateName(state)));
  }
  const identity::DeviceCertificates* pair = registry.FindCertificates(content.certificate);
  if (!crypto::VerifySignature(pair->mls_key, SignedBytes(content.case_id, content.content),
                               content.signature)
           .ok()) {
    return PermissionDenied("content's signature does not verify");
  }
  return VerifiedAuthor{device, state};
}

merkle::Hash ContentDigest(const SignedContent& content) {
  return merkle::Sha256(EncodeSignedContent(content));
}

Bytes EncodeSignedContent(const SignedContent& content) {
  codec::Writer writer(content.content.size() + 256);
  writer.U16(kSignedContentVersion);
  codec::WriteText(content.case_id, writer);
  writer.Vector(content.content);
  writer.Raw(content.certificate);
  merkle::WriteHeadRef(content.head, writer);
  writer.Vector(content.signature);
  return writer.Take();
}

absl::StatusOr<SignedContent> DecodeSignedContent(BytesView bytes) {
  codec::Reader reader(bytes);
  SignedContent content;
  ENLACE_RETURN_IF_ERROR(codec::ReadVersion(reader, kSignedContentVersion));
  ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kCaseIdBytesMax, content.case_id));
  ENLACE_RETURN_IF_ERROR(codec::ReadBounded(reader, kContentBytesMax, content.content));
  ENLACE_RETURN_IF_ERROR(codec::ReadArray(reader, content.certificate));
  ENLACE_RETURN_IF_ERROR(merkle::ReadHeadRef(reader, content.head));
  ENLACE_RETURN_IF_ERROR(codec::ReadBounded(reader, crypto::kSignatureBytes, content.signature));
  ENLACE_RETURN_IF_ERROR(reader.Done());
  ENLACE_RETURN_IF_ERROR(CheckFields(content.case_id, content.content));
  return content;
}

}  // namespace enlace::room
