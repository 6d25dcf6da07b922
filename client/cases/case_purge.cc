// The half of CaseStore that forgets.

#include "client/alerts/redaction.h"
#include "client/cases/case_index.h"
#include "client/cases/case_keys.h"
#include "client/cases/case_list.h"
#include "client/cases/case_log.h"
#include "client/cases/case_store.h"
#include "client/cases/case_tables.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

using namespace case_tables;  // names of tables stand everywhere below

bool Names(const std::set<std::string>& alert_ids, const alert::v1::Content& content) {
  if (content.has_alert()) return alert_ids.contains(content.alert().alert().alert_id());
  return content.has_action() && alert_ids.contains(content.action().action().alert_id());
}

// The message without what it said.
absl::StatusOr<vault::v1::StoredContent> RedactedMessage(const vault::v1::StoredContent& stored,
                                                         const alert::v1::Content& content) {
  alert::v1::Content kept;
  kept.set_version(content.version());
  if (content.has_alert()) {
    *kept.mutable_alert()->mutable_alert() = alerts::Redacted(content.alert().alert());
    kept.mutable_alert()->set_part(content.alert().part());
  } else {
    *kept.mutable_action()->mutable_action() = alerts::Redacted(content.action().action());
  }
  vault::v1::StoredContent redacted = stored;
  redacted.clear_signed_content();
  redacted.set_redacted(kept.SerializeAsString());
  return redacted;
}

// One case on its way from its old data key to a fresh one.
class Mover {
 public:
  Mover(VaultTransaction& tx, const std::set<std::string>& alert_ids, const DataKeyId& key)
      : tx_(tx), alert_ids_(alert_ids), key_(key) {}

  absl::Status MoveMessages(const std::vector<vault::v1::StoredContent>& messages) {
    for (const vault::v1::StoredContent& stored : messages) {
      ENLACE_RETURN_IF_ERROR(MoveMessage(stored));
    }
    return absl::OkStatus();
  }

  // Identity parts and attachments of alerts that stay.
  absl::Status MoveIdentities(const CaseStore& cases, const CaseLog& log) {
    for (const alerts::OrderedAlert& ordered : log.ordered) {
      const std::string& alert_id = ordered.alert->alert_id();
      if (alert_ids_.contains(alert_id)) continue;
      ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> kept, cases.Identity(alert_id));
      if (kept)
        ENLACE_RETURN_IF_ERROR(tx_.Put(kIdentities, AlertKey(alert_id), kept->view(), key_));
    }
    return absl::OkStatus();
  }

  absl::Status MoveAttachments(const std::vector<vault::v1::AttachmentRecord>& attachments) {
    for (const vault::v1::AttachmentRecord& one : attachments) {
      if (gone_.contains(one.attachment_id())) continue;
      Bytes row = CaseKey(one.case_ref());
      Append(row, AttachmentKey(one.attachment_id()));
      ENLACE_RETURN_IF_ERROR(PutMessage(tx_, kAttachments, row, one, key_));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status MoveMessage(const vault::v1::StoredContent& stored) {
    const Bytes row = MessageRow(AsBytes(stored.room_id()), stored.sequence());
    absl::StatusOr<alert::v1::Content> content = ContentOf(stored);
    // What never verified says nothing about the case, and goes with what it imitated.
    if (!stored.invalid_reason().empty() || !content.ok()) return absl::OkStatus();
    if (!Names(alert_ids_, *content)) return PutMessage(tx_, kContents, row, stored, key_);
    for (const auto& one : content->alert().attachment_keys()) gone_.insert(one.attachment_id());
    for (const auto& one : content->action().attachment_keys()) gone_.insert(one.attachment_id());
    const bool identity =
        content->has_alert() && content->alert().part() == alert::v1::ALERT_PART_IDENTITY;
    if (identity) return absl::OkStatus();
    ENLACE_ASSIGN_OR_RETURN(const vault::v1::StoredContent redacted,
                            RedactedMessage(stored, *content));
    return PutMessage(tx_, kContents, row, redacted, key_);
  }

  VaultTransaction& tx_;
  const std::set<std::string>& alert_ids_;
  const DataKeyId key_;
  std::set<std::string> gone_;
};

// The record under its new key, without the search tokens of the old one and out of the old list
// block, whose key goes too.
absl::Status MoveRecord(VaultTransaction& tx, vault::v1::CaseRecord& record, const DataKeyId& key) {
  const Bytes row = CaseKey(record.case_ref());
  ENLACE_RETURN_IF_ERROR(case_list::Remove(tx, record));
  ENLACE_RETURN_IF_ERROR(tx.Delete(kCases, row));
  ENLACE_ASSIGN_OR_RETURN(const uint32_t block, case_list::ChooseBlock(tx));
  record.set_list_block(block);
  ENLACE_RETURN_IF_ERROR(PutMessage(tx, kCases, row, record, key));
  ENLACE_ASSIGN_OR_RETURN(const int64_t number, tx.NumberOf(kCases, row));
  return case_list::Put(tx, record, number);
}

}  // namespace

