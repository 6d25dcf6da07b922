#include "client/delivery/case_messages.h"

#include <algorithm>

#include "client/alerts/validation.h"
#include "client/cases/case_log.h"
#include "client/cases/case_store.h"
#include "client/delivery/history.h"
#include "client/delivery/identity_rooms.h"
#include "client/delivery/limits.h"
#include "client/delivery/receipts.h"
#include "client/delivery/retention.h"
#include "crypto/codec/writer.h"
#include "crypto/primitives/status.h"
#include "crypto/room/log_chain.h"
#include "crypto/room/signed_content.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

using Content = alert::v1::Content;

std::string NameOf(Reason reason) { return std::string(RowOf(reason).name); }

// The office for which a content says it speaks; empty where its kind names none.
std::string ClaimedOffice(const Content& content) {
  switch (content.kind_case()) {
    case Content::kAlert:
      return content.alert().alert().sender().office_id();
    case Content::kAction:
      return content.action().action().actor().office_id();
    case Content::kDeliveryReceipt:
      return content.delivery_receipt().office_id();
    default:
      return "";
  }
}

std::string ClaimedCase(const Content& content) {
  switch (content.kind_case()) {
    case Content::kAlert:
      return content.alert().alert().case_ref();
    case Content::kAction:
      return content.action().action().case_ref();
    default:
      return "";
  }
}

std::vector<std::string> PartiesOf(const room::RoomPolicy& policy) {
  std::vector<std::string> parties = {policy.origin_office};
  for (const room::Participant& participant : policy.participants)
    parties.push_back(participant.office_id);
  return parties;
}

}  // namespace

absl::StatusOr<vault::v1::StoredContent> CaseMessages::Verify(const Room& room,
                                                              const ArrivedMessage& message,
                                                              Content& content) const {
  vault::v1::StoredContent stored;
  stored.set_room_id(ToText(message.header.room_id));
  stored.set_sequence(message.header.sequence);
  stored.set_accepted_at_ms(message.header.accepted_at_ms);
  stored.set_signed_content(ToText(message.signed_content));
  stored.set_header(message.entry.header());
  stored.set_own(message.own);
  const auto invalid = [&stored](Reason reason) {
    stored.set_invalid_reason(NameOf(reason));
    return stored;
  };
  const absl::StatusOr<room::SignedContent> decoded =
      room::DecodeSignedContent(message.signed_content);
  if (!decoded.ok()) return invalid(Reason::kSignatureInvalid);
  stored.set_digest(ToText(merkle::Sha256(decoded->content)));
  if (decoded->certificate != message.certificate) return invalid(Reason::kSenderInvalid);
  const identity::Registry& registry = services_.rooms.registry();
  const absl::StatusOr<room::VerifiedAuthor> author =
      room::VerifyContent(*decoded, registry, message.header.accepted_at_ms);
  if (absl::IsOutOfRange(author.status())) return author.status();
  if (!author.ok()) return invalid(Reason::kSignatureInvalid);
  const std::string& office_id = message.entry.envelope().sender_office_id();
  stored.set_device_uri(author->device->uri.text());
  // A national system signs for the officer whom the message names; an officer only for themself.
  const bool service = identity::HasRole(registry.RolesOf(*author->device, decoded->head.size),
                                         identity::Role::kService);
  if (!service) stored.set_officer_id(std::string(author->device->uri.officer_id()));
  stored.set_office_id(office_id);
  if (!registry.BelongsTo(*author->device, office_id, registry.size()))
    return invalid(Reason::kSenderInvalid);
  if (!content.ParseFromArray(decoded->content.data(), static_cast<int>(decoded->content.size()))) {
    return invalid(Reason::kMalformedRequest);
  }
  const std::string claimed = ClaimedOffice(content);
  if (!claimed.empty() && claimed != office_id) return invalid(Reason::kSenderInvalid);
  const std::string case_ref = ClaimedCase(content);
  const bool of_room =
      room.record().case_ref().empty() || room.record().case_ref() == decoded->case_id;
  if (!of_room || (!case_ref.empty() && case_ref != decoded->case_id))
    return invalid(Reason::kSenderInvalid);
  ENLACE_RETURN_IF_ERROR(CheckKind(room, stored, content, *stored.mutable_invalid_reason()));
  // What was never meant for this room is not kept either.
  const bool stray = !stored.invalid_reason().empty() && content.has_alert() &&
                     content.alert().part() == alert::v1::ALERT_PART_IDENTITY;
  if (stray) stored.clear_signed_content();
  return stored;
}

