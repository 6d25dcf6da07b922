#include "tests/bench/mls_fixture.h"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <utility>

namespace enlace::bench {
namespace {

constexpr uint64_t kNow = 1'800'000'000;
void MustProcess(mls::Group& group, BytesView commit, const mls::ValidationRules& rules) {
  Must(group.Process(commit, rules));
}

// One more member by an external Commit; `near` follows.
mls::Group JoinWarm(mls::Group& near, const Client& client, const mls::ValidationRules& rules) {
  const Bytes info = Must(near.MakeGroupInfo(/*tree=*/true, {}));
  mls::ExternalJoinInput input;
  input.group_info = info;
  input.profile = client.profile;
  input.key = &client.key;
  mls::ExternalJoin join = Must(mls::Group::JoinExternal(input, rules, SharedRng()));
  MustProcess(near, join.commit, rules);
  MustProcess(join.group, join.commit, rules);
  return std::move(join.group);
}

}  // namespace

crypto::Rng& SharedRng() {
  static auto* const rng = new crypto::SystemRng;
  return *rng;
}

CertificateCredentials& SharedCertificates() {
  static auto* const credentials = new CertificateCredentials;
  return *credentials;
}

mls::ValidationRules Rules(mls::SignatureCache* cache, CredentialKind kind) {
  static const auto* const basic = new mls::StructuralCredentialValidator;
  mls::ValidationRules rules;
  rules.credentials = basic;
  if (kind == CredentialKind::kX509) rules.credentials = &SharedCertificates();
  rules.now_s = kNow;
  rules.verified = cache;
  return rules;
}

Client MakeClient(CredentialKind kind, size_t number) {
  if (kind == CredentialKind::kX509) {
    IssuedDevice device = IssueDevice(number);
    const std::vector<Bytes> chain = {std::move(device.certificate)};
    return {{Must(mls::Credential::X509(chain)), mls::Capabilities::OfThisLibrary(), {}},
            std::move(device.key)};
  }
  const std::string name = "ofc-" + std::to_string(number);
  return {{mls::Credential::Basic(AsBytes(name)), mls::Capabilities::OfThisLibrary(), {}},
          crypto::SigningKey::Generate(SharedRng())};
}

mls::KeyPackageBundle MakeKeyPackage(const Client& client) {
  mls::KeyPackageOptions options;
  options.lifetime = {kNow - 3600, kNow + 90 * 86400};
  return Must(mls::GenerateKeyPackage(client.profile, options, client.key, SharedRng()));
}

std::vector<mls::Proposal> AddsOf(const std::vector<mls::KeyPackageBundle>& bundles) {
  std::vector<mls::Proposal> proposals;
  proposals.reserve(bundles.size());
  for (const mls::KeyPackageBundle& bundle : bundles) {
    proposals.push_back({mls::Add{bundle.key_package}});
  }
  return proposals;
}

mls::Group MakeGroup(const Client& creator) {
  mls::GroupConfig config;
  config.group_id = SharedRng().PublicBytes(16);
  return Must(mls::Group::Create(config, creator.profile, creator.key, SharedRng()));
}

Pair MakeColdPair(size_t members, CredentialKind kind) {
  const Client creator = MakeClient(kind, 0);
  mls::Group near = MakeGroup(creator);
  std::vector<mls::KeyPackageBundle> bundles;
  Client last = MakeClient(kind, 1);
  for (size_t i = 1; i < members; ++i) {
    last = MakeClient(kind, i);
    bundles.push_back(MakeKeyPackage(last));
  }
  mls::CommitOptions options;
  options.proposals = AddsOf(bundles);
  const mls::ValidationRules rules = Rules(nullptr, kind);
  mls::CommitBundle commit = Must(near.Commit(options, rules, SharedRng()));
  MustProcess(near, commit.commit, rules);
  mls::KeyPackageBundle own = std::move(bundles.back());
  mls::WelcomeInput input;
  input.welcome = *commit.welcome;
  input.own = &own;
  input.key = &last.key;
  mls::JoinedGroup joined = Must(mls::Group::JoinWelcome(input, rules));
  return {std::move(near), std::move(joined.group), *std::move(commit.welcome), std::move(last),
          std::move(own)};
}

Pair MakeWarmPair(size_t members) {
  mls::MemorySignatureCache cache;
  const mls::ValidationRules rules = Rules(&cache);
  const Client creator = MakeClient(CredentialKind::kBasic, 0);
  mls::Group near = MakeGroup(creator);
  for (size_t i = 1; i + 1 < members; ++i) {
    JoinWarm(near, MakeClient(CredentialKind::kBasic, i), rules);
  }
  Client last = MakeClient(CredentialKind::kBasic, members - 1);
  mls::Group far = JoinWarm(near, last, rules);
  mls::KeyPackageBundle unused = MakeKeyPackage(last);
  return {std::move(near), std::move(far), {}, std::move(last), std::move(unused)};
}

Pair& SharedWarmPair(size_t members) {
  static auto* const pairs = new std::map<size_t, std::unique_ptr<Pair>>;
  std::unique_ptr<Pair>& pair = (*pairs)[members];
  if (pair == nullptr) pair = std::make_unique<Pair>(MakeWarmPair(members));
  return *pair;
}

namespace {

// What a group saved, by key, all of it.
std::map<std::string, SecretBytes>& SavedState(const mls::Group& group) {
  static auto* const saved = new std::map<const mls::Group*, std::map<std::string, SecretBytes>>;
  return (*saved)[&group];
}

}  // namespace

void KeepChanges(const mls::Group& group, std::vector<mls::StateChange> changes) {
  std::map<std::string, SecretBytes>& state = SavedState(group);
  for (mls::StateChange& change : changes) {
    if (change.value.has_value()) {
      state.insert_or_assign(change.key, *std::move(change.value));
    } else {
      state.erase(change.key);
    }
  }
}

mls::Group CopyOf(mls::Group& group) {
  KeepChanges(group, group.TakeChanges());
  return Must(mls::Group::Restore(SavedState(group)));
}

}  // namespace enlace::bench
