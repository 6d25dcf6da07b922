#include "server/core/enrolment_core.h"

#include "crypto/identity/certificate.h"
#include "crypto/identity/enrolment.h"
#include "crypto/identity/log_entry.h"
#include "server/core/keys.h"
#include "server/core/limits.h"
#include "server/core/store_io.h"

namespace enlace::server {
namespace {

using store::v1::StoredInvitation;

absl::Status Spent(const std::string& why, uint64_t requested_at_ms) {
  ErrorMetadata metadata = {{"why", why}};
  if (requested_at_ms != 0) metadata["requested_at_ms"] = std::to_string(requested_at_ms);
  return MakeError(Reason::kInvitationSpent, metadata);
}

absl::Status InvalidEntry(std::string_view what) {
  return MakeError(Reason::kRegistryEntryInvalid, {{"what", std::string(what)}});
}

// Both signing requests of one device of the invitation's authority, with the right kinds of keys.
absl::Status CheckRequest(const v1::EnrolmentRequest& request, const StoredInvitation& invitation) {
  if (request.request().size() > kEnrolmentRequestBytesMax)
    return Malformed("enrolment request too long");
  const auto decoded = identity::DecodeEnrolmentRequest(AsBytes(request.request()));
  if (!decoded.ok()) return Malformed(MessageOf(decoded.status()));
  if (AsText(decoded->invitation_id) != request.invitation_id()) return Malformed("invitation id");
  const auto tls = identity::SigningRequest::FromDer(decoded->tls_request);
  if (!tls.ok()) return Malformed(MessageOf(tls.status()));
  const auto mls = identity::SigningRequest::FromDer(decoded->mls_request);
  if (!mls.ok()) return Malformed(MessageOf(mls.status()));
  if (tls->key_type() != identity::KeyType::kP256 ||
      mls->key_type() != identity::KeyType::kEd25519) {
    return Malformed("key types");
  }
  if (tls->device_uri().text() != decoded->device_uri ||
      mls->device_uri().text() != decoded->device_uri) {
    return Malformed("device");
  }
  if (tls->device_uri().authority() != invitation.authority())
    return Malformed("device of another authority");
  return absl::OkStatus();
}

// True when `entry` enrols the device of `request` with its keys.
absl::StatusOr<bool> Admits(BytesView entry, const identity::EnrolmentRequest& request) {
  ENLACE_ASSIGN_OR_RETURN(const auto logged, identity::DecodeLogEntry(entry));
  if (logged.kind != identity::LogEntryKind::kStatement) return false;
  ENLACE_ASSIGN_OR_RETURN(const auto outer, identity::DecodeSignedStatement(logged.payload));
  ENLACE_ASSIGN_OR_RETURN(const auto statement, identity::DecodeStatement(outer.body));
  const auto* enrolled = std::get_if<identity::DeviceEnrolled>(&statement.body);
  if (enrolled == nullptr || enrolled->device_uri != request.device_uri) return false;
  ENLACE_ASSIGN_OR_RETURN(const auto tls,
                          identity::Certificate::FromDer(enrolled->tls_certificate));
  ENLACE_ASSIGN_OR_RETURN(const auto mls,
                          identity::Certificate::FromDer(enrolled->mls_certificate));
  ENLACE_ASSIGN_OR_RETURN(const auto tls_request,
                          identity::SigningRequest::FromDer(request.tls_request));
  ENLACE_ASSIGN_OR_RETURN(const auto mls_request,
                          identity::SigningRequest::FromDer(request.mls_request));
  return tls.public_key_info() == tls_request.public_key_info() &&
         mls.public_key_info() == mls_request.public_key_info();
}

}  // namespace

absl::Status EnrolmentCore::Request(const v1::RequestEnrolmentRequest& request, int64_t now_ms,
                                    v1::RequestEnrolmentResponse& answer) {
  const v1::EnrolmentRequest& asked = request.enrolment();
  if (asked.invitation_id().size() != kInvitationIdBytes) return Malformed("invitation id");
  Bytes key = keys::Invitation(AsBytes(asked.invitation_id()));
  ENLACE_ASSIGN_OR_RETURN(auto stored, ReadRecord<StoredInvitation>(store_, key));
  if (!stored) return MakeError(Reason::kInvitationUnknown);
  if (stored->state() != v1::ENROLMENT_STATE_OPEN) {
    if (stored->request() != asked.request()) {
      return Spent("used by another machine", stored->requested_at_ms());
    }
    answer.set_state(stored->state());
    return absl::OkStatus();
  }
  if (static_cast<uint64_t>(now_ms) > stored->expires_at_ms()) return Spent("expired", 0);
  ENLACE_RETURN_IF_ERROR(CheckRequest(asked, *stored));
  stored->set_state(v1::ENROLMENT_STATE_PENDING);
  stored->set_request(asked.request());
  stored->set_requested_at_ms(static_cast<uint64_t>(now_ms));
  WriteRecord(store_, std::move(key), *stored);
  answer.set_state(v1::ENROLMENT_STATE_PENDING);
  return absl::OkStatus();
}

absl::Status EnrolmentCore::CreateInvitation(const Caller& caller,
                                             const v1::CreateInvitationRequest& request,
                                             int64_t now_ms) {
  if (!caller.Has(identity::Role::kAdmin))
    return MakeError(Reason::kRoleMissing, {{"role", "admin"}});
  const BytesView id = AsBytes(request.invitation_id());
  if (id.size() != kInvitationIdBytes) return Malformed("invitation id");
  const auto expires_at_ms = request.expires_at_ms();
  if (expires_at_ms <= static_cast<uint64_t>(now_ms) ||
      expires_at_ms > static_cast<uint64_t>(now_ms + kInvitationAgeMsMax)) {
    return Malformed("expires_at_ms");
  }
  ENLACE_ASSIGN_OR_RETURN(const auto taken, store_.Get(keys::Invitation(id)));
  if (taken) return Malformed("invitation id in use");
  const auto own = storage::PrefixRange(keys::InvitationsOf(caller.authority));
  ENLACE_ASSIGN_OR_RETURN(const auto known, FirstRows(store_, own, kOpenInvitationsMax));
  if (known.size() >= kOpenInvitationsMax) {
    return MakeError(Reason::kLimitExceeded,
                     {{"what", "invitations"}, {"limit", std::to_string(kOpenInvitationsMax)}});
  }
  StoredInvitation stored;
  stored.set_authority(caller.authority);
  stored.set_created_by(caller.device_uri);
  stored.set_created_at_ms(static_cast<uint64_t>(now_ms));
  stored.set_expires_at_ms(expires_at_ms);
  stored.set_state(v1::ENROLMENT_STATE_OPEN);
  WriteRecord(store_, keys::Invitation(id), stored);
  store_.Put(keys::InvitationOf(caller.authority, id), BytesView());
  store_.Put(keys::InvitationDue(expires_at_ms + static_cast<uint64_t>(kEnrolmentKeptMs), id),
             BytesView());
  return absl::OkStatus();
}

absl::StatusOr<StoredInvitation> EnrolmentCore::ReadOwn(const Caller& caller,
                                                        std::string_view id) const {
  if (!caller.Has(identity::Role::kAdmin))
    return MakeError(Reason::kRoleMissing, {{"role", "admin"}});
  if (id.size() != kInvitationIdBytes) return Malformed("invitation id");
  ENLACE_ASSIGN_OR_RETURN(const auto stored,
                          ReadRecord<StoredInvitation>(store_, keys::Invitation(AsBytes(id))));
  if (!stored || stored->authority() != caller.authority)
    return MakeError(Reason::kInvitationUnknown);
  return *stored;
}

absl::Status EnrolmentCore::Approve(const Caller& caller,
                                    const v1::ApproveEnrolmentRequest& request, int64_t now_ms,
                                    v1::ApproveEnrolmentResponse& answer) {
  ENLACE_ASSIGN_OR_RETURN(StoredInvitation stored, ReadOwn(caller, request.invitation_id()));
  if (stored.state() != v1::ENROLMENT_STATE_PENDING)
    return Spent("nothing waits for approval", stored.requested_at_ms());
  ENLACE_ASSIGN_OR_RETURN(const auto asked,
                          identity::DecodeEnrolmentRequest(AsBytes(stored.request())));
  v1::PublishRequest publication;
  *publication.mutable_entries() = request.entries();
  if (request.has_card()) *publication.add_cards() = request.card();
  v1::PublishResponse published;
  const uint64_t first = registry_.NextIndex();
  ENLACE_RETURN_IF_ERROR(registry_.Publish(caller, publication, now_ms, published));
  for (uint64_t index = first; index < registry_.NextIndex(); ++index) {
    ENLACE_ASSIGN_OR_RETURN(const auto entry, store_.Get(keys::RegistryLog(index)));
    if (!entry) return DamagedRecord(keys::RegistryLog(index));
    ENLACE_ASSIGN_OR_RETURN(const bool admits, Admits(*entry, asked));
    if (admits) stored.set_entry(BytesField(*entry));
  }
  if (stored.entry().empty()) return InvalidEntry("no entry admits the device that asked");
  stored.set_state(v1::ENROLMENT_STATE_APPROVED);
  stored.set_settled_at_ms(static_cast<uint64_t>(now_ms));
  WriteRecord(store_, keys::Invitation(AsBytes(request.invitation_id())), stored);
  answer.set_signed_head(published.signed_head());
  return absl::OkStatus();
}

absl::Status EnrolmentCore::Reject(const Caller& caller, const v1::RejectEnrolmentRequest& request,
                                   int64_t now_ms) {
  if (request.reason().size() > kRejectReasonBytesMax) return Malformed("reason too long");
  ENLACE_ASSIGN_OR_RETURN(StoredInvitation stored, ReadOwn(caller, request.invitation_id()));
  // An open invitation is spent too: that is how one that fell into wrong hands is called back.
  if (stored.state() != v1::ENROLMENT_STATE_PENDING && stored.state() != v1::ENROLMENT_STATE_OPEN) {
    return Spent("settled before", stored.requested_at_ms());
  }
  stored.set_state(v1::ENROLMENT_STATE_REJECTED);
  stored.set_reject_reason(request.reason());
  stored.set_settled_at_ms(static_cast<uint64_t>(now_ms));
  WriteRecord(store_, keys::Invitation(AsBytes(request.invitation_id())), stored);
  return absl::OkStatus();
}

absl::StatusOr<size_t> EnrolmentCore::Expire(int64_t now_ms, size_t count_max) {
  const auto range = keys::DueRange(keys::kInvitationDue, static_cast<uint64_t>(now_ms));
  ENLACE_ASSIGN_OR_RETURN(const auto rows, FirstRows(store_, range, count_max));
  for (const storage::Row& row : rows) {
    storage::KeyReader key(row.key);
    ENLACE_RETURN_IF_ERROR(key.Space().status());
    ENLACE_RETURN_IF_ERROR(key.U64().status());
    ENLACE_ASSIGN_OR_RETURN(const Bytes id, key.Blob());
    ENLACE_ASSIGN_OR_RETURN(const auto stored,
                            ReadRecord<StoredInvitation>(store_, keys::Invitation(id)));
    store_.Delete(row.key);
    if (!stored) continue;
    store_.Delete(keys::Invitation(id));
    store_.Delete(keys::InvitationOf(stored->authority(), id));
  }
  return rows.size();
}

}  // namespace enlace::server