// In an identity room only identity parts count, of a case whose room is the one that the policy
// names, and each only for the notice that it completes.
absl::Status CaseMessages::CheckIdentity(const room::RoomPolicy& policy, const Content& content,
                                         std::string& invalid_reason) const {
  if (!content.has_alert()) return absl::OkStatus();
  const alert::v1::AlertContent& part = content.alert();
  const CaseStore cases(services_.vault());
  ENLACE_ASSIGN_OR_RETURN(const auto record, cases.Find(part.alert().case_ref()));
  const bool of_case =
      !record || record->room_id().empty() || record->room_id() == AsText(policy.main_room);
  if (part.part() != alert::v1::ALERT_PART_IDENTITY || !of_case)
    invalid_reason = NameOf(Reason::kSenderInvalid);
  ENLACE_ASSIGN_OR_RETURN(const auto notice, cases.FindAlert(part.alert().alert_id()));
  if (notice && !EqualBytes(notice->digest, AsBytes(part.notice_digest())))
    invalid_reason = NameOf(Reason::kIdReused);
  return absl::OkStatus();
}

absl::Status CaseMessages::CheckKind(const Room& room, const vault::v1::StoredContent& stored,
                                     const Content& content, std::string& invalid_reason) const {
  if (content.kind_case() != Content::kAlert) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(const room::RoomPolicy policy, room.Policy());
  if (policy.kind == room::RoomKind::kIdentity)
    return CheckIdentity(policy, content, invalid_reason);
  // An identity part that came into the room of all offices is a modified client's doing.
  if (content.alert().part() == alert::v1::ALERT_PART_IDENTITY) {
    invalid_reason = NameOf(Reason::kSenderInvalid);
    return absl::OkStatus();
  }
  const alert::v1::CaseAlert& alert = content.alert().alert();
  const alerts::Violations found =
      alerts::CheckSender(alert, {stored.office_id(), stored.officer_id(), PartiesOf(policy)});
  if (alerts::HasError(found)) invalid_reason = found.front().reason;
  // Only the origin opens a case. An update may come by before the history that holds its opening.
  const bool opens = alert.message_type() == alert::v1::MESSAGE_TYPE_ALERT;
  if (opens && stored.office_id() != policy.origin_office)
    invalid_reason = NameOf(Reason::kSenderInvalid);
  return absl::OkStatus();
}

absl::Status CaseMessages::Take(VaultTransaction& tx, Room& room, const ArrivedMessage& message) {
  Content content;
  ENLACE_ASSIGN_OR_RETURN(const vault::v1::StoredContent stored, Verify(room, message, content));
  const bool valid = stored.invalid_reason().empty();
  if (valid && room.record().case_ref().empty() && content.has_alert()) {
    room.mutable_record().set_case_ref(content.alert().alert().case_ref());
    ENLACE_RETURN_IF_ERROR(room.Save(tx, /*new_epoch=*/false));
  }
  // A page of history is opened and done with.
  if (valid && content.has_history()) return TakeHistory(tx, room, stored, content.history());
  const std::vector<std::string> offices = services_.Offices();
  ENLACE_RETURN_IF_ERROR(
      CaseStore(services_.vault())
          .Add(tx, {stored, content, offices, room.record().room_id(), room.record().case_ref()}));
  if (!valid) return absl::OkStatus();
  if (!message.earlier) ENLACE_RETURN_IF_ERROR(FollowNews(tx, room, stored, content));
  return Follow(tx, room, stored, content);
}

absl::Status CaseMessages::FollowNews(VaultTransaction& tx, Room& room,
                                      const vault::v1::StoredContent& stored,
                                      const Content& content) {
  ENLACE_RETURN_IF_ERROR(FollowIdentity(tx, room, content));
  return FollowReferral(tx, room, stored, content);
}

// An office was let in: its devices get what was said before, from the device that let it in.
absl::Status CaseMessages::FollowReferral(VaultTransaction& tx, const Room& room,
                                          const vault::v1::StoredContent& stored,
                                          const Content& content) {
  if (!content.has_action() || content.action().action().action() != alert::v1::ACTION_REFER)
    return absl::OkStatus();
  const identity::Registry& registry = services_.rooms.registry();
  ENLACE_ASSIGN_OR_RETURN(const room::RoomState state, room.State());
  for (const room::RoomMember& member : state.members) {
    const identity::DeviceRecord* device = registry.FindDeviceByMls(member.certificate);
    const bool entered = device != nullptr &&
                         registry.BelongsTo(*device, content.action().action().refer_to_office_id(),
                                            registry.size());
    if (!entered || services_.ActsFor(content.action().action().refer_to_office_id())) continue;
    ENLACE_RETURN_IF_ERROR(OweHistory(services_, tx, room, member.certificate, stored.own()));
  }
  return absl::OkStatus();
}

