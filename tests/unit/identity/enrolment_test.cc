// From the invitation to a logged device, and its renewal; what a server or thief can't do on the
// way.
#include "crypto/identity/enrolment.h"

#include <gtest/gtest.h>

#include "tests/unit/identity/world.h"

namespace enlace::identity {
namespace {

using enlace::testing::World;
using enlace::testing::WorldDevice;

constexpr RoleSet kOfficer = RoleBit(Role::kOfficer);

std::string TextOf(const SecretBytes& secret) { return ToText(secret.view()); }

class EnrolmentTest : public ::testing::Test {
 protected:
  EnrolmentTest() { world_.AddOffice("hn.consular"); }

  Invitation Fields() {
    Invitation fields;
    fields.server_address = "enlace.rcm.example:7443";
    fields.enrolment_address = "[::1]:7444";
    fields.server_certificate = merkle::Sha256(world_.charter().server.certificate);
    fields.charter_pin = {world_.charter().root, 1};
    fields.authority = "hn";
    fields.ca_certificate = world_.ca("hn").fingerprint();
    fields.device_uri = "enlace://hn/officers/ofc-hn-007/devices/dev-7";
    fields.offices = {"hn.consular"};
    fields.roles = kOfficer;
    fields.card = {"Marta Zúniga", {"+50400000007"}, {"es"}};
    fields.administrator_phone = "+50400000001";
    return fields;
  }
  Invitation Invite() { return *MakeInvitation(Fields(), world_.now_ms(), world_.rng()); }
  EnrolmentRequest Ask(const Invitation& invitation) {
    return *MakeEnrolmentRequest(invitation, keys_, {1, *world_.registry().CharterHashAt(1)},
                                 world_.now_ms());
  }

  World world_;
  DeviceKeys keys_ = DeviceKeys::Generate(world_.rng());
};

TEST_F(EnrolmentTest, Invitation_RoundTripsAsPasteStringAndAsFile) {
  const Invitation made = Invite();
  for (const SecretBytes& text :
       {EncodeInvitation(made).Clone(), EncodeInvitationFile(made).Clone()}) {
    const absl::StatusOr<Invitation> read = DecodeInvitation(TextOf(text));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_TRUE(read->code.ConstantTimeEquals(made.code.view()));
    EXPECT_EQ(read->server_address, made.server_address);
    EXPECT_EQ(read->enrolment_address, made.enrolment_address);
    EXPECT_EQ(read->server_certificate, made.server_certificate);
    EXPECT_EQ(read->charter_pin, made.charter_pin);
    EXPECT_EQ(read->authority, "hn");
    EXPECT_EQ(read->ca_certificate, made.ca_certificate);
    EXPECT_EQ(read->device_uri, made.device_uri);
    EXPECT_EQ(read->offices, made.offices);
    EXPECT_EQ(read->roles, made.roles);
    EXPECT_EQ(read->card, made.card);
    EXPECT_EQ(read->administrator_phone, made.administrator_phone);
    EXPECT_EQ(read->expires_at_ms, world_.now_ms() + kInvitationValidityMs);
    EXPECT_EQ(read->language, WordLanguage::kSpanish);
  }
}

TEST_F(EnrolmentTest, Invitation_SurvivesWrappingAndANoteBeforeIt) {
  const Invitation made = Invite();
  std::string wrapped;
  for (char c : TextOf(EncodeInvitation(made))) wrapped += std::string(1, c) + " \r\n";
  EXPECT_TRUE(DecodeInvitation(wrapped).ok());
  EXPECT_TRUE(
      DecodeInvitation("Para Marta.\n" + TextOf(EncodeInvitationFile(made)) + "Saludos").ok());
}

TEST_F(EnrolmentTest, Invitation_CutOffOrMistyped_IsRefused) {
  const std::string text = TextOf(EncodeInvitation(Invite()));
  for (size_t size = 0; size < text.size(); ++size)
    EXPECT_FALSE(DecodeInvitation(text.substr(0, size)).ok()) << size;
  for (size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == '7' ? '8' : '7';
    EXPECT_FALSE(DecodeInvitation(changed).ok()) << i;
  }
  EXPECT_FALSE(DecodeInvitation(std::string(kInvitationTextBytesMax + 1, 'a')).ok());
}

TEST_F(EnrolmentTest, InvitationCode_IsReadAsPeopleTypeIt) {
  const Invitation made = Invite();
  const std::string text = TextOf(FormatInvitationCode(made.code));
  EXPECT_EQ(text.size(), kInvitationCodeCharacters + 5);
  std::string typed;
  for (char c : text) {
    if (c == '-') continue;
    typed.push_back(c == '0'   ? 'o'
                    : c == '1' ? 'l'
                               : static_cast<char>(c >= 'A' ? c - 'A' + 'a' : c));
  }
  EXPECT_TRUE(ParseInvitationCode(typed)->ConstantTimeEquals(made.code.view()));
  EXPECT_FALSE(ParseInvitationCode(typed + "a").ok());
  EXPECT_FALSE(ParseInvitationCode(typed.substr(1)).ok());
  EXPECT_FALSE(ParseInvitationCode("u" + typed.substr(1)).ok());
  EXPECT_FALSE(ParseInvitationCode("").ok());
}

TEST_F(EnrolmentTest, InvitationCode_NoticesMostSlips) {
  const Invitation made = Invite();
  const std::string text = TextOf(FormatInvitationCode(made.code));
  int noticed = 0;
  int slips = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '-') continue;
    std::string changed = text;
    changed[i] = text[i] == 'X' ? 'Y' : 'X';
    ++slips;
    if (!ParseInvitationCode(changed).ok()) ++noticed;
  }
  EXPECT_GT(noticed, slips / 2);
}

