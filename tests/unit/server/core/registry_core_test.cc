// The registry through the core: who may hand entries in, and that a publication is whole or not at
// all.
#include "crypto/identity/log_entry.h"
#include "crypto/merkle/proof.h"
#include "crypto/merkle/signed_head.h"
#include "tests/unit/server/core/core_fixture.h"

namespace enlace::testing {
namespace {

using identity::Role;
using identity::RoleBit;

class RegistryCoreTest : public CoreFixture {
 protected:
  v1::PublishRequest Publication(const std::vector<identity::LogEntry>& entries) {
    v1::PublishRequest request;
    request.set_request_id(RequestId());
    for (const identity::LogEntry& entry : entries)
      request.add_entries(ToText(identity::EncodeLogEntry(entry)));
    return request;
  }
  identity::LogEntry OfficeEntry(const std::string& office) {
    return identity::MakeLogEntry(
        world_.State(std::string(identity::AuthorityOfOffice(office)), World::Office(office)),
        now_ms());
  }
};

TEST_F(RegistryCoreTest, EmptyServer_KnowsNobody_AndSaysThatTheCharterIsMissing) {
  const WorldDevice device = world_.MakeDevice("ofc-hn-001", "dev-1");
  EXPECT_EQ(ReasonOf(core_->callers().Resolve(device.tls.fingerprint(), now_ms()).status()),
            "CHARTER_MISSING");
  EXPECT_EQ(ReasonOf(core_->reader().GetHead(now_ms()).status()), "CHARTER_MISSING");
}

TEST_F(RegistryCoreTest, CharterOfAnotherRoot_IsRefused_AndLeavesNothing) {
  World other(7);
  v1::BootstrapRequest request;
  request.add_entries(ToText(other.entries().front()));
  EXPECT_EQ(ReasonOf(DoAnonymously<v1::BootstrapResponse>(request).status()), "CHARTER_REJECTED");
  EXPECT_FALSE(core_->has_writes());
  EXPECT_EQ(core_->reader().registry_size(), 0u);
}

TEST_F(RegistryCoreTest, FirstAdministrator_IsBootstrapped_AndResolves) {
  Bootstrap({"hn", "mx"});
  const server::Caller caller = CallerOf(admin("hn"));
  EXPECT_EQ(caller.device_uri, "enlace://hn/officers/ofc-hn-900/devices/dev-1");
  EXPECT_EQ(caller.officer_id, "ofc-hn-900");
  EXPECT_EQ(caller.authority, "hn");
  EXPECT_EQ(caller.offices, std::vector<std::string>{"hn.admin"});
  EXPECT_TRUE(caller.Has(Role::kAdmin));
}

TEST_F(RegistryCoreTest, AuthorityWithAdministrator_IsNotBootstrappedAgain) {
  Bootstrap({"hn"});
  v1::BootstrapRequest request;
  request.add_entries(ToText(identity::EncodeLogEntry(OfficeEntry("hn.consular"))));
  EXPECT_EQ(ReasonOf(DoAnonymously<v1::BootstrapResponse>(request).status()),
            "REGISTRY_ENTRY_INVALID");
}

TEST_F(RegistryCoreTest, BootstrapWithoutAdministrator_IsRefusedWhole) {
  Bootstrap({});
  v1::BootstrapRequest request;
  request.add_entries(ToText(identity::EncodeLogEntry(OfficeEntry("mx.consular"))));
  EXPECT_EQ(ReasonOf(DoAnonymously<v1::BootstrapResponse>(request).status()),
            "REGISTRY_ENTRY_INVALID");
  EXPECT_EQ(core_->reader().registry_size(), 1u);
  // The refused entry takes no place: the same statement is accepted with its administrator.
  const identity::LogEntry office = OfficeEntry("mx.consular");
  ASSERT_TRUE(world_.Log(office).ok());
  const WorldDevice first = world_.AddDevice("ofc-mx-001", "dev-1", {"mx.consular"},
                                             RoleBit(Role::kOfficer) | RoleBit(Role::kAdmin));
  v1::BootstrapRequest whole;
  for (size_t i = 1; i < world_.entries().size(); ++i)
    whole.add_entries(ToText(world_.entries()[i]));
  EXPECT_EQ(ReasonOf(DoAnonymously<v1::BootstrapResponse>(whole).status()), "OK");
  EXPECT_TRUE(CallerOf(first).Has(Role::kAdmin));
}

TEST_F(RegistryCoreTest, PublicationWithABadEntry_ChangesNothing) {
  Bootstrap({"hn"});
  const uint64_t before = core_->reader().registry_size();
  const identity::LogEntry good = OfficeEntry("hn.consular");
  // The same number twice: the second does not fit.
  const v1::PublishRequest request = Publication({good, good});
  EXPECT_EQ(ReasonOf(Do<v1::PublishResponse>(admin("hn"), request).status()),
            "REGISTRY_ENTRY_INVALID");
  EXPECT_EQ(core_->reader().registry_size(), before);
  EXPECT_EQ(ReasonOf(Do<v1::PublishResponse>(admin("hn"), Publication({good})).status()), "OK");
  EXPECT_EQ(core_->reader().registry_size(), before + 1);
}

TEST_F(RegistryCoreTest, AnotherAuthoritysEntry_IsRefused) {
  Bootstrap({"hn", "mx"});
  const v1::PublishRequest request = Publication({OfficeEntry("mx.consular")});
  EXPECT_EQ(ReasonOf(Do<v1::PublishResponse>(admin("hn"), request).status()),
            "REGISTRY_ENTRY_INVALID");
}

TEST_F(RegistryCoreTest, OfficerWithoutRole_PublishesNothing) {
  Bootstrap({"hn"});
  const WorldDevice officer = NewDevice("ofc-hn-001", "hn.consular");
  const v1::PublishRequest request = Publication({OfficeEntry("hn.child")});
  EXPECT_EQ(ReasonOf(Do<v1::PublishResponse>(officer, request).status()), "ROLE_MISSING");
}

TEST_F(RegistryCoreTest, FailingPublications_AreLimited) {
  Bootstrap({"hn"});
  const identity::LogEntry good = OfficeEntry("hn.consular");
  std::string reason;
  for (uint32_t i = 0; i <= server::kFailedPublicationsMax; ++i) {
    reason = ReasonOf(Do<v1::PublishResponse>(admin("hn"), Publication({good, good})).status());
  }
  EXPECT_EQ(reason, "LIMIT_EXCEEDED");
  world_.Advance(server::kFailedPublicationsWindowMs);
  EXPECT_EQ(ReasonOf(Do<v1::PublishResponse>(admin("hn"), Publication({good})).status()), "OK");
}

TEST_F(RegistryCoreTest, RevokedDevice_IsRefusedAtOnce_AndItsStreamsAreNamed) {
  Bootstrap({"hn"});
  const WorldDevice officer = NewDevice("ofc-hn-001", "hn.consular");
  const server::Caller caller = CallerOf(officer);
  ASSERT_TRUE(world_
                  .LogStatement("hn", identity::DeviceRevoked{officer.uri.text(),
                                                              identity::RevocationReason::kLost})
                  .ok());
  PublishNew();
  EXPECT_EQ(effects_.devices_to_check, std::vector<std::string>{officer.uri.text()});
  EXPECT_EQ(ReasonOf(core_->callers().CheckStill(caller, now_ms())), "DEVICE_REVOKED");
  EXPECT_EQ(ReasonOf(core_->callers().Resolve(officer.tls.fingerprint(), now_ms()).status()),
            "DEVICE_REVOKED");
}

TEST_F(RegistryCoreTest, RevocationInAGroup_StopsTheOperationsAfterIt) {
  Bootstrap({"hn"});
  const WorldDevice officer = NewDevice("ofc-hn-001", "hn.consular");
  const server::Caller caller = CallerOf(officer);
  const server::Caller administrator = CallerOf(admin("hn"));
  const identity::LogEntry revocation = identity::MakeLogEntry(
      world_.State("hn",
                   identity::DeviceRevoked{officer.uri.text(), identity::RevocationReason::kLost}),
      0);
  v1::PublishResponse published;
  ASSERT_TRUE(
      core_->Apply(server::Call{administrator, now_ms()}, Publication({revocation}), published)
          .ok());
  v1::LeaseCaseNumbersRequest lease;
  lease.set_request_id(RequestId());
  lease.set_year(2026);
  lease.set_count(1);
  v1::LeaseCaseNumbersResponse leased;
  EXPECT_EQ(ReasonOf(core_->Apply(server::Call{caller, now_ms()}, lease, leased)),
            "DEVICE_REVOKED");
}

TEST_F(RegistryCoreTest, SuspendedOfficer_ComesBackWhenTheTimeIsOver) {
  Bootstrap({"hn"});
  const WorldDevice officer = NewDevice("ofc-hn-001", "hn.consular");
  ASSERT_TRUE(
      world_.LogStatement("hn", identity::OfficerSuspended{"ofc-hn-001", now_ms() + 1000}).ok());
  PublishNew();
  EXPECT_EQ(ReasonOf(core_->callers().Resolve(officer.tls.fingerprint(), now_ms()).status()),
            "OFFICER_SUSPENDED");
  world_.Advance(1001);
  EXPECT_EQ(ReasonOf(core_->callers().Resolve(officer.tls.fingerprint(), now_ms()).status()), "OK");
}

TEST_F(RegistryCoreTest, ExpiredCertificate_IsNamedAsSuch) {
  Bootstrap({"hn"});
  const WorldDevice officer = NewDevice("ofc-hn-001", "hn.consular");
  const int64_t later = officer.tls.not_after_ms() + 1;
  EXPECT_EQ(ReasonOf(core_->callers().Resolve(officer.tls.fingerprint(), later).status()),
            "CERTIFICATE_EXPIRED");
}

TEST_F(RegistryCoreTest, HeadEntriesAndProofs_FitTogether) {
  Bootstrap({"hn", "mx"});
  NewDevice("ofc-hn-001", "hn.consular");
  const auto head_answer = core_->reader().GetHead(now_ms());
  ASSERT_TRUE(head_answer.ok());
  const auto head = merkle::DecodeSignedHead(AsBytes(head_answer->signed_head()));
  ASSERT_TRUE(head.ok());
  ASSERT_TRUE(merkle::VerifyHead(*head, world_.server_key().public_key()).ok());
  identity::Registry replica(world_.charter().root);
  v1::ListEntriesRequest page;
  page.set_page_size(2);
  while (replica.size() < head->head.size) {
    page.set_first_index(replica.size());
    const auto entries = core_->reader().ListEntries(page, now_ms());
    ASSERT_TRUE(entries.ok());
    ASSERT_GE(entries->entries().size(), 1);
    ASSERT_LE(entries->entries().size(), 2);
    for (const std::string& entry : entries->entries())
      ASSERT_TRUE(replica.Apply(AsBytes(entry)).ok());
  }
  EXPECT_TRUE(replica.CheckHead(*head).ok());
  v1::GetProofRequest proof_request;
  proof_request.mutable_consistency()->set_old_size(2);
  proof_request.mutable_consistency()->set_new_size(head->head.size);
  const auto proof = core_->reader().GetProof(proof_request);
  ASSERT_TRUE(proof.ok());
  std::vector<merkle::Hash> hashes;
  for (const std::string& hash : proof->hashes()) {
    std::copy_n(AsBytes(hash).begin(), 32, hashes.emplace_back().begin());
  }
  EXPECT_TRUE(merkle::VerifyConsistency(
                  {2, head->head.size, *replica.tree().RootAt(2), replica.root()}, hashes)
                  .ok());
  EXPECT_EQ(core_->reader().GetCharters(now_ms())->charters().size(), 1);
}

TEST_F(RegistryCoreTest, HeadCoversOnlyWhatIsDurable) {
  Bootstrap({"hn"});
  const uint64_t before = core_->reader().registry_size();
  const server::Caller caller = CallerOf(admin("hn"));
  v1::PublishResponse answer;
  ASSERT_TRUE(
      core_
          ->Apply(server::Call{caller, now_ms()}, Publication({OfficeEntry("hn.consular")}), answer)
          .ok());
  EXPECT_EQ(core_->reader().registry_size(), before);
  ASSERT_TRUE(CommitGroup().ok());
  EXPECT_EQ(core_->reader().registry_size(), before + 1);
}

TEST_F(RegistryCoreTest, FailedCommit_TakesThePublicationBack) {
  Bootstrap({"hn"});
  const uint64_t before = core_->reader().registry_size();
  const identity::LogEntry office = OfficeEntry("hn.consular");
  disk_->FailSync(1, storage::FailedSync::kLost);
  EXPECT_FALSE(Do<v1::PublishResponse>(admin("hn"), Publication({office})).ok());
  EXPECT_EQ(core_->reader().registry_size(), before);
  Restart();
  EXPECT_EQ(core_->reader().registry_size(), before);
  EXPECT_EQ(ReasonOf(Do<v1::PublishResponse>(admin("hn"), Publication({office})).status()), "OK");
}

TEST_F(RegistryCoreTest, CaseNumbers_AreLeasedOnce_PerAuthorityAndYear) {
  Bootstrap({"hn", "mx"});
  v1::LeaseCaseNumbersRequest request;
  request.set_year(2026);
  request.set_count(20);
  const auto lease = [&](const std::string& authority, uint32_t year) {
    request.set_request_id(RequestId());
    request.set_year(year);
    return Do<v1::LeaseCaseNumbersResponse>(admin(authority), request)->first_number();
  };
  EXPECT_EQ(lease("hn", 2026), 1u);
  EXPECT_EQ(lease("hn", 2026), 21u);
  EXPECT_EQ(lease("mx", 2026), 1u);
  EXPECT_EQ(lease("hn", 2027), 1u);
  Restart();
  EXPECT_EQ(lease("hn", 2026), 41u);
  request.set_request_id(RequestId());
  request.set_count(server::kCaseNumbersMax + 1);
  EXPECT_EQ(ReasonOf(Do<v1::LeaseCaseNumbersResponse>(admin("hn"), request).status()),
            "MALFORMED_REQUEST");
}

TEST_F(RegistryCoreTest, RepeatedRequest_GetsTheFirstAnswer_AndAnotherBodyIsRefused) {
  Bootstrap({"hn"});
  v1::LeaseCaseNumbersRequest request;
  request.set_request_id(RequestId());
  request.set_year(2026);
  request.set_count(5);
  ASSERT_EQ(Do<v1::LeaseCaseNumbersResponse>(admin("hn"), request)->first_number(), 1u);
  Restart();
  EXPECT_EQ(Do<v1::LeaseCaseNumbersResponse>(admin("hn"), request)->first_number(), 1u);
  request.set_count(6);
  EXPECT_EQ(ReasonOf(Do<v1::LeaseCaseNumbersResponse>(admin("hn"), request).status()),
            "REQUEST_ID_REUSED");
}

TEST_F(RegistryCoreTest, RequestIds_CountForSevenDays_AndTenMinutesAhead) {
  Bootstrap({"hn"});
  v1::LeaseCaseNumbersRequest request;
  request.set_year(2026);
  request.set_count(1);
  const auto reason_at = [&](int64_t time_ms) {
    request.set_request_id(RequestIdAt(time_ms));
    return ReasonOf(Do<v1::LeaseCaseNumbersResponse>(admin("hn"), request).status());
  };
  EXPECT_EQ(reason_at(now_ms() - server::kRequestAgeMsMax), "OK");
  EXPECT_EQ(reason_at(now_ms() - server::kRequestAgeMsMax - 1), "REQUEST_ID_INVALID");
  EXPECT_EQ(reason_at(now_ms() + server::kRequestAheadMsMax), "OK");
  EXPECT_EQ(reason_at(now_ms() + server::kRequestAheadMsMax + 1), "REQUEST_ID_INVALID");
  request.set_request_id("short");
  EXPECT_EQ(ReasonOf(Do<v1::LeaseCaseNumbersResponse>(admin("hn"), request).status()),
            "REQUEST_ID_INVALID");
}

TEST_F(RegistryCoreTest, OldAnswers_GoWhenTheirIdsNoLongerCount) {
  Bootstrap({"hn"});
  v1::LeaseCaseNumbersRequest request;
  request.set_request_id(RequestId());
  request.set_year(2026);
  request.set_count(1);
  ASSERT_TRUE(Do<v1::LeaseCaseNumbersResponse>(admin("hn"), request).ok());
  const auto answers = [this] {
    return engine_->Scan(storage::PrefixRange(storage::KeyBuilder(8)))->rows.size();
  };
  ASSERT_GE(answers(), 1u);
  world_.Advance(server::kRequestAgeMsMax);
  TickUntilDone();
  EXPECT_GE(answers(), 1u);
  world_.Advance(server::kDayMs);
  TickUntilDone();
  EXPECT_EQ(answers(), 0u);
}

}  // namespace
}  // namespace enlace::testing
