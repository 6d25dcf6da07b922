#include "crypto/identity/invitation.h"

#include <algorithm>
#include <utility>

#include "crypto/codec/fields.h"
#include "crypto/identity/invitation_text.h"
#include "crypto/primitives/hkdf.h"
#include "crypto/primitives/status.h"

namespace enlace::identity {
namespace {

constexpr std::string_view kSalt = "enlace invitation 1";
constexpr codec::TextListLimits kOfficeList = {kOfficesPerOfficerMax, kOfficeIdBytesMax};
constexpr size_t kPhoneBytesMax = 16;
constexpr size_t kCardBytesMax = 1024;

// host:port, an IPv6 host in brackets; the port is 1 to 5 digits.
bool IsAddress(std::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || address.size() > kAddressBytesMax)
    return false;
  const std::string_view host = address.substr(0, colon);
  const std::string_view port = address.substr(colon + 1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_host = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':' ||
           c == '[' || c == ']';
  };
  return !port.empty() && port.size() <= 5 && std::all_of(port.begin(), port.end(), is_digit) &&
         std::all_of(host.begin(), host.end(), is_host);
}

absl::Status CheckDevice(const Invitation& invitation) {
  ENLACE_ASSIGN_OR_RETURN(const DeviceUri uri, DeviceUri::Parse(invitation.device_uri));
  if (uri.authority() != invitation.authority)
    return InvalidArgument("device is not of the invitation's authority");
  if (!IsRoleSet(invitation.roles)) return InvalidArgument("not a set of roles");
  if (IsServiceOfficerId(uri.officer_id()) != HasRole(invitation.roles, Role::kService)) {
    return InvalidArgument("role service goes with an id that begins with svc-, and only with it");
  }
  const auto is_own = [&uri](const std::string& office) {
    return AuthorityOfOffice(office) == uri.authority();
  };
  if (invitation.offices.empty() || invitation.offices.size() > kOfficesPerOfficerMax ||
      !codec::IsStrictlyAscending(invitation.offices) ||
      !std::all_of(invitation.offices.begin(), invitation.offices.end(), is_own)) {
    return InvalidArgument("offices are missing, foreign or not in order");
  }
  return absl::OkStatus();
}

absl::Status CheckFields(const Invitation& invitation) {
  if (invitation.code.size() != kInvitationCodeBytes)
    return InvalidArgument("invitation's code is not 16 bytes");
  if (!IsAddress(invitation.server_address) || !IsAddress(invitation.enrolment_address)) {
    return InvalidArgument("server's address is not host:port");
  }
  if (!invitation.administrator_phone.empty() && !IsPhone(invitation.administrator_phone)) {
    return InvalidArgument("administrator's phone is not E.164");
  }
  if (invitation.expires_at_ms < 0) return InvalidArgument("invitation's end is out of range");
  ENLACE_RETURN_IF_ERROR(CheckDevice(invitation));
  return EncodeOfficerCard(invitation.card).status();
}

absl::Status ReadAddresses(codec::Reader& reader, Invitation& invitation) {
  ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kAddressBytesMax, invitation.server_address));
  ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kAddressBytesMax, invitation.enrolment_address));
  ENLACE_RETURN_IF_ERROR(codec::ReadArray(reader, invitation.server_certificate));
  ENLACE_RETURN_IF_ERROR(codec::ReadArray(reader, invitation.charter_pin.root));
  return reader.ReadU64(invitation.charter_pin.lowest_version);
}

absl::Status ReadPerson(codec::Reader& reader, Invitation& invitation) {
  BytesView card;
  ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kAuthorityIdBytesMax, invitation.authority));
  ENLACE_RETURN_IF_ERROR(codec::ReadArray(reader, invitation.ca_certificate));
  ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kDeviceUriBytesMax, invitation.device_uri));
  ENLACE_RETURN_IF_ERROR(codec::ReadTextList(reader, kOfficeList, invitation.offices));
  ENLACE_RETURN_IF_ERROR(reader.ReadU8(invitation.roles));
  ENLACE_RETURN_IF_ERROR(reader.ReadVector(card));
  if (card.size() > kCardBytesMax) return InvalidArgument("card is longer than its limit");
  ENLACE_ASSIGN_OR_RETURN(invitation.card, DecodeOfficerCard(card));
  return codec::ReadText(reader, kPhoneBytesMax, invitation.administrator_phone);
}

}  // namespace

