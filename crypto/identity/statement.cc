#include "crypto/identity/statement.h"

#include <array>
#include <utility>

#include "crypto/codec/fields.h"
#include "crypto/primitives/status.h"

namespace enlace::identity {
namespace {

constexpr std::string_view kStatementLabel = "enlace statement 1";
constexpr size_t kPhoneBytesMax = 16;
constexpr size_t kLanguageBytesMax = 24;
constexpr size_t kTimeZoneBytesMax = 64;
constexpr codec::TextListLimits kOfficeList = {kOfficesPerOfficerMax, kOfficeIdBytesMax};

struct BodyWriter {
  codec::Writer& writer;

  void operator()(const OfficeStated& office) const {
    codec::WriteText(office.office_id, writer);
    codec::WriteText(office.name.es, writer);
    codec::WriteText(office.name.en, writer);
    codec::WriteTextList(office.networks, writer);
    codec::WriteText(office.supervisor, writer);
    codec::WriteText(office.successor, writer);
    codec::WriteTextList(office.languages, writer);
    codec::WriteText(office.time_zone, writer);
    codec::WriteText(office.duty_phone, writer);
  }
  void operator()(const DeviceEnrolled& device) const {
    codec::WriteText(device.device_uri, writer);
    codec::WriteTextList(device.offices, writer);
    writer.U8(device.roles);
    writer.Vector(device.tls_certificate);
    writer.Vector(device.mls_certificate);
    writer.Raw(device.card_commitment);
  }
  void operator()(const OfficerAssigned& officer) const {
    codec::WriteText(officer.officer_id, writer);
    codec::WriteTextList(officer.offices, writer);
    writer.U8(officer.roles);
  }
  void operator()(const DeviceRevoked& device) const {
    codec::WriteText(device.device_uri, writer);
    writer.U8(static_cast<uint8_t>(device.reason));
  }
  void operator()(const OfficerSuspended& officer) const {
    codec::WriteText(officer.officer_id, writer);
    codec::WriteTime(officer.until_ms, writer);
  }
  void operator()(const OfficerReinstated& officer) const {
    codec::WriteText(officer.officer_id, writer);
  }
  void operator()(const OfficeRenamed& office) const {
    codec::WriteText(office.old_office_id, writer);
    codec::WriteText(office.new_office_id, writer);
  }
  void operator()(const OfficeClosed& office) const {
    codec::WriteText(office.office_id, writer);
    codec::WriteText(office.successor, writer);
  }
  void operator()(const OfficeDuty& duty) const {
    codec::WriteText(duty.office_id, writer);
    writer.U16(static_cast<uint16_t>(duty.shifts.size()));
    for (const DutyShift& shift : duty.shifts) {
      codec::WriteText(shift.officer_id, writer);
      codec::WriteTime(shift.from_ms, writer);
      codec::WriteTime(shift.until_ms, writer);
      codec::WriteText(shift.phone, writer);
    }
  }
};

struct BodyReader {
  codec::Reader& reader;

