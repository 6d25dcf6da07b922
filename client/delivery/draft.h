// A message between the officer's file and the outbox.
//
// Thread safety: values and free functions. Ownership: values; the bytes of files are the officer's
// own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/alerts/violation.h"
#include "client/cases/views.h"
#include "client/delivery/services.h"
#include "crypto/primitives/bytes.h"
#include "enlace/alert/v1/content.pb.h"
#include "enlace/vault/v1/vault.pb.h"

namespace enlace::client {

// A file to send, after metadata was removed.
struct DraftFile {
  std::string attachment_id;
  Bytes bytes;
};

struct AlertDraft {
  alert::v1::CaseAlert alert;
  std::string office_id;
  std::vector<DraftFile> files;
  alerts::Violations violations;
};

// What goes to all offices, and what is withheld until an ACTION office accepts (DOMAIN rule 2).
struct DraftParts {
  alert::v1::AlertContent notice;
  std::optional<alert::v1::AlertContent> identity;
};

// The items that carry them; `identity` is queued only when something is withheld.
struct DraftItems {
  vault::v1::OutboxItem notice;
  vault::v1::OutboxItem identity;
};

// The outbox item of a draft, without content and attachments.
vault::v1::OutboxItem ItemFor(const AlertDraft& draft);
// The same for its identity part: no deadline, no receipt is due for it.
vault::v1::OutboxItem IdentityItemFor(const AlertDraft& draft);
// What lists show of a case that the draft opens.
vault::v1::CaseRecord RecordFor(const AlertDraft& draft, int64_t now_ms);
// What `send` says of an item.
SendOutcome OutcomeOf(const vault::v1::OutboxItem& item, const alert::v1::CaseAlert& alert,
                      const Services& services);

// Reads a whole file. FILE_NOT_FOUND, FILE_UNREADABLE, BODY_TOO_LARGE past `bytes_max`.
absl::StatusOr<Bytes> ReadFile(const std::string& path, uint64_t bytes_max);

}  // namespace enlace::client
