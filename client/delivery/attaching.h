// From files on this machine to attachments of an alert or an action.
//
// Promises that what an entry says of a file (type, size, hash) is computed from its bytes as they
// will be sent, after a picture's metadata was removed; and that only ciphertext reaches the spool.
//
// Thread safety: the engine's thread. Ownership: borrows for the call.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/alerts/violation.h"
#include "client/delivery/draft.h"
#include "client/delivery/transfers.h"
#include "crypto/primitives/rng.h"
#include "enlace/alert/v1/content.pb.h"
#include "enlace/vault/v1/vault.pb.h"

namespace enlace::client {

struct Attaching {
  // The listed entries: the one with the file's name is replaced, else one is added (rule 13).
  google::protobuf::RepeatedPtrField<alert::v1::Attachment>& entries;
  std::vector<DraftFile>& files;
  alerts::Violations& violations;
};
// FILE_NOT_FOUND, FILE_UNREADABLE, BODY_TOO_LARGE; what is wrong with the entry is a violation.
absl::Status AttachFile(const std::string& path, Attaching& attaching);

// Where the key of a sealed file goes, and what the outbox needs to send it.
struct SealedInto {
  alert::v1::AttachmentKey& key;
  vault::v1::OutboxAttachment& outgoing;
};
// Encrypts a file into the spool under a fresh key and blob id. FILE_NOT_WRITABLE, BODY_TOO_LARGE.
absl::Status SealFile(crypto::Rng& rng, const Transfers& transfers, const DraftFile& file,
                      const SealedInto& into);

// Removes the ciphertext of an item that is not sent.
void DropSpool(const Transfers& transfers, const vault::v1::OutboxItem& item);

}  // namespace enlace::client