struct BadInvitation {
  const char* what;
  void (*change)(Invitation&);
};
class BadInvitationTest : public EnrolmentTest,
                          public ::testing::WithParamInterface<BadInvitation> {};

TEST_P(BadInvitationTest, IsNotMade) {
  Invitation fields = Fields();
  GetParam().change(fields);
  EXPECT_EQ(MakeInvitation(std::move(fields), 0, world_.rng()).status().code(),
            absl::StatusCode::kInvalidArgument)
      << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(
    Rules, BadInvitationTest,
    ::testing::Values(
        BadInvitation{"no port", [](Invitation& i) { i.server_address = "enlace"; }},
        BadInvitation{"port", [](Invitation& i) { i.server_address = "enlace:x"; }},
        BadInvitation{"host", [](Invitation& i) { i.enrolment_address = "a b:1"; }},
        BadInvitation{"foreign device", [](Invitation& i) { i.authority = "mx"; }},
        BadInvitation{"device", [](Invitation& i) { i.device_uri = "x"; }},
        BadInvitation{"no office", [](Invitation& i) { i.offices.clear(); }},
        BadInvitation{"foreign office", [](Invitation& i) { i.offices = {"mx.consular"}; }},
        BadInvitation{"roles", [](Invitation& i) { i.roles = 0; }},
        BadInvitation{"service", [](Invitation& i) { i.roles = RoleBit(Role::kService); }},
        BadInvitation{"name", [](Invitation& i) { i.card.display_name = "\x1b[1m"; }},
        BadInvitation{"phone", [](Invitation& i) { i.administrator_phone = "x"; }}));

TEST_F(EnrolmentTest, Keys_AreDerivedFromTheCodeAndDiffer) {
  const Invitation one = Invite();
  const Invitation other = Invite();
  const InvitationKeys keys = DeriveInvitationKeys(one.code);
  EXPECT_EQ(keys.invitation_id, DeriveInvitationKeys(one.code).invitation_id);
  EXPECT_NE(keys.invitation_id, DeriveInvitationKeys(other.code).invitation_id);
  EXPECT_EQ(keys.invitation_id.size(), kInvitationIdBytes);
  EXPECT_FALSE(keys.mac_key.ConstantTimeEquals(keys.card_salt.view()));
}

TEST_F(EnrolmentTest, WholeWay_FromInvitationToAnActiveDevice) {
  const Invitation kept = Invite();
  const Invitation received = *DecodeInvitation(TextOf(EncodeInvitation(kept)));
  const EnrolmentRequest request = *DecodeEnrolmentRequest(EncodeEnrolmentRequest(Ask(received)));
  EXPECT_EQ(WordsOf(request, kept), WordsOf(request, received));
  const absl::StatusOr<CheckedEnrolment> checked = CheckEnrolmentRequest(request, kept);
  ASSERT_TRUE(checked.ok()) << checked.status();

  const Issuer issuer{world_.ca("hn"), world_.ca_key("hn"), world_.now_ms()};
  const InvitationKeys derived = DeriveInvitationKeys(kept.code);
  const Admission admission{issuer, world_.registry().NextSequence(issuer.ca.fingerprint()),
                            *CommitToCard(derived.card_salt.view(), kept.card)};
  const absl::StatusOr<Statement> statement = AdmitDevice(*checked, kept, admission, world_.rng());
  ASSERT_TRUE(statement.ok()) << statement.status();
  ASSERT_TRUE(world_.LogStatement("hn", statement->body).ok());

  const DeviceRecord* device = world_.registry().FindDevice(kept.device_uri);
  ASSERT_NE(device, nullptr);
  EXPECT_TRUE(world_.registry().IsActiveAt(*device, world_.registry().Now(world_.now_ms())));
  const auto& body = std::get<DeviceEnrolled>(statement->body);
  const Certificate mls = *Certificate::FromDer(body.mls_certificate);
  EXPECT_TRUE(CheckIssued(mls, keys_.mls, device->uri, world_.ca("hn")).ok());
  EXPECT_FALSE(CheckIssued(mls, keys_.tls, device->uri, world_.ca("hn")).ok());
  EXPECT_FALSE(CheckIssued(mls, keys_.mls, device->uri, world_.ca("mx")).ok());
  EXPECT_FALSE(
      CheckIssued(mls, keys_.mls, *DeviceUri::Create("ofc-hn-007", "dev-8"), world_.ca("hn")).ok());
}

TEST_F(EnrolmentTest, RequestThatTheServerChanged_IsRefused) {
  const Invitation invitation = Invite();
  const Bytes bytes = EncodeEnrolmentRequest(Ask(invitation));
  for (size_t i = 0; i < bytes.size(); ++i) {
    Bytes changed = bytes;
    changed[i] ^= 1;
    const absl::StatusOr<EnrolmentRequest> read = DecodeEnrolmentRequest(changed);
    EXPECT_FALSE(read.ok() && CheckEnrolmentRequest(*read, invitation).ok()) << i;
  }
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeEnrolmentRequest(BytesView(bytes).first(size)).ok());
  }
}

