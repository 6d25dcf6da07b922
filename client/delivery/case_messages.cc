#include "client/delivery/case_messages.h"

#include <algorithm>

#include "client/alerts/validation.h"
#include "client/cases/case_log.h"
#include "client/cases/case_store.h"
#include "client/delivery/limits.h"
#include "client/delivery/receipts.h"
#include "crypto/codec/writer.h"
#include "crypto/primitives/status.h"
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
  stored.set_room_id(ToText(room.id()));
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
  stored.set_officer_id(std::string(author->device->uri.officer_id()));
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
  return stored;
}

absl::Status CaseMessages::CheckKind(const Room& room, const vault::v1::StoredContent& stored,
                                     const Content& content, std::string& invalid_reason) const {
  if (content.kind_case() != Content::kAlert) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(const room::RoomPolicy policy, room.Policy());
  const alert::v1::CaseAlert& alert = content.alert().alert();
  const alerts::Violations found =
      alerts::CheckSender(alert, {stored.office_id(), stored.officer_id(), PartiesOf(policy)});
  if (alerts::HasError(found)) invalid_reason = found.front().reason;
  // Only the origin opens a case, with the first alert of its room.
  const bool opens = room.record().case_ref().empty();
  if (opens && (stored.office_id() != policy.origin_office ||
                alert.message_type() != alert::v1::MESSAGE_TYPE_ALERT)) {
    invalid_reason = NameOf(Reason::kSenderInvalid);
  }
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
  const std::vector<std::string> offices = services_.Offices();
  ENLACE_RETURN_IF_ERROR(CaseStore(services_.vault()).Add(tx, {stored, content, offices}));
  return valid ? Follow(tx, room, stored, content) : absl::OkStatus();
}

absl::Status CaseMessages::Follow(VaultTransaction& tx, Room& room,
                                  const vault::v1::StoredContent& stored, const Content& content) {
  switch (content.kind_case()) {
    case Content::kAlert:
      if (stored.own() || services_.ActsFor(stored.office_id())) return absl::OkStatus();
      return OweReceipt(services_, tx, room.id(), stored.sequence());
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