  absl::Status operator()(OfficeStated& office) const {
    ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kOfficeIdBytesMax, office.office_id));
    ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kNameBytesMax, office.name.es));
    ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kNameBytesMax, office.name.en));
    ENLACE_RETURN_IF_ERROR(
        codec::ReadTextList(reader, {kCharterNetworksMax, kNetworkIdBytesMax}, office.networks));
    ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kOfficerIdBytesMax, office.supervisor));
    ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kOfficeIdBytesMax, office.successor));
    ENLACE_RETURN_IF_ERROR(
        codec::ReadTextList(reader, {kOfficeLanguagesMax, kLanguageBytesMax}, office.languages));
    ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kTimeZoneBytesMax, office.time_zone));
    return codec::ReadText(reader, kPhoneBytesMax, office.duty_phone);
  }
  absl::Status operator()(DeviceEnrolled& device) const {
    ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kDeviceUriBytesMax, device.device_uri));
    ENLACE_RETURN_IF_ERROR(codec::ReadTextList(reader, kOfficeList, device.offices));
    ENLACE_RETURN_IF_ERROR(reader.ReadU8(device.roles));
    ENLACE_RETURN_IF_ERROR(
        codec::ReadBounded(reader, kCertificateBytesMax, device.tls_certificate));
    ENLACE_RETURN_IF_ERROR(
        codec::ReadBounded(reader, kCertificateBytesMax, device.mls_certificate));
    return codec::ReadArray(reader, device.card_commitment);
  }
  absl::Status operator()(OfficerAssigned& officer) const {
    ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kOfficerIdBytesMax, officer.officer_id));
    ENLACE_RETURN_IF_ERROR(codec::ReadTextList(reader, kOfficeList, officer.offices));
    return reader.ReadU8(officer.roles);
  }
  absl::Status operator()(DeviceRevoked& device) const {
    uint8_t reason = 0;
    ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kDeviceUriBytesMax, device.device_uri));
    ENLACE_RETURN_IF_ERROR(reader.ReadU8(reason));
    if (reason < 1 || reason > static_cast<uint8_t>(RevocationReason::kOther)) {
      return InvalidArgument("unknown reason of a revocation");
    }
    device.reason = static_cast<RevocationReason>(reason);
    return absl::OkStatus();
  }
  absl::Status operator()(OfficerSuspended& officer) const {
    ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kOfficerIdBytesMax, officer.officer_id));
    return codec::ReadTime(reader, officer.until_ms);
  }
  absl::Status operator()(OfficerReinstated& officer) const {
    return codec::ReadText(reader, kOfficerIdBytesMax, officer.officer_id);
  }
  absl::Status operator()(OfficeRenamed& office) const {
    ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kOfficeIdBytesMax, office.old_office_id));
    return codec::ReadText(reader, kOfficeIdBytesMax, office.new_office_id);
  }
  absl::Status operator()(OfficeClosed& office) const {
    ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kOfficeIdBytesMax, office.office_id));
    return codec::ReadText(reader, kOfficeIdBytesMax, office.successor);
  }
  absl::Status operator()(OfficeDuty& duty) const {
    uint16_t count = 0;
    ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kOfficeIdBytesMax, duty.office_id));
    ENLACE_RETURN_IF_ERROR(reader.ReadU16(count));
    if (count > kDutyShiftsMax) return InvalidArgument("roster has more than 100 shifts");
    for (uint16_t i = 0; i < count; ++i) {
      DutyShift& shift = duty.shifts.emplace_back();
      ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kOfficerIdBytesMax, shift.officer_id));
      ENLACE_RETURN_IF_ERROR(codec::ReadTime(reader, shift.from_ms));
      ENLACE_RETURN_IF_ERROR(codec::ReadTime(reader, shift.until_ms));
      ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kPhoneBytesMax, shift.phone));
    }
    return absl::OkStatus();
  }
};

// An empty body of the wire's kind, which is the alternative's index plus one.
absl::StatusOr<StatementBody> EmptyBody(uint16_t kind) {
  switch (kind) {
    case 1:
      return StatementBody(OfficeStated{});
    case 2:
      return StatementBody(DeviceEnrolled{});
    case 3:
      return StatementBody(OfficerAssigned{});
    case 4:
      return StatementBody(DeviceRevoked{});
    case 5:
      return StatementBody(OfficerSuspended{});
    case 6:
      return StatementBody(OfficerReinstated{});
    case 7:
      return StatementBody(OfficeRenamed{});
    case 8:
      return StatementBody(OfficeClosed{});
    case 9:
      return StatementBody(OfficeDuty{});
    default:
      return InvalidArgument("unknown kind of statement");
  }
}

Bytes SignedBytes(const SignedStatement& statement) {
  codec::Writer writer;
  writer.Raw(AsBytes(kStatementLabel));
  writer.U8(static_cast<uint8_t>(statement.signer_kind));
  writer.Raw(statement.signer);
  writer.Raw(statement.body);
  return writer.Take();
}

}  // namespace

std::string_view StatementKindName(const StatementBody& body) {
  static constexpr std::array<std::string_view, std::variant_size_v<StatementBody>> kNames = {
      "office-stated",  "device-enrolled",   "officer-assigned",
      "device-revoked", "officer-suspended", "officer-reinstated",
      "office-renamed", "office-closed",     "office-duty"};
  return kNames[body.index()];
}

