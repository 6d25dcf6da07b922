// Clients and groups of a given size for the MLS benchmarks.
//
// A cold group was made by one Commit without a path that adds everybody, so that every parent is
// blank; in a warm one each member entered by an external Commit, so that every parent has a key.
// Failures of the library abort: a benchmark of something that fails measures nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "crypto/mls/credential_validator.h"
#include "crypto/mls/group.h"
#include "crypto/mls/group_results.h"
#include "crypto/mls/signature_cache.h"
#include "crypto/primitives/system_rng.h"
#include "tests/bench/x509_credentials.h"

namespace enlace::bench {

// The value, or the end of the program with the error's message.
template <typename T>
T Must(absl::StatusOr<T> value) {
  if (!value.ok()) {
    fprintf(stderr, "benchmark setup: %s\n", std::string(value.status().message()).c_str());
    std::abort();
  }
  return *std::move(value);
}

enum class CredentialKind { kBasic, kX509 };

struct Client {
  mls::LeafProfile profile;
  crypto::SigningKey key;
};

Client MakeClient(CredentialKind kind, size_t number);
mls::KeyPackageBundle MakeKeyPackage(const Client& client);
std::vector<mls::Proposal> AddsOf(const std::vector<mls::KeyPackageBundle>& bundles);

// A group of one member.
mls::Group MakeGroup(const Client& creator);

// Members 0 and N-1 of one group, who see every Commit, and what a joiner's Welcome was.
struct Pair {
  mls::Group near;
  mls::Group far;
  Bytes welcome;  // Cold groups only: the one that `far` joined by.
  Client far_client;
  mls::KeyPackageBundle far_bundle;
};
Pair MakeColdPair(size_t members, CredentialKind kind);
Pair MakeWarmPair(size_t members);
// The warm pair of this size, made once in the program.
Pair& SharedWarmPair(size_t members);

// Keeps what was taken from a group, for CopyOf.
void KeepChanges(const mls::Group& group, std::vector<mls::StateChange> changes);
// The same group restored from its saved state; all changes that were ever taken from it must have
// been kept.
mls::Group CopyOf(mls::Group& group);

// Rules without policy; signatures are always verified, or remembered in `cache`.
mls::ValidationRules Rules(mls::SignatureCache* cache = nullptr,
                           CredentialKind kind = CredentialKind::kBasic);
// Who judges x509 credentials.
CertificateCredentials& SharedCertificates();
crypto::Rng& SharedRng();

}  // namespace enlace::bench
