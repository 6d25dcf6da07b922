#include "client/cases/case_store.h"

#include <algorithm>

#include "client/alerts/compose.h"
#include "client/alerts/workflow.h"
#include "client/cases/case_index.h"
#include "client/cases/case_keys.h"
#include "client/cases/case_list.h"
#include "client/cases/case_log.h"
#include "client/cases/case_tables.h"
#include "client/texts/calendar.h"
#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/primitives/status.h"
#include "crypto/room/room_policy.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

using namespace case_tables;  // names of tables stand everywhere below

template <typename Message>
absl::StatusOr<Message> Decode(const SecretBytes& stored, std::string_view table) {
  Message message;
  if (!message.ParseFromArray(stored.view().data(), static_cast<int>(stored.size()))) {
    return MakeError(Reason::kVaultDamaged, {{"what", std::string(table)}});
  }
  return message;
}

// `Source` is a Vault or a VaultTransaction.
template <typename Message, typename Source>
absl::StatusOr<std::optional<Message>> GetMessage(const Source& source, std::string_view table,
                                                  BytesView row) {
  ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> stored, source.Get(table, row));
  if (!stored) return std::optional<Message>();
  ENLACE_ASSIGN_OR_RETURN(Message message, Decode<Message>(*stored, table));
  return std::make_optional(std::move(message));
}

template <typename Message>
absl::StatusOr<std::vector<Message>> ScanMessages(const Vault& vault, std::string_view table,
                                                  BytesView prefix) {
  std::vector<Message> messages;
  VaultRange range{ToBytes(prefix), {}, kVaultPageRows};
  while (true) {
    ENLACE_ASSIGN_OR_RETURN(const std::vector<VaultRow> rows, vault.Scan(table, range));
    for (const VaultRow& row : rows) {
      ENLACE_ASSIGN_OR_RETURN(Message message, Decode<Message>(row.value, table));
      messages.push_back(std::move(message));
    }
    if (rows.size() < kVaultPageRows) return messages;
    range.after = rows.back().row;
  }
}

absl::StatusOr<DataKeyId> EnsureKey(VaultTransaction& tx, std::string_view case_ref) {
  ENLACE_ASSIGN_OR_RETURN(const std::optional<DataKeyId> known, FindKey(tx, case_ref));
  if (known) return *known;
  ENLACE_ASSIGN_OR_RETURN(const DataKeyId key, tx.CreateKey());
  ENLACE_RETURN_IF_ERROR(tx.Put(kCaseKeys, CaseKey(case_ref), key, kVaultKey));
  return key;
}

// The record by itself and in the list of all cases.
absl::Status SaveRecord(VaultTransaction& tx, vault::v1::CaseRecord record) {
  ENLACE_ASSIGN_OR_RETURN(const DataKeyId key, EnsureKey(tx, record.case_ref()));
  if (record.list_block() == 0) {
    ENLACE_ASSIGN_OR_RETURN(const uint32_t block, case_list::ChooseBlock(tx));
    record.set_list_block(block);
  }
  const Bytes row = CaseKey(record.case_ref());
  ENLACE_RETURN_IF_ERROR(PutMessage(tx, kCases, row, record, key));
  ENLACE_ASSIGN_OR_RETURN(const int64_t number, tx.NumberOf(kCases, row));
  return case_list::Put(tx, record, number);
}

