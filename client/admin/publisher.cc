#include "client/admin/publisher.h"

#include <utility>

#include "client/session/request_id.h"
#include "crypto/identity/log_entry.h"
#include "crypto/primitives/status.h"

namespace enlace::client::admin {

absl::StatusOr<Bytes> SignedEntry(const AuthorityCa& ca, const identity::Statement& statement) {
  ENLACE_ASSIGN_OR_RETURN(const crypto::SigningKey key, ca.key.ToSigningKey());
  ENLACE_ASSIGN_OR_RETURN(
      const identity::SignedStatement signed_statement,
      identity::SignStatement(statement, {identity::SignerKind::kCa, ca.fingerprint(), key}));
  return identity::EncodeLogEntry(identity::MakeLogEntry(signed_statement, statement.issued_at_ms));
}

absl::StatusOr<Bytes> SignedEntry(const AuthorityCa& ca, identity::StatementBody body,
                                  uint64_t sequence, int64_t now_ms) {
  return SignedEntry(ca, identity::Statement{ca.authority, sequence, now_ms, std::move(body)});
}

absl::Status PublishStatements(AdminContext& context, const AuthorityCa& ca,
                               std::vector<identity::StatementBody> bodies) {
  ENLACE_ASSIGN_OR_RETURN(AdminContext::Online * online, context.Connect());
  const int64_t now_ms = context.now_ms();
  v1::PublishRequest request;
  request.set_request_id(NewRequestId(now_ms, context.rng()));
  uint64_t sequence = online->registry().NextSequence(ca.fingerprint());
  for (identity::StatementBody& body : bodies) {
    ENLACE_ASSIGN_OR_RETURN(const Bytes entry,
                            SignedEntry(ca, std::move(body), sequence++, now_ms));
    request.add_entries(ToText(entry));
  }
  ENLACE_RETURN_IF_ERROR(online->session->Publish(request, kCallTimeoutMs).status());
  return context.Refresh(*online);
}

}  // namespace enlace::client::admin
