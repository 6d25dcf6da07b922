#include "server/listener/tls_policy.h"

#include <openssl/bio.h>
#include <openssl/conf.h>
#include <openssl/ssl.h>

#include <cstdlib>
#include <memory>
#include <string_view>

#include "crypto/primitives/status.h"

namespace enlace::server {
namespace {

constexpr std::string_view kConfiguration =
    "openssl_conf = enlace\n"
    "[enlace]\n"
    "ssl_conf = tls\n"
    "[tls]\n"
    "system_default = policy\n"
    "[policy]\n"
    "Protocol = -ALL, TLSv1.3\n";

// A suite for RSA keys; ours are P-256.
constexpr const char* kUnusableSuite = "ECDHE-RSA-AES256-GCM-SHA384";

struct ConfDeleter {
  void operator()(CONF* conf) const { NCONF_free(conf); }
};
struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct ContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

bool ForbidsTls12() {
  const std::unique_ptr<SSL_CTX, ContextDeleter> context(SSL_CTX_new(TLS_method()));
  return context != nullptr && (SSL_CTX_get_options(context.get()) & SSL_OP_NO_TLSv1_2) != 0;
}

}  // namespace

absl::Status RequireTls13() {
  if (setenv("GRPC_SSL_CIPHER_SUITES", kUnusableSuite, /*overwrite=*/1) != 0) {
    return FailedPrecondition("the environment can't be set");
  }
  if (OPENSSL_init_ssl(OPENSSL_INIT_LOAD_CONFIG, nullptr) != 1) {
    return FailedPrecondition("OpenSSL does not start");
  }
  const std::unique_ptr<BIO, BioDeleter> text(
      BIO_new_mem_buf(kConfiguration.data(), static_cast<int>(kConfiguration.size())));
  const std::unique_ptr<CONF, ConfDeleter> configuration(NCONF_new(nullptr));
  long error_line = 0;
  if (text == nullptr || configuration == nullptr ||
      NCONF_load_bio(configuration.get(), text.get(), &error_line) != 1 ||
      CONF_modules_load(configuration.get(), nullptr, 0) != 1 || !ForbidsTls12()) {
    return FailedPrecondition("OpenSSL does not take the setting for TLS 1.3");
  }
  return absl::OkStatus();
}

}  // namespace enlace::server