// What lists show of the newest alert of a case.
void TakeAlert(const alert::v1::CaseAlert& alert, const vault::v1::StoredContent& stored,
               uint64_t place, vault::v1::CaseRecord& record) {
  record.set_case_ref(alert.case_ref());
  const int64_t delete_after = alerts::ToMs(alert.handling().delete_after());
  const bool earlier = record.delete_after_ms() == 0 || delete_after < record.delete_after_ms();
  if (delete_after != 0 && earlier) record.set_delete_after_ms(delete_after);
  // History brings older messages after newer ones.
  if (place >= record.newest_sequence()) {
    record.set_newest_alert_id(alert.alert_id());
    record.set_newest_sequence(place);
    record.set_newest_at_ms(stored.accepted_at_ms());
    record.set_subject(alert.subject());
    record.set_priority(alert.priority());
    record.set_review_at_ms(alerts::ToMs(alert.handling().review_at()));
  }
  if (alert.message_type() != alert::v1::MESSAGE_TYPE_ALERT) return;
  record.set_opening_alert_id(alert.alert_id());
  record.set_alert_type(alert.alert_type());
  record.set_status(alert.status());
  record.set_origin_office_id(stored.office_id());
  record.set_opened_at_ms(stored.accepted_at_ms());
}

// The offices' states as the workflow has them now.
void TakeTable(const alerts::CaseTable& table, vault::v1::CaseRecord& record) {
  record.clear_offices();
  for (const alerts::Row& row : table.rows) {
    if (row.alert_id != table.opening_alert_id) continue;
    vault::v1::CaseOffice& office = *record.add_offices();
    office.set_office_id(row.office_id);
    office.set_role(row.role);
    office.set_state(static_cast<int>(row.state));
    office.set_ack_due_ms(row.ack_due_ms);
    office.set_acknowledged_at_ms(row.acknowledged.at_ms);
    office.set_response_due_ms(row.response_due_ms);
    office.set_answered_at_ms(row.answered.at_ms);
    office.set_sent_at_ms(row.sent.at_ms);
    office.set_outcome(row.outcome);
  }
  record.set_closed(table.state == alerts::CaseState::kClosed);
  record.set_withdrawn(table.state == alerts::CaseState::kWithdrawn);
  record.set_outcome(table.outcome);
}

// Full years of a person at a moment, as far as the alert tells; the lowest of an estimate.
std::optional<uint32_t> AgeInYears(const alerts::PersonView& person, int64_t at_ms) {
  const texts::DateParts& birth = person.birth_date;
  if (birth.year == 0) {
    const uint32_t years = person.age_years_min != 0 ? person.age_years_min : person.age_years_max;
    return years == 0 ? std::nullopt : std::optional(years);
  }
  const texts::DateParts today = texts::UtcDate(at_ms);
  if (birth.year > today.year) return std::nullopt;
  const uint32_t years = today.year - birth.year;
  const bool before_birthday =
      std::pair(today.month, today.day) < std::pair(birth.month, birth.day);
  return years > 0 && before_birthday ? years - 1 : years;
}

// Whom the case is about, for statistics.
void TakePersons(const CaseLog& log, vault::v1::CaseRecord& record) {
  const auto counts = [](const alerts::PersonView& person) {
    return person.role == alert::v1::PERSON_ROLE_SUBJECT ||
           person.role == alert::v1::PERSON_ROLE_VICTIM ||
           person.role == alert::v1::PERSON_ROLE_DECEASED;
  };
  record.clear_persons();
  const alerts::AlertView picture = alerts::Merge(log.ordered).picture;
  for (const alerts::PersonView& person : picture.persons) {
    if (!counts(person)) continue;
    vault::v1::CasePerson& counted = *record.add_persons();
    counted.set_sex(person.sex);
    if (const auto years = AgeInYears(person, picture.created_at_ms))
      counted.set_age_years_plus_1(*years + 1);
  }
}

// Whether the room carries identity parts only; such a room's log is not the case's.
absl::StatusOr<bool> IsIdentityRoom(const VaultTransaction& tx, std::string_view room_id) {
  ENLACE_ASSIGN_OR_RETURN(const auto room,
                          GetMessage<vault::v1::RoomRecord>(tx, "rooms", AsBytes(room_id)));
  if (!room) return false;
  ENLACE_ASSIGN_OR_RETURN(const room::RoomPolicy policy,
                          room::DecodeRoomPolicy(AsBytes(room->policy())));
  return policy.kind == room::RoomKind::kIdentity;
}

