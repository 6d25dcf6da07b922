#include "crypto/identity/certificate.h"

#include <openssl/pem.h>

#include <cstdio>
#include <ctime>
#include <utility>

#include "crypto/identity/certificate_parts.h"
#include "crypto/identity/openssl.h"
#include "crypto/primitives/status.h"

namespace enlace::identity {
namespace {

constexpr std::string_view kCaNamePrefix = "Enlace CA ";

absl::StatusOr<int64_t> TimeMs(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
    return InvalidArgument("certificate has no valid time");
  }
  return static_cast<int64_t>(timegm(&parts)) * 1000;
}

// Extensions that our profile knows; no other may be critical, none may come twice.
bool IsKnownExtension(int nid) {
  return nid == NID_basic_constraints || nid == NID_key_usage || nid == NID_ext_key_usage ||
         nid == NID_subject_alt_name || nid == NID_subject_key_identifier ||
         nid == NID_authority_key_identifier;
}

absl::Status CheckExtensions(const X509* x509) {
  for (int i = 0; i < X509_get_ext_count(x509); ++i) {
    X509_EXTENSION* extension = X509_get_ext(x509, i);
    const ASN1_OBJECT* object = X509_EXTENSION_get_object(extension);
    if (X509_get_ext_by_OBJ(x509, object, -1) != i) {
      return InvalidArgument("certificate has an extension twice");
    }
    if (X509_EXTENSION_get_critical(extension) != 0 && !IsKnownExtension(OBJ_obj2nid(object))) {
      return InvalidArgument("certificate has an unknown critical extension");
    }
  }
  return absl::OkStatus();
}

struct Usage {
  bool is_critical = false;
  uint32_t bits = 0;  // X509_get_key_usage.
};

// The extension `nid` decoded, null when it is absent or malformed; whether it is critical in
// `critical`.
template <typename Pointer>
Pointer GetExtension(const X509* x509, int nid, bool& critical) {
  int flag = 0;
  Pointer value(
      static_cast<typename Pointer::pointer>(X509_get_ext_d2i(x509, nid, &flag, nullptr)));
  critical = flag == 1;
  return value;
}

// The usage of the key when it is exactly what `bits` says and critical.
bool HasKeyUsage(X509* x509, uint32_t bits) {
  bool critical = false;
  const auto usage = GetExtension<BitStringPtr>(x509, NID_key_usage, critical);
  return usage != nullptr && critical && X509_get_key_usage(x509) == bits;
}

bool HasExtendedKeyUsage(const X509* x509, int purpose) {
  bool critical = false;
  const auto usage = GetExtension<ExtendedKeyUsagePtr>(x509, NID_ext_key_usage, critical);
  return usage != nullptr && sk_ASN1_OBJECT_num(usage.get()) == 1 &&
         OBJ_obj2nid(sk_ASN1_OBJECT_value(usage.get(), 0)) == purpose;
}

bool HasExtension(const X509* x509, int nid) { return X509_get_ext_by_NID(x509, nid, -1) >= 0; }

std::string Ia5Text(const ASN1_IA5STRING* text) {
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                     static_cast<size_t>(ASN1_STRING_length(text)));
}

// Four bytes in dotted form, sixteen as RFC 5952 text is not needed: groups of four digits are
// unambiguous.
absl::StatusOr<std::string> AddressText(const ASN1_OCTET_STRING* address) {
  const uint8_t* raw = ASN1_STRING_get0_data(address);
  const int size = ASN1_STRING_length(address);
  char text[48] = {};
  if (size == 4) {
    std::snprintf(text, sizeof(text), "%d.%d.%d.%d", raw[0], raw[1], raw[2], raw[3]);
    return std::string(text);
  }
  if (size != 16) return InvalidArgument("certificate has a malformed address");
  std::string joined;
  for (int i = 0; i < 16; i += 2) {
    std::snprintf(text, sizeof(text), "%s%x", i == 0 ? "" : ":", raw[i] << 8 | raw[i + 1]);
    joined += text;
  }
  return joined;
}

}  // namespace

