// The registry: who may log what, and what it answers about any moment of the log.
#include "crypto/identity/registry.h"

#include <gtest/gtest.h>

#include "tests/unit/identity/world.h"

namespace enlace::identity {
namespace {

using enlace::testing::kWorldStartMs;
using enlace::testing::World;
using enlace::testing::WorldDevice;

constexpr RoleSet kOfficer = RoleBit(Role::kOfficer);
constexpr RoleSet kAdmin = RoleBit(Role::kAdmin);

class RegistryTest : public ::testing::Test {
 protected:
  RegistryTest() {
    world_.AddOffice("hn.consular");
    world_.AddOffice("hn.child");
    world_.AddOffice("mx.consular");
  }

  Registry& registry() { return world_.registry(); }
  LogMoment Now() { return registry().Now(world_.now_ms()); }
  absl::StatusCode CodeOf(const absl::Status& status) { return status.code(); }
  // Logs what is refused: nothing changes.
  void ExpectRefused(const SignedStatement& statement, absl::StatusCode code) {
    const merkle::HeadRef before = registry().head();
    EXPECT_EQ(world_.Log(MakeLogEntry(statement, world_.now_ms())).code(), code);
    EXPECT_EQ(registry().head(), before);
  }
  SignedStatement SignAs(const Statement& statement, const std::string& authority) {
    const crypto::SigningKey key = *world_.ca_key(authority).ToSigningKey();
    return *SignStatement(statement, {SignerKind::kCa, world_.ca(authority).fingerprint(), key});
  }