// The number of a room among the case's, counted from the first; nothing for a room that is none of
// them. A case that is in no room yet begins in this one.
absl::StatusOr<std::optional<size_t>> NumberOfRoom(const VaultTransaction& tx,
                                                   const std::string& room_id,
                                                   vault::v1::CaseRecord& record) {
  if (record.room_id().empty()) record.set_room_id(room_id);
  ENLACE_ASSIGN_OR_RETURN(const std::vector<Bytes> rooms,
                          RoomsOfCase(tx, AsBytes(record.room_id())));
  const auto found = std::find(rooms.begin(), rooms.end(), ToBytes(AsBytes(room_id)));
  if (found == rooms.end()) return std::optional<size_t>();
  return std::make_optional(static_cast<size_t>(found - rooms.begin()));
}

// The room through which a message came.
std::string_view RoomOf(const CaseStore::Arrival& arrival) {
  return arrival.room_id.empty() ? std::string_view(arrival.stored.room_id()) : arrival.room_id;
}

struct AttachmentPlace {
  std::string_view case_ref;
  const DataKeyId& key;
};

// `Content` is an AlertContent or an ActionContent.
template <typename Content>
absl::Status AddAttachmentKeys(VaultTransaction& tx, const Content& content,
                               const vault::v1::StoredContent& stored,
                               const AttachmentPlace& place) {
  for (const alert::v1::AttachmentKey& one : content.attachment_keys()) {
    vault::v1::AttachmentRecord record;
    record.set_attachment_id(one.attachment_id());
    record.set_blob_id(one.blob_id());
    record.set_key(one.key());
    record.set_ciphertext_size_bytes(one.ciphertext_size_bytes());
    record.set_plaintext_size_bytes(one.plaintext_size_bytes());
    record.set_plaintext_sha256(one.plaintext_sha256());
    record.set_room_id(stored.room_id());
    record.set_case_ref(std::string(place.case_ref));
    Bytes row = CaseKey(record.case_ref());
    Append(row, AttachmentKey(record.attachment_id()));
    ENLACE_RETURN_IF_ERROR(PutMessage(tx, kAttachments, row, record, place.key));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CaseStore::Add(VaultTransaction& tx, const Arrival& arrival) const {
  vault::v1::StoredContent stored = arrival.stored;
  ENLACE_ASSIGN_OR_RETURN(const std::string case_ref, CaseOf(tx, arrival));
  const bool valid = stored.invalid_reason().empty();
  const bool is_identity = arrival.content.has_alert() &&
                           arrival.content.alert().part() == alert::v1::ALERT_PART_IDENTITY;
  const bool is_alert = valid && arrival.content.has_alert() && !is_identity;
  bool known = false;
  if (is_alert) {
    ENLACE_ASSIGN_OR_RETURN(const AlertNews news,
                            NoteAlert(tx, stored, arrival.content.alert().alert()));
    known = news == AlertNews::kOfferedAgain;
    if (news == AlertNews::kReused)
      stored.set_invalid_reason(std::string(RowOf(Reason::kIdReused).name));
  }
  DataKeyId key = kVaultKey;
  if (!case_ref.empty()) {
    ENLACE_ASSIGN_OR_RETURN(key, EnsureKey(tx, case_ref));
  }
  const Bytes row = MessageRow(AsBytes(stored.room_id()), stored.sequence());
  ENLACE_RETURN_IF_ERROR(PutMessage(tx, kContents, row, stored, key));
  if (!stored.invalid_reason().empty() || case_ref.empty()) return absl::OkStatus();

  ENLACE_ASSIGN_OR_RETURN(auto record,
                          GetMessage<vault::v1::CaseRecord>(tx, kCases, CaseKey(case_ref)));
  if (!record) record.emplace();
  if (is_identity) return TakeIdentity(tx, arrival, *record);
  ENLACE_ASSIGN_OR_RETURN(const bool of_identity_room, IsIdentityRoom(tx, stored.room_id()));
  if (of_identity_room) return absl::OkStatus();
  // History of a room that was lost comes through its successor, where the case is.
  if (record->room_id().empty()) record->set_room_id(std::string(RoomOf(arrival)));
  ENLACE_ASSIGN_OR_RETURN(const auto room, NumberOfRoom(tx, stored.room_id(), *record));
  // Another room that speaks of the case changes nothing; should it be a successor, it is heard
  // when the case goes on in it.
  if (!room) return absl::OkStatus();
  // What a sender offers again after a loss is no news.
  if (is_alert && !known) {
    const uint64_t place = CasePlaceOf(*room, stored.sequence());
    TakeAlert(arrival.content.alert().alert(), stored, place, *record);
    if (stored.own()) record->set_read_sequence(place);
  }
  if (is_alert) {
    ENLACE_RETURN_IF_ERROR(AddAttachmentKeys(tx, arrival.content.alert(), stored, {case_ref, key}));
  }
  if (arrival.content.has_action()) {
    ENLACE_RETURN_IF_ERROR(
        AddAttachmentKeys(tx, arrival.content.action(), stored, {case_ref, key}));
  }
  ENLACE_ASSIGN_OR_RETURN(const CaseLog log, LoadCaseLog(tx, *record));
  TakeTable(log.workflow.table(), *record);
  if (is_alert) TakePersons(log, *record);
  ENLACE_RETURN_IF_ERROR(SaveRecord(tx, *record));
  return is_alert ? case_index::Add(tx, arrival.content.alert().alert(), key) : absl::OkStatus();
}

// The identity part: kept under its alert, with its attachments; the case knows the room.
absl::Status CaseStore::TakeIdentity(VaultTransaction& tx, const Arrival& arrival,
                                     vault::v1::CaseRecord& record) const {
  const alert::v1::AlertContent& part = arrival.content.alert();
  record.set_case_ref(part.alert().case_ref());
  // Where the identity part is stays where it is, until it moves to the successor of that room.
  if (record.identity_room_id().empty()) record.set_identity_room_id(std::string(RoomOf(arrival)));
  ENLACE_RETURN_IF_ERROR(KeepIdentity(tx, record.case_ref(), part.alert().alert_id(),
                                      AsBytes(part.SerializeAsString())));
  ENLACE_ASSIGN_OR_RETURN(const DataKeyId key, EnsureKey(tx, record.case_ref()));
  ENLACE_RETURN_IF_ERROR(AddAttachmentKeys(tx, part, arrival.stored, {record.case_ref(), key}));
  ENLACE_ASSIGN_OR_RETURN(const CaseLog log, LoadCaseLog(tx, record));
  if (!log.ordered.empty()) TakePersons(log, record);
  ENLACE_RETURN_IF_ERROR(SaveRecord(tx, record));
  return case_index::Add(tx, part.alert(), key);
}

// The case that a message belongs to: its own word for alerts and actions, the room's for the rest.
absl::StatusOr<std::string> CaseStore::CaseOf(const VaultTransaction& tx,
                                              const Arrival& arrival) const {
  if (arrival.content.has_alert()) return arrival.content.alert().alert().case_ref();
  if (arrival.content.has_action()) return arrival.content.action().action().case_ref();
  ENLACE_ASSIGN_OR_RETURN(const auto room, GetMessage<vault::v1::RoomRecord>(
                                               tx, "rooms", AsBytes(arrival.stored.room_id())));
  // A room that was left before this device came into its successor.
  return room ? room->case_ref() : std::string(arrival.room_case_ref);
}

// Remembers where the alert is, unless its id stands for content already.
absl::StatusOr<CaseStore::AlertNews> CaseStore::NoteAlert(VaultTransaction& tx,
                                                          const vault::v1::StoredContent& stored,
                                                          const alert::v1::CaseAlert& alert) const {
  const Bytes row = AlertKey(alert.alert_id());
  ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> known, tx.Get(kAlerts, row));
  if (known) {
    ENLACE_ASSIGN_OR_RETURN(const AlertPlace place, DecodePlace(known->view()));
    if (!EqualBytes(place.digest, AsBytes(stored.digest()))) return AlertNews::kReused;
    return AlertNews::kOfferedAgain;
  }
  codec::Writer out;
  out.Vector(AsBytes(alert.case_ref()));
  out.Vector(AsBytes(stored.room_id()));
  out.U64(stored.sequence());
  out.Vector(AsBytes(stored.digest()));
  ENLACE_RETURN_IF_ERROR(tx.Put(kAlerts, row, out.view(), kVaultKey));
  return AlertNews::kNew;
}

absl::StatusOr<CaseStore::AlertPlace> CaseStore::DecodePlace(BytesView bytes) {
  AlertPlace place;
  codec::Reader in(bytes);
  BytesView case_ref;
  ENLACE_RETURN_IF_ERROR(in.ReadVector(case_ref));
  ENLACE_RETURN_IF_ERROR(in.ReadVector(place.room_id));
  ENLACE_RETURN_IF_ERROR(in.ReadU64(place.sequence));
  ENLACE_RETURN_IF_ERROR(in.ReadVector(place.digest));
  ENLACE_RETURN_IF_ERROR(in.Done());
  place.case_ref = ToText(case_ref);
  return place;
}

absl::StatusOr<std::optional<CaseStore::AlertPlace>> CaseStore::FindAlert(
    std::string_view alert_id) const {
  ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> known,
                          vault_.Get(kAlerts, AlertKey(alert_id)));
  if (!known) return std::optional<AlertPlace>();
  ENLACE_ASSIGN_OR_RETURN(AlertPlace place, DecodePlace(known->view()));
  return std::make_optional(std::move(place));
}

