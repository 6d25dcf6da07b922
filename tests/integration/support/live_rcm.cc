#include "tests/integration/support/live_rcm.h"

#include <array>
#include <cstdio>
#include <cstdlib>

#include "crypto/identity/log_entry.h"
#include "crypto/mls/credential_validator.h"
#include "crypto/mls/group_results.h"
#include "crypto/room/commit_context.h"
#include "crypto/room/room_policy.h"
#include "enlace/v1/registry.grpc.pb.h"
#include "proto/errors/rpc_status.h"

namespace enlace::testing {
namespace {

constexpr uint32_t kGenerations = 1024;
constexpr uint64_t kKeyPackageDayS = 24 * 3600;
constexpr int kEntriesOfPublication = 100;
// Officers of NewDevices: six digits, apart from those that tests number themselves.
constexpr size_t kFirstNumber = 100'000;

void Must(const absl::Status& status, const char* what) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s: %s\n", what, status.ToString().c_str());
  std::abort();
}

template <typename T>
T Value(absl::StatusOr<T> value, const char* what) {
  Must(value.status(), what);
  return *std::move(value);
}

// The server judges credentials by the registry; the tests' groups take all.
class AnyCredential final : public mls::CredentialValidator {
 public:
  absl::Status ValidateLeaf(const mls::LeafNode&) const override { return absl::OkStatus(); }
  absl::Status ValidateSuccessor(const mls::LeafNode&, const mls::LeafNode&) const override {
    return absl::OkStatus();
  }
  BytesView ClientOf(const mls::LeafNode&) const override { return {}; }
  absl::Status ValidateExternalSender(const mls::ExternalSender&) const override {
    return absl::PermissionDeniedError("none");
  }
};

mls::LeafProfile ProfileOf(const LiveDevice& device) {
  const std::array<Bytes, 1> chain = {device.identity.mls.der()};
  mls::LeafProfile profile;
  profile.credential = Value(mls::Credential::X509(chain), "credential");
  profile.capabilities.versions = {mls::kProtocolVersionMls10};
  profile.capabilities.cipher_suites = {crypto::CipherSuite::Rooms().id()};
  profile.capabilities.extensions = {room::kRoomPolicyExtension, room::kGuardCommitmentExtension,
                                     room::kRoomGuardExtension, room::kHeadMarkExtension};
  profile.capabilities.credentials = {mls::kCredentialX509};
  return profile;
}

room::RoomPolicy PolicyFor(const LiveDevice& founder,
                           const std::vector<const LiveDevice*>& members) {
  room::RoomPolicy policy;
  policy.networks = {"consular"};
  policy.origin_office = founder.office;
  std::map<std::string, room::OfficeRole> others;
  for (const LiveDevice* member : members) others[member->office] = room::OfficeRole::kAction;
  others.erase(founder.office);
  for (const auto& [office, role] : others) policy.participants.push_back({office, role});
  return policy;
}

mls::ExtensionList ExtensionsOf(const room::RoomPolicy& policy, crypto::Rng& rng) {
  mls::RequiredCapabilities required;
  required.extension_types = {room::kRoomPolicyExtension, room::kGuardCommitmentExtension};
  required.credential_types = {mls::kCredentialX509};
  room::RoomGuard plain;
  plain.tlp = identity::Tlp::kAmber;
  const room::SaltedGuard guard = room::SaltGuard(plain, rng);
  mls::ExtensionList extensions;
  extensions.Set(mls::kExtensionRequiredCapabilities, required.Serialize());
  extensions.Set(room::kRoomPolicyExtension, Value(room::EncodeRoomPolicy(policy), "policy"));
  extensions.Set(room::kGuardCommitmentExtension,
                 room::EncodeGuardCommitment(Value(room::CommitToGuard(guard), "guard")));
  return extensions;
}

std::string AuthorityOf(const Bytes& encoded) {
  const auto entry = Value(identity::DecodeLogEntry(encoded), "entry");
  if (entry.kind == identity::LogEntryKind::kCharter) return "hn";
  const auto statement = Value(identity::DecodeSignedStatement(entry.payload), "statement");
  return Value(identity::DecodeStatement(statement.body), "statement").authority;
}

// As an entry travels: the server sets the time.
std::string Unlogged(const Bytes& encoded) {
  identity::LogEntry entry = Value(identity::DecodeLogEntry(encoded), "entry");
  entry.logged_at_ms = 0;
  return ToText(identity::EncodeLogEntry(entry));
}

}  // namespace

int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

