// The merged picture of a case (DOMAIN rule 4a): the first alert with its updates applied in the
// server's order.
//
// Persons merge by local_id, attachments by attachment_id, documents by type and number; what an
// update does not say is unchanged; corrected_fields names what it replaced or emptied. Lists of a
// person (phones, languages) grow, unless corrected. Events are added. The text of the newest
// message is the text of the case; earlier ones stay in the history.
//
// Invariants:
// 1. TLP only tightens, handling codes and excluded countries only grow, NOT_PERMITTED never turns
// back, delete_after
//    only comes earlier, whatever an update says.
// 2. The origin, the case reference and the recipients of the first alert stay; an update's
// recipients are the room's
//    other offices and change no role.
// 3. Merging is a pure function of the ordered messages.
//
// Thread safety: pure functions; values.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "client/alerts/alert_view.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::alerts {

// A message of the case with what the server's order and the verified signature say of it.
struct OrderedAlert {
  const alert::v1::CaseAlert* alert = nullptr;
  uint64_t sequence = 0;
  int64_t accepted_at_ms = 0;
  std::string office_id;
  std::string officer_id;
};

// One value that changed. Values are as the model writes them in JSON ("2004-08-17" for dates,
// codes by name).
struct FieldChange {
  // "persons[p1].birth_date".
  std::string field;
  std::string old_value;
  std::string new_value;
  std::string by_office_id;
  std::string by_officer_id;
  int64_t at_ms = 0;
  std::string alert_id;
  // An old value was replaced or emptied, not only one added.
  bool corrected = false;
  // Set when the values are dates (is_date), or codes (code_kind is a texts::CodeKind; -1
  // otherwise), so that a screen can say them in its own language.
  bool is_date = false;
  DateParts old_date, new_date;
  int code_kind = -1;
  int old_code = 0, new_code = 0;
};

struct MergedCase {
  AlertView picture;
  // In the order in which they happened.
  std::vector<FieldChange> changes;
  size_t update_count = 0;
  std::string last_office_id;
  int64_t last_at_ms = 0;
  // Fields in which an update tried to loosen the handling, which was not followed.
  std::vector<std::string> refused_loosening;

  // Changes of one field, oldest first.
  std::vector<FieldChange> ChangesOf(std::string_view field) const;
};

// `messages[0]` opens the case; messages of another case and CANCELs change nothing here
// (workflow.h shows them).
MergedCase Merge(std::span<const OrderedAlert> messages);
// The merged alert itself, for templates of updates, guards and exports.
alert::v1::CaseAlert MergeAlerts(std::span<const OrderedAlert> messages);

// The stricter of two: RED > AMBER_STRICT > AMBER > GREEN > CLEAR; missing and unknown count as
// RED.
int StricterTlp(int a, int b);
// The handling that counts for an alert in a room: the stricter of both in every field.
void TightenHandling(const alert::v1::Handling& room, alert::v1::Handling& handling);

}  // namespace enlace::alerts
