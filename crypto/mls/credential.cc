#include "crypto/mls/credential.h"

#include <cstdlib>
#include <optional>
#include <utility>

#include "crypto/mls/limits.h"
#include "crypto/primitives/sha256.h"
#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

absl::Status CheckChain(BytesView chain) {
  if (chain.size() > kCredentialBytesMax) return InvalidArgument("certificate chain is too large");
  codec::Reader in(chain);
  size_t count = 0;
  while (!in.empty()) {
    BytesView certificate;
    ENLACE_RETURN_IF_ERROR(in.ReadVector(certificate));
    if (certificate.empty()) return InvalidArgument("certificate chain holds an empty certificate");
    ++count;
  }
  if (count == 0) return InvalidArgument("x509 credential without a certificate");
  if (count > kCertificatesMax) return InvalidArgument("certificate chain is too long");
  return absl::OkStatus();
}

// The content after the type: the identity or the vector of certificates.
absl::Status ReadContent(codec::Reader& in, uint16_t type, BytesView& content) {
  ENLACE_RETURN_IF_ERROR(in.ReadVector(content));
  if (type == kCredentialX509) return CheckChain(content);
  if (type != kCredentialBasic) return InvalidArgument("credential type is unknown");
  if (content.size() > kCredentialBytesMax) return InvalidArgument("identity is too large");
  return absl::OkStatus();
}

// What was interned parses; this skips the checks.
BytesView ContentOf(BytesView encoded) {
  codec::Reader in(encoded);
  uint16_t type = 0;
  BytesView content;
  if (!in.ReadU16(type).ok() || !in.ReadVector(content).ok()) std::abort();
  return content;
}

std::vector<BytesView> CertificatesIn(BytesView chain) {
  std::vector<BytesView> out;
  codec::Reader in(chain);
  while (!in.empty()) {
    if (!in.ReadVector(out.emplace_back()).ok()) std::abort();
  }
  return out;
}

}  // namespace

struct Credential::Body {
  Bytes encoded;
  std::optional<crypto::Digest> sole_certificate;
};

// Credentials may outlive every static object, so the pool is never destroyed.
InternPool<Credential::Body>& Credential::Pool() {
  static auto* const pool = new InternPool<Body>;
  return *pool;
}

Credential Credential::Intern(BytesView encoded) {
  return Credential(Pool().Get(crypto::PublicSha256({encoded}), [encoded] {
    Body body{ToBytes(encoded), std::nullopt};
    const uint16_t type = static_cast<uint16_t>(encoded[0] << 8 | encoded[1]);
    if (type != kCredentialX509) return body;
    const std::vector<BytesView> chain = CertificatesIn(ContentOf(encoded));
    if (chain.size() == 1) body.sole_certificate = crypto::Sha256(chain.front());
    return body;
  }));
}

Credential::Credential() {
  static const auto* const kEmpty = new Credential(Basic({}));
  body_ = kEmpty->body_;
}

Credential Credential::Basic(BytesView identity) {
  if (identity.size() > kCredentialBytesMax) std::abort();
  codec::Writer out(identity.size() + 8);
  out.U16(kCredentialBasic);
  out.Vector(identity);
  return Intern(out.view());
}

absl::StatusOr<Credential> Credential::X509(std::span<const Bytes> chain) {
  codec::Writer out;
  out.U16(kCredentialX509);
  const size_t mark = out.BeginVector();
  for (const Bytes& certificate : chain) out.Vector(certificate);
  ENLACE_RETURN_IF_ERROR(CheckChain(out.view().subspan(mark)));
  out.EndVector(mark);
  return Intern(out.view());
}

absl::Status Credential::Read(codec::Reader& in, Credential& out) {
  const BytesView start = in.rest();
  uint16_t type = 0;
  BytesView content;
  ENLACE_RETURN_IF_ERROR(in.ReadU16(type));
  ENLACE_RETURN_IF_ERROR(ReadContent(in, type, content));
  out = Intern(start.first(start.size() - in.remaining()));
  return absl::OkStatus();
}

void Credential::Write(codec::Writer& out) const { out.Raw(body_->encoded); }

uint16_t Credential::type() const {
  return static_cast<uint16_t>(body_->encoded.at(0) << 8 | body_->encoded.at(1));
}

BytesView Credential::identity() const {
  return type() == kCredentialBasic ? ContentOf(body_->encoded) : BytesView();
}

std::vector<BytesView> Credential::certificates() const {
  if (type() != kCredentialX509) return {};
  return CertificatesIn(ContentOf(body_->encoded));
}

const crypto::Digest* Credential::SoleCertificate() const {
  return body_->sole_certificate ? &*body_->sole_certificate : nullptr;
}

BytesView Credential::encoded() const { return body_->encoded; }

size_t Credential::InternedCount() { return Pool().size(); }

bool operator==(const Credential& a, const Credential& b) {
  return a.body_ == b.body_ || a.body_->encoded == b.body_->encoded;
}

}  // namespace enlace::mls
