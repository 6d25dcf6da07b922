#include "client/session/tls_policy.h"

#include <openssl/bio.h>
#include <openssl/conf.h>
#include <openssl/ssl.h>

#include <memory>
#include <string_view>

#include "crypto/primitives/status.h"

namespace enlace::client {
namespace {

// "-ALL" stands for options that forbid each version; a minimum version alone would be overridden.
constexpr std::string_view kSystemDefault =
    "openssl_conf = client\n"
    "[client]\nssl_conf = contexts\n"
    "[contexts]\nsystem_default = versions\n"
    "[versions]\nProtocol = -ALL, TLSv1.3\n";

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

absl::Status LoadSystemDefault() {
  // The system's file first: loading it later would undo ours.
  OPENSSL_init_ssl(OPENSSL_INIT_LOAD_CONFIG, nullptr);
  const std::unique_ptr<BIO, Freer<BIO_free>> source(
      BIO_new_mem_buf(kSystemDefault.data(), static_cast<int>(kSystemDefault.size())));
  const std::unique_ptr<CONF, Freer<NCONF_free>> conf(NCONF_new(nullptr));
  if (!source || !conf || NCONF_load_bio(conf.get(), source.get(), nullptr) != 1 ||
      CONF_modules_load(conf.get(), nullptr, 0) != 1) {
    return FailedPrecondition("OpenSSL does not load our TLS versions");
  }
  const std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>> probe(SSL_CTX_new(TLS_client_method()));
  if (!probe || (SSL_CTX_get_options(probe.get()) & SSL_OP_NO_TLSv1_2) == 0) {
    return FailedPrecondition("OpenSSL still offers TLS 1.2");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status OfferOnlyTls13() {
  static const absl::Status result = LoadSystemDefault();
  return result;
}

}  // namespace enlace::client