absl::StatusOr<std::optional<vault::v1::CaseRecord>> CaseStore::Find(
    std::string_view case_ref) const {
  return FindByKey(CaseKey(case_ref));
}

absl::StatusOr<std::optional<vault::v1::CaseRecord>> CaseStore::FindByKey(
    BytesView case_key) const {
  return GetMessage<vault::v1::CaseRecord>(vault_, kCases, case_key);
}

absl::StatusOr<std::vector<vault::v1::CaseRecord>> CaseStore::All() const {
  std::vector<vault::v1::CaseRecord> records;
  ENLACE_RETURN_IF_ERROR(case_list::ForEach(vault_, [&](const case_list::Entry& entry) {
    ENLACE_ASSIGN_OR_RETURN(vault::v1::CaseRecord record, entry.Decode());
    records.push_back(std::move(record));
    return absl::OkStatus();
  }));
  return records;
}

absl::StatusOr<std::vector<vault::v1::StoredContent>> CaseStore::Contents(BytesView room_id) const {
  return ScanMessages<vault::v1::StoredContent>(vault_, kContents, room_id);
}

absl::StatusOr<std::optional<vault::v1::StoredContent>> CaseStore::ContentAt(
    BytesView room_id, uint64_t sequence) const {
  return GetMessage<vault::v1::StoredContent>(vault_, kContents, MessageRow(room_id, sequence));
}

