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

void WriteAll(const Folder& folder) {
  FuzzRoom fixture;
  mls::Group& carol = *fixture.carol.group;
  carol.ReserveGenerations(2);
  const Bytes content = carol.Protect(AsBytes("content"), {}, fixture.room.rng).value();
  const Bytes proposal =
      carol.ProposeUpdate({}, {}, fixture.room.Rules(), fixture.room.rng).value();
  const Bytes tree = carol.public_group().SerializeTree();
  const std::vector<std::pair<std::string, Bytes>> messages = {
      {"commit", fixture.commit.commit},
      {"welcome", *fixture.commit.welcome},
      {"group_info", *fixture.commit.group_info},
      {"content", content},
      {"proposal", proposal},
      {"key_package", mls::SerializeMessage(fixture.daves_bundle.key_package)}};
  for (const auto& [name, bytes] : messages) {
    folder.WriteStructure(0, "message_" + name, bytes);
    folder.Write("process_message", name, bytes);
  }
  folder.WriteStructure(1, "header", content);
  folder.WriteStructure(3, "leaf_node", Encode(fixture.daves_bundle.key_package.leaf_node()));
  folder.WriteStructure(10, "group_context", Encode(carol.context()));
  folder.Write("welcome", "welcome", *fixture.commit.welcome);
  folder.Write("ratchet_tree", "three_members", tree);
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
