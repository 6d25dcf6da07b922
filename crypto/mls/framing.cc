#include "crypto/mls/framing.h"

#include <type_traits>
#include <utility>

#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

using ContentVariant = std::variant<ApplicationData, Proposal, Commit>;

absl::Status ReadContentType(codec::Reader& in, ContentType& out) {
  uint8_t type = 0;
  ENLACE_RETURN_IF_ERROR(in.ReadU8(type));
  if (type < 1 || type > 3) return InvalidArgument("content is of an unknown type");
  out = static_cast<ContentType>(type);
  return absl::OkStatus();
}

ContentType TypeOf(const ContentVariant& content) {
  return static_cast<ContentType>(content.index() + 1);
}

// The senders whose signature covers the GroupContext: those that are members, or become one
// (section 6.1).
bool SignsContext(SenderType type) {
  return type == SenderType::kMember || type == SenderType::kNewMemberCommit;
}

void WriteHeader(codec::Writer& out, WireFormat wire_format) {
  out.U16(kProtocolVersionMls10);
  out.U16(static_cast<uint16_t>(wire_format));
}

// Reads version and wire format of an MLSMessage.
absl::Status ReadHeader(codec::Reader& in, WireFormat& wire_format) {
  uint16_t version = 0;
  uint16_t format = 0;
  ENLACE_RETURN_IF_ERROR(in.ReadU16(version));
  ENLACE_RETURN_IF_ERROR(in.ReadU16(format));
  if (version != kProtocolVersionMls10)
    return InvalidArgument("message is of another protocol version");
  if (format < 1 || format > 5) return InvalidArgument("message is of an unknown wire format");
  wire_format = static_cast<WireFormat>(format);
  return absl::OkStatus();
}

template <typename Body>
absl::StatusOr<MlsMessage> ParseBody(codec::Reader& in) {
  MlsMessage out;
  ENLACE_RETURN_IF_ERROR(Body::Read(in, out.body.emplace<Body>()));
  ENLACE_RETURN_IF_ERROR(in.Done());
  return out;
}

template <typename Body>
Bytes SerializeBody(WireFormat wire_format, const Body& body) {
  codec::Writer out(1024);
  WriteHeader(out, wire_format);
  body.Write(out);
  return out.Take();
}

}  // namespace

absl::Status Sender::Read(codec::Reader& in, Sender& out) {
  uint8_t type = 0;
  ENLACE_RETURN_IF_ERROR(in.ReadU8(type));
  if (type < 1 || type > 4) return InvalidArgument("sender is of an unknown type");
  out.type = static_cast<SenderType>(type);
  out.index = 0;
  const bool has_index = out.type == SenderType::kMember || out.type == SenderType::kExternal;
  return has_index ? in.ReadU32(out.index) : absl::OkStatus();
}

void Sender::Write(codec::Writer& out) const {
  out.U8(static_cast<uint8_t>(type));
  if (type == SenderType::kMember || type == SenderType::kExternal) out.U32(index);
}

absl::Status ReadContentOfType(codec::Reader& in, ContentType type, ContentVariant& out) {
  switch (type) {
    case ContentType::kApplication:
      return in.ReadVector(out.emplace<ApplicationData>().data);
    case ContentType::kProposal:
      return Proposal::Read(in, out.emplace<Proposal>());
    case ContentType::kCommit:
      return Commit::Read(in, out.emplace<Commit>());
  }
  return InvalidArgument("content is of an unknown type");
}

void WriteContent(codec::Writer& out, const ContentVariant& content) {
  if (const auto* data = std::get_if<ApplicationData>(&content)) {
    out.Vector(data->data);
  } else if (const auto* proposal = std::get_if<Proposal>(&content)) {
    proposal->Write(out);
  } else {
    std::get<Commit>(content).Write(out);
  }
}

ContentType FramedContent::content_type() const { return TypeOf(content); }

absl::Status FramedContent::Read(codec::Reader& in, FramedContent& out) {
  ContentType type = ContentType::kApplication;
  ENLACE_RETURN_IF_ERROR(in.ReadVector(out.group_id));
  ENLACE_RETURN_IF_ERROR(in.ReadU64(out.epoch));
  ENLACE_RETURN_IF_ERROR(Sender::Read(in, out.sender));
  ENLACE_RETURN_IF_ERROR(in.ReadVector(out.authenticated_data));
  ENLACE_RETURN_IF_ERROR(ReadContentType(in, type));
  return ReadContentOfType(in, type, out.content);
}

