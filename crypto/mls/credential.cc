#include "crypto/mls/credential.h"

#include <cstdlib>
#include <utility>

#include "crypto/mls/intern_pool.h"
#include "crypto/mls/limits.h"
#include "crypto/primitives/sha256.h"
#include "crypto/primitives/status.h"

namespace enlace::mls {
namespace {

// Credentials may outlive every static object, so the pool is never destroyed.
InternPool<Bytes>& Pool() {
  static auto* const pool = new InternPool<Bytes>;
  return *pool;
}

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

}  // namespace

Credential Credential::Intern(BytesView encoded) {
  return Credential(
      Pool().Get(crypto::PublicSha256({encoded}), [encoded] { return ToBytes(encoded); }));
}

Credential::Credential() {
  static const auto* const kEmpty = new Credential(Basic({}));
  encoded_ = kEmpty->encoded_;
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

void Credential::Write(codec::Writer& out) const { out.Raw(*encoded_); }

uint16_t Credential::type() const {
  return static_cast<uint16_t>(encoded_->at(0) << 8 | encoded_->at(1));
}

BytesView Credential::identity() const {
  return type() == kCredentialBasic ? ContentOf(*encoded_) : BytesView();
}

std::vector<BytesView> Credential::certificates() const {
  std::vector<BytesView> chain;
  if (type() != kCredentialX509) return chain;
  codec::Reader in(ContentOf(*encoded_));
  while (!in.empty()) {
    if (!in.ReadVector(chain.emplace_back()).ok()) std::abort();
  }
  return chain;
}

BytesView Credential::encoded() const { return *encoded_; }

size_t Credential::InternedCount() { return Pool().size(); }

bool operator==(const Credential& a, const Credential& b) {
  return a.encoded_ == b.encoded_ || *a.encoded_ == *b.encoded_;
}

}  // namespace enlace::mls
