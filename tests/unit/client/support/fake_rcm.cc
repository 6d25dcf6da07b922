#include "tests/unit/client/support/fake_rcm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "crypto/identity/log_entry.h"
#include "crypto/primitives/status.h"

namespace enlace::client::testing {
namespace {

template <typename T>
T Must(absl::StatusOr<T> value) {
  EXPECT_TRUE(value.ok()) << value.status();
  return std::move(value).value();
}

identity::Charter FoundingCharter(const crypto::SigningKey& key, const crypto::SigningKey& log_key,
                                  const identity::Certificate& ca, crypto::Rng& rng) {
  const auto server_key = identity::PrivateKey::Generate(identity::KeyType::kP256, rng);
  identity::Charter charter;
  charter.version = 1;
  charter.keys.resize(1);
  std::copy(key.public_key().begin(), key.public_key().end(), charter.keys[0].begin());
  charter.threshold = 1;
  charter.root = identity::KeySetRoot(charter.keys, 1);
  charter.networks = {{"consular", {"Protección Consular", "Consular Protection"}}};
  charter.authorities = {{"hn",
                          identity::AuthorityKind::kCountry,
                          identity::Standing::kMember,
                          {"Honduras", "Honduras"},
                          "HND",
                          {ca}}};
  charter.permissions.fill({true, true, true, true, identity::Tlp::kRed});
  charter.server.name = "enlace.rcm.example";
  charter.server.certificate =
      Must(identity::MakeServerCertificate({"localhost", {"localhost"}}, server_key, kStartMs, rng))
          .der();
  std::copy(log_key.public_key().begin(), log_key.public_key().end(),
            charter.server.log_key.begin());
  charter.issued_at_ms = kStartMs;
  charter.expires_at_ms = kStartMs + 365 * identity::kDayMs;
  return charter;
}

identity::PrivateKey NewCaKey(crypto::Rng& rng) {
  return identity::PrivateKey::Generate(identity::KeyType::kEd25519, rng);
}

#define ENLACE_UNUSED(name)                                                         \
  absl::StatusOr<v1::name##Response> name(const v1::name##Request&, int) override { \
    return MakeStatus(absl::StatusCode::kUnimplemented, #name);                     \
  }

class FakeSession final : public SessionInterface {
 public:
  explicit FakeSession(FakeRcm& rcm) : rcm_(rcm) {}

  absl::Status WaitConnected(int, const std::atomic<bool>&) override { return absl::OkStatus(); }

