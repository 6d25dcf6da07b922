// The half of Outbox that sends a message with a commit: leaves that have to go, an office that
// enters.

#include <algorithm>

#include "client/alerts/guard.h"
#include "client/delivery/case_plan.h"
#include "client/delivery/content_signing.h"
#include "client/delivery/outbox.h"
#include "client/session/request_id.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {

absl::StatusOr<CommitIntent> Outbox::IntentFor(const Item& item, const Room& room) const {
  CommitIntent intent;
  ENLACE_ASSIGN_OR_RETURN(const std::vector<room::FreezeReason> offending, room.Offending());
  for (const room::FreezeReason& reason : offending)
    intent.removes.push_back({reason.member.leaf, reason.reason});
  const std::string& entering = item.refer_to_office_id();
  if (entering.empty()) return intent;
  ENLACE_ASSIGN_OR_RETURN(room::RoomPolicy policy, room.Policy());
  if (policy.FindParticipant(entering) != nullptr) return intent;
  // Whatever was asked before: the guard is asked once more by the device that lets an office in.
  const std::optional<room::RoomGuard> guard = room.Guard();
  if (!guard || guard->Excludes(alerts::AuthorityOfOffice(entering)))
    return GuardExcludedError(services_, entering);
  policy.participants.push_back({entering, room::OfficeRole::kAction});
  std::sort(policy.participants.begin(), policy.participants.end(),
            [](const auto& a, const auto& b) { return a.office_id < b.office_id; });
  ENLACE_ASSIGN_OR_RETURN(intent.adds, ClaimForOffices(services_, {entering}));
  intent.policy = std::move(policy);
  return intent;
}

absl::Status Outbox::SendWithCommit(Item& item, Room& room, CommitIntent intent) {
  ENLACE_ASSIGN_OR_RETURN(const Bytes signed_content,
                          SignForCase(services_, item.case_ref(), AsBytes(item.content())));
  intent.messages = {signed_content};
  const Bytes room_id = ToBytes(room.id());
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services_.vault().Begin());
  absl::StatusOr<PreparedCommit> prepared = room.PrepareCommit(*tx, intent);
  if (!prepared.ok()) {
    book_.Drop(room_id);
    return prepared.status();
  }
  v1::CommitRequest request;
  request.set_request_id(NewRequestId(services_.now_ms(), services_.rooms.rng));
  request.set_room_id(item.room_id());
  FillBundle(*prepared, {EnvelopeOf(item, prepared->next_epoch)}, *request.mutable_bundle());
  ENLACE_RETURN_IF_ERROR(offers_.KeepCommit(*tx, room, request));
  item.set_signed_content(ToText(signed_content));
  item.set_message_hash(ToText(merkle::Sha256(prepared->messages[0])));
  item.set_prepared_kind(vault::v1::PREPARED_KIND_COMMIT);
  item.set_phase(vault::v1::OUTBOX_PHASE_PREPARED);
  ENLACE_RETURN_IF_ERROR(Save(*tx, item));
  const absl::Status committed = Finish(std::move(tx));
  if (!committed.ok()) {
    book_.Drop(room_id);
    return committed;
  }
  return OfferRoom(item);
}

}  // namespace enlace::client