absl::StatusOr<std::string> CommonNameOf(const X509_NAME* name) {
  if (name == nullptr || X509_NAME_entry_count(name) != 1) {
    return InvalidArgument("name has not exactly one entry");
  }
  const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, 0);
  if (OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry)) != NID_commonName) {
    return InvalidArgument("name is not a common name");
  }
  const ASN1_STRING* value = X509_NAME_ENTRY_get_data(entry);
  const int type = ASN1_STRING_type(value);
  std::string text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                   static_cast<size_t>(ASN1_STRING_length(value)));
  if (type != V_ASN1_UTF8STRING && type != V_ASN1_PRINTABLESTRING) {
    return InvalidArgument("name is not a text");
  }
  if (!IsDisplayText(text, 64)) return InvalidArgument("name has characters that can't be shown");
  return text;
}

// Fills a Certificate from OpenSSL's view of it, one concern a function.
class CertificateParser {
 public:
  explicit CertificateParser(X509* x509) : x509_(x509) {}

  absl::StatusOr<Certificate> Parse(BytesView der) {
    out_.der_ = ToBytes(der);
    out_.fingerprint_ = merkle::Sha256(der);
    ENLACE_RETURN_IF_ERROR(ReadBasics());
    ENLACE_RETURN_IF_ERROR(ReadTimes());
    ENLACE_RETURN_IF_ERROR(CheckExtensions(x509_));
    ENLACE_RETURN_IF_ERROR(ReadKind());
    return std::move(out_);
  }

 private:
  absl::Status ReadBasics() {
    if (X509_get_version(x509_) != X509_VERSION_3)
      return InvalidArgument("certificate is not version 3");
    const ASN1_INTEGER* serial = X509_get0_serialNumber(x509_);
    if (ASN1_STRING_type(serial) != V_ASN1_INTEGER || ASN1_STRING_length(serial) > 20 ||
        (ASN1_STRING_length(serial) == 1 && *ASN1_STRING_get0_data(serial) == 0)) {
      return InvalidArgument("certificate's serial number is not positive or too long");
    }
    const int signature = X509_get_signature_nid(x509_);
    if (signature != NID_ED25519 && signature != NID_ecdsa_with_SHA256) {
      return InvalidArgument("certificate is signed by an algorithm that is not allowed");
    }
    const X509_ALGOR* outer = nullptr;
    X509_get0_signature(nullptr, &outer, x509_);
    if (X509_ALGOR_cmp(outer, X509_get0_tbs_sigalg(x509_)) != 0) {
      return InvalidArgument("certificate names two signature algorithms");
    }
    EVP_PKEY* key = X509_get0_pubkey(x509_);
    ENLACE_ASSIGN_OR_RETURN(out_.key_type_, KeyTypeOf(key));
    out_.public_key_info_ = ToDer(key, i2d_PUBKEY);
    ENLACE_ASSIGN_OR_RETURN(out_.common_name_, CommonNameOf(X509_get_subject_name(x509_)));
    return CommonNameOf(X509_get_issuer_name(x509_)).status();
  }

  absl::Status ReadTimes() {
    ENLACE_ASSIGN_OR_RETURN(out_.not_before_ms_, TimeMs(X509_get0_notBefore(x509_)));
    ENLACE_ASSIGN_OR_RETURN(out_.not_after_ms_, TimeMs(X509_get0_notAfter(x509_)));
    if (out_.not_before_ms_ < 0 || out_.not_after_ms_ <= out_.not_before_ms_) {
      return InvalidArgument("certificate's validity is not in order");
    }
    return absl::OkStatus();
  }

  absl::Status ReadKind() {
    bool critical = false;
    const auto constraints =
        GetExtension<BasicConstraintsPtr>(x509_, NID_basic_constraints, critical);
    if (constraints == nullptr || !critical) {
      return InvalidArgument("certificate has no critical basic constraints");
    }
    if (constraints->ca != 0) return ReadCa(*constraints);
    if (constraints->pathlen != nullptr) return InvalidArgument("path length without CA");
    if (!HasKeyUsage(x509_, KU_DIGITAL_SIGNATURE)) {
      return InvalidArgument("key usage is not exactly digitalSignature");
    }
    const auto names = GetExtension<GeneralNamesPtr>(x509_, NID_subject_alt_name, critical);
    if (names == nullptr || sk_GENERAL_NAME_num(names.get()) < 1) {
      return InvalidArgument("certificate has no subject alternative name");
    }
    const bool is_device = sk_GENERAL_NAME_value(names.get(), 0)->type == GEN_URI;
    return is_device ? ReadDevice(names.get()) : ReadServer(names.get());
  }

