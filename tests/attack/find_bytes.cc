// Finds any of many byte strings in files, in one pass: what the scan for planted secrets runs over
// a memory dump of a gigabyte.
//
//   enlace_find_bytes PATTERNS PATH...
//
// PATTERNS holds one pattern a line in hexadecimal, each of at least kPatternBytesMin bytes. Prints
// "PATH<tab>OFFSET<tab>NUMBER" for each hit, NUMBER being the pattern's line from 0. Exits 0 when
// everything was read, 2 otherwise: a file that can't be read is never taken for a clean one.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace {

constexpr size_t kPatternBytesMin = 8;
constexpr size_t kPrefixBytes = 3;

std::optional<std::string> FromHex(const std::string& text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  for (size_t i = 0; i < text.size(); i += 2) {
    size_t used = 0;
    const std::string pair = text.substr(i, 2);
    if (!std::all_of(pair.begin(), pair.end(), [](unsigned char c) { return isxdigit(c) != 0; }))
      return std::nullopt;
    out.push_back(static_cast<char>(std::stoi(pair, &used, 16)));
  }
  return out;
}

// The patterns by their first three bytes: a bit for each prefix says whether a closer look is due.
class Patterns {
 public:
  // False for a pattern that is too short.
  bool Add(std::string pattern) {
    if (pattern.size() < kPatternBytesMin) return false;
    const uint32_t prefix = PrefixAt(pattern.data());
    known_[prefix] = true;
    by_prefix_[prefix].push_back(all_.size());
    all_.push_back(std::move(pattern));
    return true;
  }

  size_t size() const { return all_.size(); }

  void Search(const std::string& path, const char* data, size_t size_bytes) const {
    for (size_t at = 0; at + kPrefixBytes <= size_bytes; ++at) {
      const uint32_t prefix = PrefixAt(data + at);
      if (known_[prefix]) Report(path, {data + at, size_bytes - at}, at, prefix);
    }
  }

 private:
  static uint32_t PrefixAt(const char* at) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(at);
    return static_cast<uint32_t>(bytes[0]) << 16 | static_cast<uint32_t>(bytes[1]) << 8 | bytes[2];
  }

  void Report(const std::string& path, std::string_view rest, size_t offset,
              uint32_t prefix) const {
    for (const size_t number : by_prefix_.at(prefix)) {
      if (rest.starts_with(all_[number]))
        std::cout << path << '\t' << offset << '\t' << number << '\n';
    }
  }

  std::vector<bool> known_ = std::vector<bool>(size_t{1} << (8 * kPrefixBytes));
  std::unordered_map<uint32_t, std::vector<size_t>> by_prefix_;
  std::vector<std::string> all_;
};

bool SearchFile(const Patterns& patterns, const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat info {};
  if (fd < 0 || fstat(fd, &info) != 0) {
    std::cerr << path << ": " << std::strerror(errno) << "\n";
    if (fd >= 0) close(fd);
    return false;
  }
  const auto size_bytes = static_cast<size_t>(info.st_size);
  void* mapped =
      size_bytes == 0 ? nullptr : mmap(nullptr, size_bytes, PROT_READ, MAP_PRIVATE, fd, 0);
  close(fd);
  if (mapped == nullptr) return true;
  if (mapped == MAP_FAILED) {
    std::cerr << path << ": " << std::strerror(errno) << "\n";
    return false;
  }
  patterns.Search(path, static_cast<const char*>(mapped), size_bytes);
  munmap(mapped, size_bytes);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: enlace_find_bytes PATTERNS PATH...\n";
    return 2;
  }
  Patterns patterns;
  std::ifstream in(argv[1]);
  for (std::string line; std::getline(in, line);) {
    std::optional<std::string> pattern = FromHex(line);
    if (!pattern || !patterns.Add(*std::move(pattern))) {
      std::cerr << argv[1] << ": not a pattern: " << line << "\n";
      return 2;
    }
  }
  if (patterns.size() == 0) {
    std::cerr << argv[1] << ": no patterns\n";
    return 2;
  }
  bool complete = true;
  for (int i = 2; i < argc; ++i) complete = SearchFile(patterns, argv[i]) && complete;
  return complete ? 0 : 2;
}
