// Who vouches for an office or an officer, what the registry remembers of them, and words that two
// people can compare by telephone.
//
// Thread safety: values and pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/screen.h"
#include "crypto/identity/registry.h"
#include "crypto/identity/verification_words.h"

namespace enlace::client {

struct VerifiedMachine {
  std::string uri;
  identity::DeviceState state = identity::DeviceState::kNotLogged;
  int64_t since_ms = 0;
  int64_t until_ms = 0;
};

// One entry of the log about the subject: at which index, and what it said.
struct VerifiedEntry {
  enum class Kind { kAssigned, kSuspended, kResumed, kStated, kMoved };
  Kind kind = Kind::kAssigned;
  uint64_t logged_at = 0;
  // Offices of an assignment, the new name or successor of an office; empty otherwise.
  std::vector<std::string> offices;
  // Of a suspension with an end; 0 otherwise.
  int64_t until_ms = 0;
};

struct VerifyView {
  std::string subject;
  bool is_office = false;
  std::string authority;
  std::string authority_name_en, authority_name_es;
  uint64_t charter_version = 0;
  // Short fingerprints of the authority's CAs.
  std::vector<std::string> cas;
  std::vector<VerifiedMachine> machines;
  std::vector<VerifiedEntry> history;
  uint64_t registry_size = 0;
  // Of the charter root and the active machines: two people who see the same registry read the same
  // words.
  std::array<uint32_t, identity::kVerificationWords> words{};
};

// An officer's id or an office's. OFFICE_UNKNOWN when it is neither.
absl::StatusOr<VerifyView> Verify(const identity::Registry& registry, const std::string& subject,
                                  int64_t now_ms);

Page RenderVerify(const VerifyView& view, const Screen& screen);
nlohmann::json JsonOf(const VerifyView& view);

}  // namespace enlace::client