  absl::Status ReadCa(const BASIC_CONSTRAINTS& constraints) {
    out_.kind_ = CertificateKind::kAuthorityCa;
    if (constraints.pathlen == nullptr || ASN1_INTEGER_get(constraints.pathlen) != 0) {
      return InvalidArgument("CA's path length is not 0");
    }
    if (out_.key_type_ != KeyType::kEd25519 || !IsSignedBy(KeyType::kEd25519)) {
      return InvalidArgument("CA's key and signature are not Ed25519");
    }
    if (!HasKeyUsage(x509_, KU_KEY_CERT_SIGN))
      return InvalidArgument("CA's key usage is not exactly keyCertSign");
    if (HasExtension(x509_, NID_subject_alt_name) || HasExtension(x509_, NID_ext_key_usage)) {
      return InvalidArgument("CA has an extension of another kind");
    }
    if (!out_.common_name_.starts_with(kCaNamePrefix))
      return InvalidArgument("CA's name is not of the form Enlace CA");
    out_.authority_ = out_.common_name_.substr(kCaNamePrefix.size());
    return IsAuthorityId(out_.authority_) ? absl::OkStatus()
                                          : InvalidArgument("CA's name has no authority");
  }

  absl::Status ReadDevice(const GENERAL_NAMES* names) {
    if (sk_GENERAL_NAME_num(names) != 1)
      return InvalidArgument("device has more than one alternative name");
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, 0);
    ENLACE_ASSIGN_OR_RETURN(DeviceUri uri,
                            DeviceUri::Parse(Ia5Text(name->d.uniformResourceIdentifier)));
    if (out_.common_name_ != uri.officer_id())
      return InvalidArgument("device's name is not its officer's id");
    if (!IsSignedBy(KeyType::kEd25519))
      return InvalidArgument("device certificate is not signed by Ed25519");
    const bool is_tls = out_.key_type_ == KeyType::kP256;
    const bool fits = is_tls ? HasExtendedKeyUsage(x509_, NID_client_auth)
                             : !HasExtension(x509_, NID_ext_key_usage);
    if (!fits) return InvalidArgument("device's extended key usage does not fit its key");
    out_.kind_ = is_tls ? CertificateKind::kDeviceTls : CertificateKind::kDeviceMls;
    out_.authority_ = std::string(uri.authority());
    out_.device_uri_ = std::move(uri);
    return absl::OkStatus();
  }

  absl::Status ReadServer(const GENERAL_NAMES* names) {
    out_.kind_ = CertificateKind::kServer;
    if (out_.key_type_ != KeyType::kP256 || !IsSignedBy(KeyType::kP256)) {
      return InvalidArgument("server's key and signature are not P-256");
    }
    if (!HasExtendedKeyUsage(x509_, NID_server_auth)) {
      return InvalidArgument("server's extended key usage is not serverAuth");
    }
    if (static_cast<size_t>(sk_GENERAL_NAME_num(names)) > kServerNamesMax)
      return InvalidArgument("server has too many names");
    for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
      ENLACE_RETURN_IF_ERROR(AddServerName(*sk_GENERAL_NAME_value(names, i)));
    }
    return absl::OkStatus();
  }

  absl::Status AddServerName(const GENERAL_NAME& name) {
    if (name.type == GEN_IPADD) {
      ENLACE_ASSIGN_OR_RETURN(std::string address, AddressText(name.d.iPAddress));
      out_.server_names_.push_back(std::move(address));
      return absl::OkStatus();
    }
    if (name.type != GEN_DNS)
      return InvalidArgument("server has a name that is neither DNS nor address");
    std::string dns = Ia5Text(name.d.dNSName);
    if (!IsDisplayText(dns, 253)) return InvalidArgument("server has a malformed DNS name");
    out_.server_names_.push_back(std::move(dns));
    return absl::OkStatus();
  }

  bool IsSignedBy(KeyType type) const {
    return X509_get_signature_nid(x509_) ==
           (type == KeyType::kEd25519 ? NID_ED25519 : NID_ecdsa_with_SHA256);
  }

  X509* x509_;
  Certificate out_;
};

