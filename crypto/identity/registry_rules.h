// Which entries the registry accepts: the decision, apart from its effect (registry_writer.h).
//
// Internal to this folder. Promises that a CheckedEntry fits the registry it was checked against,
// so that applying it can't fail.
//
// Thread safety: as the registry's const calls. Ownership: borrows the registry.
#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "crypto/identity/registry.h"

namespace enlace::identity {

// An entry that may be applied, decoded.
struct CheckedEntry {
  int64_t logged_at_ms = 0;
  std::optional<CharterChain> chain;  // For a charter: the chain with it.
  std::optional<Statement> statement;
  merkle::Hash signer{};
  std::optional<DeviceCertificates> certificates;  // For an enrolment.
};

class RegistryRules {
 public:
  RegistryRules(const Registry& registry, Trust trust) : registry_(registry), trust_(trust) {}

  absl::StatusOr<CheckedEntry> Check(BytesView bytes) const;

  // Rules of each kind of statement; `statement` is well-formed and its signature valid.
  absl::Status operator()(const OfficeStated& office) const;
  absl::Status operator()(const DeviceEnrolled& device) const;
  absl::Status operator()(const OfficerAssigned& officer) const;
  absl::Status operator()(const DeviceRevoked& device) const;
  absl::Status operator()(const OfficerSuspended& officer) const;
  absl::Status operator()(const OfficerReinstated& officer) const;
  absl::Status operator()(const OfficeRenamed& office) const;
  absl::Status operator()(const OfficeClosed& office) const;
  absl::Status operator()(const OfficeDuty& duty) const;

 private:
  absl::StatusOr<CheckedEntry> CheckCharterEntry(const LogEntry& entry) const;
  absl::StatusOr<CheckedEntry> CheckStatementEntry(const LogEntry& entry) const;
  // The signer may make this statement here, and did sign it.
  absl::Status CheckSigner(const SignedStatement& signed_statement, const Statement& statement,
                           int64_t logged_at_ms) const;
  absl::StatusOr<BytesView> CaKey(const SignedStatement& signed_statement,
                                  const Statement& statement, int64_t logged_at_ms) const;
  absl::StatusOr<BytesView> DeviceKey(const SignedStatement& signed_statement,
                                      const Statement& statement, int64_t logged_at_ms) const;
  // The pair of an enrolment: judged by the profile, its CA and what is logged; or, when all that
  // was done before, only read.
  absl::StatusOr<DeviceCertificates> ReadCertificates(const DeviceEnrolled& device,
                                                      const merkle::Hash& ca) const;
  absl::Status CheckCertificates(const DeviceEnrolled& device, const merkle::Hash& ca) const;
  absl::Status CheckOfficesOpen(const std::vector<std::string>& offices) const;
  absl::Status CheckNewDevice(const DeviceEnrolled& device, const DeviceUri& uri) const;

  const Registry& registry_;
  Trust trust_;
};

// The offices of an assignment as they are called in a log of `size` entries, ascending.
std::vector<std::string> ResolvedOffices(const Registry& registry, const Assignment& assignment,
                                         uint64_t size);

}  // namespace enlace::identity
