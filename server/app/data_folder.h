// Where things stand in the server's data folder.
//
//   lock              held by the process that serves or works on the folder
//   keys/tls.p8       private key of the server's certificate, PKCS#8 DER, mode 0600
//   keys/log.p8       Ed25519 key that signs registry heads and receipts, PKCS#8 DER, mode 0600
//   keys/tls.crt      the server's certificate, PEM
//   server-identity.json  what the charter needs (identity_files.h)
//   store/            the engine's files
//   marks/            the high-water mark
//   ports.json        where the running server listens
//   control           socket of the running server, for its owner alone
//
// Thread safety: values.
#pragma once

#include <filesystem>

namespace enlace::server {

class DataFolder {
 public:
  explicit DataFolder(std::filesystem::path root) : root_(std::move(root)) {}

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path keys() const { return root_ / "keys"; }
  std::filesystem::path tls_key() const { return keys() / "tls.p8"; }
  std::filesystem::path log_key() const { return keys() / "log.p8"; }
  std::filesystem::path tls_certificate() const { return keys() / "tls.crt"; }
  std::filesystem::path identity() const { return root_ / "server-identity.json"; }
  std::filesystem::path store() const { return root_ / "store"; }
  std::filesystem::path marks() const { return root_ / "marks"; }
  std::filesystem::path ports() const { return root_ / "ports.json"; }
  std::filesystem::path control() const { return root_ / "control"; }

 private:
  std::filesystem::path root_;
};

}  // namespace enlace::server
