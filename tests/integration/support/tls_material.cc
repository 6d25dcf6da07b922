#include "tests/integration/support/tls_material.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <functional>

namespace enlace::testing {
namespace {

constexpr long kBackdateS = 3600;
constexpr long kValidityS = 30L * 24 * 3600;

std::string Written(const std::function<int(BIO*)>& write) {
  BIO* out = BIO_new(BIO_s_mem());
  if (write(out) != 1) std::abort();
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  std::string text(data, static_cast<size_t>(size));
  BIO_free(out);
  return text;
}

void SetName(X509* certificate, const std::string& common_name) {
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                             0);
}

void AddExtension(X509* certificate, int id, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str());
  if (extension == nullptr) std::abort();
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

void KeyDeleter::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }
void X509Deleter::operator()(x509_st* certificate) const { X509_free(certificate); }

std::string TlsMaterial::key_pem() const {
  return Written([this](BIO* out) {
    return PEM_write_bio_PKCS8PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

std::string TlsMaterial::certificate_pem() const {
  return Written([this](BIO* out) { return PEM_write_bio_X509(out, certificate.get()); });
}

Bytes TlsMaterial::certificate_der() const {
  return ToBytes(Written([this](BIO* out) { return i2d_X509_bio(out, certificate.get()); }));
}

SecretBytes TlsMaterial::secret_key_pem() const { return SecretBytes::CopyOf(AsBytes(key_pem())); }

TlsMaterial MakeTlsMaterial(const CertificateRequestOptions& options, const TlsMaterial* issuer) {
  TlsMaterial made;
  made.key.reset(options.ed25519 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
                                 : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  made.certificate.reset(X509_new());
  X509* certificate = made.certificate.get();
  X509_set_version(certificate, X509_VERSION_3);
  int64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial));
  ASN1_INTEGER_set_int64(X509_get_serialNumber(certificate), serial & INT64_MAX);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -kBackdateS);
  X509_gmtime_adj(X509_getm_notAfter(certificate), kValidityS);
  SetName(certificate, options.common_name);
  X509_set_pubkey(certificate, made.key.get());
  X509_set_issuer_name(certificate,
                       X509_get_subject_name(issuer ? issuer->certificate.get() : certificate));
  if (options.is_ca) AddExtension(certificate, NID_basic_constraints, "critical,CA:TRUE");
  if (!options.subject_alt_name.empty()) {
    AddExtension(certificate, NID_subject_alt_name, options.subject_alt_name);
  }
  EVP_PKEY* signer = issuer ? issuer->key.get() : made.key.get();
  const EVP_MD* digest = EVP_PKEY_get_id(signer) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256();
  if (X509_sign(certificate, signer, digest) == 0) std::abort();
  return made;
}

}  // namespace enlace::testing