void FramedContent::Write(codec::Writer& out) const {
  out.Vector(group_id);
  out.U64(epoch);
  sender.Write(out);
  out.Vector(authenticated_data);
  out.U8(static_cast<uint8_t>(content_type()));
  WriteContent(out, content);
}

absl::Status FramedContentAuthData::Read(codec::Reader& in, ContentType type,
                                         FramedContentAuthData& out) {
  ENLACE_RETURN_IF_ERROR(in.ReadVector(out.signature));
  out.confirmation_tag.clear();
  return type == ContentType::kCommit ? in.ReadVector(out.confirmation_tag) : absl::OkStatus();
}

void FramedContentAuthData::Write(codec::Writer& out, ContentType type) const {
  out.Vector(signature);
  if (type == ContentType::kCommit) out.Vector(confirmation_tag);
}

absl::Status AuthenticatedContent::Read(codec::Reader& in, AuthenticatedContent& out) {
  uint16_t format = 0;
  ENLACE_RETURN_IF_ERROR(in.ReadU16(format));
  if (format != 1 && format != 2)
    return InvalidArgument("authenticated content has an unknown wire format");
  out.wire_format = static_cast<WireFormat>(format);
  ENLACE_RETURN_IF_ERROR(FramedContent::Read(in, out.content));
  return FramedContentAuthData::Read(in, out.content.content_type(), out.auth);
}

void AuthenticatedContent::Write(codec::Writer& out) const {
  out.U16(static_cast<uint16_t>(wire_format));
  content.Write(out);
  auth.Write(out, content.content_type());
}

crypto::Digest AuthenticatedContent::ProposalRef() const {
  codec::Writer out(1024);
  Write(out);
  return crypto::RefHash("MLS 1.0 Proposal Reference", out.view());
}

void WriteFramedContentTbsHead(codec::Writer& out, WireFormat wire_format,
                               const FramedContentView& content) {
  WriteHeader(out, wire_format);
  out.Vector(content.group_id);
  out.U64(content.epoch);
  content.sender.Write(out);
  out.Vector(content.authenticated_data);
  out.U8(static_cast<uint8_t>(content.content_type));
}

BytesView FramedContentTbsTail(SenderType sender, BytesView context) {
  return SignsContext(sender) ? context : BytesView{};
}

Bytes EncodeFramedContentTbs(WireFormat wire_format, const FramedContent& content,
                             const GroupContext& context) {
  codec::Writer out(1024);
  WriteHeader(out, wire_format);
  content.Write(out);
  if (SignsContext(content.sender.type)) context.Write(out);
  return out.Take();
}

absl::Status PublicMessage::Read(codec::Reader& in, PublicMessage& out) {
  ENLACE_RETURN_IF_ERROR(FramedContent::Read(in, out.content));
  ENLACE_RETURN_IF_ERROR(FramedContentAuthData::Read(in, out.content.content_type(), out.auth));
  out.membership_tag.reset();
  if (out.content.sender.type != SenderType::kMember) return absl::OkStatus();
  return in.ReadVector(out.membership_tag.emplace());
}

void PublicMessage::Write(codec::Writer& out) const {
  content.Write(out);
  auth.Write(out, content.content_type());
  if (membership_tag) out.Vector(*membership_tag);
}

absl::Status PrivateMessageView::Read(codec::Reader& in, PrivateMessageView& out) {
  ENLACE_RETURN_IF_ERROR(in.ReadVector(out.group_id));
  ENLACE_RETURN_IF_ERROR(in.ReadU64(out.epoch));
  ENLACE_RETURN_IF_ERROR(ReadContentType(in, out.content_type));
  ENLACE_RETURN_IF_ERROR(in.ReadVector(out.authenticated_data));
  ENLACE_RETURN_IF_ERROR(in.ReadVector(out.encrypted_sender_data));
  return in.ReadVector(out.ciphertext);
}

absl::StatusOr<PrivateMessageView> PrivateMessageView::Parse(BytesView message) {
  codec::Reader in(message);
  WireFormat format = WireFormat::kPublicMessage;
  PrivateMessageView out;
  ENLACE_RETURN_IF_ERROR(ReadHeader(in, format));
  if (format != WireFormat::kPrivateMessage) {
    return InvalidArgument("message is not a PrivateMessage");
  }
  ENLACE_RETURN_IF_ERROR(Read(in, out));
  ENLACE_RETURN_IF_ERROR(in.Done());
  return out;
}

