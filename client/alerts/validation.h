// Everything that the model and the rules of DOMAIN.md ask of an alert or an action, decided from
// the message, the directory and the clock. All violations at once, in the order of the model.
//
// The sender validates before encrypting, the receiver after decrypting (rule 11): Side tells
// which. A receiver never loses an alert for what it finds; errors become marks on the screen,
// unknown codes stay. What only a receiver or a server can know comes in as explicit values
// (CheckSender, CheckIdReuse, AlreadyAccepted).
//
// Thread safety: pure functions; the directory is only read.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/alerts/attachments_check.h"
#include "client/alerts/directory_view.h"
#include "client/alerts/violation.h"
#include "enlace/alert/v1/alert.pb.h"

namespace enlace::alerts {

enum class Side { kSender, kReceiver };

// Limits of texts and lists, in Unicode code points and entries.
inline constexpr size_t kSubjectCharsMax = 120;
inline constexpr size_t kBodyCharsMax = 20'000;
inline constexpr size_t kShortTextCharsMax = 500;
inline constexpr size_t kLongTextCharsMax = 4'000;
inline constexpr int kListEntriesMax = 200;
inline constexpr int kRecipientsMax = 64;
inline constexpr int kAttachmentsMax = 50;
inline constexpr int64_t kClockSkewMsMax = 5 * 60 * 1000;

struct ValidationContext {
  Side side = Side::kSender;
  // Null: what needs the registry is not checked (`check` on a machine that was never online).
  const DirectoryView* directory = nullptr;
  // The server's time, when it is known.
  std::optional<int64_t> server_time_ms;
  // Offices that are in the case's room already; empty for a new case. An update is judged against
  // them.
  std::vector<std::string> room_offices;
  // The files that were given, by file name (rule 13): a listed one that is not here is an error.
  // Null: the files are not at hand and only the entries are judged.
  const std::map<std::string, AttachmentFacts>* files = nullptr;
  // The receiving authority's longest retention; 0 = none set.
  int64_t retention_ms_max = 0;
};

Violations ValidateAlert(const alert::v1::CaseAlert& alert, const ValidationContext& context);

// The whole check of a file: what is wrong with the JSON and with the alert, without what only
// follows from the former.
struct CheckedJson {
  // Absent when the text is no JSON object or breaks a limit.
  std::optional<alert::v1::CaseAlert> alert;
  Violations violations;
};
CheckedJson CheckAlertJson(std::string_view json, const ValidationContext& context);

// A workflow step by itself: ids, actor, the field that its kind needs, texts. Whether the state
// allows it: workflow.h.
Violations ValidateAction(const alert::v1::CaseAction& action, const ValidationContext& context);

// Texts to Unicode NFC, for what a program composes. What an officer or a peer sent is kept as it
// is.
void ToNfc(alert::v1::CaseAlert& alert);

// The sender inside the ciphertext against the authenticated one, and against the parties of the
// case: SENDER_MISMATCH
// ("INVALID SENDER"), NOT_A_PARTY.
struct SenderFacts {
  std::string authenticated_office_id;
  std::string authenticated_officer_id;
  std::vector<std::string> parties;
};
Violations CheckSender(const alert::v1::CaseAlert& alert, const SenderFacts& facts);

// ID_REUSED when both digests differ: the first is kept, the second is refused and the sender told.
std::optional<Violation> CheckIdReuse(std::string_view kept_digest, std::string_view new_digest);

// The note (a warning, nothing is refused) that the alert was accepted before, ALREADY_ACCEPTED.
Violation AlreadyAccepted(int64_t accepted_at_ms);

}  // namespace enlace::alerts
