// Credentials, RFC 9420 section 5.3: basic and x509.
//
// A credential is immutable and its bytes are shared: all leaves of all groups of the process that
// present the same one hold one copy (intern_pool.h). Promises structure only; whether it vouches
// for a key is the CredentialValidator's question. A type that is neither cannot be read, because
// its length is unknown, and is refused.
//
// Thread safety: a const object may be shared. Ownership: the holders of equal credentials own the
// bytes together; the last one frees them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/mls/extensions.h"
#include "crypto/mls/intern_pool.h"
#include "crypto/primitives/bytes.h"
#include "crypto/primitives/sha256.h"

namespace enlace::mls {

class Credential {
 public:
  // A basic credential with an empty identity.
  Credential();
  // CHECKs that the identity is within kCredentialBytesMax.
  static Credential Basic(BytesView identity);
  // A chain of DER certificates, the end entity first. INVALID_ARGUMENT when it is empty, holds an
  // empty certificate or exceeds kCertificatesMax or kCredentialBytesMax.
  static absl::StatusOr<Credential> X509(std::span<const Bytes> chain);

  // INVALID_ARGUMENT when malformed, too large or of another type.
  static absl::Status Read(codec::Reader& in, Credential& out);
  void Write(codec::Writer& out) const;

  // kCredentialBasic or kCredentialX509.
  uint16_t type() const;
  // The identity of a basic credential; empty for another. Borrowed.
  BytesView identity() const;
  // The certificates of an x509 credential, the end entity first; empty for another. Borrowed.
  std::vector<BytesView> certificates() const;
  // SHA-256 of the certificate of an x509 credential that holds exactly one, computed once for each
  // credential in the process; null for another credential. Borrowed.
  const crypto::Digest* SoleCertificate() const;
  // The whole wire form. Borrowed.
  BytesView encoded() const;

  // Credentials processes share: how many distinct ones are alive now.
  static size_t InternedCount();

  // The very same bytes.
  friend bool operator==(const Credential& a, const Credential& b);

 private:
  struct Body;
  explicit Credential(std::shared_ptr<const Body> body) : body_(std::move(body)) {}
  static InternPool<Body>& Pool();
  static Credential Intern(BytesView encoded);

  // Owned together by all Credentials with these bytes; never null.
  std::shared_ptr<const Body> body_;
};

}  // namespace enlace::mls
