// The half of Outbox that founds rooms: of a case, and of the identity parts that belong to it.

#include "client/cases/case_store.h"
#include "client/delivery/case_plan.h"
#include "client/delivery/content_signing.h"
#include "client/delivery/outbox.h"
#include "client/rooms/founding.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {

absl::Status Outbox::TryNewCase(Item& item) {
  alert::v1::Content content;
  if (!content.ParseFromString(item.content()))
    return MakeError(Reason::kVaultDamaged, {{"what", "outbox"}});
  ENLACE_ASSIGN_OR_RETURN(CasePlan plan, PlanCase(services_, content.alert().alert()));
  return OfferFounding(item, std::move(plan.founding));
}

absl::Status Outbox::TryIdentity(Item& item) {
  ENLACE_ASSIGN_OR_RETURN(const auto record, CaseStore(services_.vault()).Find(item.case_ref()));
  if (!record) return MakeError(Reason::kCaseUnknown, {{"case", item.case_ref()}});
  if (!record->identity_room_id().empty()) {
    item.set_room_id(record->identity_room_id());
    return TryContent(item);
  }
  ENLACE_ASSIGN_OR_RETURN(const std::string main_room, RoomOf(item));
  ENLACE_ASSIGN_OR_RETURN(Room * room, book_.Get(AsBytes(main_room)));
  ENLACE_ASSIGN_OR_RETURN(const room::RoomPolicy main, room->Policy());
  const std::optional<room::RoomGuard> guard = room->Guard();
  if (!guard) {
    return Postpone(item,
                    MakeError(Reason::kRoomFrozen, {{"what", "its guard has not arrived yet"}}));
  }
  if (!services_.ActsFor(main.origin_office))
    return MakeError(Reason::kIdentityNeedsAccept, {{"case", item.case_ref()}});
  FoundingPlan plan;
  plan.case_ref = item.case_ref();
  plan.policy.kind = room::RoomKind::kIdentity;
  plan.policy.networks = main.networks;
  plan.policy.origin_office = main.origin_office;
  plan.policy.main_room = ToBytes(AsBytes(main_room));
  plan.guard = *guard;
  // Nobody but the origin's devices at first: an office enters when it accepts.
  ENLACE_ASSIGN_OR_RETURN(plan.members, ClaimForOffices(services_, {main.origin_office}));
  return OfferFounding(item, std::move(plan));
}

absl::Status Outbox::OfferFounding(Item& item, FoundingPlan plan) {
  ENLACE_ASSIGN_OR_RETURN(const Bytes signed_content,
                          SignForCase(services_, item.case_ref(), AsBytes(item.content())));
  plan.messages = {signed_content};
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services_.vault().Begin());
  ENLACE_ASSIGN_OR_RETURN(FoundedRoom founded,
                          FoundRoom(services_.rooms, *tx, plan, services_.now_ms()));
  const v1::CreateRoomRequest request =
      FoundingRequest(services_, founded, {EnvelopeOf(item, founded.first_commit.next_epoch)});
  ENLACE_RETURN_IF_ERROR(offers_.KeepCreateRoom(*tx, *founded.room, request));
  item.set_room_id(request.room_id());
  item.set_signed_content(ToText(signed_content));
  item.set_message_hash(ToText(merkle::Sha256(founded.first_commit.messages[0])));
  item.set_prepared_kind(vault::v1::PREPARED_KIND_CREATE_ROOM);
  item.set_phase(vault::v1::OUTBOX_PHASE_PREPARED);
  ENLACE_RETURN_IF_ERROR(Save(*tx, item));
  ENLACE_RETURN_IF_ERROR(Finish(std::move(tx)));
  book_.Put(std::move(founded.room));
  return OfferRoom(item);
}

}  // namespace enlace::client
