#include "server/app/identity_files.h"

#include <sodium.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "crypto/identity/issue.h"
#include "crypto/identity/keys.h"
#include "crypto/primitives/status.h"
#include "storage/durable_file.h"

namespace enlace::server {
namespace {

using identity::Certificate;
using identity::KeyType;
using identity::PrivateKey;
using storage::ReplaceFile;

constexpr std::string_view kIdentitySchema = "enlace.server-identity.v1";
constexpr mode_t kOthersMask = S_IRWXG | S_IRWXO;

absl::Status MakePrivateFolder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return storage::FileError("cannot create", folder, error.value());
  if (chmod(folder.c_str(), S_IRWXU) != 0) {
    return storage::FileError("cannot close to others", folder, errno);
  }
  return absl::OkStatus();
}

absl::Status WriteIdentityJson(const DataFolder& folder, const std::string& name,
                               const Certificate& certificate, const crypto::SigningKey& log_key) {
  const nlohmann::ordered_json json = {
      {"schema", kIdentitySchema},
      {"name", name},
      {"tls_certificate_pem", certificate.ToPem()},
      {"tls_fingerprint", ToHex(certificate.fingerprint())},
      {"log_key", ToHex(log_key.public_key())},
  };
  return ReplaceFile(folder.identity(), AsBytes(json.dump(2) + "\n"));
}

absl::StatusOr<PrivateKey> ReadKey(const std::filesystem::path& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) == 0 && (info.st_mode & kOthersMask) != 0) {
    return FailedPrecondition(path.string() + " can be read by others; run: chmod 600 " +
                              path.string());
  }
  ENLACE_ASSIGN_OR_RETURN(Bytes der, storage::ReadWholeFile(path));
  absl::StatusOr<PrivateKey> key = PrivateKey::FromPkcs8(der);
  sodium_memzero(der.data(), der.size());
  return key;
}

}  // namespace

absl::Status CreateIdentity(const DataFolder& folder, const IdentityNames& names, int64_t now_ms,
                            crypto::Rng& rng) {
  for (const auto& path : {folder.tls_key(), folder.log_key()}) {
    std::error_code error;
    if (!std::filesystem::exists(path, error)) continue;
    return MakeStatus(absl::StatusCode::kAlreadyExists, path.string() + " is there already");
  }
  const PrivateKey tls_key = PrivateKey::Generate(KeyType::kP256, rng);
  const PrivateKey log_key = PrivateKey::Generate(KeyType::kEd25519, rng);
  identity::ServerNames server_names{names.public_name, {names.public_name}};
  for (const std::string& name : names.further_names) server_names.names.push_back(name);
  ENLACE_ASSIGN_OR_RETURN(const Certificate certificate,
                          identity::MakeServerCertificate(server_names, tls_key, now_ms, rng));
  ENLACE_ASSIGN_OR_RETURN(const crypto::SigningKey signer, log_key.ToSigningKey());

  ENLACE_RETURN_IF_ERROR(MakePrivateFolder(folder.root()));
  ENLACE_RETURN_IF_ERROR(MakePrivateFolder(folder.keys()));
  ENLACE_RETURN_IF_ERROR(ReplaceFile(folder.tls_certificate(), AsBytes(certificate.ToPem())));
  ENLACE_RETURN_IF_ERROR(WriteIdentityJson(folder, names.public_name, certificate, signer));
  ENLACE_RETURN_IF_ERROR(ReplaceFile(folder.log_key(), log_key.pkcs8().view()));
  return ReplaceFile(folder.tls_key(), tls_key.pkcs8().view());
}

absl::StatusOr<ServerIdentityFiles> LoadIdentity(const DataFolder& folder) {
  ENLACE_ASSIGN_OR_RETURN(const PrivateKey tls_key, ReadKey(folder.tls_key()));
  ENLACE_ASSIGN_OR_RETURN(const PrivateKey log_key, ReadKey(folder.log_key()));
  ENLACE_ASSIGN_OR_RETURN(const Bytes pem, storage::ReadWholeFile(folder.tls_certificate()));
  ENLACE_ASSIGN_OR_RETURN(Certificate certificate, Certificate::FromPem(AsText(pem)));
  if (certificate.public_key_info() != tls_key.public_key_info()) {
    return FailedPrecondition(folder.tls_certificate().string() + " is not of the key beside it");
  }
  ENLACE_ASSIGN_OR_RETURN(crypto::SigningKey signer, log_key.ToSigningKey());
  return ServerIdentityFiles{std::move(certificate), tls_key.ToPem(), std::move(signer)};
}

}  // namespace enlace::server
