#include "tests/kill/audit.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "crypto/primitives/sha256.h"
#include "crypto/room/log_chain.h"
#include "tests/kill/journal.h"

namespace enlace::testing {
namespace {

namespace fs = std::filesystem;
using room::LogHeader;

std::optional<uint64_t> Number(const std::string& text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<LogHeader> Header(const std::string& hex) {
  Bytes bytes(hex.size() / 2);
  if (!DecodeHex(hex, bytes)) return std::nullopt;
  const auto header = room::DecodeLogHeader(bytes);
  if (!header.ok()) return std::nullopt;
  return *header;
}

std::string HashHex(const LogHeader& header) { return ToHex(room::LogHeaderHash(header)); }

// "room/sequence": one place in one room's log.
using Place = std::pair<Bytes, uint64_t>;

class Auditor {
 public:
  AuditReport Run(const fs::path& folder) {
    std::vector<fs::path> clients;
    for (const auto& entry : fs::directory_iterator(folder)) clients.push_back(entry.path());
    std::sort(clients.begin(), clients.end());
    for (const fs::path& client : clients) {
      if (client.filename().string().starts_with(kWriterPrefix)) Writer(client);
    }
    for (const fs::path& client : clients) {
      if (client.filename().string().starts_with(kReaderPrefix)) Reader(client);
    }
    if (report_.acknowledged == 0) Find("nothing was acknowledged");
    if (readers_ == 0) Find("there is no reader");
    ServerChain();
    report_.rooms = ends_.size();
    return std::move(report_);
  }

 private:
  // What one reader has of its rooms.
  struct ReaderState {
    std::string name;
    uint64_t cursor = 0;
    uint64_t stand = 0;
    std::map<Bytes, LogHeader> last;
    std::set<std::string> contents;  // Hashes of messages.
  };

  void Find(std::string what) {
    if (report_.findings.size() < kAuditFindingsMax) report_.findings.push_back(std::move(what));
  }

  void Writer(const fs::path& folder);
  void Acknowledged(const std::string& name, const std::string& content, const LogHeader& header);
  void Reader(const fs::path& folder);
  void ReaderRecord(ReaderState& reader, const JournalRecord& record);
  void Item(ReaderState& reader, const LogHeader& header, const std::string& content);
  void AtEnd(const ReaderState& reader);
  // The header as part of the server's chain and of the one log of its room.
  void Seen(const std::string& name, const LogHeader& header);
  void ServerChain();

  AuditReport report_;
  uint64_t readers_ = 0;
  std::set<std::string> attempted_;                // Contents that some writer tried to send.
  std::map<std::string, LogHeader> acknowledged_;  // By content.
  std::map<Place, std::string> log_;               // Header hash at each place that anybody saw.
  std::map<uint64_t, LogHeader> server_log_;
  std::map<uint64_t, std::string> stands_;
  std::map<Bytes, uint64_t> ends_;  // The last sequence of each room that a reader has.
};

void Auditor::Seen(const std::string& name, const LogHeader& header) {
  const std::string hash = HashHex(header);
  const auto [place, fresh] = log_.emplace(Place{header.room_id, header.sequence}, hash);
  if (!fresh && place->second != hash) Find(name + ": another log than others saw");
  const auto [row, added] = server_log_.emplace(header.server_sequence, header);
  if (!added && !(row->second == header)) Find(name + ": another server chain than others saw");
}

void Auditor::Acknowledged(const std::string& name, const std::string& content,
                           const LogHeader& header) {
  ++report_.acknowledged;
  if (ToHex(header.content_hash) != content) Find(name + ": acknowledged other bytes than sent");
  if (!acknowledged_.emplace(content, header).second) Find(name + ": acknowledged twice");
  Seen(name, header);
}

void Auditor::Writer(const fs::path& folder) {
  const std::string name = folder.filename().string();
  std::map<std::string, std::string> open;  // Content by request id.
  std::map<Bytes, uint64_t> last;
  for (const JournalRecord& record : ReadJournal(folder)) {
    if (record.size() == 4 && record[0] == "attempt") {
      open.emplace(record[1], record[3]);
      attempted_.insert(record[3]);
      continue;
    }
    const auto header = record.size() == 3 ? Header(record[2]) : std::nullopt;
    const auto attempt = record.size() == 3 ? open.find(record[1]) : open.end();
    if (!header || record[0] != "acked" || attempt == open.end()) {
      Find(name + ": a record that can't be read or that answers nothing");
      continue;
    }
    Acknowledged(name, attempt->second, *header);
    open.erase(attempt);
    // One message after the other: acknowledgements are in the order of the room.
    uint64_t& before = last[header->room_id];
    if (header->sequence <= before) Find(name + ": order changed");
    before = header->sequence;
  }
  if (!open.empty()) Find(name + ": attempts without an answer");
}

void Auditor::Item(ReaderState& reader, const LogHeader& header, const std::string& content) {
  Seen(reader.name, header);
  const auto before = reader.last.find(header.room_id);
  if (before != reader.last.end()) {
    const absl::Status follows = room::CheckFollowsInRoom(before->second, header);
    if (!follows.ok()) Find(reader.name + ": " + std::string(follows.message()));
  }
  reader.last[header.room_id] = header;
  if (header.kind != room::LogKind::kMessage) return;
  ++report_.delivered;
  if (ToHex(header.content_hash) != content) Find(reader.name + ": the bytes are not the header's");
  if (!attempted_.contains(content)) Find(reader.name + ": a message that nobody sent");
  if (!reader.contents.insert(content).second) Find(reader.name + ": a message twice");
}

void Auditor::ReaderRecord(ReaderState& reader, const JournalRecord& record) {
  const std::string& kind = record[0];
  const auto number = record.size() > 1 ? Number(record[1]) : std::nullopt;
  const bool stand = kind == "stand" && record.size() == 3;
  const bool item = kind == "item" && record.size() == 4;
  const bool welcome = kind == "welcome" && record.size() == 3;
  const bool other = kind == "other" && record.size() == 2;
  const auto header = item || welcome ? Header(record[2]) : std::nullopt;
  if (!number || !(stand || other || header)) {
    return Find(reader.name + ": a record that can't be read");
  }
  if (stand) {
    if (*number < reader.stand) Find(reader.name + ": the server's chain went back");
    reader.stand = *number;
    const auto [known, fresh] = stands_.emplace(*number, record[2]);
    if (!fresh && known->second != record[2]) Find(reader.name + ": two heads at one place");
    return;
  }
  if (*number != reader.cursor + 1) Find(reader.name + ": a gap or step back in the cursors");
  reader.cursor = *number;
  if (item) Item(reader, *header, record[3]);
  if (welcome) {
    Seen(reader.name, *header);
    reader.last[header->room_id] = *header;
  }
}

void Auditor::AtEnd(const ReaderState& reader) {
  for (const auto& [content, header] : acknowledged_) {
    if (reader.last.contains(header.room_id) && !reader.contents.contains(content))
      Find(reader.name + ": an acknowledged message is missing");
  }
  for (const auto& [id, header] : reader.last) {
    const auto [end, fresh] = ends_.emplace(id, header.sequence);
    if (!fresh && end->second != header.sequence) Find(reader.name + ": not as far as others");
  }
}

void Auditor::Reader(const fs::path& folder) {
  ++readers_;
  ReaderState reader;
  reader.name = folder.filename().string();
  for (const JournalRecord& record : ReadJournal(folder)) {
    if (!record.empty()) ReaderRecord(reader, record);
  }
  if (reader.last.empty()) Find(reader.name + ": it has no room");
  AtEnd(reader);
}

void Auditor::ServerChain() {
  const LogHeader* before = nullptr;
  for (const auto& [sequence, header] : server_log_) {
    const bool next = before != nullptr && before->server_sequence + 1 == sequence;
    if (next && room::LogHeaderHash(*before) != header.previous_server_head)
      Find("the server's chain is broken before " + std::to_string(sequence));
    before = &header;
  }
  for (const auto& [sequence, head] : stands_) {
    const auto header = server_log_.find(sequence);
    if (header != server_log_.end() && HashHex(header->second) != head)
      Find("the server stood elsewhere than its log at " + std::to_string(sequence));
  }
}

}  // namespace

AuditReport Audit(const fs::path& folder) { return Auditor().Run(folder); }

}  // namespace enlace::testing