absl::Status CaseStore::MarkRead(VaultTransaction& tx, std::string_view case_ref) const {
  ENLACE_ASSIGN_OR_RETURN(auto record,
                          GetMessage<vault::v1::CaseRecord>(tx, kCases, CaseKey(case_ref)));
  if (!record) return MakeError(Reason::kCaseUnknown, {{"case", std::string(case_ref)}});
  record->set_read_sequence(record->newest_sequence());
  return SaveRecord(tx, *record);
}

absl::Status CaseStore::MoveToRoom(VaultTransaction& tx, std::string_view case_ref,
                                   const NewRoom& to) const {
  ENLACE_ASSIGN_OR_RETURN(auto record,
                          GetMessage<vault::v1::CaseRecord>(tx, kCases, CaseKey(case_ref)));
  if (!record) return absl::OkStatus();
  if (to.of_identity) {
    record->set_identity_room_id(ToText(to.room_id));
  } else {
    record->set_room_id(ToText(to.room_id));
  }
  ENLACE_ASSIGN_OR_RETURN(const CaseLog log, LoadCaseLog(tx, *record));
  if (!to.of_identity) ENLACE_RETURN_IF_ERROR(TakeWaiting(tx, log, *record));
  TakeTable(log.workflow.table(), *record);
  return SaveRecord(tx, *record);
}

