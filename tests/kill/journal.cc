#include "tests/kill/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace enlace::testing {
namespace {

void Must(bool held, const char* what) {
  if (held) return;
  std::perror(what);
  std::abort();
}

}  // namespace

Journal::Journal(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  fd_ = open((folder / "journal").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  Must(fd_ >= 0, "journal");
}

Journal::~Journal() { close(fd_); }

void Journal::Append(const std::string& line) {
  const std::string whole = line + "\n";
  Must(write(fd_, whole.data(), whole.size()) == static_cast<ssize_t>(whole.size()), "journal");
}

std::vector<JournalRecord> ReadJournal(const std::filesystem::path& folder) {
  std::ifstream in(folder / "journal");
  std::vector<JournalRecord> records;
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    JournalRecord record;
    for (std::string field; fields >> field;) record.push_back(field);
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace enlace::testing
