#include "crypto/identity/issue.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "crypto/identity/openssl.h"
#include "crypto/primitives/status.h"

namespace enlace::identity {
namespace {

constexpr size_t kSerialBytes = 16;

// What a certificate says besides its issuer and serial.
struct Template {
  std::string common_name;
  const Bytes& public_key_info;
  int64_t not_before_ms = 0;
  int64_t not_after_ms = 0;
  std::vector<std::pair<int, std::string>> extensions;  // OpenSSL's NID and value.
};

// Who signs it: `certificate` is null for a self-signed one.
struct Signer {
  X509* certificate = nullptr;
  const PrivateKey& key;
};

absl::Status Failed() {
  return MakeStatus(absl::StatusCode::kInternal, "OpenSSL can't make the certificate");
}

EvpKeyPtr PublicKeyOf(const Bytes& info) {
  const uint8_t* in = info.data();
  return EvpKeyPtr(d2i_PUBKEY(nullptr, &in, static_cast<long>(info.size())));
}

bool SetCommonName(X509_NAME* name, const std::string& text) {
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const uint8_t*>(text.data()),
                                    static_cast<int>(text.size()), -1, 0) == 1;
}

bool SetSerial(X509* x509, crypto::Rng& rng) {
  Bytes raw = rng.PublicBytes(kSerialBytes);
  // 127 bits, so that the number is positive without a leading zero octet, and never zero.
  raw[0] &= 0x7F;
  raw[kSerialBytes - 1] |= 1;
  const BignumPtr number(BN_bin2bn(raw.data(), kSerialBytes, nullptr));
  return number != nullptr &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(x509)) != nullptr;
}

bool SetTime(ASN1_TIME* time, int64_t time_ms) {
  // UTCTime up to 2049, GeneralizedTime after (RFC 5280 section 4.1.2.5), as ASN1_TIME_set does.
  return ASN1_TIME_set(time, static_cast<time_t>(time_ms / 1000)) != nullptr;
}

bool AddExtensions(X509* x509, X509* issuer, const Template& contents) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, x509, nullptr, nullptr, 0);
  for (const auto& [nid, value] : contents.extensions) {
    const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    if (extension == nullptr || X509_add_ext(x509, extension.get(), -1) != 1) return false;
  }
  return true;
}

absl::StatusOr<Certificate> Issue(const Template& contents, const Signer& signer,
                                  crypto::Rng& rng) {
  const X509Ptr x509(X509_new());
  const EvpKeyPtr subject_key = PublicKeyOf(contents.public_key_info);
  const EvpKeyPtr signing_key = ToEvpKey(signer.key);
  if (x509 == nullptr || subject_key == nullptr || signing_key == nullptr) return Failed();
  bool ok = X509_set_version(x509.get(), X509_VERSION_3) == 1 && SetSerial(x509.get(), rng);
  ok = ok && SetTime(X509_getm_notBefore(x509.get()), contents.not_before_ms);
  ok = ok && SetTime(X509_getm_notAfter(x509.get()), contents.not_after_ms);
  ok = ok && SetCommonName(X509_get_subject_name(x509.get()), contents.common_name);
  X509* issuer = signer.certificate != nullptr ? signer.certificate : x509.get();
  ok = ok && X509_set_issuer_name(x509.get(), X509_get_subject_name(issuer)) == 1;
  ok = ok && X509_set_pubkey(x509.get(), subject_key.get()) == 1;
  ok = ok && AddExtensions(x509.get(), issuer, contents);
  ok = ok && X509_sign(x509.get(), signing_key.get(), DigestFor(signer.key.type())) > 0;
  if (!ok) return Failed();
  // What leaves here is what peers accept: the same parser judges it.
  return Certificate::FromDer(ToDer(x509.get(), i2d_X509));
}

X509Ptr Reparse(const Certificate& certificate) {
  const uint8_t* in = certificate.der().data();
  return X509Ptr(d2i_X509(nullptr, &in, static_cast<long>(certificate.der().size())));
}

int64_t Backdated(int64_t now_ms) { return std::max<int64_t>(0, now_ms - kBackdateMs); }

std::vector<std::pair<int, std::string>> CaExtensions() {
  return {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
          {NID_key_usage, "critical,keyCertSign"},
          {NID_subject_key_identifier, "hash"},
          {NID_authority_key_identifier, "keyid:always"}};
}

std::vector<std::pair<int, std::string>> EndExtensions(const std::string& names) {
  return {{NID_basic_constraints, "critical,CA:FALSE"},
          {NID_key_usage, "critical,digitalSignature"},
          {NID_subject_alt_name, names},
          {NID_subject_key_identifier, "hash"},
          {NID_authority_key_identifier, "keyid:always"}};
}