  World world_;
};

TEST_F(RegistryTest, EmptyRegistry_TakesOnlyTheCharterOfItsRoot) {
  Registry empty(world_.charter().root);
  EXPECT_EQ(empty.Apply(world_.entries()[1]).code(), absl::StatusCode::kFailedPrecondition);
  Registry other(merkle::Hash{});
  EXPECT_EQ(other.Apply(world_.entries()[0]).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(empty.charter(), nullptr);
  EXPECT_TRUE(empty.Apply(world_.entries()[0]).ok());
  EXPECT_EQ(empty.charter()->version, 1u);
}

TEST_F(RegistryTest, Replay_GivesTheSameRootAndAnswers_WithAndWithoutVerification) {
  const WorldDevice device = world_.AddDevice("ofc-hn-007", "dev-7", {"hn.consular"});
  for (Trust trust : {Trust::kVerify, Trust::kVerifiedBefore}) {
    Registry replayed(world_.charter().root);
    for (const Bytes& entry : world_.entries()) ASSERT_TRUE(replayed.Apply(entry, trust).ok());
    EXPECT_EQ(replayed.head(), registry().head());
    EXPECT_EQ(replayed.FindDeviceByMls(device.mls.fingerprint())->uri, device.uri);
  }
}

TEST_F(RegistryTest, MovedRegistry_KeepsItsAnswers) {
  const WorldDevice device = world_.AddDevice("ofc-hn-007", "dev-7", {"hn.consular"});
  Registry moved = std::move(registry());
  EXPECT_EQ(moved.FindDevice(device.uri.text())->officer->id, "ofc-hn-007");
  EXPECT_NE(moved.FindOffice("hn.consular"), nullptr);
}

TEST_F(RegistryTest, EnrolledDevice_IsFoundByUriAndCertificates_AndActive) {
  const WorldDevice device =
      world_.AddDevice("ofc-hn-007", "dev-7", {"hn.consular"}, kOfficer | kAdmin);
  const DeviceRecord* record = registry().FindDevice(device.uri.text());
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(registry().FindDeviceByTls(device.tls.fingerprint()), record);
  EXPECT_EQ(registry().FindDeviceByMls(device.mls.fingerprint()), record);
  EXPECT_EQ(registry().FindDeviceByTls(device.mls.fingerprint()), nullptr);
  EXPECT_EQ(registry().FindDeviceByMls(device.tls.fingerprint()), nullptr);
  EXPECT_TRUE(registry().IsActiveAt(*record, Now()));
  EXPECT_EQ(registry().OfficesOf(*record, registry().size()),
            std::vector<std::string>{"hn.consular"});
  EXPECT_TRUE(registry().IsAdminOf(*record, "hn", world_.now_ms()));
  EXPECT_FALSE(registry().IsAdminOf(*record, "mx", world_.now_ms()));
  EXPECT_EQ(registry().ActiveDevicesOf("hn.consular", world_.now_ms()),
            std::vector<const DeviceRecord*>{record});
  EXPECT_TRUE(EqualBytes(registry().FindCertificates(device.mls.fingerprint())->mls_key,
                         device.mls.ed25519_public_key()));
}

TEST_F(RegistryTest, UnloggedCertificate_IsVoid) {
  const WorldDevice device = world_.MakeDevice("ofc-hn-007", "dev-7");
  EXPECT_EQ(registry().CertificateStateAt(device.mls.fingerprint(), Now()),
            DeviceState::kNotLogged);
  EXPECT_EQ(registry().FindDeviceByTls(device.tls.fingerprint()), nullptr);
}

TEST_F(RegistryTest, StateIsJudgedAtTheNamedSize) {
  const uint64_t before = registry().size();
  const WorldDevice device = world_.AddDevice("ofc-hn-007", "dev-7", {"hn.consular"});
  const uint64_t enrolled = registry().size();
  ASSERT_TRUE(
      world_.LogStatement("hn", DeviceRevoked{device.uri.text(), RevocationReason::kStolen}).ok());
  const merkle::Hash certificate = device.mls.fingerprint();
  const int64_t now_ms = world_.now_ms();
  EXPECT_EQ(registry().CertificateStateAt(certificate, {before, now_ms}), DeviceState::kNotLogged);
  EXPECT_EQ(registry().CertificateStateAt(certificate, {enrolled, now_ms}), DeviceState::kActive);
  EXPECT_EQ(registry().CertificateStateAt(certificate, Now()), DeviceState::kRevoked);
  EXPECT_TRUE(registry().ActiveDevicesOf("hn.consular", now_ms).empty());
}

TEST_F(RegistryTest, CertificateTimeIsJudgedAtTheGivenTime) {
  const WorldDevice device = world_.AddDevice("ofc-hn-007", "dev-7", {"hn.consular"});
  const uint64_t size = registry().size();
  const merkle::Hash certificate = device.mls.fingerprint();
  EXPECT_EQ(registry().CertificateStateAt(certificate, {size, device.mls.not_after_ms()}),
            DeviceState::kActive);
  EXPECT_EQ(registry().CertificateStateAt(certificate, {size, device.mls.not_after_ms() + 1}),
            DeviceState::kExpired);
  EXPECT_EQ(registry().CertificateStateAt(certificate, {size, device.mls.not_before_ms() - 1}),
            DeviceState::kNotYetValid);
}

TEST_F(RegistryTest, RevokedDevice_IsNotRevokedTwiceNorEnrolledAgain) {
  const WorldDevice device = world_.AddDevice("ofc-hn-007", "dev-7", {"hn.consular"});
  ASSERT_TRUE(
      world_.LogStatement("hn", DeviceRevoked{device.uri.text(), RevocationReason::kLost}).ok());
  ExpectRefused(world_.State("hn", DeviceRevoked{device.uri.text(), RevocationReason::kLost}),
                absl::StatusCode::kFailedPrecondition);
  const WorldDevice again = world_.MakeDevice("ofc-hn-007", "dev-7");
  ExpectRefused(world_.State("hn", World::Enrolment(again, {"hn.consular"})),
                absl::StatusCode::kFailedPrecondition);
}

TEST_F(RegistryTest, Renewal_AddsCertificatesAndKeepsTheOldUntilTheirEnd) {
  const WorldDevice device = world_.AddDevice("ofc-hn-007", "dev-7", {"hn.consular"});
  world_.Advance(330 * kDayMs);
  const WorldDevice renewed = world_.MakeDevice("ofc-hn-007", "dev-7");
  ASSERT_TRUE(world_.LogStatement("hn", World::Enrolment(renewed, {"hn.consular"})).ok());
  EXPECT_EQ(registry().CertificateStateAt(device.mls.fingerprint(), Now()), DeviceState::kActive);
  EXPECT_EQ(registry().CertificateStateAt(renewed.mls.fingerprint(), Now()), DeviceState::kActive);
  world_.Advance(40 * kDayMs);
  EXPECT_EQ(registry().CertificateStateAt(device.mls.fingerprint(), Now()), DeviceState::kExpired);
  EXPECT_TRUE(registry().IsActiveAt(*registry().FindDevice(device.uri.text()), Now()));
}

TEST_F(RegistryTest, RenewalThatChangesOfficesOrRoles_IsRefused) {
  const WorldDevice device = world_.AddDevice("ofc-hn-007", "dev-7", {"hn.consular"});
  const WorldDevice renewed = world_.MakeDevice("ofc-hn-007", "dev-7");
  ExpectRefused(world_.State("hn", World::Enrolment(renewed, {"hn.child"})),
                absl::StatusCode::kFailedPrecondition);
  ExpectRefused(world_.State("hn", World::Enrolment(renewed, {"hn.consular"}, kAdmin)),
                absl::StatusCode::kFailedPrecondition);
}

TEST_F(RegistryTest, SecondDevice_HasTheOfficersOfficesAndRoles) {
  world_.AddDevice("ofc-hn-007", "dev-7", {"hn.consular"});
  const WorldDevice second = world_.MakeDevice("ofc-hn-007", "dev-8");
  ExpectRefused(world_.State("hn", World::Enrolment(second, {"hn.child"})),
                absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(world_.LogStatement("hn", World::Enrolment(second, {"hn.consular"})).ok());
  EXPECT_EQ(registry().ActiveDevicesOf("hn.consular", world_.now_ms()).size(), 2u);
}

TEST_F(RegistryTest, OfficerWhoseDevicesAreAllRevoked_MayReturnElsewhere) {
  const WorldDevice device = world_.AddDevice("ofc-hn-007", "dev-7", {"hn.consular"});
  ASSERT_TRUE(
      world_.LogStatement("hn", DeviceRevoked{device.uri.text(), RevocationReason::kLeft}).ok());
  world_.AddDevice("ofc-hn-007", "dev-8", {"hn.child"});
  EXPECT_TRUE(registry().ActiveDevicesOf("hn.consular", world_.now_ms()).empty());
  EXPECT_EQ(registry().ActiveDevicesOf("hn.child", world_.now_ms()).size(), 1u);
}

TEST_F(RegistryTest, CertificateThatIsLoggedAlready_IsRefused) {
  const WorldDevice device = world_.AddDevice("ofc-hn-007", "dev-7", {"hn.consular"});
  ExpectRefused(world_.State("hn", World::Enrolment(device, {"hn.consular"})),
                absl::StatusCode::kFailedPrecondition);
}

TEST_F(RegistryTest, CertificatesOfAnotherDeviceOrSwapped_AreRefused) {
  const WorldDevice a = world_.MakeDevice("ofc-hn-007", "dev-7");
  const WorldDevice b = world_.MakeDevice("ofc-hn-008", "dev-7");
  DeviceEnrolled mixed = World::Enrolment(a, {"hn.consular"});
  mixed.mls_certificate = b.mls.der();
  ExpectRefused(world_.State("hn", mixed), absl::StatusCode::kInvalidArgument);
  DeviceEnrolled swapped = World::Enrolment(a, {"hn.consular"});
  std::swap(swapped.tls_certificate, swapped.mls_certificate);
  ExpectRefused(world_.State("hn", swapped), absl::StatusCode::kInvalidArgument);
}

TEST_F(RegistryTest, CertificateThatTheCaDidNotIssue_IsRefused) {
  const WorldDevice device = world_.MakeDevice("ofc-hn-007", "dev-7");
  const PrivateKey rogue_key = PrivateKey::Generate(KeyType::kEd25519, world_.rng());
  const Certificate rogue = *MakeAuthorityCa("hn", rogue_key, world_.now_ms(), world_.rng());
  const Certificate forged =
      *IssueDeviceCertificate(*MakeSigningRequest(device.uri, device.mls_key),
                              {rogue, rogue_key, world_.now_ms()}, world_.rng());
  DeviceEnrolled enrolment = World::Enrolment(device, {"hn.consular"});
  enrolment.mls_certificate = forged.der();
  ExpectRefused(world_.State("hn", enrolment), absl::StatusCode::kPermissionDenied);
}

TEST_F(RegistryTest, CertificatesOfDifferentValidity_AreRefused) {
  const WorldDevice early = world_.MakeDevice("ofc-hn-007", "dev-7");
  world_.Advance(1000);
  const WorldDevice late = world_.MakeDevice("ofc-hn-007", "dev-7");
  DeviceEnrolled enrolment = World::Enrolment(early, {"hn.consular"});
  enrolment.mls_certificate = late.mls.der();
  ExpectRefused(world_.State("hn", enrolment), absl::StatusCode::kInvalidArgument);
}

TEST_F(RegistryTest, StatementOfAnotherAuthoritysCa_IsRefused) {
  const uint64_t next = registry().NextSequence(world_.ca("mx").fingerprint());
  ExpectRefused(SignAs({"hn", next, world_.now_ms(), World::Office("hn.new")}, "mx"),
                absl::StatusCode::kPermissionDenied);
}

TEST_F(RegistryTest, StatementWithAWrongSignature_IsRefused) {
  SignedStatement statement = world_.State("hn", World::Office("hn.new"));
  statement.signature[5] ^= 1;
  ExpectRefused(statement, absl::StatusCode::kPermissionDenied);
}

TEST_F(RegistryTest, ReplayedOrSkippedNumber_IsRefused) {
  const SignedStatement first = world_.State("hn", World::Office("hn.new"));
  ASSERT_TRUE(world_.Log(MakeLogEntry(first, world_.now_ms())).ok());
  ExpectRefused(first, absl::StatusCode::kFailedPrecondition);
  const uint64_t next = registry().NextSequence(world_.ca("hn").fingerprint());
  ExpectRefused(SignAs({"hn", next + 1, world_.now_ms(), World::Office("hn.other")}, "hn"),
                absl::StatusCode::kFailedPrecondition);
}

TEST_F(RegistryTest, TimeThatGoesBackOrLiesAhead_IsRefused) {
  const SignedStatement statement = world_.State("hn", World::Office("hn.new"));
  EXPECT_EQ(world_.Log(MakeLogEntry(statement, world_.now_ms() - 1)).code(),
            absl::StatusCode::kFailedPrecondition);
  const uint64_t next = registry().NextSequence(world_.ca("hn").fingerprint());
  ExpectRefused(
      SignAs({"hn", next, world_.now_ms() + kIssuedAheadMsMax + 1, World::Office("hn.new")}, "hn"),
      absl::StatusCode::kFailedPrecondition);
}

TEST_F(RegistryTest, CaThatTheCharterNoLongerNames_SignsNothingAndItsDevicesAreVoid) {
  const WorldDevice device = world_.AddDevice("ofc-mx-021", "dev-1", {"mx.consular"});
  const uint64_t before = registry().size();
  ASSERT_TRUE(world_
                  .LogCharter([](Charter& c) {
                    std::erase_if(c.authorities, [](const Authority& a) { return a.id == "mx"; });
                  })
                  .ok());
  EXPECT_EQ(registry().CertificateStateAt(device.mls.fingerprint(), Now()),
            DeviceState::kCaNotNamed);
  EXPECT_EQ(registry().CertificateStateAt(device.mls.fingerprint(), {before, world_.now_ms()}),
            DeviceState::kActive);
  ExpectRefused(world_.State("mx", World::Office("mx.new")), absl::StatusCode::kPermissionDenied);
}

TEST_F(RegistryTest, CaRotation_BothCasRule_ThenOnlyTheNewOne) {
  const WorldDevice device = world_.AddDevice("ofc-hn-007", "dev-7", {"hn.consular"});
  const PrivateKey new_key = PrivateKey::Generate(KeyType::kEd25519, world_.rng());
  const Certificate new_ca = *MakeAuthorityCa("hn", new_key, world_.now_ms(), world_.rng());
  const auto hn = [](Charter& c) -> Authority& {
    return *std::find_if(c.authorities.begin(), c.authorities.end(),
                         [](const Authority& a) { return a.id == "hn"; });
  };
  ASSERT_TRUE(world_.LogCharter([&](Charter& c) { hn(c).cas.push_back(new_ca); }).ok());
  const crypto::SigningKey key = *new_key.ToSigningKey();
  const StatementSigner signer{SignerKind::kCa, new_ca.fingerprint(), key};
  const SignedStatement by_new =
      *SignStatement({"hn", 1, world_.now_ms(), World::Office("hn.new")}, signer);
  EXPECT_TRUE(world_.Log(MakeLogEntry(by_new, world_.now_ms())).ok());
  EXPECT_TRUE(world_.LogStatement("hn", World::Office("hn.old")).ok());
  EXPECT_EQ(registry().CertificateStateAt(device.tls.fingerprint(), Now()), DeviceState::kActive);
  ASSERT_TRUE(world_.LogCharter([&](Charter& c) { hn(c).cas = {new_ca}; }).ok());
  EXPECT_EQ(registry().CertificateStateAt(device.tls.fingerprint(), Now()),
            DeviceState::kCaNotNamed);
}

TEST_F(RegistryTest, CharterAt_IsTheOneInForceThen) {
  const uint64_t before = registry().size();
  ASSERT_TRUE(world_.LogCharter([](Charter& c) { c.presidency = "mx"; }).ok());
  EXPECT_EQ(registry().CharterAt(before)->presidency, "pa");
  EXPECT_EQ(registry().charter()->presidency, "mx");
  EXPECT_EQ(registry().CharterAt(0), nullptr);
  EXPECT_EQ(registry().CharterByVersion(2)->presidency, "mx");
  EXPECT_EQ(registry().CharterByVersion(3), nullptr);
  EXPECT_EQ(*registry().CharterHashAt(registry().size()),
            CharterHash(world_.Sign(world_.charter()).body));
}

TEST_F(RegistryTest, CharterWithoutEnoughSignaturesOrOldVersion_IsRefused) {
  Charter next = world_.charter();
  ++next.version;
  SignedCharter draft{*EncodeCharter(next), {}};
  SignCharter(draft, world_.charter_keys()[0]);
  EXPECT_EQ(world_.Log(MakeLogEntry(draft, world_.now_ms())).code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(world_.Log(MakeLogEntry(world_.Sign(world_.charter()), world_.now_ms())).code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(RegistryTest, OfficeInUnknownNetwork_IsRefused) {
  ExpectRefused(world_.State("hn", World::Office("hn.new", {"unknown"})),
                absl::StatusCode::kNotFound);
}

TEST_F(RegistryTest, OfficeStatedAnew_HasItsNewAttributesAndKeepsTheOldInThePast) {
  const uint64_t before = registry().size();
  OfficeStated changed = World::Office("hn.consular");
  changed.duty_phone = "+50499999999";
  ASSERT_TRUE(world_.LogStatement("hn", changed).ok());
  EXPECT_EQ(registry().FindOffice("hn.consular")->stated().duty_phone, "+50499999999");
  EXPECT_EQ(registry().FindOffice("hn.consular")->StatedAt(before)->duty_phone, "+50400000001");
  EXPECT_EQ(registry().FindOffice("hn.consular")->StatedAt(1), nullptr);
}

TEST_F(RegistryTest, DeviceOfUnknownOrClosedOffice_IsRefused) {
  const WorldDevice device = world_.MakeDevice("ofc-hn-007", "dev-7");
  ExpectRefused(world_.State("hn", World::Enrolment(device, {"hn.unknown"})),
                absl::StatusCode::kNotFound);
  ASSERT_TRUE(world_.LogStatement("hn", OfficeClosed{"hn.child", "hn.consular"}).ok());
  ExpectRefused(world_.State("hn", World::Enrolment(device, {"hn.child"})),
                absl::StatusCode::kFailedPrecondition);
}

TEST_F(RegistryTest, MovedOfficer_BelongsToTheNewOfficeFromThenOn) {
  const WorldDevice device = world_.AddDevice("ofc-hn-007", "dev-7", {"hn.consular"});
  const DeviceRecord* record = registry().FindDevice(device.uri.text());
  const uint64_t before = registry().size();
  ASSERT_TRUE(
      world_.LogStatement("hn", OfficerAssigned{"ofc-hn-007", {"hn.child"}, kOfficer}).ok());
  EXPECT_TRUE(registry().BelongsTo(*record, "hn.consular", before));
  EXPECT_FALSE(registry().BelongsTo(*record, "hn.consular", registry().size()));
  EXPECT_TRUE(registry().BelongsTo(*record, "hn.child", registry().size()));
  EXPECT_TRUE(registry().ActiveDevicesOf("hn.consular", world_.now_ms()).empty());
  ASSERT_TRUE(world_.LogStatement("hn", OfficerAssigned{"ofc-hn-007", {}, kOfficer}).ok());
  EXPECT_EQ(registry().DeviceStateAt(*record, Now()), DeviceState::kUnassigned);
}

TEST_F(RegistryTest, RenamedOffice_IsTheSameOffice) {
  const WorldDevice device = world_.AddDevice("ofc-hn-007", "dev-7", {"hn.consular"});
  const DeviceRecord* record = registry().FindDevice(device.uri.text());
  const uint64_t before = registry().size();
  ASSERT_TRUE(world_.LogStatement("hn", OfficeRenamed{"hn.consular", "hn.protection"}).ok());
  const uint64_t size = registry().size();
  EXPECT_EQ(registry().OfficesOf(*record, size), std::vector<std::string>{"hn.protection"});
  EXPECT_EQ(registry().OfficesOf(*record, before), std::vector<std::string>{"hn.consular"});
  EXPECT_TRUE(registry().BelongsTo(*record, "hn.consular", size));
  EXPECT_TRUE(registry().BelongsTo(*record, "hn.protection", size));
  EXPECT_FALSE(registry().BelongsTo(*record, "hn.protection", before));
  EXPECT_EQ(registry().ActiveDevicesOf("hn.protection", world_.now_ms()).size(), 1u);
  EXPECT_EQ(registry().ActiveDevicesOf("hn.consular", world_.now_ms()).size(), 1u);
  EXPECT_EQ(registry().FindOffice("hn.protection")->stated().office_id, "hn.protection");
  ExpectRefused(world_.State("hn", OfficeRenamed{"hn.child", "hn.consular"}),
                absl::StatusCode::kFailedPrecondition);
  ExpectRefused(world_.State("hn", World::Office("hn.consular")),
                absl::StatusCode::kFailedPrecondition);
}

TEST_F(RegistryTest, RenewalAfterARename_NamesTheNewOffice) {
  world_.AddDevice("ofc-hn-007", "dev-7", {"hn.consular"});
  ASSERT_TRUE(world_.LogStatement("hn", OfficeRenamed{"hn.consular", "hn.protection"}).ok());
  const WorldDevice renewed = world_.MakeDevice("ofc-hn-007", "dev-7");
  EXPECT_TRUE(world_.LogStatement("hn", World::Enrolment(renewed, {"hn.protection"})).ok());
}

TEST_F(RegistryTest, ClosedOffice_PassesToItsSuccessor) {
  const WorldDevice device = world_.AddDevice("ofc-hn-007", "dev-7", {"hn.child"});
  const WorldDevice both = world_.AddDevice("ofc-hn-008", "dev-7", {"hn.child", "hn.consular"});
  ASSERT_TRUE(world_.LogStatement("hn", OfficeClosed{"hn.child", "hn.consular"}).ok());
  const DeviceRecord* record = registry().FindDevice(device.uri.text());
  EXPECT_TRUE(registry().BelongsTo(*record, "hn.consular", registry().size()));
  EXPECT_EQ(registry().ResolveOffice("hn.child")->id, "hn.consular");
  EXPECT_EQ(registry().ActiveDevicesOf("hn.consular", world_.now_ms()).size(), 2u);
  ExpectRefused(world_.State("hn", OfficeClosed{"hn.child", "hn.consular"}),
                absl::StatusCode::kFailedPrecondition);
}

TEST_F(RegistryTest, SuspensionByTheCa_LastsUntilItsTimeOrReinstatement) {
  const WorldDevice device = world_.AddDevice("ofc-hn-007", "dev-7", {"hn.consular"});
  const DeviceRecord* record = registry().FindDevice(device.uri.text());
  const uint64_t before = registry().size();
  const int64_t until_ms = world_.now_ms() + 30 * kDayMs;
  ASSERT_TRUE(world_.LogStatement("hn", OfficerSuspended{"ofc-hn-007", until_ms}).ok());
  EXPECT_EQ(registry().DeviceStateAt(*record, Now()), DeviceState::kSuspended);
  EXPECT_EQ(registry().DeviceStateAt(*record, {before, world_.now_ms()}), DeviceState::kActive);
  EXPECT_EQ(registry().DeviceStateAt(*record, {registry().size(), until_ms}), DeviceState::kActive);
  ASSERT_TRUE(world_.LogStatement("hn", OfficerSuspended{"ofc-hn-007", 0}).ok());
  EXPECT_EQ(registry().DeviceStateAt(*record, {registry().size(), until_ms}),
            DeviceState::kSuspended);
  ASSERT_TRUE(world_.LogStatement("hn", OfficerReinstated{"ofc-hn-007"}).ok());
  EXPECT_EQ(registry().DeviceStateAt(*record, Now()), DeviceState::kActive);
  ExpectRefused(world_.State("hn", OfficerReinstated{"ofc-hn-007"}),
                absl::StatusCode::kFailedPrecondition);
}

class DeviceSuspensionTest : public RegistryTest {
 protected:
  WorldDevice admin_ = world_.AddDevice("ofc-hn-001", "dev-1", {"hn.consular"}, kAdmin);
  WorldDevice officer_ = world_.AddDevice("ofc-hn-007", "dev-7", {"hn.consular"});
  OfficerSuspended week_{"ofc-hn-007", world_.now_ms() + kDeviceSuspensionMsMax};
};

TEST_F(DeviceSuspensionTest, ByAnAdmin_HoldsForUpToSevenDays) {
  EXPECT_TRUE(world_.Log(MakeLogEntry(world_.StateBy(admin_, week_), world_.now_ms())).ok());
  EXPECT_EQ(registry().DeviceStateAt(*registry().FindDevice(officer_.uri.text()), Now()),
            DeviceState::kSuspended);
}

TEST_F(DeviceSuspensionTest, BySupervisor_IsAllowed) {
  const WorldDevice supervisor =
      world_.AddDevice("ofc-hn-002", "dev-1", {"hn.consular"}, RoleBit(Role::kSupervisor));
  EXPECT_TRUE(world_.Log(MakeLogEntry(world_.StateBy(supervisor, week_), world_.now_ms())).ok());
}

TEST_F(DeviceSuspensionTest, LongerOrOpenEnded_NeedsTheCa) {
  OfficerSuspended longer = week_;
  ++longer.until_ms;
  ExpectRefused(world_.StateBy(admin_, longer), absl::StatusCode::kPermissionDenied);
  ExpectRefused(world_.StateBy(admin_, OfficerSuspended{"ofc-hn-007", 0}),
                absl::StatusCode::kPermissionDenied);
}

TEST_F(DeviceSuspensionTest, AnyOtherStatement_NeedsTheCa) {
  ExpectRefused(world_.StateBy(admin_, DeviceRevoked{officer_.uri.text(), RevocationReason::kLost}),
                absl::StatusCode::kPermissionDenied);
  ExpectRefused(world_.StateBy(admin_, OfficerReinstated{"ofc-hn-007"}),
                absl::StatusCode::kPermissionDenied);
  const WorldDevice next = world_.MakeDevice("ofc-hn-009", "dev-1");
  ExpectRefused(world_.StateBy(admin_, World::Enrolment(next, {"hn.consular"})),
                absl::StatusCode::kPermissionDenied);
}

TEST_F(DeviceSuspensionTest, ByAnOrdinaryOfficerOrAnotherAuthority_IsRefused) {
  ExpectRefused(world_.StateBy(officer_, week_), absl::StatusCode::kPermissionDenied);
  const WorldDevice mx = world_.AddDevice("ofc-mx-001", "dev-1", {"mx.consular"}, kAdmin);
  const crypto::SigningKey key = mx.signing_key();
  const SignedStatement foreign = *SignStatement({"hn", 1, world_.now_ms(), week_},
                                                 {SignerKind::kDevice, mx.mls.fingerprint(), key});
  ExpectRefused(foreign, absl::StatusCode::kPermissionDenied);
}

TEST_F(DeviceSuspensionTest, ByARevokedOrSuspendedAdmin_IsRefused) {
  ASSERT_TRUE(world_.LogStatement("hn", OfficerSuspended{"ofc-hn-001", 0}).ok());
  ExpectRefused(world_.StateBy(admin_, week_), absl::StatusCode::kPermissionDenied);
}

TEST_F(DeviceSuspensionTest, DoesNotCutShortWhatTheCaImposed) {
  ASSERT_TRUE(world_.LogStatement("hn", OfficerSuspended{"ofc-hn-007", 0}).ok());
  ExpectRefused(world_.StateBy(admin_, week_), absl::StatusCode::kFailedPrecondition);
}

TEST_F(RegistryTest, SignedHead_OfOurLog_IsAccepted_AndAForkIsNot) {
  const merkle::SignedHead head = world_.Head();
  EXPECT_TRUE(registry().CheckHead(head).ok());
  world_.AddOffice("hn.later");
  EXPECT_TRUE(registry().CheckHead(head).ok());
  merkle::SignedHead fork =
      merkle::SignHead({head.head.size, merkle::Hash{}}, world_.now_ms(), world_.server_key());
  EXPECT_EQ(registry().CheckHead(fork).code(), absl::StatusCode::kDataLoss);
  const merkle::SignedHead stranger =
      merkle::SignHead(head.head, world_.now_ms(), world_.charter_keys()[0]);
  EXPECT_EQ(registry().CheckHead(stranger).code(), absl::StatusCode::kDataLoss);
  const merkle::SignedHead ahead = merkle::SignHead({registry().size() + 1, merkle::Hash{}},
                                                    world_.now_ms(), world_.server_key());
  EXPECT_EQ(registry().CheckHead(ahead).code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(registry()
                .CheckHead(merkle::SignHead({0, merkle::EmptyRoot()}, 0, world_.server_key()))
                .code(),
            absl::StatusCode::kDataLoss);
}

TEST_F(RegistryTest, TamperedEntries_AreRefusedOneByteAtATime) {
  world_.AddDevice("ofc-hn-007", "dev-7", {"hn.consular"});
  const Bytes last = world_.entries().back();
  Registry before(world_.charter().root);
  for (size_t i = 0; i + 1 < world_.entries().size(); ++i) {
    ASSERT_TRUE(before.Apply(world_.entries()[i]).ok());
  }
  ASSERT_TRUE(before.Check(last).ok());
  for (size_t i = 0; i < last.size(); ++i) {
    Bytes changed = last;
    changed[i] ^= 1;
    // The server's time of logging is covered by the head's signature, not by the authority's.
    const bool is_logged_at = i >= 3 && i < 11;
    EXPECT_TRUE(is_logged_at || !before.Check(changed).ok()) << i;
  }
}

}  // namespace
}  // namespace enlace::identity