TEST_F(EnrolmentTest, RequestWithSwappedKeys_HasOtherWords) {
  const Invitation invitation = Invite();
  const EnrolmentRequest genuine = Ask(invitation);
  keys_ = DeviceKeys::Generate(world_.rng());
  EXPECT_NE(WordsOf(Ask(invitation), invitation), WordsOf(genuine, invitation));
}

TEST_F(EnrolmentTest, RequestForAnotherInvitationOrTooLate_IsRefused) {
  const Invitation invitation = Invite();
  EXPECT_EQ(CheckEnrolmentRequest(Ask(Invite()), invitation).status().code(),
            absl::StatusCode::kPermissionDenied);
  world_.Advance(kInvitationValidityMs + 1);
  EXPECT_EQ(CheckInvitationTime(invitation, world_.now_ms()).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_FALSE(MakeEnrolmentRequest(invitation, keys_, {}, world_.now_ms()).ok());
}

TEST_F(EnrolmentTest, RequestsOfWrongKeyTypesOrDevice_AreRefused) {
  const DeviceUri uri = *DeviceUri::Create("ofc-hn-007", "dev-7");
  const DeviceUri other = *DeviceUri::Create("ofc-hn-007", "dev-8");
  const Bytes tls = MakeSigningRequest(uri, keys_.tls)->der();
  const Bytes mls = MakeSigningRequest(uri, keys_.mls)->der();
  EXPECT_TRUE(CheckRequests(tls, mls, uri.text()).ok());
  EXPECT_FALSE(CheckRequests(mls, tls, uri.text()).ok());
  EXPECT_FALSE(CheckRequests(tls, tls, uri.text()).ok());
  EXPECT_FALSE(CheckRequests(tls, mls, other.text()).ok());
  EXPECT_FALSE(CheckRequests(tls, MakeSigningRequest(other, keys_.mls)->der(), uri.text()).ok());
}

TEST_F(EnrolmentTest, AdmissionByAnotherCaThanTheInvitationNames_IsRefused) {
  const Invitation invitation = Invite();
  const absl::StatusOr<CheckedEnrolment> checked =
      CheckEnrolmentRequest(Ask(invitation), invitation);
  ASSERT_TRUE(checked.ok());
  const Issuer other{world_.ca("mx"), world_.ca_key("mx"), world_.now_ms()};
  EXPECT_FALSE(AdmitDevice(*checked, invitation, {other, 1, {}}, world_.rng()).ok());
}

class RenewalTest : public EnrolmentTest {
 protected:
  RenewalRequest Renew(const WorldDevice& signer) {
    const crypto::SigningKey key = signer.signing_key();
    return *MakeRenewalRequest({signer.uri, signer.mls.fingerprint(), key}, keys_, world_.now_ms());
  }
  absl::StatusCode CheckCode(const RenewalRequest& request) {
    return CheckRenewalRequest(request, world_.registry(), world_.now_ms()).status().code();
  }

  WorldDevice device_ = world_.AddDevice("ofc-hn-007", "dev-7", {"hn.consular"});
};

TEST_F(RenewalTest, SignedByTheOldKey_GivesNewCertificates) {
  world_.Advance(310 * kDayMs);
  const RenewalRequest request = *DecodeRenewalRequest(EncodeRenewalRequest(Renew(device_)));
  const absl::StatusOr<CheckedEnrolment> checked =
      CheckRenewalRequest(request, world_.registry(), world_.now_ms());
  ASSERT_TRUE(checked.ok()) << checked.status();
  const Issuer issuer{world_.ca("hn"), world_.ca_key("hn"), world_.now_ms()};
  const absl::StatusOr<Statement> statement =
      RenewDevice(*checked, world_.registry(), issuer,
                  world_.registry().NextSequence(issuer.ca.fingerprint()), world_.rng());
  ASSERT_TRUE(statement.ok()) << statement.status();
  EXPECT_TRUE(world_.LogStatement("hn", statement->body).ok());
  EXPECT_EQ(world_.registry().FindDevice(device_.uri.text())->certificates.size(), 2u);
}

TEST_F(RenewalTest, AfterExpiry_IsStillPossible) {
  world_.Advance(kDeviceValidityMs + kDayMs);
  EXPECT_EQ(CheckCode(Renew(device_)), absl::StatusCode::kOk);
}

TEST_F(RenewalTest, OfARevokedOrSuspendedDevice_IsRefused) {
  ASSERT_TRUE(world_.LogStatement("hn", OfficerSuspended{"ofc-hn-007", 0}).ok());
  EXPECT_EQ(CheckCode(Renew(device_)), absl::StatusCode::kPermissionDenied);
  ASSERT_TRUE(world_.LogStatement("hn", OfficerReinstated{"ofc-hn-007"}).ok());
  EXPECT_EQ(CheckCode(Renew(device_)), absl::StatusCode::kOk);
  ASSERT_TRUE(
      world_.LogStatement("hn", DeviceRevoked{device_.uri.text(), RevocationReason::kStolen}).ok());
  EXPECT_EQ(CheckCode(Renew(device_)), absl::StatusCode::kPermissionDenied);
}

TEST_F(RenewalTest, OfAnUnknownDeviceOrForAnother_IsRefused) {
  const WorldDevice unknown = world_.MakeDevice("ofc-hn-009", "dev-1");
  EXPECT_EQ(CheckCode(Renew(unknown)), absl::StatusCode::kPermissionDenied);
  const WorldDevice other = world_.AddDevice("ofc-hn-008", "dev-1", {"hn.consular"});
  RenewalRequest request = Renew(device_);
  request.device_uri = other.uri.text();
  EXPECT_EQ(CheckCode(request), absl::StatusCode::kPermissionDenied);
}

TEST_F(RenewalTest, WithAnyChangedByte_IsRefused) {
  const Bytes bytes = EncodeRenewalRequest(Renew(device_));
  for (size_t i = 0; i < bytes.size(); ++i) {
    Bytes changed = bytes;
    changed[i] ^= 1;
    const absl::StatusOr<RenewalRequest> read = DecodeRenewalRequest(changed);
    EXPECT_FALSE(read.ok() && CheckRenewalRequest(*read, world_.registry(), world_.now_ms()).ok())
        << i;
  }
}

}  // namespace
}  // namespace enlace::identity
