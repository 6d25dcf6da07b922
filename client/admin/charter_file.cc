#include "client/admin/charter_file.h"

#include <openssl/bio.h>
#include <openssl/pem.h>

#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "client/admin/admin_context.h"
#include "client/cli_common/text_file.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client::admin {
namespace {

constexpr const char* kPemLabel = "ENLACE CHARTER";

struct BioFreer {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using BioPointer = std::unique_ptr<BIO, BioFreer>;

absl::Status Rejected(std::string_view what) {
  return MakeError(Reason::kCharterRejected, {{"what", std::string(what)}});
}

// What OpenSSL allocated for one PEM block.
struct PemBlock {
  ~PemBlock() {
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(data);
  }
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
};

absl::StatusOr<identity::ServerIdentity> Understand(const nlohmann::json& json) {
  const auto text = [&json](const char* key) { return json.value(key, std::string()); };
  if (text("schema") != "enlace.server-identity.v1") return Rejected("server-identity.json");
  ENLACE_ASSIGN_OR_RETURN(const auto certificate,
                          identity::Certificate::FromPem(text("tls_certificate_pem")));
  ENLACE_ASSIGN_OR_RETURN(const merkle::Hash fingerprint, ParseHash(text("tls_fingerprint")));
  if (certificate.fingerprint() != fingerprint) return Rejected("tls_fingerprint");
  ENLACE_ASSIGN_OR_RETURN(const merkle::Hash log_key, ParseHash(text("log_key")));
  return identity::ServerIdentity{text("name"), certificate.der(), log_key};
}

int DigitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string EncodeCharterFile(const identity::SignedCharter& charter) {
  const Bytes bytes = identity::EncodeSignedCharter(charter);
  const BioPointer bio(BIO_new(BIO_s_mem()));
  PEM_write_bio(bio.get(), kPemLabel, "", bytes.data(), static_cast<long>(bytes.size()));
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<size_t>(size));
}

absl::StatusOr<identity::SignedCharter> DecodeCharterFile(std::string_view text) {
  const BioPointer bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  PemBlock block;
  if (PEM_read_bio(bio.get(), &block.name, &block.header, &block.data, &block.size) != 1 ||
      std::string_view(block.name) != kPemLabel) {
    return Rejected("BEGIN ENLACE CHARTER");
  }
  auto charter =
      identity::DecodeSignedCharter(BytesView(block.data, static_cast<size_t>(block.size)));
  if (!charter.ok()) return Rejected(MessageOf(charter.status()));
  return charter;
}

absl::StatusOr<CharterFile> ReadCharterFile(const std::string& path) {
  ENLACE_ASSIGN_OR_RETURN(const std::string text, ReadWholeFile(path));
  ENLACE_ASSIGN_OR_RETURN(identity::SignedCharter signed_charter, DecodeCharterFile(text));
  auto charter = identity::DecodeCharter(signed_charter.body);
  if (!charter.ok()) return Rejected(MessageOf(charter.status()));
  return CharterFile{std::move(signed_charter), std::move(*charter)};
}

absl::Status WriteCharterDraft(const std::string& path, const identity::Charter& charter) {
  auto body = identity::EncodeCharter(charter);
  if (!body.ok()) return Rejected(MessageOf(body.status()));
  const std::string text = EncodeCharterFile({std::move(*body), {}});
  return WriteWholeFile({path, true}, AsBytes(text));
}

absl::StatusOr<identity::ServerIdentity> ReadServerIdentity(const std::string& path) {
  ENLACE_ASSIGN_OR_RETURN(const std::string text, ReadWholeFile(path));
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return Rejected("server-identity.json");
  for (const auto& [key, value] : json.items()) {
    if (!value.is_string()) return Rejected(key);
  }
  auto server = Understand(json);
  if (!server.ok() && InfoOf(server.status()).name.empty()) {
    return Rejected(MessageOf(server.status()));
  }
  return server;
}

absl::StatusOr<merkle::Hash> ParseHash(std::string_view text) {
  merkle::Hash hash{};
  size_t digits = 0;
  for (const char c : text) {
    if (c == ' ' || c == ':') continue;
    const int digit = DigitOf(c);
    if (digit < 0 || digits == 2 * hash.size()) return UsageError(std::string(text));
    hash[digits / 2] = static_cast<uint8_t>(hash[digits / 2] << 4 | digit);
    ++digits;
  }
  if (digits != 2 * hash.size()) return UsageError(std::string(text));
  return hash;
}

}  // namespace enlace::client::admin