Invitation Invitation::Clone() const {
  return {code.Clone(),
          server_address,
          enrolment_address,
          server_certificate,
          charter_pin,
          authority,
          ca_certificate,
          device_uri,
          offices,
          roles,
          card,
          administrator_phone,
          expires_at_ms,
          language};
}

absl::StatusOr<Invitation> MakeInvitation(Invitation fields, int64_t now_ms, crypto::Rng& rng) {
  fields.code = rng.Secret(kInvitationCodeBytes);
  fields.expires_at_ms = now_ms + kInvitationValidityMs;
  ENLACE_RETURN_IF_ERROR(CheckFields(fields));
  return fields;
}

absl::Status CheckInvitationTime(const Invitation& invitation, int64_t now_ms) {
  return now_ms > invitation.expires_at_ms ? FailedPrecondition("the invitation has expired")
                                           : absl::OkStatus();
}

Bytes EncodeInvitationBody(const Invitation& invitation) {
  codec::Writer writer;
  writer.U16(kInvitationVersion);
  codec::WriteText(invitation.server_address, writer);
  codec::WriteText(invitation.enrolment_address, writer);
  writer.Raw(invitation.server_certificate);
  writer.Raw(invitation.charter_pin.root);
  writer.U64(invitation.charter_pin.lowest_version);
  codec::WriteText(invitation.authority, writer);
  writer.Raw(invitation.ca_certificate);
  codec::WriteText(invitation.device_uri, writer);
  codec::WriteTextList(invitation.offices, writer);
  writer.U8(invitation.roles);
  // MakeInvitation and DecodeInvitation have checked the card.
  writer.Vector(EncodeOfficerCard(invitation.card).value_or(Bytes()));
  codec::WriteText(invitation.administrator_phone, writer);
  codec::WriteTime(invitation.expires_at_ms, writer);
  writer.U8(static_cast<uint8_t>(invitation.language));
  return writer.Take();
}

absl::StatusOr<Invitation> DecodeInvitationBody(BytesView body, SecretBytes code) {
  codec::Reader reader(body);
  Invitation invitation;
  invitation.code = std::move(code);
  uint8_t language = 0;
  ENLACE_RETURN_IF_ERROR(codec::ReadVersion(reader, kInvitationVersion));
  ENLACE_RETURN_IF_ERROR(ReadAddresses(reader, invitation));
  ENLACE_RETURN_IF_ERROR(ReadPerson(reader, invitation));
  ENLACE_RETURN_IF_ERROR(codec::ReadTime(reader, invitation.expires_at_ms));
  ENLACE_RETURN_IF_ERROR(reader.ReadU8(language));
  ENLACE_RETURN_IF_ERROR(reader.Done());
  if (language < 1 || language > 2) return InvalidArgument("unknown language of the words");
  invitation.language = static_cast<WordLanguage>(language);
  ENLACE_RETURN_IF_ERROR(CheckFields(invitation));
  return invitation;
}

InvitationKeys DeriveInvitationKeys(const SecretBytes& code) {
  const crypto::HmacKey prk(crypto::HkdfExtract(AsBytes(kSalt), code.view()).view());
  const SecretBytes id = crypto::HkdfExpand(prk, AsBytes("invitation id"), kInvitationIdBytes);
  return {ToBytes(id.view()), crypto::HkdfExpand(prk, AsBytes("mac key"), crypto::kHashBytes),
          crypto::HkdfExpand(prk, AsBytes("card salt"), kCardSaltBytes)};
}

}  // namespace enlace::identity