absl::Status CaseStore::Purge(VaultTransaction& tx, std::string_view case_ref) const {
  ENLACE_ASSIGN_OR_RETURN(const std::optional<DataKeyId> key, FindKey(tx, case_ref));
  if (!key) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(const CaseLog log, LoadCaseLog(vault_, case_ref));
  for (const alerts::OrderedAlert& ordered : log.ordered)
    ENLACE_RETURN_IF_ERROR(tx.Delete(kAlerts, AlertKey(ordered.alert->alert_id())));
  ENLACE_RETURN_IF_ERROR(case_list::Remove(tx, log.record));
  ENLACE_RETURN_IF_ERROR(tx.DestroyKey(*key));
  return tx.Delete(kCaseKeys, CaseKey(case_ref));
}

absl::Status CaseStore::Redact(VaultTransaction& tx, std::string_view case_ref,
                               const std::set<std::string>& alert_ids) const {
  ENLACE_ASSIGN_OR_RETURN(const std::optional<DataKeyId> old_key, FindKey(tx, case_ref));
  ENLACE_ASSIGN_OR_RETURN(auto record, Find(case_ref));
  if (!old_key || !record) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(const CaseLog log, LoadCaseLog(vault_, case_ref));
  ENLACE_ASSIGN_OR_RETURN(const std::vector<vault::v1::AttachmentRecord> attachments,
                          Attachments(case_ref));
  std::vector<Bytes> rooms;
  for (const std::string* room_id : {&record->room_id(), &record->identity_room_id()}) {
    ENLACE_ASSIGN_OR_RETURN(const std::vector<Bytes> more, RoomsOfCase(vault_, AsBytes(*room_id)));
    rooms.insert(rooms.end(), more.begin(), more.end());
  }
  ENLACE_ASSIGN_OR_RETURN(const DataKeyId key, tx.CreateKey());
  ENLACE_RETURN_IF_ERROR(tx.Put(kCaseKeys, CaseKey(case_ref), key, kVaultKey));
  Mover mover(tx, alert_ids, key);
  for (const Bytes& room_id : rooms) {
    ENLACE_ASSIGN_OR_RETURN(const auto messages, Contents(room_id));
    ENLACE_RETURN_IF_ERROR(mover.MoveMessages(messages));
  }
  ENLACE_RETURN_IF_ERROR(mover.MoveIdentities(*this, log));
  ENLACE_RETURN_IF_ERROR(mover.MoveAttachments(attachments));
  if (alert_ids.contains(record->opening_alert_id()) ||
      alert_ids.contains(record->newest_alert_id())) {
    record->clear_subject();
  }
  ENLACE_RETURN_IF_ERROR(MoveRecord(tx, *record, key));
  for (const alert::v1::CaseAlert& alert : log.alerts) {
    if (!alert_ids.contains(alert.alert_id()))
      ENLACE_RETURN_IF_ERROR(case_index::Add(tx, alert, key));
  }
  return tx.DestroyKey(*old_key);
}

}  // namespace enlace::client
