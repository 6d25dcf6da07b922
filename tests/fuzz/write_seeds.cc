// mls_fuzz_seeds FOLDER: writes the seeds of tests/fuzz/corpus from the group of fuzz_fixture.h.

#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "tests/fuzz/fuzz_fixture.h"

namespace enlace::fuzz {
namespace {

class Folder {
 public:
  explicit Folder(std::filesystem::path root) : root_(std::move(root)) {}

  void Write(const std::string& target, const std::string& name, BytesView bytes) const {
    std::filesystem::create_directories(root_ / target);
    std::ofstream file(root_ / target / name, std::ios::binary);
    file << AsText(bytes);
    if (!file.flush()) std::cerr << "cannot write " << name << "\n";
  }
  // A structure with the byte that chooses it before it.
  void WriteStructure(uint8_t choice, const std::string& name, BytesView bytes) const {
    Bytes seed = {choice};
    Append(seed, bytes);
    Write("structures", name, seed);
  }

 private:
  std::filesystem::path root_;
};

template <typename T>
Bytes Encode(const T& value) {
  codec::Writer out;
  value.Write(out);
  return out.Take();
}

std::vector<mls::Proposal> ProposalsOfEveryKind(const FuzzRoom& fixture,
                                                const mls::LeafNode& leaf) {
  mls::ExtensionList extensions;
  extensions.Set(mls::kExtensionRequiredCapabilities, mls::RequiredCapabilities{}.Serialize());
  const Bytes nonce(crypto::kHashBytes, 1);
  return {{mls::Add{fixture.daves_bundle.key_package}},
          {mls::Update{leaf}},
          {mls::Remove{1}},
          {mls::PreSharedKey{mls::PreSharedKeyId::External(AsBytes("psk"), nonce)}},
          {mls::PreSharedKey{mls::PreSharedKeyId::Resumption(mls::ResumptionPskUsage::kApplication,
                                                             AsBytes("room"), 1, nonce)}},
          {mls::ReInit{ToBytes("next"), mls::kProtocolVersionMls10, 3, extensions}},
          {mls::ExternalInit{Bytes(crypto::kKemOutputBytes, 2)}},
          {mls::GroupContextExtensions{extensions}}};
}

// Messages to the live group: of members in both framings, and of somebody who enters.
std::vector<std::pair<std::string, Bytes>> Messages(FuzzRoom& fixture) {
  mls::Group& carol = *fixture.carol.group;
  const mls::ValidationRules rules = fixture.room.Rules();
  crypto::Rng& rng = fixture.room.rng;
  carol.ReserveGenerations(4);
  mls::CommitOptions encrypted;
  encrypted.force_path = true;
  encrypted.message.encrypt = true;
  const Bytes info = carol.MakeGroupInfo(true, {}).value();
  mls::ExternalJoinInput join;
  join.group_info = info;
  join.profile = fixture.dave.profile;
  join.key = &fixture.dave.key;
  std::vector<std::pair<std::string, Bytes>> out = {
      {"commit", fixture.commit.commit},
      {"welcome", *fixture.commit.welcome},
      {"group_info", info},
      {"key_package", mls::SerializeMessage(fixture.daves_bundle.key_package)},
      {"external_commit", mls::Group::JoinExternal(join, rules, rng).value().commit},
      {"content", carol.Protect(AsBytes("content"), {}, rng).value()},
      {"private_commit", carol.Commit(encrypted, rules, rng).value().commit}};
  carol.DiscardPendingCommit();
  out.emplace_back("proposal", carol.ProposeUpdate({}, {}, rules, rng).value());
  out.emplace_back("private_proposal",
                   carol.ProposeUpdate({}, encrypted.message, rules, rng).value());
  return out;
}

void WriteStructures(const Folder& folder, const FuzzRoom& fixture, const mls::Group& carol) {
  const mls::LeafNode& leaf = carol.public_group().tree().leaf(carol.own_leaf());
  const auto parsed = mls::MlsMessage::Parse(fixture.commit.commit).value();
  const auto& commit = std::get<mls::PublicMessage>(parsed.body);
  const auto& body = std::get<mls::Commit>(commit.content.content);
  folder.WriteStructure(3, "leaf_node", Encode(fixture.daves_bundle.key_package.leaf_node()));
  folder.WriteStructure(3, "leaf_node_commit", Encode(leaf));
  folder.WriteStructure(4, "capabilities", Encode(leaf.capabilities()));
  folder.WriteStructure(5, "credential", Encode(leaf.credential()));
  const std::vector<Bytes> chain = {ToBytes("device"), ToBytes("authority")};
  folder.WriteStructure(5, "credential_x509", Encode(mls::Credential::X509(chain).value()));
  int number = 0;
  for (const mls::Proposal& proposal : ProposalsOfEveryKind(fixture, leaf)) {
    folder.WriteStructure(8, "proposal_" + std::to_string(number++), Encode(proposal));
  }
  if (body.path) folder.WriteStructure(7, "update_path", Encode(*body.path));
  folder.WriteStructure(9, "commit", Encode(body));
  folder.WriteStructure(10, "group_context", Encode(carol.context()));
  folder.WriteStructure(13, "public_message", Encode(commit));
  folder.WriteStructure(16, "extensions", Encode(leaf.extensions()));
  folder.WriteStructure(20, "saved_key_package", fixture.daves_bundle.Serialize().view());
  folder.WriteStructure(22, "saved_public_group", carol.public_group().Serialize());
}

void WriteAll(const Folder& folder) {
  FuzzRoom fixture;
  mls::Group& carol = *fixture.carol.group;
  folder.Write("ratchet_tree", "three_members", carol.public_group().SerializeTree());
  folder.Write("welcome", "welcome", *fixture.commit.welcome);
  WriteStructures(folder, fixture, carol);
  for (const auto& [name, bytes] : Messages(fixture)) {
    folder.WriteStructure(0, "message_" + name, bytes);
    folder.WriteStructure(1, "header_" + name, bytes);
    folder.Write("process_message", name, bytes);
  }
}

}  // namespace
}  // namespace enlace::fuzz

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "Usage: mls_fuzz_seeds FOLDER\n";
    return 2;
  }
  enlace::fuzz::WriteAll(enlace::fuzz::Folder(argv[1]));
  return 0;
}
