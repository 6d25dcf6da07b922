#include "client/cli_common/exit_code.h"

#include <optional>

#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

struct Row {
  Reason reason;
  ExitCode code;
};

// Reasons of the programs and of the server; one that is not here is kFailed.
constexpr Row kRows[] = {
    {Reason::kUsage, ExitCode::kUsage},
    {Reason::kPromptImpossible, ExitCode::kUsage},
    {Reason::kIdInvalid, ExitCode::kUsage},
    {Reason::kCaseAmbiguous, ExitCode::kUsage},
    {Reason::kCaseUnknown, ExitCode::kUsage},
    {Reason::kDutyLineInvalid, ExitCode::kUsage},
    {Reason::kFileNotFound, ExitCode::kUsage},
    {Reason::kConfigInvalid, ExitCode::kUsage},
    {Reason::kPassphraseWeak, ExitCode::kUsage},
    {Reason::kInvitationInvalid, ExitCode::kUsage},
    {Reason::kDeviceUnknown, ExitCode::kUsage},
    {Reason::kRequestUnknown, ExitCode::kUsage},
    {Reason::kAttachmentUnknown, ExitCode::kUsage},
    {Reason::kEnrolmentPending, ExitCode::kNetwork},
    {Reason::kServerUnreachable, ExitCode::kNetwork},
    {Reason::kNotSentYet, ExitCode::kNetwork},
    {Reason::kCharterMissing, ExitCode::kNetwork},
    {Reason::kEpochStale, ExitCode::kNetwork},
    {Reason::kDiskFull, ExitCode::kNetwork},
    {Reason::kSlowConsumer, ExitCode::kNetwork},
    {Reason::kStreamReplaced, ExitCode::kNetwork},
    {Reason::kStorageUnavailable, ExitCode::kNetwork},
    {Reason::kServerStopping, ExitCode::kNetwork},
    {Reason::kStorageDamaged, ExitCode::kNetwork},
    {Reason::kNotEnrolled, ExitCode::kNotAuthorised},
    {Reason::kPassphraseWrong, ExitCode::kNotAuthorised},
    {Reason::kVaultLocked, ExitCode::kNotAuthorised},
    {Reason::kInvitationDeclined, ExitCode::kNotAuthorised},
    {Reason::kInvitationUnknown, ExitCode::kNotAuthorised},
    {Reason::kInvitationSpent, ExitCode::kNotAuthorised},
    {Reason::kEnrolmentRejected, ExitCode::kNotAuthorised},
    {Reason::kWordWrong, ExitCode::kNotAuthorised},
    {Reason::kWordSpent, ExitCode::kNotAuthorised},
    {Reason::kUnauthenticated, ExitCode::kNotAuthorised},
    {Reason::kCertificateExpired, ExitCode::kNotAuthorised},
    {Reason::kDeviceRevoked, ExitCode::kNotAuthorised},
    {Reason::kOfficerSuspended, ExitCode::kNotAuthorised},
    {Reason::kRoleMissing, ExitCode::kNotAuthorised},
    {Reason::kNotYourOffice, ExitCode::kNotAuthorised},
    {Reason::kNotAMember, ExitCode::kNotAuthorised},
    {Reason::kNotPermittedByStanding, ExitCode::kNotAuthorised},
    {Reason::kPolicyForbids, ExitCode::kNotAuthorised},
    {Reason::kServerIdentity, ExitCode::kUnverified},
    {Reason::kLogInconsistent, ExitCode::kUnverified},
    {Reason::kHeadTooOld, ExitCode::kUnverified},
    {Reason::kServerBehind, ExitCode::kUnverified},
    {Reason::kRegistryBehind, ExitCode::kUnverified},
    {Reason::kVaultDamaged, ExitCode::kUnverified},
    {Reason::kVaultIsCopy, ExitCode::kUnverified},
    {Reason::kCharterExpired, ExitCode::kUnverified},
    {Reason::kCharterRejected, ExitCode::kUnverified},
    {Reason::kCaNotInCharter, ExitCode::kUnverified},
    {Reason::kRequestForged, ExitCode::kUnverified},
    {Reason::kRegistryEntryInvalid, ExitCode::kUnverified},
    {Reason::kSenderInvalid, ExitCode::kUnverified},
    {Reason::kSignatureInvalid, ExitCode::kUnverified},
    {Reason::kAttachmentDamaged, ExitCode::kUnverified},
    {Reason::kProofInvalid, ExitCode::kUnverified},
    {Reason::kQuotaExceeded, ExitCode::kQuota},
    {Reason::kLimitExceeded, ExitCode::kQuota},
    {Reason::kBodyTooLarge, ExitCode::kQuota},
    {Reason::kNoRecipientDevice, ExitCode::kPartial},
    {Reason::kOfficerNotInOffice, ExitCode::kRefused},
    {Reason::kOfficeUnknown, ExitCode::kRefused},
    {Reason::kOfficeSuggested, ExitCode::kRefused},
    {Reason::kNothingToAcknowledge, ExitCode::kRefused},
    {Reason::kNothingToProve, ExitCode::kRefused},
    {Reason::kRoomFrozen, ExitCode::kRefused},
    {Reason::kRoomReadOnly, ExitCode::kRefused},
    {Reason::kAlertRefused, ExitCode::kRefused},
    {Reason::kInterrupted, ExitCode::kInterrupted},
};

ExitCode ByReason(Reason reason) {
  // The table of reasons begins with the rules for alerts and actions.
  if (reason < Reason::kUsage) return ExitCode::kRefused;
  for (const Row& row : kRows) {
    if (row.reason == reason) return row.code;
  }
  return ExitCode::kFailed;
}

ExitCode ByCode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return ExitCode::kDone;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return ExitCode::kNetwork;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return ExitCode::kNotAuthorised;
    case absl::StatusCode::kDataLoss:
      return ExitCode::kUnverified;
    case absl::StatusCode::kResourceExhausted:
      return ExitCode::kQuota;
    case absl::StatusCode::kCancelled:
      return ExitCode::kInterrupted;
    default:
      return ExitCode::kFailed;
  }
}

}  // namespace

ExitCode ExitCodeOf(const absl::Status& status) {
  const std::optional<Reason> reason = ReasonByName(InfoOf(status).name);
  return reason.has_value() ? ByReason(*reason) : ByCode(status.code());
}

}  // namespace enlace::client
