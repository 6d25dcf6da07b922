// What one client of the kill test writes down about what it tried, was told and was given.
//
// Each client has a folder of its own with one file "journal": a line per record, fields separated
// by single spaces, binary fields in lower-case hex. A record is in the file before the client acts
// on it. Records of writers:
//   attempt <request id> <room> <SHA-256 of the message>
//   acked <request id> <log header>
// Records of readers:
//   item <cursor> <log header> <SHA-256 of the message as it came>
//   welcome <cursor> <log header of the commit that added the reader>
//   other <cursor>
//   stand <server sequence> <server head>
//
// Thread safety: one thread for each journal. Ownership: owns its file descriptor.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace enlace::testing {

inline constexpr std::string_view kWriterPrefix = "writer-";
inline constexpr std::string_view kReaderPrefix = "reader-";

class Journal {
 public:
  // Makes the folder when it is missing and goes on at the end of what is there. Aborts the program
  // when the disk refuses.
  explicit Journal(const std::filesystem::path& folder);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Aborts the program when the line is not written whole.
  void Append(const std::string& line);

 private:
  int fd_ = -1;
};

using JournalRecord = std::vector<std::string>;

// All records of a folder's journal, each as its fields.
std::vector<JournalRecord> ReadJournal(const std::filesystem::path& folder);

}  // namespace enlace::testing