  absl::StatusOr<v1::GetHeadResponse> GetHead(const v1::GetHeadRequest&, int) override {
    v1::GetHeadResponse response;
    response.set_signed_head(ToText(merkle::EncodeSignedHead(rcm_.SignedHead())));
    return response;
  }
  absl::StatusOr<v1::ListEntriesResponse> ListEntries(const v1::ListEntriesRequest& request,
                                                      int) override {
    v1::ListEntriesResponse response;
    const size_t end = std::min({rcm_.entries.size(), rcm_.entries_shown,
                                 size_t{request.first_index()} + request.page_size()});
    for (size_t i = request.first_index(); i < end; ++i) {
      response.add_entries(ToText(rcm_.entries[i]));
    }
    return response;
  }
  absl::StatusOr<v1::UploadKeyPackagesResponse> UploadKeyPackages(
      const v1::UploadKeyPackagesRequest& request, int) override {
    if (!rcm_.upload_answer.ok()) return rcm_.upload_answer;
    rcm_.uploaded_key_packages += request.key_packages_size() + !request.last_resort().empty();
    return v1::UploadKeyPackagesResponse();
  }
  absl::StatusOr<v1::ListEnrolmentsResponse> ListEnrolments(const v1::ListEnrolmentsRequest&,
                                                            int) override {
    v1::ListEnrolmentsResponse response;
    if (rcm_.state != v1::ENROLMENT_STATE_PENDING) return response;
    v1::EnrolmentRequest* request = response.add_enrolments()->mutable_request();
    // The server knows the invitation by what was called; the request itself it does not read.
    request->set_invitation_id(
        ToText(identity::DeriveInvitationKeys(rcm_.invitation.code).invitation_id));
    request->set_request(rcm_.request);
    return response;
  }
  absl::StatusOr<v1::ApproveEnrolmentResponse> ApproveEnrolment(
      const v1::ApproveEnrolmentRequest& request, int) override {
    for (const std::string& entry : request.entries()) rcm_.Take(entry);
    rcm_.state = v1::ENROLMENT_STATE_APPROVED;
    return v1::ApproveEnrolmentResponse();
  }
  absl::StatusOr<v1::RejectEnrolmentResponse> RejectEnrolment(
      const v1::RejectEnrolmentRequest& request, int) override {
    if (!rcm_.reject_answer.ok()) return rcm_.reject_answer;
    rcm_.Reject(request.reason());
    return v1::RejectEnrolmentResponse();
  }
  ENLACE_UNUSED(GetProof)
  ENLACE_UNUSED(Publish)
  ENLACE_UNUSED(GetCards)
  ENLACE_UNUSED(LeaseCaseNumbers)
  ENLACE_UNUSED(ClaimKeyPackages)
  ENLACE_UNUSED(CreateRoom)
  ENLACE_UNUSED(Commit)
  ENLACE_UNUSED(Send)
  ENLACE_UNUSED(SendBatch)
  ENLACE_UNUSED(GetRoom)
  ENLACE_UNUSED(GetTree)
  ENLACE_UNUSED(ListRooms)
  ENLACE_UNUSED(AcquireRemovalLease)
  ENLACE_UNUSED(ReportUnprocessable)
  ENLACE_UNUSED(GetReceipt)
  ENLACE_UNUSED(Confirm)
  ENLACE_UNUSED(CreateBlob)
  ENLACE_UNUSED(PutChunk)
  ENLACE_UNUSED(CreateInvitation)
  ENLACE_UNUSED(GetOverview)
  absl::StatusOr<std::unique_ptr<Subscription>> Subscribe(const v1::SubscribeRequest&,
                                                          StreamCallbacks) override {
    return MakeStatus(absl::StatusCode::kUnimplemented, "Subscribe");
  }
  absl::Status GetBlob(const v1::GetBlobRequest&, int,
                       const std::function<absl::Status(BytesView)>&) override {
    return MakeStatus(absl::StatusCode::kUnimplemented, "GetBlob");
  }

 private:
  FakeRcm& rcm_;
};

class FakeEnrolment final : public EnrolmentInterface {
 public:
  explicit FakeEnrolment(FakeRcm& rcm) : rcm_(rcm) {}

  absl::StatusOr<v1::GetChartersResponse> GetCharters(const v1::GetChartersRequest&, int) override {
    v1::GetChartersResponse response;
    for (const Bytes& bytes : rcm_.entries) {
      const auto entry = Must(identity::DecodeLogEntry(bytes));
      if (entry.kind == identity::LogEntryKind::kCharter) {
        response.add_charters(ToText(entry.payload));
      }
    }
    return response;
  }
  ENLACE_UNUSED(Bootstrap)
  absl::StatusOr<v1::RequestEnrolmentResponse> RequestEnrolment(
      const v1::RequestEnrolmentRequest& request, int) override {
    ++rcm_.requests;
    if (!rcm_.request_answer.ok()) return rcm_.request_answer;
    rcm_.request = request.enrolment().request();
    rcm_.state = v1::ENROLMENT_STATE_PENDING;
    v1::RequestEnrolmentResponse response;
    response.set_state(rcm_.state);
    return response;
  }
  absl::StatusOr<v1::GetEnrolmentResponse> GetEnrolment(const v1::GetEnrolmentRequest&,
                                                        int) override {
    v1::GetEnrolmentResponse response;
    response.set_state(rcm_.state);
    response.set_entry(rcm_.admission);
    response.set_reject_reason(rcm_.reject_reason);
    return response;
  }

