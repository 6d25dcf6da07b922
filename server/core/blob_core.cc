#include "server/core/blob_core.h"

#include "crypto/room/limits.h"
#include "server/core/hash_state.h"
#include "server/core/keys.h"
#include "server/core/limits.h"
#include "server/core/store_io.h"

namespace enlace::server {
namespace {

using store::v1::OfficeUsage;
using store::v1::StoredBlob;

absl::Status Mismatch(std::string_view what) {
  return MakeError(Reason::kBlobMismatch, {{"what", std::string(what)}});
}

absl::Status CheckAnnouncement(const Caller& caller, const v1::CreateBlobRequest& request) {
  if (request.room_id().size() != room::kRoomIdBytes) return Malformed("room id");
  if (request.blob_id().size() != kBlobIdBytes) return Malformed("blob id");
  if (request.sha256().size() != crypto::kHashBytes) return Malformed("sha256");
  if (request.size_bytes() == 0) return Malformed("empty blob");
  if (request.size_bytes() > kBlobBytesMax) {
    return MakeError(Reason::kBodyTooLarge, {{"what", "attachment"},
                                             {"size_bytes", std::to_string(request.size_bytes())},
                                             {"limit_bytes", std::to_string(kBlobBytesMax)}});
  }
  if (!caller.ActsFor(request.office_id())) {
    return MakeError(Reason::kNotYourOffice, {{"office", request.office_id()}});
  }
  return absl::OkStatus();
}

bool SameAnnouncement(const StoredBlob& stored, const Caller& caller,
                      const v1::CreateBlobRequest& request) {
  return stored.uploader_uri() == caller.device_uri && stored.room_id() == request.room_id() &&
         stored.size_bytes() == request.size_bytes() && stored.sha256() == request.sha256();
}

}  // namespace

absl::Status BlobCore::CheckRoom(const Caller& caller, BytesView room) const {
  ENLACE_ASSIGN_OR_RETURN(const auto exists, store_.Get(keys::Room(room)));
  if (!exists) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(const auto member, store_.Get(keys::Member(room, caller.device_uri)));
  return member ? absl::OkStatus() : MakeError(Reason::kNotAMember);
}

absl::Status BlobCore::ChargeOffice(std::string_view office, uint64_t size_bytes) {
  Bytes key = keys::OfficeUsage(office);
  ENLACE_ASSIGN_OR_RETURN(const auto stored, ReadRecord<OfficeUsage>(store_, key));
  OfficeUsage usage = stored.value_or(OfficeUsage());
  if (usage.blob_bytes() + size_bytes > office_quota_bytes_) {
    return MakeError(
        Reason::kQuotaExceeded,
        {{"office", std::string(office)}, {"limit_bytes", std::to_string(office_quota_bytes_)}});
  }
  usage.set_blob_bytes(usage.blob_bytes() + size_bytes);
  WriteRecord(store_, std::move(key), usage);
  return absl::OkStatus();
}

absl::Status BlobCore::RefundOffice(std::string_view office, uint64_t size_bytes) {
  Bytes key = keys::OfficeUsage(office);
  ENLACE_ASSIGN_OR_RETURN(const auto stored, ReadRecord<OfficeUsage>(store_, key));
  if (!stored || stored->blob_bytes() < size_bytes) return DamagedRecord(key);
  OfficeUsage usage;
  usage.set_blob_bytes(stored->blob_bytes() - size_bytes);
  WriteRecord(store_, std::move(key), usage);
  return absl::OkStatus();
}

absl::Status BlobCore::Create(const Caller& caller, const v1::CreateBlobRequest& request,
                              int64_t now_ms, v1::CreateBlobResponse& answer) {
  ENLACE_RETURN_IF_ERROR(CheckAnnouncement(caller, request));
  const BytesView id = AsBytes(request.blob_id());
  ENLACE_RETURN_IF_ERROR(CheckRoom(caller, AsBytes(request.room_id())));
  ENLACE_ASSIGN_OR_RETURN(const auto known, ReadRecord<StoredBlob>(store_, keys::Blob(id)));
  if (known) {
    if (!SameAnnouncement(*known, caller, request))
      return Mismatch("another announcement under this id");
    answer.set_received_bytes(known->received_bytes());
    answer.set_complete(known->complete());
    return absl::OkStatus();
  }
  ENLACE_RETURN_IF_ERROR(ChargeOffice(request.office_id(), request.size_bytes()));
  StoredBlob stored;
  stored.set_room_id(request.room_id());
  stored.set_office_id(request.office_id());
  stored.set_uploader_uri(caller.device_uri);
  stored.set_size_bytes(request.size_bytes());
  stored.set_sha256(request.sha256());
  stored.set_created_at_ms(static_cast<uint64_t>(now_ms));
  stored.set_due_ms(static_cast<uint64_t>(now_ms + kBlobUnreferencedMs));
  stored.set_hash_state(BytesField(HashState().Save()));
  store_.Put(keys::BlobDue(stored.due_ms(), id), BytesView());
  WriteRecord(store_, keys::Blob(id), stored);
  return absl::OkStatus();
}

absl::Status BlobCore::Put(const Caller& caller, const v1::PutChunkRequest& request,
                           v1::PutChunkResponse& answer) {
  const BytesView id = AsBytes(request.blob_id());
  if (id.size() != kBlobIdBytes) return Malformed("blob id");
  if (request.chunk().empty() || request.chunk().size() > kBlobChunkBytes)
    return Malformed("chunk size");
  ENLACE_ASSIGN_OR_RETURN(auto stored, ReadRecord<StoredBlob>(store_, keys::Blob(id)));
  if (!stored || stored->uploader_uri() != caller.device_uri)
    return MakeError(Reason::kBlobUnknown);
  const uint64_t end = request.offset() + request.chunk().size();
  if (request.offset() > stored->received_bytes())
    return Malformed("offset beyond what was received");
  if (end > stored->size_bytes() || end < request.offset())
    return Mismatch("longer than announced");
  // A repeat of what is there already: the answer to it was lost on the way.
  if (request.offset() < stored->received_bytes()) {
    answer.set_received_bytes(stored->received_bytes());
    answer.set_complete(stored->complete());
    return absl::OkStatus();
  }
  ENLACE_ASSIGN_OR_RETURN(HashState hash, HashState::Restore(AsBytes(stored->hash_state())));
  hash.Add(AsBytes(request.chunk()));
  if (end == stored->size_bytes() && AsText(hash.Digest()) != stored->sha256())
    return Mismatch("SHA-256");
  store_.Put(keys::BlobChunk(id, request.offset()), request.chunk());
  stored->set_received_bytes(end);
  stored->set_complete(end == stored->size_bytes());
  stored->set_hash_state(stored->complete() ? std::string() : BytesField(hash.Save()));
  WriteRecord(store_, keys::Blob(id), *stored);
  answer.set_received_bytes(end);
  answer.set_complete(stored->complete());
  return absl::OkStatus();
}

absl::Status BlobCore::Reference(BytesView room, BytesView blob) {
  if (blob.size() != kBlobIdBytes) return Malformed("blob id");
  ENLACE_ASSIGN_OR_RETURN(auto stored, ReadRecord<StoredBlob>(store_, keys::Blob(blob)));
  if (!stored || stored->room_id() != AsText(room)) return MakeError(Reason::kBlobUnknown);
  if (stored->due_ms() != 0) store_.Delete(keys::BlobDue(stored->due_ms(), blob));
  stored->set_due_ms(0);
  stored->set_references(stored->references() + 1);
  WriteRecord(store_, keys::Blob(blob), *stored);
  return absl::OkStatus();
}

absl::Status BlobCore::Release(BytesView blob, int64_t now_ms) {
  ENLACE_ASSIGN_OR_RETURN(auto stored, ReadRecord<StoredBlob>(store_, keys::Blob(blob)));
  if (!stored || stored->references() == 0) return DamagedRecord(keys::Blob(blob));
  stored->set_references(stored->references() - 1);
  if (stored->references() == 0) {
    stored->set_due_ms(static_cast<uint64_t>(now_ms));
    store_.Put(keys::BlobDue(stored->due_ms(), blob), BytesView());
  }
  WriteRecord(store_, keys::Blob(blob), *stored);
  return absl::OkStatus();
}

absl::Status BlobCore::Delete(BytesView blob, const StoredBlob& stored) {
  store_.DeleteRange(storage::PrefixRange(keys::BlobChunks(blob)));
  store_.Delete(keys::Blob(blob));
  return RefundOffice(stored.office_id(), stored.size_bytes());
}

absl::StatusOr<size_t> BlobCore::Collect(int64_t now_ms, size_t count_max) {
  const auto due = keys::DueRange(keys::kBlobDue, static_cast<uint64_t>(now_ms));
  ENLACE_ASSIGN_OR_RETURN(const auto rows, FirstRows(store_, due, count_max));
  for (const storage::Row& row : rows) {
    storage::KeyReader key(row.key);
    ENLACE_RETURN_IF_ERROR(key.Space().status());
    ENLACE_RETURN_IF_ERROR(key.U64().status());
    ENLACE_ASSIGN_OR_RETURN(const Bytes blob, key.Blob());
    ENLACE_ASSIGN_OR_RETURN(const auto stored, ReadRecord<StoredBlob>(store_, keys::Blob(blob)));
    store_.Delete(row.key);
    if (stored && stored->references() == 0) ENLACE_RETURN_IF_ERROR(Delete(blob, *stored));
  }
  return rows.size();
}

}  // namespace enlace::server