// A page of history: each message of it is judged as if it came by now, at the place that its log
// header gives it.
absl::Status CaseMessages::TakeHistory(VaultTransaction& tx, Room& room,
                                       const vault::v1::StoredContent& stored,
                                       const alert::v1::SealedHistory& history) {
  ENLACE_RETURN_IF_ERROR(SettleHistory(tx, room.id(), history));
  ENLACE_ASSIGN_OR_RETURN(const room::RoomPolicy policy, room.Policy());
  const room::Participant* sender = policy.FindParticipant(stored.office_id());
  const bool entitled = stored.office_id() == policy.origin_office ||
                        services_.ActsFor(stored.office_id()) ||
                        (sender != nullptr && sender->role == room::OfficeRole::kAction);
  if (stored.own() || !entitled) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(const auto bundle, OpenHistory(services_, tx, history));
  if (!bundle) return absl::OkStatus();
  for (int i = 0; i < bundle->signed_content_size(); ++i) {
    ENLACE_RETURN_IF_ERROR(
        TakeEarlier(tx, room, {bundle->signed_content(i), bundle->headers(i), stored.sequence()}));
  }
  return absl::OkStatus();
}

absl::Status CaseMessages::TakeEarlier(VaultTransaction& tx, Room& room, const Earlier& earlier) {
  const absl::StatusOr<room::LogHeader> header = room::DecodeLogHeader(AsBytes(earlier.header));
  const absl::StatusOr<room::SignedContent> decoded =
      room::DecodeSignedContent(AsBytes(earlier.signed_content));
  if (!header.ok() || !decoded.ok()) return absl::OkStatus();
  const identity::DeviceRecord* device =
      services_.rooms.registry().FindDeviceByMls(decoded->certificate);
  ENLACE_ASSIGN_OR_RETURN(const std::vector<Bytes> rooms, RoomsOfCase(tx, room.id()));
  const bool of_case = EqualBytes(header->room_id, room.id())
                           ? header->sequence < earlier.before
                           : std::find(rooms.begin(), rooms.end(), header->room_id) != rooms.end();
  const bool fits =
      of_case && device != nullptr && header->sender == room::SenderHash(device->uri.text());
  ENLACE_ASSIGN_OR_RETURN(
      const auto known, CaseStore(services_.vault()).ContentAt(header->room_id, header->sequence));
  if (!fits || known) return absl::OkStatus();
  Content content;
  if (!content.ParseFromArray(decoded->content.data(), static_cast<int>(decoded->content.size())))
    return absl::OkStatus();
  v1::RoomEntry entry;
  entry.set_header(earlier.header);
  entry.mutable_envelope()->set_sender_office_id(ClaimedOffice(content));
  const bool own = header->sender == services_.device().sender_hash;
  return Take(tx, room,
              {entry, *header, AsBytes(earlier.signed_content), decoded->certificate, own,
               /*earlier=*/true});
}

// A withdrawal: what it names is purged here, should this office have received it.
absl::Status CaseMessages::FollowWithdrawal(VaultTransaction& tx, const Room& room,
                                            const Content& content) {
  const bool withdraws =
      (content.has_action() && content.action().action().action() == alert::v1::ACTION_WITHDRAW) ||
      (content.has_alert() &&
       content.alert().alert().message_type() == alert::v1::MESSAGE_TYPE_CANCEL);
  return withdraws ? OweRedaction(tx, room.record().case_ref()) : absl::OkStatus();
}

// An acceptance, or an identity part, may open the identity room to somebody.
absl::Status CaseMessages::FollowIdentity(VaultTransaction& tx, const Room& room,
                                          const Content& content) {
  const bool accepts =
      content.has_action() && content.action().action().action() == alert::v1::ACTION_ACCEPT;
  const bool said = content.has_alert() && content.alert().part() == alert::v1::ALERT_PART_IDENTITY;
  if (!accepts && !said) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(const room::RoomPolicy policy, room.Policy());
  return OweIdentity(services_, tx, room.record().case_ref(), policy.origin_office);
}

absl::Status CaseMessages::Follow(VaultTransaction& tx, Room& room,
                                  const vault::v1::StoredContent& stored, const Content& content) {
  ENLACE_RETURN_IF_ERROR(FollowWithdrawal(tx, room, content));
  switch (content.kind_case()) {
    case Content::kAlert:
      // The notice's receipt is the alert's.
      if (content.alert().part() == alert::v1::ALERT_PART_IDENTITY) return absl::OkStatus();
      if (stored.own() || services_.ActsFor(stored.office_id())) return absl::OkStatus();
      return OweReceipt(services_, tx, AsBytes(stored.room_id()), stored.sequence());
    case Content::kDeliveryReceipt:
      if (!services_.ActsFor(stored.office_id())) return absl::OkStatus();
      return SettleReceipts(services_, tx, room.id(), content.delivery_receipt());
    case Content::kGuard: {
      room.mutable_record().clear_guard_wanted_leaves();
      room.mutable_record().clear_guard_due_ms();
      ENLACE_RETURN_IF_ERROR(room.Save(tx, /*new_epoch=*/false));
      if (room.Guard()) return absl::OkStatus();
      const absl::Status adopted = room.AdoptGuard(tx, AsBytes(content.guard().guard()));
      // A guard that is not the room's is a member's mistake or lie: the room stays read-only here.
      return absl::IsInvalidArgument(adopted) ? absl::OkStatus() : adopted;
    }
    default:
      return absl::OkStatus();
  }
}

}  // namespace enlace::client
