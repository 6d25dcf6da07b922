#include "client/enrolment/join.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "client/enrolment/admission.h"
#include "client/enrolment/key_packages.h"
#include "client/enrolment/pending_join.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

std::string MarkerOf(const Profile& profile) { return profile.data_dir() + "/join-pending"; }

absl::Status WriteMarker(const Profile& profile) {
  const std::string path = MarkerOf(profile);
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return MakeError(Reason::kFileNotWritable, {{"path", path}, {"what", std::strerror(errno)}});
  }
  close(fd);
  return absl::OkStatus();
}

// Everything that a request made; what is not there needs no removing.
void RemoveTraces(const Profile& profile) {
  for (const std::string& file : {profile.vault_path(), profile.registry_path()}) {
    for (const char* suffix : {"", "-wal", "-shm", ".new"}) unlink((file + suffix).c_str());
  }
  unlink(MarkerOf(profile).c_str());
}

absl::Status CheckIsFree(const Profile& profile) {
  if (HasPendingJoin(profile)) return MakeError(Reason::kEnrolmentPending);
  if (Vault::Exists(profile.vault_path())) {
    return MakeError(Reason::kAlreadyEnrolled, {{"officer", profile.Setting(kOfficerSetting)}});
  }
  return absl::OkStatus();
}

class PlainJoin final : public Join {
 public:
  PlainJoin(const Profile& profile, const JoinEnvironment& environment, ProfileLock lock)
      : profile_(profile), environment_(environment), lock_(std::move(lock)) {}

  absl::Status Start(std::string_view text) {
    auto invitation = identity::DecodeInvitation(text);
    if (!invitation.ok()) {
      return MakeError(Reason::kInvitationInvalid,
                       {{"what", std::string(MessageOf(invitation.status()))}});
    }
    if (!identity::CheckInvitationTime(*invitation, environment_.now_ms()).ok()) {
      return MakeError(Reason::kInvitationSpent, {{"why", "expired"}});
    }
    invitation_ = std::move(*invitation);
    return FetchCharter();
  }

  absl::Status Continue(const SecretBytes& passphrase) {
    ENLACE_ASSIGN_OR_RETURN(vault_, Vault::Open({profile_.vault_path(), VaultMode::kOwner},
                                                passphrase, environment_.rng));
    ENLACE_ASSIGN_OR_RETURN(pending_, LoadPendingJoin(*vault_));
    invitation_ = pending_->invitation.Clone();
    return absl::OkStatus();
  }

  const identity::Invitation& invitation() const override { return invitation_; }
  const identity::Charter* charter() const override {
    return chain_.has_value() ? &chain_->current() : nullptr;
  }

  absl::Status Request(const SecretBytes& passphrase) override {
    if (pending_.has_value() || !chain_.has_value()) {
      return FailedPrecondition("a request is made once, after Begin");
    }
    ENLACE_RETURN_IF_ERROR(CheckPassphrase(passphrase));
    const absl::Status status = MakeRequest(passphrase);
    // A request whose answer got lost may have arrived: its keys are kept, Finish sends it again.
    if (!status.ok() && !HasReason(status, Reason::kServerUnreachable)) Abandon();
    return status;
  }

  std::array<std::string, identity::kVerificationWords> words() const override {
    return identity::WordsOf(pending_->request, invitation_);
  }

  absl::StatusOr<Joined> Finish() override {
    if (!pending_.has_value()) return FailedPrecondition("there is no request yet");
    ENLACE_ASSIGN_OR_RETURN(auto server, ConnectEnrolment());
    v1::GetEnrolmentRequest request;
    request.set_invitation_id(ToText(pending_->request.invitation_id));
    ENLACE_ASSIGN_OR_RETURN(const auto answer, server->GetEnrolment(request, kCallTimeoutMs));
    switch (answer.state()) {
      case v1::ENROLMENT_STATE_APPROVED:
        if (!chain_.has_value()) ENLACE_RETURN_IF_ERROR(FetchCharter());
        return Enter(AsBytes(answer.entry()));
      case v1::ENROLMENT_STATE_REJECTED:
        Abandon();
        return MakeError(Reason::kEnrolmentRejected, {{"why", answer.reject_reason()}});
      case v1::ENROLMENT_STATE_OPEN:
        ENLACE_RETURN_IF_ERROR(SendRequest());
        return MakeError(Reason::kEnrolmentPending);
      default:
        return MakeError(Reason::kEnrolmentPending);
    }
  }

 private:
  absl::StatusOr<std::unique_ptr<EnrolmentInterface>> ConnectEnrolment() const {
    return environment_.connect_enrolment(
        {invitation_.enrolment_address, invitation_.server_certificate});
  }