void SetDeadline(grpc::ClientContext& context, std::chrono::milliseconds away) {
  context.set_deadline(std::chrono::system_clock::now() + away);
}

LiveRcm::LiveRcm(const std::string& configuration, const std::string& program, uint64_t disk_bytes)
    : server_({.charter_root = world_.charter().root,
               .log_key = &world_.server_key(),
               .configuration = configuration,
               .program = program,
               .disk_bytes = disk_bytes}) {
  world_.Advance(NowMs() - world_.now_ms());
}

std::shared_ptr<grpc::Channel> LiveRcm::Channel(const LiveDevice& device,
                                                const std::string& address) const {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = server_.certificate_pem();
  tls.pem_cert_chain = device.certificate_pem();
  tls.pem_private_key = device.key_pem();
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetSslTargetNameOverride("localhost");
  const std::string target =
      address.empty() ? "localhost:" + std::to_string(server_.port()) : address;
  return grpc::CreateCustomChannel("dns:///" + target, grpc::SslCredentials(tls), arguments);
}

std::shared_ptr<grpc::Channel> LiveRcm::EnrolmentChannel() const {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = server_.certificate_pem();
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel("dns:///localhost:" + std::to_string(server_.enrolment_port()),
                                   grpc::SslCredentials(tls), arguments);
}

void LiveRcm::Bootstrap(const std::vector<std::string>& authorities) {
  const auto stub = v1::EnrolmentService::NewStub(EnrolmentChannel());
  const auto hand_in = [&](size_t first) {
    v1::BootstrapRequest request;
    v1::BootstrapResponse response;
    for (size_t i = first; i < world_.entries().size(); ++i) {
      request.add_entries(Unlogged(world_.entries()[i]));
    }
    grpc::ClientContext context;
    SetDeadline(context);
    Must(FromGrpc(stub->Bootstrap(&context, request, &response)), "bootstrap");
  };
  hand_in(0);
  for (const std::string& authority : authorities) {
    const size_t first = world_.entries().size();
    const std::string office = authority + ".admin";
    world_.AddOffice(office);
    WorldDevice device = world_.AddDevice(
        "ofc-" + authority + "-900", "dev-1", {office},
        identity::RoleBit(identity::Role::kOfficer) | identity::RoleBit(identity::Role::kAdmin));
    admins_.emplace(authority, LiveDevice{std::move(device), office});
    hand_in(first);
  }
  published_ = world_.entries().size();
}

void LiveRcm::Publish() {
  const std::vector<Bytes>& entries = world_.entries();
  while (published_ < entries.size()) {
    const std::string authority = AuthorityOf(entries[published_]);
    v1::PublishRequest request;
    v1::PublishResponse response;
    request.set_request_id(RequestId());
    while (published_ < entries.size() && request.entries_size() < kEntriesOfPublication &&
           AuthorityOf(entries[published_]) == authority) {
      request.add_entries(Unlogged(entries[published_++]));
    }
    const auto stub = v1::RegistryService::NewStub(Channel(admins_.at(authority)));
    grpc::ClientContext context;
    SetDeadline(context);
    Must(FromGrpc(stub->Publish(&context, request, &response)), "publish");
  }
}

std::vector<LiveDevice> LiveRcm::NewDevices(size_t count, const std::string& office) {
  if (world_.registry().FindOffice(office) == nullptr) world_.AddOffice(office);
  const std::string authority(identity::AuthorityOfOffice(office));
  std::vector<LiveDevice> devices;
  devices.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const std::string officer =
        "ofc-" + authority + "-" + std::to_string(kFirstNumber + numbered_++);
    devices.push_back({world_.AddDevice(officer, "dev-1", {office}), office});
  }
  Publish();
  return devices;
}

WorldDevice LiveRcm::Enrol(const DeviceOrder& order) {
  WorldDevice device = world_.AddDevice(order.officer, order.device, order.offices, order.roles);
  Publish();
  return device;
}

LiveDevice LiveRcm::NewDevice(const std::string& officer, const std::string& office) {
  if (world_.registry().FindOffice(office) == nullptr) world_.AddOffice(office);
  LiveDevice device{world_.AddDevice(officer, "dev-1", {office}), office};
  Publish();
  return device;
}

void LiveRcm::Revoke(const LiveDevice& device) {
  Must(world_.LogStatement(std::string(device.identity.uri.authority()),
                           identity::DeviceRevoked{device.identity.uri.text(),
                                                   identity::RevocationReason::kStolen}),
       "revocation");
  Publish();
}

