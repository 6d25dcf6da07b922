#include "client/cli_common/exit_code.h"

#include <optional>

#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

ExitCode ByReason(Reason reason) {
  // The table begins with the rules for alerts and actions.
  if (reason < Reason::kUsage) return ExitCode::kRefused;
  switch (reason) {
    case Reason::kUsage:
    case Reason::kPromptImpossible:
    case Reason::kIdInvalid:
    case Reason::kCaseAmbiguous:
    case Reason::kCaseUnknown:
    case Reason::kFileNotFound:
    case Reason::kConfigInvalid:
    case Reason::kPassphraseWeak:
    case Reason::kInvitationInvalid:
    case Reason::kDeviceUnknown:
    case Reason::kRequestUnknown:
    case Reason::kAttachmentUnknown:
      return ExitCode::kUsage;
    case Reason::kEnrolmentPending:
    case Reason::kServerUnreachable:
    case Reason::kNotSentYet:
    case Reason::kCharterMissing:
    case Reason::kEpochStale:
    case Reason::kDiskFull:
    case Reason::kSlowConsumer:
    case Reason::kStreamReplaced:
    case Reason::kStorageUnavailable:
    case Reason::kServerStopping:
    case Reason::kStorageDamaged:
      return ExitCode::kNetwork;
    case Reason::kNotEnrolled:
    case Reason::kPassphraseWrong:
    case Reason::kVaultLocked:
    case Reason::kInvitationDeclined:
    case Reason::kInvitationUnknown:
    case Reason::kInvitationSpent:
    case Reason::kEnrolmentRejected:
    case Reason::kWordWrong:
    case Reason::kWordSpent:
    case Reason::kUnauthenticated:
    case Reason::kCertificateExpired:
    case Reason::kDeviceRevoked:
    case Reason::kOfficerSuspended:
    case Reason::kRoleMissing:
    case Reason::kNotYourOffice:
    case Reason::kNotAMember:
    case Reason::kNotPermittedByStanding:
    case Reason::kPolicyForbids:
      return ExitCode::kNotAuthorised;
    case Reason::kServerIdentity:
    case Reason::kLogInconsistent:
    case Reason::kHeadTooOld:
    case Reason::kServerBehind:
    case Reason::kRegistryBehind:
    case Reason::kVaultDamaged:
    case Reason::kVaultIsCopy:
    case Reason::kCharterExpired:
    case Reason::kCharterRejected:
    case Reason::kCaNotInCharter:
    case Reason::kRequestForged:
    case Reason::kRegistryEntryInvalid:
    case Reason::kSenderInvalid:
    case Reason::kSignatureInvalid:
    case Reason::kAttachmentDamaged:
      return ExitCode::kUnverified;
    case Reason::kQuotaExceeded:
    case Reason::kLimitExceeded:
    case Reason::kBodyTooLarge:
      return ExitCode::kQuota;
    case Reason::kNoRecipientDevice:
      return ExitCode::kPartial;
    case Reason::kOfficeUnknown:
    case Reason::kOfficeSuggested:
    case Reason::kNothingToAcknowledge:
    case Reason::kRoomFrozen:
    case Reason::kRoomReadOnly:
    case Reason::kAlertRefused:
      return ExitCode::kRefused;
    case Reason::kInterrupted:
      return ExitCode::kInterrupted;
    default:
      return ExitCode::kFailed;
  }
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
