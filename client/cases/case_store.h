// Cases in the vault: messages as they were verified, what lists show of each case, and
// attachments' keys.
//
// Promises that a message is stored once, under the case's own data key, in the transaction that
// applied it; that the first content under an alert id is kept and a different one is refused
// (ID_REUSED); and that purging a case destroys its key, so that neither message nor attachment of
// it can be read again.
//
// Tables: "cases" case key -> CaseRecord, sealed by the case's data key; "case-keys" case key ->
// data key; "contents" room id ‖ sequence (8 bytes, big endian) -> StoredContent; "alerts" alert
// key -> room id, sequence and digest; "attachments" case key ‖ attachment id hash ->
// AttachmentRecord; "identities" alert key -> AlertContent. Case and alert keys are the first 16
// bytes of a keyed hash of reference and id: no word of an alert stands in a row key.
//
// Thread safety: one thread. Ownership: borrows the vault.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/vault/vault.h"
#include "enlace/alert/v1/content.pb.h"
#include "enlace/vault/v1/vault.pb.h"

namespace enlace::client {

struct CaseLog;

class CaseStore {
 public:
  explicit CaseStore(const Vault& vault) : vault_(vault) {}

  // What a message that is being stored belongs to.
  struct Arrival {
    const vault::v1::StoredContent& stored;
    const alert::v1::Content& content;
    // Offices of this device, for what lists show.
    const std::vector<std::string>& my_offices;
    // The room through which it came, when that is a successor of the message's own, and its case.
    std::string_view room_id = {};
    std::string_view room_case_ref = {};
  };
  // Stores a verified message and brings the case's record up to date. A message whose
  // invalid_reason is set is kept and changes no record. ID_REUSED when the alert id is known with
  // another digest; the message is kept as invalid then.
  absl::Status Add(VaultTransaction& tx, const Arrival& arrival) const;

  absl::StatusOr<std::optional<vault::v1::CaseRecord>> Find(std::string_view case_ref) const;
  // The same by the key of its row.
  absl::StatusOr<std::optional<vault::v1::CaseRecord>> FindByKey(BytesView case_key) const;
  absl::StatusOr<std::vector<vault::v1::CaseRecord>> All() const;
  // Messages of a room in the server's order.
  absl::StatusOr<std::vector<vault::v1::StoredContent>> Contents(BytesView room_id) const;
  // One message of a room; nothing when there is none.
  absl::StatusOr<std::optional<vault::v1::StoredContent>> ContentAt(BytesView room_id,
                                                                    uint64_t sequence) const;
  // Where an alert is, by its id.
  struct AlertPlace {
    std::string case_ref;
    Bytes room_id;
    uint64_t sequence = 0;
    Bytes digest;
  };
  absl::StatusOr<std::optional<AlertPlace>> FindAlert(std::string_view alert_id) const;

  // Remembers that an officer had the newest alert of the case on the screen.
  absl::Status MarkRead(VaultTransaction& tx, std::string_view case_ref) const;
  // The case, or its identity part, goes on in another room; its messages so far stay where they
  // are. A case that is not here is left alone.
  struct NewRoom {
    BytesView room_id;
    bool of_identity = false;
  };
  absl::Status MoveToRoom(VaultTransaction& tx, std::string_view case_ref, const NewRoom& to) const;
  // A case that this device opens, before the server has it: what lists show of it. Makes the
  // case's data key.
  absl::Status AddDraft(VaultTransaction& tx, const vault::v1::CaseRecord& record) const;

  // The identity part of an alert of ours (a serialised AlertContent), kept until an ACTION office
  // accepts.
  absl::Status KeepIdentity(VaultTransaction& tx, std::string_view case_ref,
                            std::string_view alert_id, BytesView identity) const;
  absl::StatusOr<std::optional<SecretBytes>> Identity(std::string_view alert_id) const;

  absl::StatusOr<std::optional<vault::v1::AttachmentRecord>> FindAttachment(
      std::string_view case_ref, std::string_view attachment_id) const;
  absl::StatusOr<std::vector<vault::v1::AttachmentRecord>> Attachments(
      std::string_view case_ref) const;
  absl::Status SaveAttachment(VaultTransaction& tx,
                              const vault::v1::AttachmentRecord& record) const;

  // Destroys the case's data key and with it every row of the case, and what tables of the vault's
  // own key say of its alerts. The caller purges the vault after the commit.
  absl::Status Purge(VaultTransaction& tx, std::string_view case_ref) const;
  // Moves the case to a fresh data key, leaving of the named alerts, of their identity parts,
  // attachments and of notes only what client/alerts/redaction.h leaves, and destroys the old key.
  // The caller purges the vault after the commit.
  absl::Status Redact(VaultTransaction& tx, std::string_view case_ref,
                      const std::set<std::string>& alert_ids) const;

 private:
  absl::StatusOr<std::string> CaseOf(const VaultTransaction& tx, const Arrival& arrival) const;
  absl::Status TakeIdentity(VaultTransaction& tx, const Arrival& arrival,
                            vault::v1::CaseRecord& record) const;
  absl::Status TakeWaiting(VaultTransaction& tx, const CaseLog& log,
                           vault::v1::CaseRecord& record) const;
  // What an alert's id and digest say: another content under a known id, or one that is here
  // already, offered again after a loss of the server's log.
  enum class AlertNews { kNew, kOfferedAgain, kReused };
  absl::StatusOr<AlertNews> NoteAlert(VaultTransaction& tx, const vault::v1::StoredContent& stored,
                                      const alert::v1::CaseAlert& alert) const;
  static absl::StatusOr<AlertPlace> DecodePlace(BytesView bytes);

  const Vault& vault_;
};

}  // namespace enlace::client
