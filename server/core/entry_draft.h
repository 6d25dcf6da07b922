// A log entry that has no place yet: all of its bytes but the header, which has a fixed length.
//
// Most of what an entry costs - finding the sizes of its parts, copying the content - needs neither
// the room's state nor its turn, so that gRPC's threads do it. What comes out is one buffer that
// serves the store and every stream: an InboxItem without cursor, as it is encoded for a device,
// whose tail is the RoomEntry, as it is stored.
//
// Thread safety: values. Ownership: owns its bytes until they are completed; then everybody who
// stores or sends them shares them.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "crypto/primitives/bytes.h"
#include "enlace/v1/room.pb.h"

namespace enlace::server {

// An encoded InboxItem without its cursor. Shared by the group's writes until they are committed,
// and by all streams that send it.
using WireItem = std::shared_ptr<const std::string>;

// A completed entry.
struct WireEntry {
  WireItem item;
  // The tail of `item`: an encoded v1::RoomEntry.
  BytesView entry;
};

class EntryDraft {
 public:
  // A message: `envelope` without its content, and the content beside it.
  static EntryDraft OfMessage(std::string_view room_id, const v1::Envelope& envelope);
  // Everything else that a log holds: a commit, a room's first GroupInfo.
  static EntryDraft OfContent(std::string_view room_id, std::string_view content);

  // What stands before the header and after the content: encoded fields, which say their lengths.
  BytesView room_part() const { return AsBytes(bytes_).subspan(entry_at_, room_end_ - entry_at_); }
  BytesView envelope_part() const { return AsBytes(bytes_).subspan(envelope_at_); }

  // Puts the header in, which has room::kLogHeaderBytes; a draft is completed once. Anything else
  // ends the process.
  WireEntry Complete(BytesView header) &&;

 private:
  // Begins a draft whose entry has so many bytes after its header.
  EntryDraft(std::string_view room_id, size_t rest_bytes);

  std::string bytes_;
  size_t entry_at_ = 0;
  size_t room_end_ = 0;
  size_t header_at_ = 0;
  size_t envelope_at_ = 0;
};

}  // namespace enlace::server