  // The charter, and that it names the server and the CA of the invitation.
  absl::Status FetchCharter() {
    ENLACE_ASSIGN_OR_RETURN(auto server, ConnectEnrolment());
    ENLACE_ASSIGN_OR_RETURN(
        auto chain, FollowCharters(*server, invitation_.charter_pin, environment_.now_ms()));
    const identity::Charter& charter = chain.current();
    if (merkle::Sha256(BytesView(charter.server.certificate)) != invitation_.server_certificate) {
      return MakeError(Reason::kServerIdentity, {{"server", invitation_.enrolment_address}});
    }
    if (charter.FindCa(invitation_.authority, invitation_.ca_certificate) == nullptr) {
      return MakeError(Reason::kCaNotInCharter, {{"authority", invitation_.authority}});
    }
    chain_ = std::move(chain);
    return absl::OkStatus();
  }

  // Durable before it is sent: an answer that gets lost must find the keys again.
  absl::Status MakeRequest(const SecretBytes& passphrase) {
    auto keys = identity::DeviceKeys::Generate(environment_.rng);
    ENLACE_ASSIGN_OR_RETURN(
        auto request, identity::MakeEnrolmentRequest(
                          invitation_, keys, {chain_->current().version, chain_->current_hash()},
                          environment_.now_ms()));
    pending_.emplace(PendingJoin{invitation_.Clone(), std::move(keys), std::move(request)});
    ENLACE_RETURN_IF_ERROR(WriteMarker(profile_));
    ENLACE_ASSIGN_OR_RETURN(vault_, Vault::Create(profile_.vault_path(), passphrase,
                                                  environment_.rng, environment_.cost));
    {
      ENLACE_ASSIGN_OR_RETURN(const auto transaction, vault_->Begin());
      ENLACE_RETURN_IF_ERROR(SavePendingJoin(*pending_, *transaction));
      ENLACE_RETURN_IF_ERROR(transaction->Commit());
    }
    return SendRequest();
  }

  absl::Status SendRequest() {
    ENLACE_ASSIGN_OR_RETURN(auto server, ConnectEnrolment());
    v1::RequestEnrolmentRequest message;
    message.mutable_enrolment()->set_invitation_id(ToText(pending_->request.invitation_id));
    message.mutable_enrolment()->set_request(
        ToText(identity::EncodeEnrolmentRequest(pending_->request)));
    return server->RequestEnrolment(message, kCallTimeoutMs).status();
  }

  void Abandon() {
    vault_.reset();
    pending_.reset();
    RemoveTraces(profile_);
  }

  // The device as it will be, from an entry that was checked.
  absl::StatusOr<DeviceIdentity> DeviceOf(const identity::DeviceEnrolled& enrolled) const {
    ENLACE_ASSIGN_OR_RETURN(auto uri, identity::DeviceUri::Parse(enrolled.device_uri));
    ENLACE_ASSIGN_OR_RETURN(auto tls, identity::Certificate::FromDer(enrolled.tls_certificate));
    ENLACE_ASSIGN_OR_RETURN(auto mls, identity::Certificate::FromDer(enrolled.mls_certificate));
    return DeviceIdentity{std::move(uri),
                          std::move(tls),
                          std::move(mls),
                          pending_->keys.tls.Clone(),
                          pending_->keys.mls.Clone(),
                          {invitation_.charter_pin.root, chain_->current().version},
                          invitation_.server_address,
                          invitation_.enrolment_address,
                          invitation_.server_certificate,
                          invitation_.administrator_phone};
  }

  absl::StatusOr<Joined> Enter(BytesView entry) {
    ENLACE_ASSIGN_OR_RETURN(const auto enrolled, CheckAdmission(entry, {invitation_, pending_->keys,
                                                                        chain_->current()}));
    ENLACE_ASSIGN_OR_RETURN(DeviceIdentity device, DeviceOf(enrolled));
    ENLACE_ASSIGN_OR_RETURN(
        auto session,
        environment_.connect(EndpointOf(device, &chain_->current()), TlsIdentityOf(device)));
    ENLACE_RETURN_IF_ERROR(CheckIsLogged(device, *session));
    ENLACE_RETURN_IF_ERROR(Keep(device));
    const absl::Status published =
        PublishKeyPackages(device, OrderFor(device), *vault_, *session, environment_.rng);
    return Joined{std::move(device), enrolled.offices, published};
  }

  KeyPackageOrder OrderFor(const DeviceIdentity& device) const {
    KeyPackageOrder order;
    if (identity::IsServiceOfficerId(device.uri.officer_id())) {
      order.one_time_count = kKeyPackagesOneTimeService;
    }
    order.now_ms = environment_.now_ms();
    return order;
  }

