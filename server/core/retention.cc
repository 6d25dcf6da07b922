#include "server/core/retention.h"

#include <algorithm>

#include "crypto/room/log_chain.h"
#include "enlace/v1/inbox.pb.h"
#include "server/core/keys.h"
#include "server/core/limits.h"
#include "server/core/store_io.h"

namespace enlace::server {
namespace {}  // namespace

absl::StatusOr<int64_t> Retention::ExpiryOf(uint64_t delete_after_ms, int64_t now_ms) {
  if (delete_after_ms == 0) return now_ms + kRetentionDefaultMs;
  if (delete_after_ms <= static_cast<uint64_t>(now_ms))
    return Malformed("delete_after_ms has passed");
  return static_cast<int64_t>(
      std::min(delete_after_ms, static_cast<uint64_t>(now_ms + kRetentionMsMax)));
}

void Retention::Schedule(BytesView room, uint64_t sequence, int64_t expires_at_ms) {
  store_.Put(keys::Expiry(static_cast<uint64_t>(expires_at_ms), room, sequence), BytesView());
}

absl::Status Retention::Withdraw(const Caller& caller, BytesView room, uint64_t sequence,
                                 int64_t now_ms) {
  ENLACE_ASSIGN_OR_RETURN(const auto entry,
                          ReadRecord<v1::RoomEntry>(store_, keys::RoomLog(room, sequence)));
  if (!entry || !entry->has_envelope()) return Malformed("no such envelope to withdraw");
  if (!caller.ActsFor(entry->envelope().sender_office_id())) {
    return MakeError(Reason::kNotYourOffice, {{"office", entry->envelope().sender_office_id()}});
  }
  ENLACE_RETURN_IF_ERROR(deadlines_.Cancel(room, sequence));
  return Drop(room, sequence, now_ms);
}

absl::Status Retention::Drop(BytesView room, uint64_t sequence, int64_t now_ms) {
  Bytes key = keys::RoomLog(room, sequence);
  ENLACE_ASSIGN_OR_RETURN(auto entry, ReadRecord<v1::RoomEntry>(store_, key));
  if (!entry) return DamagedRecord(key);
  if (entry->message().empty()) return absl::OkStatus();
  for (const std::string& blob : entry->envelope().blob_ids()) {
    ENLACE_RETURN_IF_ERROR(blobs_.Release(AsBytes(blob), now_ms));
  }
  if (!entry->has_envelope()) {
    ENLACE_ASSIGN_OR_RETURN(const auto header, room::DecodeLogHeader(AsBytes(entry->header())));
    if (header.kind == room::LogKind::kCommit) store_.Delete(keys::Welcome(room, header.epoch + 1));
  }
  entry->clear_message();
  if (entry->has_envelope()) entry->mutable_envelope()->clear_blob_ids();
  WriteRecord(store_, std::move(key), *entry);
  return absl::OkStatus();
}

absl::StatusOr<size_t> Retention::Expire(int64_t now_ms, size_t count_max) {
  const auto due = keys::DueRange(keys::kExpiry, static_cast<uint64_t>(now_ms));
  ENLACE_ASSIGN_OR_RETURN(const auto rows, FirstRows(store_, due, count_max));
  for (const storage::Row& row : rows) {
    storage::KeyReader key(row.key);
    ENLACE_RETURN_IF_ERROR(key.Space().status());
    ENLACE_RETURN_IF_ERROR(key.U64().status());
    ENLACE_ASSIGN_OR_RETURN(const Bytes room, key.Blob());
    ENLACE_ASSIGN_OR_RETURN(const uint64_t sequence, key.U64());
    store_.Delete(row.key);
    ENLACE_RETURN_IF_ERROR(Drop(room, sequence, now_ms));
  }
  return rows.size();
}

}  // namespace enlace::server
