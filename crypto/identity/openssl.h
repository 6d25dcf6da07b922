// Ownership of OpenSSL's objects, for the sources of this folder only.
//
// Thread safety: as OpenSSL's objects: one thread each. Ownership: unique_ptr with the right
// release function.
#pragma once

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

#include "absl/status/statusor.h"
#include "crypto/identity/keys.h"
#include "crypto/primitives/bytes.h"

namespace enlace::identity {

template <auto kRelease>
struct OpensslRelease {
  template <typename T>
  void operator()(T* object) const {
    kRelease(object);
  }
};

using X509Ptr = std::unique_ptr<X509, OpensslRelease<X509_free>>;
using X509ReqPtr = std::unique_ptr<X509_REQ, OpensslRelease<X509_REQ_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, OpensslRelease<X509_EXTENSION_free>>;
using EvpKeyPtr = std::unique_ptr<EVP_PKEY, OpensslRelease<EVP_PKEY_free>>;
using EvpKeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, OpensslRelease<EVP_PKEY_CTX_free>>;
using Pkcs8Ptr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, OpensslRelease<PKCS8_PRIV_KEY_INFO_free>>;
using BignumPtr = std::unique_ptr<BIGNUM, OpensslRelease<BN_clear_free>>;
using IntegerPtr = std::unique_ptr<ASN1_INTEGER, OpensslRelease<ASN1_INTEGER_free>>;
using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, OpensslRelease<GENERAL_NAMES_free>>;
using BasicConstraintsPtr =
    std::unique_ptr<BASIC_CONSTRAINTS, OpensslRelease<BASIC_CONSTRAINTS_free>>;
using BitStringPtr = std::unique_ptr<ASN1_BIT_STRING, OpensslRelease<ASN1_BIT_STRING_free>>;
using ExtendedKeyUsagePtr =
    std::unique_ptr<EXTENDED_KEY_USAGE, OpensslRelease<EXTENDED_KEY_USAGE_free>>;

// DER of an object by its i2d function; empty only when OpenSSL is out of memory.
template <typename T, typename Function>
Bytes ToDer(const T* object, Function i2d) {
  uint8_t* raw = nullptr;
  const int size = i2d(object, &raw);
  if (size <= 0) return {};
  Bytes der(raw, raw + size);
  OPENSSL_free(raw);
  return der;
}

// OpenSSL's view of a private key; null only when OpenSSL is out of memory.
EvpKeyPtr ToEvpKey(const PrivateKey& key);

// Key type of an OpenSSL key: INVALID_ARGUMENT unless Ed25519 or ECDSA on P-256.
absl::StatusOr<KeyType> KeyTypeOf(EVP_PKEY* key);

// The only entry of a subject: its common name, as ASCII. INVALID_ARGUMENT for a name with other
// entries.
absl::StatusOr<std::string> CommonNameOf(const X509_NAME* name);

// Digest for a signature by a key: none for Ed25519.
const EVP_MD* DigestFor(KeyType type);

}  // namespace enlace::identity
