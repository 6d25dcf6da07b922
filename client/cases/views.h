// What an officer's screens show, as plain values: rows of the inbox, a case, its table, this
// machine.
//
// Computed by CaseReader (case_reader.h) from the vault; drawn by the command line and the gateway.
// Texts are as their authors wrote them: a screen escapes them. Codes are numbers of
// enlace.alert.v1, instants milliseconds since 1970 (0 = absent).
//
// Thread safety: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/alerts/alert_view.h"
#include "client/alerts/merge.h"
#include "client/alerts/violation.h"
#include "client/alerts/workflow.h"

namespace enlace::client {

// How old what is shown may be.
struct Freshness {
  bool online = false;
  // Last time that everything the server had was here; 0 = never.
  int64_t synced_at_ms = 0;
  // When the connection was lost; 0 while online.
  int64_t offline_since_ms = 0;
  size_t queued = 0;
};

struct InboxRow {
  std::string case_ref;
  std::string alert_id;
  int alert_type = 0;
  int priority = 0;
  // CAP status; anything but ACTUAL stands in a section of its own.
  int status = 0;
  // Of my office's row.
  alerts::RowState state = alerts::RowState::kSent;
  int role = 0;
  std::string from_office_id;
  // 0 where no acknowledgement is asked.
  int64_t ack_due_ms = 0;
  bool late = false;
  // How far the acknowledge window has run: 0, 50, 100 or 200; 0 on exercises.
  int escalation_percent = 0;
  std::string subject;
  // The case was updated since an officer of this office read it.
  bool updated_unread = false;
};

struct InboxView {
  // The offices of this device; the first is named on the screen.
  std::vector<std::string> office_ids;
  Freshness freshness;
  size_t waiting = 0;
  size_t late = 0;
  size_t exercises = 0;
  // Cases that are open without anything waiting.
  size_t other_open = 0;
  // Late first, then by deadline, then information only; exercises after all others.
  std::vector<InboxRow> rows;
};

// A deadline of an office that passed, as the server told it.
struct DeadlineNews {
  // Empty when this device is not in the room: then nothing but office, step and urgency is known.
  std::string case_ref;
  std::string office_id;
  // 50, 100 or 200 percent of the window.
  int percent = 0;
  // enlace.v1.Urgency.
  int urgency = 0;
  int64_t noticed_at_ms = 0;
};

// Whether the author is who the message says.
enum class SignatureState { kVerified, kInvalid };

struct AttachmentState {
  alerts::AttachmentView attachment;
  bool downloaded = false;
  // The sender's upload is complete; without it a download waits.
  bool available = false;
};

// Why the room can't be used from here; empty reason = it can.
struct RoomTrouble {
  // ROOM_FROZEN, ROOM_READ_ONLY, GUARD_UNKNOWN.
  std::string reason;
  std::string detail;
};

// What this device has of the identity of protected persons.
enum class IdentityState {
  kNone,      // Nothing is withheld in this case.
  kWithheld,  // My office has not accepted; an INFO office never gets it.
  kPending,   // Accepted; a machine of the origin has to be online to let my office in.
  kHere,
};

struct CaseView {
  IdentityState identity = IdentityState::kNone;
  alerts::MergedCase merged;
  alerts::CaseTable table;
  // Of the newest alert message.
  SignatureState signature = SignatureState::kVerified;
  std::string signature_problem;
  // Officers' display names by id, as their authorities certified them.
  std::vector<std::pair<std::string, std::string>> officer_names;
  // What the receiver's own checks found (rule 11).
  alerts::Violations findings;
  std::vector<AttachmentState> attachments;
  // This device's offices that take part, with the row of each.
  std::vector<std::string> my_office_ids;
  bool i_am_origin = false;
  // The officer of this device.
  std::string my_officer_id;
  RoomTrouble trouble;
  // Devices that came into the room against its guard and were removed.
  std::vector<std::string> guard_incidents;
  Freshness freshness;
  // Server's acceptance of the opening and of the newest alert.
  int64_t opened_at_ms = 0;
  int64_t newest_at_ms = 0;
};

// How far this device's own message got.
struct OutboxState {
  std::string item_id;
  std::string case_ref;
  std::string alert_id;
  // enlace.alert.v1.Action of a workflow step; 0 for an alert or an update.
  int action = 0;
  // kQueued, kSent or kFailed.
  alerts::RowState state = alerts::RowState::kQueued;
  int attempts = 0;
  int64_t queued_at_ms = 0;
  int64_t next_attempt_ms = 0;
  int64_t accepted_at_ms = 0;
  // Reason and texts of the last failure.
  std::string reason;
  std::string message_en, message_es;
  // Attachment bytes sent and in all.
  uint64_t uploaded_bytes = 0;
  uint64_t upload_bytes = 0;
};

struct StatusView {
  CaseView the_case;
  // Messages of this case that are still here.
  std::vector<OutboxState> outbox;
  // Recipient offices that have no device that could read it.
  std::vector<std::string> offices_without_devices;
  // Duty phone by office id, where the registry has one.
  std::vector<std::pair<std::string, std::string>> duty_phones;
};

// This machine: connection, queue, certificate, registry, vault.
struct MachineView {
  std::string officer_id;
  std::vector<std::string> office_ids;
  std::string device_id;
  std::string server;
  Freshness freshness;
  int64_t round_trip_ms = 0;
  // Server's clock minus this machine's.
  int64_t clock_offset_ms = 0;
  int64_t certificate_until_ms = 0;
  uint64_t charter_version = 0;
  size_t charter_signatures = 0;
  size_t charter_keys = 0;
  uint64_t registry_entries = 0;
  bool registry_consistent = false;
  size_t cases = 0;
  size_t open_cases = 0;
  uint64_t vault_bytes = 0;
  // 0 while locked.
  int64_t unlocked_until_ms = 0;
  // Who is on duty at my first office now, by its roster, this officer first; and until when the
  // first of their shifts ends.
  std::vector<std::string> on_duty;
  int64_t on_duty_until_ms = 0;
  size_t late_alerts = 0;
  // Of open cases.
  size_t attachments_waiting = 0;
  uint64_t attachments_waiting_bytes = 0;
};

// What `send` says of a message that was taken.
struct SendOutcome {
  std::string case_ref;
  std::string alert_id;
  alerts::RowState state = alerts::RowState::kQueued;
  int64_t accepted_at_ms = 0;
  int status = 0;
  int tlp = 0;
  // Offices by role, and how many devices can read it.
  std::vector<std::pair<std::string, int>> offices;
  size_t devices = 0;
  std::vector<std::string> offices_without_devices;
  size_t attachments = 0;
  uint64_t attachment_bytes = 0;
  uint64_t uploaded_bytes = 0;
  // Warnings of the checks; errors refuse the message instead.
  alerts::Violations warnings;
};

// What an action did.
struct ActionOutcome {
  std::string case_ref;
  std::string office_id;
  std::string officer_id;
  // CAP status of the case: anything but ACTUAL is marked wherever the step is told.
  int status = 0;
  // enlace.alert.v1.Action that was asked for, and all that were queued for it, in their order.
  int action = 0;
  std::vector<int> steps;
  // Who got it, and which office entered: of ASSIGN, HANDOVER_OFFICER, REFER.
  std::string assignee_officer_id;
  std::string other_office_id;
  alerts::RowState state = alerts::RowState::kQueued;
  // When the server accepted it, 0 while queued.
  int64_t at_ms = 0;
  int64_t response_due_ms = 0;
  // The office that sent the alert took the step.
  bool by_origin = false;
  // Somebody of the office was first; nothing was sent.
  bool already_done = false;
};

}  // namespace enlace::client