std::string LiveRcm::RequestId() {
  Bytes id = world_.rng().PublicBytes(16);
  const auto now_ms = static_cast<uint64_t>(NowMs());
  for (size_t i = 0; i < 6; ++i) id[i] = static_cast<uint8_t>(now_ms >> (8 * (5 - i)));
  id[6] = static_cast<uint8_t>(0x70 | (id[6] & 0x0f));
  id[8] = static_cast<uint8_t>(0x80 | (id[8] & 0x3f));
  return ToText(id);
}

merkle::SignedHead LiveRcm::FetchHead(const LiveDevice& device) {
  const auto stub = v1::RegistryService::NewStub(Channel(device));
  grpc::ClientContext context;
  SetDeadline(context);
  v1::GetHeadResponse response;
  Must(FromGrpc(stub->GetHead(&context, {}, &response)), "head");
  return Value(merkle::DecodeSignedHead(AsBytes(response.signed_head())), "head");
}

mls::KeyPackage LiveRcm::KeyPackageOf(const LiveDevice& device) {
  mls::KeyPackageOptions options;
  const auto now_s = static_cast<uint64_t>(NowMs() / 1000);
  options.lifetime = {now_s - 3600, now_s + kKeyPackageDayS};
  return Value(mls::GenerateKeyPackage(ProfileOf(device), options, device.identity.signing_key(),
                                       world_.rng()),
               "key package")
      .key_package;
}

LiveRoom LiveRcm::Found(const LiveDevice& founder, const std::vector<const LiveDevice*>& members) {
  room::CommitContext judged_at;
  judged_at.head = FetchHead(founder);
  judged_at.charter_version = world_.charter().version;
  const Bytes mark = room::EncodeHeadMark(room::MarkOf(judged_at));
  mls::ExtensionList info_extensions;
  info_extensions.Set(room::kHeadMarkExtension, mark);

  mls::GroupConfig config;
  config.group_id = world_.rng().PublicBytes(16);
  config.extensions = ExtensionsOf(PolicyFor(founder, members), world_.rng());
  const crypto::SigningKey key = founder.identity.signing_key();
  LiveRoom room{config.group_id, nullptr};
  room.group = std::make_unique<mls::Group>(
      Value(mls::Group::Create(config, ProfileOf(founder), key, world_.rng()), "group"));

  v1::CreateRoomRequest request;
  request.set_request_id(RequestId());
  request.set_room_id(ToText(room.id));
  request.set_founding_group_info(
      ToText(Value(room.group->MakeGroupInfo(true, info_extensions), "group info")));
  mls::CommitOptions options;
  for (const LiveDevice* member : members) {
    options.proposals.push_back({mls::Add{KeyPackageOf(*member)}});
  }
  options.force_path = true;
  options.message.authenticated_data = room::EncodeCommitContext(judged_at);
  options.want_group_info = true;
  options.tree_in_welcome = false;
  options.group_info_extensions = info_extensions;
  options.welcome_extensions = info_extensions;
  const AnyCredential any;
  mls::ValidationRules rules;
  rules.credentials = &any;
  const mls::CommitBundle bundle =
      Value(room.group->Commit(options, rules, world_.rng()), "commit");
  request.mutable_bundle()->set_commit(ToText(bundle.commit));
  request.mutable_bundle()->set_group_info(ToText(*bundle.group_info));
  if (bundle.welcome) request.mutable_bundle()->set_welcome(ToText(*bundle.welcome));

  const auto stub = v1::RoomService::NewStub(Channel(founder));
  grpc::ClientContext context;
  SetDeadline(context);
  v1::CreateRoomResponse response;
  Must(FromGrpc(stub->CreateRoom(&context, request, &response)), "create room");
  Must(room.group->Process(bundle.commit, rules).status(), "own commit");
  room.group->ReserveGenerations(kGenerations);
  return room;
}

v1::SendRequest LiveRcm::Message(LiveRoom& room, const LiveDevice& sender,
                                 const std::string& text) {
  v1::SendRequest request;
  request.set_request_id(RequestId());
  request.set_room_id(ToText(room.id));
  v1::Envelope& envelope = *request.mutable_envelope();
  envelope.set_message(
      ToText(Value(room.group->Protect(AsBytes(text), {}, world_.rng()), "message")));
  envelope.set_epoch(room.group->epoch());
  envelope.set_sender_office_id(sender.office);
  envelope.set_urgency(v1::URGENCY_ROUTINE);
  return request;
}

}  // namespace enlace::testing
