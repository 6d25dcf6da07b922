#include "tests/unit/server/core/room_device.h"

#include <gtest/gtest.h>

#include "crypto/mls/framing.h"

namespace enlace::testing {
namespace {

mls::LeafProfile ProfileOf(const WorldDevice& device) {
  mls::LeafProfile profile;
  const std::vector<Bytes> chain = {device.mls.der()};
  profile.credential = *mls::Credential::X509(chain);
  profile.capabilities = mls::Capabilities::OfThisLibrary();
  for (const uint16_t type : {room::kRoomPolicyExtension, room::kGuardCommitmentExtension}) {
    profile.capabilities.extensions.push_back(type);
  }
  return profile;
}

mls::KeyPackage Parse(const std::string& message) {
  return std::get<mls::KeyPackage>(mls::MlsMessage::Parse(AsBytes(message))->body);
}

}  // namespace

RoomDevice::RoomDevice(World& world, WorldDevice device)
    : world_(world),
      device_(std::move(device)),
      key_(device_.signing_key()),
      profile_(ProfileOf(device_)),
      identities_(world.registry()) {}

mls::ValidationRules RoomDevice::Rules() const {
  mls::ValidationRules rules;
  rules.credentials = &identities_;
  return rules;
}

room::CommitContext RoomDevice::Context() const {
  room::CommitContext context;
  context.head = world_.Head();
  context.charter_version = world_.charter().version;
  return context;
}

std::string RoomDevice::MakeKeyPackage(bool last_resort) {
  mls::KeyPackageOptions options;
  const auto now_s = static_cast<uint64_t>(world_.now_ms() / 1000);
  options.lifetime = {now_s - 3600, now_s + 89 * 86400};
  options.last_resort = last_resort;
  auto bundle = mls::GenerateKeyPackage(profile_, options, key_, world_.rng());
  EXPECT_TRUE(bundle.ok()) << bundle.status();
  bundles_.push_back(std::move(*bundle));
  return ToText(mls::SerializeMessage(bundles_.back().key_package));
}

v1::CreateRoomRequest RoomDevice::Found(const std::string& room_id, const room::RoomPolicy& policy,
                                        const std::vector<std::string>& key_packages) {
  mls::GroupConfig config;
  config.group_id = ToBytes(room_id);
  mls::RequiredCapabilities required;
  required.extension_types = {room::kRoomPolicyExtension, room::kGuardCommitmentExtension};
  required.credential_types = {mls::kCredentialX509};
  config.extensions.Set(mls::kExtensionRequiredCapabilities, required.Serialize());
  config.extensions.Set(room::kRoomPolicyExtension, *room::EncodeRoomPolicy(policy));
  config.extensions.Set(room::kGuardCommitmentExtension, room::EncodeGuardCommitment({}));
  auto group = mls::Group::Create(config, profile_, key_, world_.rng());
  EXPECT_TRUE(group.ok()) << group.status();
  group_ = std::make_unique<mls::Group>(std::move(*group));
  mls::ExtensionList extensions;
  extensions.Set(room::kHeadMarkExtension, room::EncodeHeadMark(room::MarkOf(Context())));
  v1::CreateRoomRequest request;
  request.set_room_id(room_id);
  request.set_founding_group_info(ToText(*group_->MakeGroupInfo(true, extensions)));
  *request.mutable_bundle() = MakeCommit(key_packages);
  return request;
}

v1::CommitBundle RoomDevice::MakeCommit(const std::vector<std::string>& key_packages,
                                        const std::vector<room::RemovedLeaf>& removed) {
  room::CommitContext context = Context();
  context.removed = removed;
  mls::CommitOptions options;
  for (const room::RemovedLeaf& leaf : removed)
    options.proposals.push_back({mls::Remove{leaf.leaf}});
  for (const std::string& key_package : key_packages)
    options.proposals.push_back({mls::Add{Parse(key_package)}});
  options.force_path = true;
  options.message.authenticated_data = room::EncodeCommitContext(context);
  options.want_group_info = true;
  options.tree_in_welcome = false;
  options.group_info_extensions.Set(room::kHeadMarkExtension,
                                    room::EncodeHeadMark(room::MarkOf(context)));
  const auto made = group_->Commit(options, Rules(), world_.rng());
  EXPECT_TRUE(made.ok()) << made.status();
  v1::CommitBundle bundle;
  bundle.set_commit(ToText(made->commit));
  bundle.set_group_info(ToText(made->group_info.value_or(Bytes())));
  bundle.set_welcome(ToText(made->welcome.value_or(Bytes())));
  return bundle;
}

v1::CommitBundle RoomDevice::Enter(const std::string& group_info, const Bytes& tree,
                                   std::optional<uint32_t> old_leaf) {
  room::CommitContext context = Context();
  if (old_leaf) context.removed = {{*old_leaf, room::RemovalReason::kReplaced}};
  mls::ExternalJoinInput input;
  input.group_info = AsBytes(group_info);
  input.tree = tree;
  input.profile = profile_;
  input.resync_leaf = old_leaf;
  input.key = &key_;
  input.authenticated_data = room::EncodeCommitContext(context);
  input.want_group_info = true;
  input.group_info_extensions.Set(room::kHeadMarkExtension,
                                  room::EncodeHeadMark(room::MarkOf(context)));
  auto joined = mls::Group::JoinExternal(input, Rules(), world_.rng());
  EXPECT_TRUE(joined.ok()) << joined.status();
  group_ = std::make_unique<mls::Group>(std::move(joined->group));
  v1::CommitBundle bundle;
  bundle.set_commit(ToText(joined->commit));
  bundle.set_group_info(ToText(joined->group_info.value_or(Bytes())));
  return bundle;
}

void RoomDevice::Process(const std::string& message) {
  const absl::Status processed = TryProcess(message);
  EXPECT_TRUE(processed.ok()) << processed;
}

absl::Status RoomDevice::TryProcess(const std::string& message) {
  return group_->Process(AsBytes(message), Rules()).status();
}

void RoomDevice::Join(const std::string& welcome, const Bytes& tree) {
  mls::WelcomeInput input;
  input.welcome = AsBytes(welcome);
  input.own = &bundles_.front();
  input.key = &key_;
  input.tree = tree;
  auto joined = mls::Group::JoinWelcome(input, Rules());
  ASSERT_TRUE(joined.ok()) << joined.status();
  group_ = std::make_unique<mls::Group>(std::move(joined->group));
}

v1::Envelope RoomDevice::MakeEnvelope(const std::string& text, const std::string& office) {
  group_->ReserveGenerations(1);
  const auto message = group_->Protect(AsBytes(text), {}, world_.rng());
  EXPECT_TRUE(message.ok()) << message.status();
  v1::Envelope envelope;
  envelope.set_message(ToText(*message));
  envelope.set_epoch(group_->epoch());
  envelope.set_sender_office_id(office);
  envelope.set_urgency(v1::URGENCY_HIGH);
  return envelope;
}

}  // namespace enlace::testing