// What came through the case's current room before the case went on in it.
absl::Status CaseStore::TakeWaiting(VaultTransaction& tx, const CaseLog& log,
                                    vault::v1::CaseRecord& record) const {
  ENLACE_ASSIGN_OR_RETURN(const DataKeyId key, EnsureKey(tx, record.case_ref()));
  bool alerts = false;
  for (size_t i = 0; i < log.messages.size(); ++i) {
    const vault::v1::StoredContent& stored = log.messages[i];
    if (stored.room_id() != record.room_id() || !stored.invalid_reason().empty()) continue;
    ENLACE_ASSIGN_OR_RETURN(const alert::v1::Content content, ContentOf(stored));
    const AttachmentPlace place{record.case_ref(), key};
    if (content.has_action())
      ENLACE_RETURN_IF_ERROR(AddAttachmentKeys(tx, content.action(), stored, place));
    if (!content.has_alert()) continue;
    alerts = true;
    TakeAlert(content.alert().alert(), stored, log.places[i], record);
    if (stored.own()) record.set_read_sequence(log.places[i]);
    ENLACE_RETURN_IF_ERROR(AddAttachmentKeys(tx, content.alert(), stored, place));
    ENLACE_RETURN_IF_ERROR(case_index::Add(tx, content.alert().alert(), key));
  }
  if (alerts) TakePersons(log, record);
  return absl::OkStatus();
}

absl::Status CaseStore::AddDraft(VaultTransaction& tx, const vault::v1::CaseRecord& record) const {
  return SaveRecord(tx, record);
}

absl::Status CaseStore::KeepIdentity(VaultTransaction& tx, std::string_view case_ref,
                                     std::string_view alert_id, BytesView identity) const {
  ENLACE_ASSIGN_OR_RETURN(const DataKeyId key, EnsureKey(tx, case_ref));
  return tx.Put(kIdentities, AlertKey(alert_id), identity, key);
}

absl::StatusOr<std::optional<SecretBytes>> CaseStore::Identity(std::string_view alert_id) const {
  return vault_.Get(kIdentities, AlertKey(alert_id));
}

absl::StatusOr<std::optional<vault::v1::AttachmentRecord>> CaseStore::FindAttachment(
    std::string_view case_ref, std::string_view attachment_id) const {
  Bytes row = CaseKey(case_ref);
  Append(row, AttachmentKey(attachment_id));
  return GetMessage<vault::v1::AttachmentRecord>(vault_, kAttachments, row);
}

absl::StatusOr<std::vector<vault::v1::AttachmentRecord>> CaseStore::Attachments(
    std::string_view case_ref) const {
  return ScanMessages<vault::v1::AttachmentRecord>(vault_, kAttachments, CaseKey(case_ref));
}

absl::Status CaseStore::SaveAttachment(VaultTransaction& tx,
                                       const vault::v1::AttachmentRecord& record) const {
  ENLACE_ASSIGN_OR_RETURN(const DataKeyId key, EnsureKey(tx, record.case_ref()));
  Bytes row = CaseKey(record.case_ref());
  Append(row, AttachmentKey(record.attachment_id()));
  return PutMessage(tx, kAttachments, row, record, key);
}

}  // namespace enlace::client