absl::Status PrivateMessage::Read(codec::Reader& in, PrivateMessage& out) {
  PrivateMessageView view;
  ENLACE_RETURN_IF_ERROR(PrivateMessageView::Read(in, view));
  out = {ToBytes(view.group_id),
         view.epoch,
         view.content_type,
         ToBytes(view.authenticated_data),
         ToBytes(view.encrypted_sender_data),
         ToBytes(view.ciphertext)};
  return absl::OkStatus();
}

void WritePrivateMessageHead(codec::Writer& out, const PrivateMessageView& message,
                             size_t ciphertext_bytes) {
  WriteHeader(out, WireFormat::kPrivateMessage);
  out.Vector(message.group_id);
  out.U64(message.epoch);
  out.U8(static_cast<uint8_t>(message.content_type));
  out.Vector(message.authenticated_data);
  out.Vector(message.encrypted_sender_data);
  out.Raw(codec::VectorPrefix(ciphertext_bytes).view());
}

void PrivateMessage::Write(codec::Writer& out) const {
  out.Vector(group_id);
  out.U64(epoch);
  out.U8(static_cast<uint8_t>(content_type));
  out.Vector(authenticated_data);
  out.Vector(encrypted_sender_data);
  out.Vector(ciphertext);
}

WireFormat MlsMessage::wire_format() const { return static_cast<WireFormat>(body.index() + 1); }

absl::StatusOr<MlsMessage> MlsMessage::Parse(BytesView message) {
  codec::Reader in(message);
  WireFormat format = WireFormat::kPublicMessage;
  ENLACE_RETURN_IF_ERROR(ReadHeader(in, format));
  switch (format) {
    case WireFormat::kPublicMessage:
      return ParseBody<PublicMessage>(in);
    case WireFormat::kPrivateMessage:
      return ParseBody<PrivateMessage>(in);
    case WireFormat::kWelcome:
      return ParseBody<Welcome>(in);
    case WireFormat::kGroupInfo:
      return ParseBody<GroupInfo>(in);
    case WireFormat::kKeyPackage:
      return ParseBody<KeyPackage>(in);
  }
  return InvalidArgument("message is of an unknown wire format");
}

Bytes MlsMessage::Serialize() const {
  return std::visit([](const auto& value) { return SerializeMessage(value); }, body);
}

Bytes SerializeMessage(const PublicMessage& body) {
  return SerializeBody(WireFormat::kPublicMessage, body);
}
Bytes SerializeMessage(const PrivateMessage& body) {
  return SerializeBody(WireFormat::kPrivateMessage, body);
}
Bytes SerializeMessage(const Welcome& body) { return SerializeBody(WireFormat::kWelcome, body); }
Bytes SerializeMessage(const GroupInfo& body) {
  return SerializeBody(WireFormat::kGroupInfo, body);
}
Bytes SerializeMessage(const KeyPackage& body) {
  return SerializeBody(WireFormat::kKeyPackage, body);
}

absl::StatusOr<WireFormat> WireFormatOf(BytesView message) {
  codec::Reader in(message);
  WireFormat format = WireFormat::kPublicMessage;
  ENLACE_RETURN_IF_ERROR(ReadHeader(in, format));
  return format;
}

absl::StatusOr<MessageHeader> ParseMessageHeader(BytesView message) {
  codec::Reader in(message);
  MessageHeader out;
  ENLACE_RETURN_IF_ERROR(ReadHeader(in, out.wire_format));
  if (out.wire_format != WireFormat::kPublicMessage &&
      out.wire_format != WireFormat::kPrivateMessage) {
    return InvalidArgument("message is neither a PublicMessage nor a PrivateMessage");
  }
  ENLACE_RETURN_IF_ERROR(in.ReadVector(out.group_id));
  ENLACE_RETURN_IF_ERROR(in.ReadU64(out.epoch));
  if (out.wire_format == WireFormat::kPublicMessage) {
    Sender sender;
    BytesView authenticated_data;
    ENLACE_RETURN_IF_ERROR(Sender::Read(in, sender));
    ENLACE_RETURN_IF_ERROR(in.ReadVector(authenticated_data));
  }
  ENLACE_RETURN_IF_ERROR(ReadContentType(in, out.content_type));
  return out;
}

}  // namespace enlace::mls
