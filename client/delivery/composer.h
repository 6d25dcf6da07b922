// From an officer's file to an item in the outbox: parsed, filled, checked, attachments sealed.
//
// Promises that every violation is reported at once and nothing is kept when there is an error;
// that the guard is asked here whatever was asked before; that the same alert sent twice is sent
// once, and an id used for other content is refused; and that an item is durable before the answer
// says "queued".
//
// Thread safety: the engine's thread. Ownership: borrows.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cases/views.h"
#include "client/delivery/draft.h"
#include "client/delivery/outbox.h"
#include "client/delivery/services.h"
#include "client/delivery/sync_state.h"
#include "client/delivery/transfers.h"
#include "enlace/alert/v1/content.pb.h"

namespace enlace::client {

struct ComposeRequest {
  std::string json;
  // Files of listed attachments, or further ones; rule 13 of DOMAIN.md.
  std::vector<std::string> attach_paths;
  // Fill ids, times, sender and deadlines that are absent.
  bool fill = false;
  // Which of the device's offices sends; empty takes the alert's own, then the first.
  std::string office_id;
};

// What composing gives: the outcome to show, or the violations that refused it.
struct Composed {
  SendOutcome outcome;
  std::string item_id;
  alerts::Violations violations;
  bool refused() const { return alerts::HasError(violations); }
};

class Composer {
 public:
  Composer(const Services& services, Outbox& outbox, Transfers& transfers, SyncState& sync)
      : services_(services), outbox_(outbox), transfers_(transfers), sync_(sync) {}

  // Errors are the vault's, a file's or, for a case number that has to be leased, the session's.
  absl::StatusOr<Composed> Compose(const ComposeRequest& request);

 private:
  absl::Status Fill(AlertDraft& draft, const ComposeRequest& request);
  absl::Status Attach(AlertDraft& draft, const std::vector<std::string>& paths);
  absl::Status Check(AlertDraft& draft);
  absl::StatusOr<bool> FindEarlier(const AlertDraft& draft, Composed& composed);
  absl::Status Queue(AlertDraft& draft, Composed& composed);
  absl::Status QueueItems(AlertDraft& draft, DraftItems& queue, Composed& composed);
  absl::StatusOr<DraftParts> Split(const AlertDraft& draft, DraftItems& queue);
  absl::Status CheckMayShareIdentity(AlertDraft& draft);
  absl::StatusOr<std::string> LeaseCaseRef();
  absl::StatusOr<std::vector<std::string>> RoomOffices(const std::string& case_ref) const;

  const Services& services_;
  Outbox& outbox_;
  Transfers& transfers_;
  SyncState& sync_;
};

}  // namespace enlace::client