namespace {

absl::StatusOr<X509Ptr> ParseDer(BytesView der) {
  if (der.size() > kCertificateBytesMax)
    return InvalidArgument("certificate is longer than the limit");
  const uint8_t* in = der.data();
  X509Ptr x509(d2i_X509(nullptr, &in, static_cast<long>(der.size())));
  // Encoded again it must be the same: DER has one encoding, and the fingerprint is of these bytes.
  if (x509 == nullptr || in != der.data() + der.size() ||
      !EqualBytes(ToDer(x509.get(), i2d_X509), der)) {
    return InvalidArgument("not a certificate in DER");
  }
  return x509;
}

}  // namespace

absl::StatusOr<Certificate> Certificate::FromDer(BytesView der) {
  ENLACE_ASSIGN_OR_RETURN(const X509Ptr x509, ParseDer(der));
  return CertificateParser(x509.get()).Parse(der);
}

absl::StatusOr<Certificate> Certificate::FromPem(std::string_view pem) {
  ENLACE_ASSIGN_OR_RETURN(std::vector<Certificate> all, CertificatesFromPem(pem, 1));
  if (all.size() != 1) return InvalidArgument("not exactly one certificate");
  return std::move(all.front());
}

std::string Certificate::ToPem() const {
  const std::unique_ptr<BIO, OpensslRelease<BIO_free>> bio(BIO_new(BIO_s_mem()));
  const int written =
      PEM_write_bio(bio.get(), PEM_STRING_X509, "", der_.data(), static_cast<long>(der_.size()));
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return written > 0 ? std::string(data, static_cast<size_t>(size)) : std::string();
}

BytesView Certificate::ed25519_public_key() const { return Ed25519KeyIn(public_key_info_); }

absl::Status Certificate::VerifyIssuedBy(const Certificate& issuer) const {
  absl::Status refused = PermissionDenied("certificate was not issued by this authority");
  const bool is_self = fingerprint_ == issuer.fingerprint_;
  if (!is_self && issuer.kind_ != CertificateKind::kAuthorityCa) return refused;
  ENLACE_ASSIGN_OR_RETURN(const CertificateParts own, SplitCertificate(der_));
  ENLACE_ASSIGN_OR_RETURN(const CertificateParts parent, SplitCertificate(issuer.der_));
  if (!EqualBytes(own.issuer, parent.subject)) return refused;
  if (issuer.key_type_ == KeyType::kEd25519) {
    return crypto::VerifySignature(issuer.ed25519_public_key(), own.tbs, own.signature).ok()
               ? absl::OkStatus()
               : refused;
  }
  ENLACE_ASSIGN_OR_RETURN(const X509Ptr subject, ParseDer(der_));
  return X509_verify(subject.get(), X509_get0_pubkey(subject.get())) == 1 ? absl::OkStatus()
                                                                          : refused;
}

std::string ShortFingerprint(const merkle::Hash& fingerprint) {
  std::string text;
  for (size_t i = 0; i < 8; ++i) {
    char digits[8];
    std::snprintf(digits, sizeof(digits), "%s%02X", i > 0 && i % 2 == 0 ? " " : "", fingerprint[i]);
    text += digits;
  }
  return text;
}

namespace {

struct PemBlock {
  char* name = nullptr;
  char* header = nullptr;
  uint8_t* data = nullptr;
  long size = 0;

  PemBlock() = default;
  PemBlock(const PemBlock&) = delete;
  PemBlock& operator=(const PemBlock&) = delete;
  ~PemBlock() {
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, static_cast<size_t>(size));
  }
};

}  // namespace

absl::StatusOr<std::vector<Certificate>> CertificatesFromPem(std::string_view pem,
                                                             size_t count_max) {
  const size_t bytes_max = count_max * 2 * kCertificateBytesMax;
  if (pem.size() > bytes_max) return InvalidArgument("PEM text is longer than the limit");
  const std::unique_ptr<BIO, OpensslRelease<BIO_free>> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<Certificate> all;
  while (true) {
    PemBlock block;
    if (PEM_read_bio(bio.get(), &block.name, &block.header, &block.data, &block.size) != 1) break;
    if (std::string_view(block.name) != PEM_STRING_X509)
      return InvalidArgument("PEM block is not a certificate");
    if (all.size() == count_max) return InvalidArgument("more certificates than expected");
    ENLACE_ASSIGN_OR_RETURN(Certificate certificate,
                            Certificate::FromDer({block.data, static_cast<size_t>(block.size)}));
    all.push_back(std::move(certificate));
  }
  if (all.empty()) return InvalidArgument("no certificate in PEM text");
  return all;
}

}  // namespace enlace::identity