bool IsDnsName(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  return !name.empty() && name.size() <= 253 && std::all_of(name.begin(), name.end(), allowed) &&
         name.front() != '.' && name.front() != '-' && name.back() != '.' && name.back() != '-' &&
         name.find("..") == std::string_view::npos;
}

bool IsAddress(const std::string& name) {
  std::array<uint8_t, 16> raw;
  return inet_pton(AF_INET, name.c_str(), raw.data()) == 1 ||
         inet_pton(AF_INET6, name.c_str(), raw.data()) == 1;
}

}  // namespace

absl::StatusOr<Certificate> MakeAuthorityCa(std::string_view authority, const PrivateKey& ca_key,
                                            int64_t now_ms, crypto::Rng& rng) {
  if (!IsAuthorityId(authority)) return InvalidArgument("not an authority id");
  if (ca_key.type() != KeyType::kEd25519) return InvalidArgument("a CA's key is Ed25519");
  const Template contents{.common_name = "Enlace CA " + std::string(authority),
                          .public_key_info = ca_key.public_key_info(),
                          .not_before_ms = Backdated(now_ms),
                          .not_after_ms = now_ms + kCaValidityMs,
                          .extensions = CaExtensions()};
  return Issue(contents, {nullptr, ca_key}, rng);
}

absl::StatusOr<Certificate> CrossSignCa(const Certificate& new_ca, const Certificate& old_ca,
                                        const PrivateKey& old_key, crypto::Rng& rng) {
  const bool both_cas = new_ca.kind() == CertificateKind::kAuthorityCa &&
                        old_ca.kind() == CertificateKind::kAuthorityCa;
  if (!both_cas || new_ca.authority() != old_ca.authority()) {
    return InvalidArgument("both certificates must be CAs of one authority");
  }
  if (old_key.public_key_info() != old_ca.public_key_info())
    return InvalidArgument("the key is not the old CA's");
  const X509Ptr issuer = Reparse(old_ca);
  const Template contents{.common_name = new_ca.common_name(),
                          .public_key_info = new_ca.public_key_info(),
                          .not_before_ms = new_ca.not_before_ms(),
                          .not_after_ms = std::min(new_ca.not_after_ms(), old_ca.not_after_ms()),
                          .extensions = CaExtensions()};
  return Issue(contents, {issuer.get(), old_key}, rng);
}

absl::StatusOr<Certificate> IssueDeviceCertificate(const SigningRequest& request,
                                                   const Issuer& issuer, crypto::Rng& rng) {
  const DeviceUri& uri = request.device_uri();
  if (issuer.ca.kind() != CertificateKind::kAuthorityCa ||
      issuer.ca.authority() != uri.authority()) {
    return InvalidArgument("the CA is not the device's authority's");
  }
  if (issuer.ca_key.public_key_info() != issuer.ca.public_key_info())
    return InvalidArgument("the key is not the CA's");
  if (issuer.validity_ms <= 0 || issuer.validity_ms > kDeviceValidityMsMax) {
    return InvalidArgument("validity is longer than 400 days or not positive");
  }
  const X509Ptr parent = Reparse(issuer.ca);
  Template contents{.common_name = std::string(uri.officer_id()),
                    .public_key_info = request.public_key_info(),
                    .not_before_ms = Backdated(issuer.now_ms),
                    .not_after_ms = issuer.now_ms + issuer.validity_ms,
                    .extensions = EndExtensions("URI:" + uri.text())};
  if (request.key_type() == KeyType::kP256)
    contents.extensions.emplace_back(NID_ext_key_usage, "clientAuth");
  return Issue(contents, {parent.get(), issuer.ca_key}, rng);
}

absl::StatusOr<Certificate> MakeServerCertificate(const ServerNames& names, const PrivateKey& key,
                                                  int64_t now_ms, crypto::Rng& rng) {
  if (key.type() != KeyType::kP256) return InvalidArgument("a server's key is P-256");
  if (!IsDisplayText(names.common_name, 64)) return InvalidArgument("server has no valid name");
  if (names.names.empty() || names.names.size() > kServerNamesMax)
    return InvalidArgument("server needs 1 to 16 names");
  std::string joined;
  for (const std::string& name : names.names) {
    const bool is_address = IsAddress(name);
    if (!is_address && !IsDnsName(name))
      return InvalidArgument("not a DNS name or address: " + name);
    joined += (joined.empty() ? "" : ",") + std::string(is_address ? "IP:" : "DNS:") + name;
  }
  Template contents{.common_name = names.common_name,
                    .public_key_info = key.public_key_info(),
                    .not_before_ms = Backdated(now_ms),
                    .not_after_ms = now_ms + kServerValidityMs,
                    .extensions = EndExtensions(joined)};
  contents.extensions.emplace_back(NID_ext_key_usage, "serverAuth");
  return Issue(contents, {nullptr, key}, rng);
}

}  // namespace enlace::identity