absl::StatusOr<Bytes> EncodeStatement(const Statement& statement) {
  ENLACE_RETURN_IF_ERROR(CheckStatement(statement));
  codec::Writer writer;
  writer.U16(kStatementVersion);
  codec::WriteText(statement.authority, writer);
  writer.U64(statement.sequence);
  codec::WriteTime(statement.issued_at_ms, writer);
  writer.U16(static_cast<uint16_t>(statement.body.index() + 1));
  std::visit(BodyWriter{writer}, statement.body);
  if (writer.size() > kStatementBytesMax)
    return InvalidArgument("statement is longer than its limit");
  return writer.Take();
}

absl::StatusOr<Statement> DecodeStatement(BytesView body) {
  if (body.size() > kStatementBytesMax)
    return InvalidArgument("statement is longer than its limit");
  codec::Reader reader(body);
  Statement statement;
  uint16_t kind = 0;
  ENLACE_RETURN_IF_ERROR(codec::ReadVersion(reader, kStatementVersion));
  ENLACE_RETURN_IF_ERROR(codec::ReadText(reader, kAuthorityIdBytesMax, statement.authority));
  ENLACE_RETURN_IF_ERROR(reader.ReadU64(statement.sequence));
  ENLACE_RETURN_IF_ERROR(codec::ReadTime(reader, statement.issued_at_ms));
  ENLACE_RETURN_IF_ERROR(reader.ReadU16(kind));
  ENLACE_ASSIGN_OR_RETURN(statement.body, EmptyBody(kind));
  ENLACE_RETURN_IF_ERROR(std::visit(BodyReader{reader}, statement.body));
  ENLACE_RETURN_IF_ERROR(reader.Done());
  ENLACE_RETURN_IF_ERROR(CheckStatement(statement));
  return statement;
}

absl::StatusOr<SignedStatement> SignStatement(const Statement& statement,
                                              const StatementSigner& signer) {
  SignedStatement signed_statement;
  ENLACE_ASSIGN_OR_RETURN(signed_statement.body, EncodeStatement(statement));
  signed_statement.signer_kind = signer.kind;
  signed_statement.signer = signer.certificate;
  signed_statement.signature = signer.key.Sign(SignedBytes(signed_statement));
  return signed_statement;
}

absl::Status VerifyStatementSignature(const SignedStatement& statement, BytesView public_key) {
  const absl::Status verified =
      crypto::VerifySignature(public_key, SignedBytes(statement), statement.signature);
  return verified.ok() ? verified
                       : PermissionDenied("statement is not signed by the key that it names");
}

Bytes EncodeSignedStatement(const SignedStatement& statement) {
  codec::Writer writer;
  writer.U16(kStatementVersion);
  writer.Vector(statement.body);
  writer.U8(static_cast<uint8_t>(statement.signer_kind));
  writer.Raw(statement.signer);
  writer.Vector(statement.signature);
  return writer.Take();
}

absl::StatusOr<SignedStatement> DecodeSignedStatement(BytesView bytes) {
  codec::Reader reader(bytes);
  SignedStatement statement;
  uint8_t kind = 0;
  ENLACE_RETURN_IF_ERROR(codec::ReadVersion(reader, kStatementVersion));
  ENLACE_RETURN_IF_ERROR(codec::ReadBounded(reader, kStatementBytesMax, statement.body));
  ENLACE_RETURN_IF_ERROR(reader.ReadU8(kind));
  ENLACE_RETURN_IF_ERROR(codec::ReadArray(reader, statement.signer));
  ENLACE_RETURN_IF_ERROR(codec::ReadBounded(reader, crypto::kSignatureBytes, statement.signature));
  ENLACE_RETURN_IF_ERROR(reader.Done());
  if (kind < 1 || kind > 2) return InvalidArgument("unknown kind of signer");
  statement.signer_kind = static_cast<SignerKind>(kind);
  return statement;
}

}  // namespace enlace::identity