 private:
  FakeRcm& rcm_;
};

#undef ENLACE_UNUSED

}  // namespace

FakeRcm::FakeRcm()
    : ca_key(NewCaKey(rng)),
      ca(Must(identity::MakeAuthorityCa("hn", ca_key, kStartMs, rng))),
      log_key(crypto::SigningKey::Generate(rng)),
      charter_key_(crypto::SigningKey::Generate(rng)),
      charter_(FoundingCharter(charter_key_, log_key, ca, rng)),
      registry_(std::make_unique<identity::Registry>(charter_.root)) {
  identity::SignedCharter signed_charter{Must(identity::EncodeCharter(charter_)), {}};
  identity::SignCharter(signed_charter, charter_key_);
  Append(identity::MakeLogEntry(signed_charter, now_ms));
}

void FakeRcm::Append(identity::LogEntry entry) {
  entry.logged_at_ms = now_ms;
  const Bytes bytes = identity::EncodeLogEntry(entry);
  const absl::Status applied = registry_->Apply(bytes);
  EXPECT_TRUE(applied.ok()) << applied;
  entries.push_back(bytes);
}

void FakeRcm::Log(identity::StatementBody body) {
  const auto key = Must(ca_key.ToSigningKey());
  const auto statement = Must(identity::SignStatement(
      {"hn", registry_->NextSequence(ca.fingerprint()), now_ms, std::move(body)},
      {identity::SignerKind::kCa, ca.fingerprint(), key}));
  Append(identity::MakeLogEntry(statement, now_ms));
}

void FakeRcm::LogCharter(const std::function<void(identity::Charter&)>& change) {
  ++charter_.version;
  charter_.issued_at_ms = now_ms;
  change(charter_);
  identity::SignedCharter signed_charter{Must(identity::EncodeCharter(charter_)), {}};
  identity::SignCharter(signed_charter, charter_key_);
  Append(identity::MakeLogEntry(signed_charter, now_ms));
}

void FakeRcm::LogOffice(const std::string& office_id) {
  identity::OfficeStated office;
  office.office_id = office_id;
  office.name = {"Oficina", "Office"};
  office.networks = {"consular"};
  office.languages = {"es"};
  office.time_zone = "America/Tegucigalpa";
  Log(office);
}

merkle::SignedHead FakeRcm::SignedHead() const {
  std::vector<merkle::Hash> leaves;
  for (const Bytes& entry : entries) leaves.push_back(merkle::LeafHash(entry));
  merkle::SignedHead head =
      merkle::SignHead({entries.size(), merkle::RootOf(leaves)}, now_ms, log_key);
  if (spoil_head) spoil_head(head);
  return head;
}

identity::Invitation FakeRcm::Invite() {
  identity::Invitation fields;
  fields.server_address = "localhost:7443";
  fields.enrolment_address = "localhost:7444";
  fields.server_certificate = merkle::Sha256(BytesView(charter_.server.certificate));
  fields.charter_pin = pin();
  fields.authority = "hn";
  fields.ca_certificate = ca.fingerprint();
  fields.device_uri = "enlace://hn/officers/ofc-hn-007/devices/dev-1";
  fields.offices = {"hn.consular"};
  fields.roles = identity::RoleBit(identity::Role::kOfficer);
  fields.card = {"Marta Zúniga", {}, {}};
  fields.administrator_phone = "+50400000001";
  invitation = Must(identity::MakeInvitation(std::move(fields), now_ms, rng));
  return invitation.Clone();
}

void FakeRcm::Approve(const std::function<void(identity::DeviceEnrolled&)>& change) {
  const auto asked = Must(identity::DecodeEnrolmentRequest(AsBytes(request)));
  const auto checked = Must(identity::CheckEnrolmentRequest(asked, invitation));
  const auto keys = identity::DeriveInvitationKeys(invitation.code);
  const identity::Issuer issuer{ca, ca_key, now_ms};
  auto statement = Must(
      identity::AdmitDevice(checked, invitation,
                            {issuer, registry_->NextSequence(ca.fingerprint()),
                             Must(identity::CommitToCard(keys.card_salt.view(), invitation.card))},
                            rng));
  auto enrolled = std::get<identity::DeviceEnrolled>(statement.body);
  if (change) change(enrolled);
  Log(enrolled);
  admission = ToText(entries.back());
  state = v1::ENROLMENT_STATE_APPROVED;
}

void FakeRcm::Reject(const std::string& reason) {
  state = v1::ENROLMENT_STATE_REJECTED;
  reject_reason = reason;
}

void FakeRcm::Take(const std::string& entry) {
  Append(Must(identity::DecodeLogEntry(AsBytes(entry))));
}

std::unique_ptr<SessionInterface> ConnectTo(FakeRcm& rcm) {
  return std::make_unique<FakeSession>(rcm);
}

std::unique_ptr<EnrolmentInterface> ConnectForEnrolment(FakeRcm& rcm) {
  return std::make_unique<FakeEnrolment>(rcm);
}

}  // namespace enlace::client::testing
