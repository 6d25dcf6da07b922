#include "server/core/retention.h"

#include <algorithm>
#include <tuple>

#include "crypto/room/log_chain.h"
#include "enlace/store/v1/store.pb.h"
#include "enlace/v1/inbox.pb.h"
#include "server/core/keys.h"
#include "server/core/limits.h"
#include "server/core/store_io.h"

namespace enlace::server {

absl::StatusOr<int64_t> Retention::ExpiryOf(uint64_t delete_after_ms, int64_t now_ms) {
  if (delete_after_ms == 0) return now_ms + kRetentionDefaultMs;
  if (delete_after_ms <= static_cast<uint64_t>(now_ms))
    return Malformed("delete_after_ms has passed");
  return static_cast<int64_t>(
      std::min(delete_after_ms, static_cast<uint64_t>(now_ms + kRetentionMsMax)));
}

void Retention::Schedule(BytesView room, uint64_t sequence, int64_t expires_at_ms) {
  scheduled_.push_back({static_cast<uint64_t>(expires_at_ms), ToBytes(room), sequence});
}

void Retention::Flush() {
  std::stable_sort(scheduled_.begin(), scheduled_.end(), [](const auto& a, const auto& b) {
    return std::tie(a.expires_at_ms, a.room) < std::tie(b.expires_at_ms, b.room);
  });
  std::span<const Scheduled> rest = scheduled_;
  while (!rest.empty()) {
    size_t count = 1;
    while (count < std::min(rest.size(), kExpiriesOfRowMax) &&
           rest[count].expires_at_ms == rest[0].expires_at_ms)
      ++count;
    WriteRow(rest.first(count));
    rest = rest.subspan(count);
  }
  AbandonGroup();
}

void Retention::WriteRow(std::span<const Scheduled> together) {
  store::v1::ExpiryRow row;
  store::v1::EntryStretch* last = nullptr;
  for (const Scheduled& entry : together) {
    const bool follows = last != nullptr && last->room_id() == AsText(entry.room) &&
                         last->first_sequence() + last->count() == entry.sequence;
    if (!follows) {
      last = row.add_stretches();
      last->set_room_id(BytesField(entry.room));
      last->set_first_sequence(entry.sequence);
    }
    last->set_count(last->count() + 1);
  }
  const Scheduled& first = together.front();
  WriteRecord(store_, keys::Expiry(first.expires_at_ms, first.room, first.sequence), row);
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
  size_t expired = 0;
  for (const storage::Row& row : rows) {
    if (expired >= count_max) break;
    ENLACE_ASSIGN_OR_RETURN(const size_t of_row, ExpireRow(row, now_ms));
    expired += of_row;
  }
  return std::min(expired, count_max);
}

absl::StatusOr<size_t> Retention::ExpireRow(const storage::Row& row, int64_t now_ms) {
  ENLACE_ASSIGN_OR_RETURN(const auto record, ParseRecord<store::v1::ExpiryRow>(row.key, row.value));
  size_t count = 0;
  for (const store::v1::EntryStretch& stretch : record.stretches()) {
    for (uint64_t i = 0; i < stretch.count(); ++i, ++count) {
      ENLACE_RETURN_IF_ERROR(
          Drop(AsBytes(stretch.room_id()), stretch.first_sequence() + i, now_ms));
    }
  }
  store_.Delete(row.key);
  return count;
}

}  // namespace enlace::server
