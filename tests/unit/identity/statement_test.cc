// Statements by themselves: encoding, rules of form, signatures.
#include "crypto/identity/statement.h"

#include <gtest/gtest.h>

#include "crypto/identity/log_entry.h"
#include "crypto/identity/officer_card.h"
#include "tests/unit/identity/world.h"

namespace enlace::identity {
namespace {

using enlace::testing::World;

// One good statement of each kind.
std::vector<Statement> GoodStatements() {
  DeviceEnrolled device;
  device.device_uri = "enlace://hn/officers/ofc-hn-007/devices/dev-7";
  device.offices = {"hn.child", "hn.consular"};
  device.roles = RoleBit(Role::kOfficer) | RoleBit(Role::kAdmin);
  device.tls_certificate = {1};
  device.mls_certificate = {2};
  const std::vector<StatementBody> bodies = {
      World::Office("hn.consular"),
      device,
      OfficerAssigned{"ofc-hn-007", {}, RoleBit(Role::kOfficer)},
      DeviceRevoked{device.device_uri, RevocationReason::kStolen},
      OfficerSuspended{"ofc-hn-007", 5},
      OfficerReinstated{"ofc-hn-007"},
      OfficeRenamed{"hn.consular", "hn.protection"},
      OfficeClosed{"hn.consular", "hn.child"},
      OfficeDuty{"hn.consular",
                 {{"ofc-hn-007", 1000, 2000, "+50499990001"}, {"ofc-hn-008", 1000, 3000, ""}}}};
  std::vector<Statement> statements;
  for (const StatementBody& body : bodies) statements.push_back({"hn", 1, 1000, body});
  return statements;
}

TEST(Statement, OfEachKind_RoundTrips) {
  for (const Statement& statement : GoodStatements()) {
    const absl::StatusOr<Bytes> body = EncodeStatement(statement);
    ASSERT_TRUE(body.ok()) << StatementKindName(statement.body) << body.status();
    EXPECT_EQ(*DecodeStatement(*body), statement) << StatementKindName(statement.body);
  }
}

TEST(Statement, EveryPrefixAndAnExtraByte_IsRefused) {
  for (const Statement& statement : GoodStatements()) {
    Bytes body = *EncodeStatement(statement);
    for (size_t size = 0; size < body.size(); ++size)
      EXPECT_FALSE(DecodeStatement(BytesView(body).first(size)).ok());
    body.push_back(0);
    EXPECT_FALSE(DecodeStatement(body).ok());
  }
}

TEST(Statement, AboutThingsOfAnotherAuthority_IsRefused) {
  for (Statement statement : GoodStatements()) {
    statement.authority = "mx";
    EXPECT_EQ(CheckStatement(statement).code(), absl::StatusCode::kInvalidArgument)
        << StatementKindName(statement.body);
  }
}

TEST(Statement, WithoutNumberOrWithUnknownKind_IsRefused) {
  Statement statement = GoodStatements()[5];
  statement.sequence = 0;
  EXPECT_FALSE(EncodeStatement(statement).ok());
  statement.sequence = 1;
  Bytes body = *EncodeStatement(statement);
  // version(2) + "hn"(3) + sequence(8) + time(8), then the kind.
  for (const uint8_t kind : {uint8_t{0}, uint8_t{10}, uint8_t{255}}) {
    body[22] = kind;
    EXPECT_FALSE(DecodeStatement(body).ok());
  }
  body[22] = 6;
  EXPECT_TRUE(DecodeStatement(body).ok());
  body[1] = 2;
  EXPECT_FALSE(DecodeStatement(body).ok());
}

TEST(Statement, RosterWithABadShift_IsRefused) {
  const auto check = [](std::vector<DutyShift> shifts) {
    return CheckStatement({"hn", 1, 1000, OfficeDuty{"hn.consular", std::move(shifts)}});
  };
  EXPECT_TRUE(check({}).ok());
  EXPECT_TRUE(check({{"ofc-hn-007", 0, kDutyShiftMsMax, ""}}).ok());
  EXPECT_FALSE(check({{"ofc-hn-007", 0, kDutyShiftMsMax + 1, ""}}).ok());
  EXPECT_FALSE(check({{"ofc-hn-007", 5, 5, ""}}).ok());
  EXPECT_FALSE(check({{"ofc-hn-007", -1, 5, ""}}).ok());
  EXPECT_FALSE(check({{"ofc-mx-007", 0, 5, ""}}).ok());
  EXPECT_FALSE(check({{"ofc-hn-007", 0, 5, "2222-0000"}}).ok());
  EXPECT_FALSE(check({{"ofc-hn-007", 1, 5, ""}, {"ofc-hn-007", 0, 5, ""}}).ok());
  EXPECT_FALSE(check({{"ofc-hn-007", 0, 5, ""}, {"ofc-hn-007", 0, 6, ""}}).ok());
  std::vector<DutyShift> many(kDutyShiftsMax + 1);
  for (size_t i = 0; i < many.size(); ++i) {
    const auto from = static_cast<int64_t>(i);
    many[i] = {"ofc-hn-007", from, from + 1, ""};
  }
  EXPECT_FALSE(check(many).ok());
  many.pop_back();
  EXPECT_TRUE(check(many).ok());
}

struct BadOffice {
  const char* what;
  void (*change)(OfficeStated&);
};
class BadOfficeTest : public ::testing::TestWithParam<BadOffice> {};

TEST_P(BadOfficeTest, IsRefused) {
  OfficeStated office = World::Office("hn.consular", {"consular", "trafficking"});
  ASSERT_TRUE(CheckStatement({"hn", 1, 0, office}).ok());
  GetParam().change(office);
  EXPECT_FALSE(CheckStatement({"hn", 1, 0, office}).ok()) << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(
    Rules, BadOfficeTest,
    ::testing::Values(
        BadOffice{"id", [](OfficeStated& o) { o.office_id = "hn"; }},
        BadOffice{"name", [](OfficeStated& o) { o.name.en = ""; }},
        BadOffice{"no network", [](OfficeStated& o) { o.networks.clear(); }},
        BadOffice{"networks not in order",
                  [](OfficeStated& o) { std::swap(o.networks[0], o.networks[1]); }},
        BadOffice{"network twice", [](OfficeStated& o) { o.networks[1] = o.networks[0]; }},
        BadOffice{"foreign supervisor", [](OfficeStated& o) { o.supervisor = "ofc-mx-001"; }},
        BadOffice{"foreign successor", [](OfficeStated& o) { o.successor = "mx.consular"; }},
        BadOffice{"own successor", [](OfficeStated& o) { o.successor = "hn.consular"; }},
        BadOffice{"no language", [](OfficeStated& o) { o.languages.clear(); }},
        BadOffice{"languages not in order",
                  [](OfficeStated& o) {
                    o.languages = {"es", "en"};
                  }},
        BadOffice{"no time zone", [](OfficeStated& o) { o.time_zone = ""; }},
        BadOffice{"phone", [](OfficeStated& o) { o.duty_phone = "5040000"; }}));

TEST(Roles, ServiceStandsAlone) {
  EXPECT_TRUE(IsRoleSet(RoleBit(Role::kService)));
  EXPECT_TRUE(
      IsRoleSet(RoleBit(Role::kOfficer) | RoleBit(Role::kSupervisor) | RoleBit(Role::kAdmin)));
  EXPECT_FALSE(IsRoleSet(RoleBit(Role::kService) | RoleBit(Role::kOfficer)));
  EXPECT_FALSE(IsRoleSet(0));
  EXPECT_FALSE(IsRoleSet(16));
}

TEST(Roles, ServiceGoesWithItsPrefixAndOneOffice) {
  auto device = std::get<DeviceEnrolled>(GoodStatements()[1].body);
  device.roles = RoleBit(Role::kService);
  device.offices = {"hn.consular"};
  EXPECT_FALSE(CheckStatement({"hn", 1, 0, device}).ok());
  device.device_uri = "enlace://hn/officers/svc-hn-007/devices/dev-7";
  EXPECT_TRUE(CheckStatement({"hn", 1, 0, device}).ok());
  device.offices = {"hn.child", "hn.consular"};
  EXPECT_FALSE(CheckStatement({"hn", 1, 0, device}).ok());
}

TEST(Device, WithoutOfficeCertificateOrInWrongOrder_IsRefused) {
  const auto good = std::get<DeviceEnrolled>(GoodStatements()[1].body);
  auto device = good;
  device.offices.clear();
  EXPECT_FALSE(CheckStatement({"hn", 1, 0, device}).ok());
  device = good;
  std::swap(device.offices[0], device.offices[1]);
  EXPECT_FALSE(CheckStatement({"hn", 1, 0, device}).ok());
  device = good;
  device.mls_certificate.clear();
  EXPECT_FALSE(CheckStatement({"hn", 1, 0, device}).ok());
}

TEST(SignedStatement, VerifiesForItsKeyOnly_AndBindsSignerAndBody) {
  World world;
  const SignedStatement made = world.State("hn", OfficerReinstated{"ofc-hn-007"});
  const BytesView key = world.ca("hn").ed25519_public_key();
  EXPECT_EQ(*DecodeSignedStatement(EncodeSignedStatement(made)), made);
  EXPECT_TRUE(VerifyStatementSignature(made, key).ok());
  EXPECT_FALSE(VerifyStatementSignature(made, world.ca("mx").ed25519_public_key()).ok());
  SignedStatement changed = made;
  changed.signer[0] ^= 1;
  EXPECT_FALSE(VerifyStatementSignature(changed, key).ok());
  changed = made;
  changed.signer_kind = SignerKind::kDevice;
  EXPECT_FALSE(VerifyStatementSignature(changed, key).ok());
  changed = made;
  changed.body.back() ^= 1;
  EXPECT_FALSE(VerifyStatementSignature(changed, key).ok());
}

TEST(LogEntry, RoundTrips_AndRefusesPrefixesKindsAndVersions) {
  World world;
  const LogEntry entry = MakeLogEntry(world.State("hn", OfficerReinstated{"ofc-hn-007"}), 77);
  Bytes bytes = EncodeLogEntry(entry);
  EXPECT_EQ(*DecodeLogEntry(bytes), entry);
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(DecodeLogEntry(BytesView(bytes).first(size)).ok());
  Bytes wrong = bytes;
  wrong[2] = 3;
  EXPECT_FALSE(DecodeLogEntry(wrong).ok());
  wrong = bytes;
  wrong[1] = 9;
  EXPECT_FALSE(DecodeLogEntry(wrong).ok());
  EXPECT_FALSE(DecodeLogEntry(Bytes(kLogEntryBytesMax + 1)).ok());
}

TEST(OfficerCard, RoundTrips_AndCommitmentDependsOnSaltAndCard) {
  const OfficerCard card{"Marta Zúniga", {"+50400000007"}, {"es", "miq"}};
  EXPECT_EQ(*DecodeOfficerCard(*EncodeOfficerCard(card)), card);
  const Bytes salt(kCardSaltBytes, 1);
  const Bytes other(kCardSaltBytes, 2);
  EXPECT_NE(*CommitToCard(salt, card), *CommitToCard(other, card));
  EXPECT_NE(*CommitToCard(salt, card), *CommitToCard(salt, {"Otra", {}, {}}));
  EXPECT_FALSE(CommitToCard(Bytes(16), card).ok());
}

TEST(OfficerCard, WithTextThatCannotBeShown_IsRefused) {
  EXPECT_FALSE(EncodeOfficerCard({"", {}, {}}).ok());
  EXPECT_FALSE(EncodeOfficerCard({"a\nb", {}, {}}).ok());
  EXPECT_FALSE(EncodeOfficerCard({"a", {"123"}, {}}).ok());
  EXPECT_FALSE(EncodeOfficerCard({"a", {}, {"español"}}).ok());
  EXPECT_FALSE(
      EncodeOfficerCard({"a", std::vector<std::string>(kCardPhonesMax + 1, "+50400000007"), {}})
          .ok());
}

}  // namespace
}  // namespace enlace::identity