  // An entry that only we were shown is worth nothing: it has to stand in the log.
  absl::Status CheckIsLogged(const DeviceIdentity& device, SessionInterface& session) {
    ENLACE_ASSIGN_OR_RETURN(auto replica,
                            RegistryReplica::Open({profile_.registry_path(), device.pin, false}));
    ENLACE_RETURN_IF_ERROR(replica->Refresh(session, environment_.now_ms(), kCallTimeoutMs));
    if (replica->registry().FindDeviceByMls(device.mls_certificate.fingerprint()) == nullptr) {
      return MakeError(Reason::kLogInconsistent, {{"what", device.uri.text()}});
    }
    return absl::OkStatus();
  }

  absl::Status Keep(const DeviceIdentity& device) {
    ENLACE_ASSIGN_OR_RETURN(const auto transaction, vault_->Begin());
    ENLACE_RETURN_IF_ERROR(SaveDevice(device, *transaction));
    ENLACE_RETURN_IF_ERROR(DeletePendingJoin(*transaction));
    ENLACE_RETURN_IF_ERROR(transaction->Commit());
    unlink(MarkerOf(profile_).c_str());
    return profile_.SaveSettings(
        {{std::string(kOfficerSetting), std::string(device.uri.officer_id())}});
  }

  Profile profile_;
  const JoinEnvironment& environment_;
  ProfileLock lock_;
  identity::Invitation invitation_;
  std::optional<identity::CharterChain> chain_;
  std::optional<PendingJoin> pending_;
  std::unique_ptr<Vault> vault_;
};

}  // namespace

JoinEnvironment JoinEnvironment::OfSystem(crypto::Rng& rng) {
  JoinEnvironment environment{rng, {}, {}, {}, {}};
  environment.now_ms = [] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  };
  environment.connect_enrolment =
      [](const ServerEndpoint& endpoint) -> absl::StatusOr<std::unique_ptr<EnrolmentInterface>> {
    return EnrolmentSession::Connect(endpoint);
  };
  environment.connect =
      [](const ServerEndpoint& endpoint,
         const ClientIdentity& identity) -> absl::StatusOr<std::unique_ptr<SessionInterface>> {
    return Session::Connect(endpoint, identity);
  };
  return environment;
}

absl::StatusOr<std::unique_ptr<Join>> Join::Begin(const Profile& profile,
                                                  std::string_view invitation,
                                                  const JoinEnvironment& environment) {
  ENLACE_ASSIGN_OR_RETURN(ProfileLock lock, profile.LockOwner());
  ENLACE_RETURN_IF_ERROR(CheckIsFree(profile));
  auto join = std::make_unique<PlainJoin>(profile, environment, std::move(lock));
  ENLACE_RETURN_IF_ERROR(join->Start(invitation));
  return join;
}

absl::StatusOr<std::unique_ptr<Join>> Join::Resume(const Profile& profile,
                                                   const SecretBytes& passphrase,
                                                   const JoinEnvironment& environment) {
  ENLACE_ASSIGN_OR_RETURN(ProfileLock lock, profile.LockOwner());
  if (!HasPendingJoin(profile)) {
    ENLACE_RETURN_IF_ERROR(CheckIsFree(profile));
    return MakeError(Reason::kNotEnrolled);
  }
  auto join = std::make_unique<PlainJoin>(profile, environment, std::move(lock));
  ENLACE_RETURN_IF_ERROR(join->Continue(passphrase));
  return join;
}

bool HasPendingJoin(const Profile& profile) { return access(MarkerOf(profile).c_str(), F_OK) == 0; }

absl::StatusOr<identity::CharterChain> FollowCharters(EnrolmentInterface& server,
                                                      const identity::CharterPin& pin,
                                                      int64_t now_ms) {
  ENLACE_ASSIGN_OR_RETURN(const auto answer, server.GetCharters({}, kCallTimeoutMs));
  if (answer.charters().empty()) return MakeError(Reason::kCharterMissing);
  identity::CharterChain chain(pin.root);
  for (const std::string& bytes : answer.charters()) {
    absl::Status status;
    auto charter = identity::DecodeSignedCharter(AsBytes(bytes));
    status = charter.ok() ? chain.Accept(*charter) : charter.status();
    if (!status.ok()) {
      return MakeError(Reason::kCharterRejected, {{"what", std::string(MessageOf(status))}});
    }
  }
  const absl::Status in_force = identity::CheckCharterInForce(chain.current(), pin, now_ms);
  if (!in_force.ok()) {
    return MakeError(Reason::kCharterRejected, {{"what", std::string(MessageOf(in_force))}});
  }
  return chain;
}

}  // namespace enlace::client
