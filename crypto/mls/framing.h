// Message framing, RFC 9420 section 6: what is signed, and the messages that carry it.
//
// Parsing promises that every structure ends where its bytes end and that what is parsed encodes to
// the same bytes again; it says nothing about signatures, tags or membership. No function here
// needs a secret.
//
// Thread safety: as a value's. Ownership: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/mls/group_context.h"
#include "crypto/mls/key_package.h"
#include "crypto/mls/proposal.h"
#include "crypto/mls/welcome.h"
#include "crypto/primitives/bytes.h"

namespace enlace::mls {

enum class WireFormat : uint16_t {
  kPublicMessage = 1,
  kPrivateMessage = 2,
  kWelcome = 3,
  kGroupInfo = 4,
  kKeyPackage = 5,
};

enum class ContentType : uint8_t { kApplication = 1, kProposal = 2, kCommit = 3 };

enum class SenderType : uint8_t {
  kMember = 1,
  kExternal = 2,
  kNewMemberProposal = 3,
  kNewMemberCommit = 4
};

struct Sender {
  SenderType type = SenderType::kMember;
  uint32_t index = 0;  // Leaf index of a member, or position in external_senders.

  static Sender Member(LeafIndex leaf) { return {SenderType::kMember, leaf}; }
  static Sender External(uint32_t position) { return {SenderType::kExternal, position}; }
  static Sender NewMemberProposal() { return {SenderType::kNewMemberProposal, 0}; }
  static Sender NewMemberCommit() { return {SenderType::kNewMemberCommit, 0}; }

  static absl::Status Read(codec::Reader& in, Sender& out);
  void Write(codec::Writer& out) const;
  friend bool operator==(const Sender&, const Sender&) = default;
};

// Content of an application message that is sent as plaintext: legal only inside a PrivateMessage.
struct ApplicationData {
  Bytes data;
};

struct FramedContent {
  Bytes group_id;
  uint64_t epoch = 0;
  Sender sender;
  Bytes authenticated_data;
  std::variant<ApplicationData, Proposal, Commit> content;

  ContentType content_type() const;
  static absl::Status Read(codec::Reader& in, FramedContent& out);
  void Write(codec::Writer& out) const;
};

// The member of the select of section 6 by its type: the content without its content_type octet.
absl::Status ReadContentOfType(codec::Reader& in, ContentType type,
                               std::variant<ApplicationData, Proposal, Commit>& out);
void WriteContent(codec::Writer& out,
                  const std::variant<ApplicationData, Proposal, Commit>& content);

struct FramedContentAuthData {
  Bytes signature;
  Bytes confirmation_tag;  // Commits only.

  static absl::Status Read(codec::Reader& in, ContentType type, FramedContentAuthData& out);
  void Write(codec::Writer& out, ContentType type) const;
};

// AuthenticatedContent, section 6.
struct AuthenticatedContent {
  WireFormat wire_format = WireFormat::kPublicMessage;
  FramedContent content;
  FramedContentAuthData auth;

  static absl::Status Read(codec::Reader& in, AuthenticatedContent& out);
  void Write(codec::Writer& out) const;
  // MakeProposalRef of section 5.2.
  crypto::Digest ProposalRef() const;
};

// FramedContent by reference, with its content already encoded: what signing needs, without a copy
// of the content.
struct FramedContentView {
  BytesView group_id;
  uint64_t epoch = 0;
  Sender sender;
  BytesView authenticated_data;
  ContentType content_type = ContentType::kApplication;
  // As WriteContent writes it, in two parts of which the first may be empty: the length of
  // application data, then the data.
  BytesView content_prefix;
  BytesView encoded_content;
};

// Writes FramedContentTBS up to its content, and what follows the content: the context for the
// senders that are, or become, members. `context` is a GroupContext as it is serialised.
void WriteFramedContentTbsHead(codec::Writer& out, WireFormat wire_format,
                               const FramedContentView& content);
BytesView FramedContentTbsTail(SenderType sender, BytesView context);

// FramedContentTBS, section 6.1. The context is written for the senders that are, or become,
// members.
Bytes EncodeFramedContentTbs(WireFormat wire_format, const FramedContent& content,
                             const GroupContext& context);

// The label of the signature over FramedContentTBS.
inline constexpr std::string_view kFramedContentLabel = "FramedContentTBS";

// PublicMessage, section 6.2. That it must not carry application data is checked where it is
// processed.
struct PublicMessage {
  FramedContent content;
  FramedContentAuthData auth;
  std::optional<Bytes> membership_tag;  // Members only.

  static absl::Status Read(codec::Reader& in, PublicMessage& out);
  void Write(codec::Writer& out) const;
};

// PrivateMessage, section 6.3.
struct PrivateMessage {
  Bytes group_id;
  uint64_t epoch = 0;
  ContentType content_type = ContentType::kApplication;
  Bytes authenticated_data;
  Bytes encrypted_sender_data;
  Bytes ciphertext;

  static absl::Status Read(codec::Reader& in, PrivateMessage& out);
  void Write(codec::Writer& out) const;
};

// A PrivateMessage by reference to the bytes that it was read from, so that a long ciphertext is
// not copied.
struct PrivateMessageView {
  BytesView group_id;
  uint64_t epoch = 0;
  ContentType content_type = ContentType::kApplication;
  BytesView authenticated_data;
  BytesView encrypted_sender_data;
  BytesView ciphertext;

  static absl::Status Read(codec::Reader& in, PrivateMessageView& out);
  // Of a whole MLSMessage. INVALID_ARGUMENT as MlsMessage::Parse, and for another wire format.
  static absl::StatusOr<PrivateMessageView> Parse(BytesView message);
};

// Writes a PrivateMessage as an MLSMessage up to its ciphertext, with the length of a ciphertext of
// `ciphertext_bytes`; that of `message` is not looked at.
void WritePrivateMessageHead(codec::Writer& out, const PrivateMessageView& message,
                             size_t ciphertext_bytes);

// MLSMessage, section 6.
struct MlsMessage {
  std::variant<PublicMessage, PrivateMessage, Welcome, GroupInfo, KeyPackage> body;

  WireFormat wire_format() const;
  // INVALID_ARGUMENT when malformed, of another version, or with bytes left over.
  static absl::StatusOr<MlsMessage> Parse(BytesView message);
  Bytes Serialize() const;
};

// One MLSMessage around a structure, without building a variant.
Bytes SerializeMessage(const PublicMessage& body);
Bytes SerializeMessage(const PrivateMessage& body);
Bytes SerializeMessage(const Welcome& body);
Bytes SerializeMessage(const GroupInfo& body);
Bytes SerializeMessage(const KeyPackage& body);

// The wire format that a message names. INVALID_ARGUMENT when it is unknown or the version is
// another one.
absl::StatusOr<WireFormat> WireFormatOf(BytesView message);

// What a delivery service reads of a message of a group without a full parse.
struct MessageHeader {
  WireFormat wire_format = WireFormat::kPublicMessage;
  Bytes group_id;
  uint64_t epoch = 0;
  ContentType content_type = ContentType::kApplication;
};

// The header of a PublicMessage or PrivateMessage. INVALID_ARGUMENT for another wire format or when
// malformed.
absl::StatusOr<MessageHeader> ParseMessageHeader(BytesView message);

}  // namespace enlace::mls
