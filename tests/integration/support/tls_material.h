// Certificates for tests, made with OpenSSL alone so that the product's own issuing code is not
// what vouches for it.
//
// Thread safety: free functions. Ownership: values.
#pragma once

#include <memory>
#include <string>

#include "crypto/primitives/bytes.h"
#include "crypto/primitives/secret_bytes.h"

struct evp_pkey_st;
struct x509_st;

namespace enlace::testing {

struct KeyDeleter {
  void operator()(evp_pkey_st* key) const;
};
struct X509Deleter {
  void operator()(x509_st* certificate) const;
};

struct TlsMaterial {
  std::unique_ptr<evp_pkey_st, KeyDeleter> key;
  std::unique_ptr<x509_st, X509Deleter> certificate;

  std::string key_pem() const;
  std::string certificate_pem() const;
  Bytes certificate_der() const;
  SecretBytes secret_key_pem() const;
};

struct CertificateRequestOptions {
  std::string common_name = {};
  // "DNS:localhost" or "URI:enlace://..."; empty for none.
  std::string subject_alt_name = {};
  bool is_ca = false;
  bool ed25519 = false;
};

// Signed by `issuer`, or by itself when that is null. P-256 unless ed25519.
TlsMaterial MakeTlsMaterial(const CertificateRequestOptions& options,
                            const TlsMaterial* issuer = nullptr);

}  // namespace enlace::testing
