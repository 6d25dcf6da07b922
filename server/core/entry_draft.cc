#include "server/core/entry_draft.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "crypto/room/log_chain.h"
#include "enlace/v1/inbox.pb.h"
#include "server/core/proto_wire.h"

namespace enlace::server {
namespace {

constexpr char kItemTag = wire::BytesTag(v1::InboxItem::kEntryFieldNumber);
constexpr char kRoomTag = wire::BytesTag(v1::RoomEntry::kRoomIdFieldNumber);
constexpr char kHeaderTag = wire::BytesTag(v1::RoomEntry::kHeaderFieldNumber);
constexpr char kMessageTag = wire::BytesTag(v1::RoomEntry::kMessageFieldNumber);
constexpr char kEnvelopeTag = wire::BytesTag(v1::RoomEntry::kEnvelopeFieldNumber);
// Fields are encoded by rising number: an envelope begins with its content.
static_assert(v1::Envelope::kMessageFieldNumber == 1);

}  // namespace

EntryDraft::EntryDraft(std::string_view room_id, size_t rest_bytes) {
  const size_t entry_bytes =
      wire::FieldBytes(room_id.size()) + wire::FieldBytes(room::kLogHeaderBytes) + rest_bytes;
  bytes_.reserve(wire::FieldBytes(entry_bytes));
  wire::AppendFieldStart(kItemTag, entry_bytes, bytes_);
  entry_at_ = bytes_.size();
  wire::AppendField(kRoomTag, room_id, bytes_);
  room_end_ = bytes_.size();
  wire::AppendFieldStart(kHeaderTag, room::kLogHeaderBytes, bytes_);
  header_at_ = bytes_.size();
  bytes_.append(room::kLogHeaderBytes, '\0');
}

EntryDraft EntryDraft::OfMessage(std::string_view room_id, const v1::Envelope& envelope) {
  const size_t envelope_bytes = envelope.ByteSizeLong();
  const size_t content_bytes =
      envelope.message().empty() ? 0 : wire::FieldBytes(envelope.message().size());
  const size_t rest_bytes = envelope_bytes - content_bytes;
  EntryDraft draft(room_id, content_bytes + wire::FieldBytes(rest_bytes));
  // The envelope as it is, whose content already stands where the entry's belongs; then what
  // follows the content moves up behind a tag of its own.
  std::string& out = draft.bytes_;
  const size_t start = out.size();
  out.resize(start + content_bytes + wire::FieldBytes(rest_bytes));
  envelope.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(out.data() + start));
  std::string tag;
  wire::AppendFieldStart(kEnvelopeTag, rest_bytes, tag);
  char* const rest = out.data() + start + content_bytes;
  std::memmove(rest + tag.size(), rest, rest_bytes);
  std::copy(tag.begin(), tag.end(), rest);
  if (content_bytes > 0) out[start] = kMessageTag;
  draft.envelope_at_ = start + content_bytes;
  return draft;
}

EntryDraft EntryDraft::OfContent(std::string_view room_id, std::string_view content) {
  const size_t rest_bytes = content.empty() ? 0 : wire::FieldBytes(content.size());
  EntryDraft draft(room_id, rest_bytes);
  if (!content.empty()) wire::AppendField(kMessageTag, content, draft.bytes_);
  draft.envelope_at_ = draft.bytes_.size();
  return draft;
}

WireEntry EntryDraft::Complete(BytesView header) && {
  // Only a header of another version, or a draft that was used before.
  if (header.size() != room::kLogHeaderBytes || bytes_.empty()) std::abort();
  std::memcpy(bytes_.data() + header_at_, header.data(), header.size());
  WireEntry out;
  out.item = std::make_shared<const std::string>(std::move(bytes_));
  out.entry = AsBytes(*out.item).subspan(entry_at_);
  return out;
}

}  // namespace enlace::server
