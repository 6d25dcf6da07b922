#include "crypto/identity/charter_chain.h"

#include <utility>

#include "crypto/primitives/status.h"

namespace enlace::identity {

absl::Status CharterChain::Accept(const SignedCharter& next) { return Take(next, true); }

absl::Status CharterChain::AcceptVerified(const SignedCharter& next) { return Take(next, false); }

absl::Status CharterChain::Take(const SignedCharter& next, bool verify) {
  ENLACE_ASSIGN_OR_RETURN(Charter charter, DecodeCharter(next.body));
  if (charter.root != root_)
    return PermissionDenied("charter is of another root than the pinned one");
  // The founding keys sign the first charter; after that those of the charter before.
  const Charter& signer = empty() ? charter : *current_;
  if (empty() && KeySetRoot(charter.keys, charter.threshold) != root_) {
    return PermissionDenied("first charter does not have the founding keys");
  }
  if (!empty() && charter.version <= current_->version) {
    return FailedPrecondition("charter's version does not rise");
  }
  if (verify) ENLACE_RETURN_IF_ERROR(VerifyCharterSignatures(next, signer.keys, signer.threshold));
  current_hash_ = CharterHash(next.body);
  current_ = std::move(charter);
  return absl::OkStatus();
}

absl::Status CheckCharterInForce(const Charter& charter, const CharterPin& pin, int64_t now_ms) {
  if (charter.root != pin.root)
    return PermissionDenied("charter is of another root than the pinned one");
  if (charter.version < pin.lowest_version)
    return FailedPrecondition("charter is older than the one known before");
  if (now_ms < charter.issued_at_ms - kBackdateMs)
    return FailedPrecondition("charter is not valid yet");
  if (now_ms > charter.expires_at_ms) return FailedPrecondition("charter has expired");
  return absl::OkStatus();
}

}  // namespace enlace::identity
