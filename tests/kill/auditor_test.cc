// The auditor must see every damage: each test alters one record of journals that are sound.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <functional>

#include "crypto/primitives/sha256.h"
#include "crypto/room/log_chain.h"
#include "tests/kill/audit.h"
#include "tests/kill/journal.h"

namespace enlace::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;
using Lines = std::vector<std::string>;

constexpr int kMessages = 6;

class AuditorTest : public ::testing::Test {
 protected:
  AuditorTest() {
    std::string path = (fs::temp_directory_path() / "enlace-audit-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) std::abort();
    folder_ = path;
    MakeLog();
  }
  ~AuditorTest() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  // A room with a commit at sequence 2 and messages after it; two readers, one writer.
  void MakeLog() {
    room::LogHeader header;
    header.room_id = Bytes(16, 7);
    header.sequence = 2;
    header.server_sequence = 4;
    header.kind = room::LogKind::kCommit;
    header.accepted_at_ms = 1000;
    header.epoch = 0;
    readers_ = {"welcome 1 " + Hex(header)};
    for (int i = 0; i < kMessages; ++i) {
      const std::string message = "message " + std::to_string(i);
      const std::string request = ToHex(Bytes(16, static_cast<uint8_t>(i)));
      room::LogHeader next = header;
      next.previous_room_head = next.previous_server_head = room::LogHeaderHash(header);
      next.sequence = header.sequence + 1;
      next.server_sequence = header.server_sequence + 1;
      next.kind = room::LogKind::kMessage;
      next.epoch = 1;
      next.content_hash = merkle::Sha256(AsBytes(message));
      header = next;
      const std::string content = ToHex(header.content_hash);
      writer_.push_back("attempt " + request + " " + ToHex(header.room_id) + " " + content);
      writer_.push_back("acked " + request + " " + Hex(header));
      readers_.push_back("item " + std::to_string(i + 2) + " " + Hex(header) + " " + content);
    }
    readers_.push_back("stand " + std::to_string(header.server_sequence) + " " +
                       ToHex(room::LogHeaderHash(header)));
    last_ = header;
  }

  static std::string Hex(const room::LogHeader& header) {
    return ToHex(room::EncodeLogHeader(header));
  }

  void Write(const std::string& client, const Lines& lines) const {
    fs::create_directories(folder_ / client);
    std::ofstream out(folder_ / client / "journal");
    for (const std::string& line : lines) out << line << "\n";
  }

  // The findings when the first reader's journal is changed by `change`.
  std::vector<std::string> WithReader(const std::function<void(Lines&)>& change) {
    Lines changed = readers_;
    change(changed);
    return Findings(writer_, changed);
  }
  std::vector<std::string> WithWriter(const std::function<void(Lines&)>& change) {
    Lines changed = writer_;
    change(changed);
    return Findings(changed, readers_);
  }
  std::vector<std::string> Findings(const Lines& writer, const Lines& reader) {
    Write("writer-00", writer);
    Write("reader-00", reader);
    Write("reader-01", readers_);
    return Audit(folder_).findings;
  }

  fs::path folder_;
  Lines writer_;
  Lines readers_;
  room::LogHeader last_;
};

TEST_F(AuditorTest, SoundJournals_AreSound) {
  EXPECT_THAT(WithReader([](Lines&) {}), ::testing::IsEmpty());
  const AuditReport report = Audit(folder_);
  EXPECT_EQ(report.acknowledged, static_cast<uint64_t>(kMessages));
  EXPECT_EQ(report.delivered, static_cast<uint64_t>(2 * kMessages));
}

TEST_F(AuditorTest, AnyDeletedRecord_IsFound) {
  for (size_t i = 0; i + 1 < readers_.size(); ++i) {
    const auto findings = WithReader(
        [i](Lines& lines) { lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(i)); });
    EXPECT_FALSE(findings.empty()) << readers_[i];
  }
  for (size_t i = 0; i < writer_.size(); ++i) {
    const auto findings = WithWriter(
        [i](Lines& lines) { lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(i)); });
    EXPECT_FALSE(findings.empty()) << writer_[i];
  }
}

TEST_F(AuditorTest, LastRecordsMissing_AreFound) {
  const auto findings = WithReader([](Lines& lines) { lines.erase(lines.end() - 2, lines.end()); });
  EXPECT_THAT(findings, Contains(HasSubstr("acknowledged message is missing")));
}

TEST_F(AuditorTest, AnyAlteredCharacter_IsFound) {
  for (size_t i = 0; i < readers_.size(); ++i) {
    const auto findings = WithReader([i](Lines& lines) {
      char& last = lines[i].back();
      last = last == '0' ? '1' : '0';
    });
    EXPECT_FALSE(findings.empty()) << readers_[i];
  }
}

TEST_F(AuditorTest, DuplicatedAndSwappedItems_AreFound) {
  EXPECT_FALSE(WithReader([](Lines& lines) { lines.insert(lines.begin() + 2, lines[1]); }).empty());
  EXPECT_FALSE(WithReader([](Lines& lines) { std::swap(lines[2], lines[3]); }).empty());
}

TEST_F(AuditorTest, AMessageAcceptedTwice_IsFound) {
  room::LogHeader again = last_;
  again.previous_room_head = again.previous_server_head = room::LogHeaderHash(last_);
  ++again.sequence;
  ++again.server_sequence;
  readers_.push_back("item " + std::to_string(kMessages + 2) + " " + Hex(again) + " " +
                     ToHex(again.content_hash));
  EXPECT_THAT(WithReader([](Lines&) {}), Contains(HasSubstr("a message twice")));
}

TEST_F(AuditorTest, AMessageOfNobody_IsFound) {
  room::LogHeader ghost = last_;
  ghost.previous_room_head = ghost.previous_server_head = room::LogHeaderHash(last_);
  ++ghost.sequence;
  ++ghost.server_sequence;
  ghost.content_hash = merkle::Sha256(AsBytes(std::string_view("ghost")));
  readers_.push_back("item " + std::to_string(kMessages + 2) + " " + Hex(ghost) + " " +
                     ToHex(ghost.content_hash));
  EXPECT_THAT(WithReader([](Lines&) {}), Contains(HasSubstr("nobody sent")));
}

TEST_F(AuditorTest, ServerChainThatGoesBack_IsFound) {
  const auto findings =
      WithReader([](Lines& lines) { lines.push_back("stand 3 " + std::string(64, 'a')); });
  EXPECT_THAT(findings, Contains(HasSubstr("went back")));
}

TEST_F(AuditorTest, EmptyRun_IsNoSuccess) { EXPECT_FALSE(Audit(folder_).findings.empty()); }

}  // namespace
}  // namespace enlace::testing
