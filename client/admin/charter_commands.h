// enlace-admin charter: drafts, signatures, publication.
//
// A draft is a file. The Secretariat makes it, key holders sign it in turn, and whoever has the
// last signature gives it to the server, which takes it for its signatures and nothing else. Thread
// safety: free functions. Errors: CHARTER_REJECTED for what a charter may not say, and as each
// says.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/admin/admin_context.h"

namespace enlace::client::admin {

// Shows this machine's charter key, made when there is none.
absl::Status CharterKey(AdminContext& context);

struct CharterInitOptions {
  std::string out;
  std::string server_identity;    // File of `enlace-server init`.
  std::vector<std::string> keys;  // Further public keys, 64 digits each.
  uint32_t threshold = 0;         // 0: more than half of the keys.
  uint32_t valid_days = 365;
  std::string from;  // A charter to continue: version + 1, everything else kept.
};
absl::Status CharterInit(AdminContext& context, const CharterInitOptions& options);

struct CharterAddOptions {
  std::string file;
  std::string authority;
  std::vector<std::string> ca_files;
  std::string standing = "member";  // member, observer or organisation.
  std::string name_es;              // Countries: empty for the usual name.
  std::string name_en;
};
// Adds an authority or replaces it.
absl::Status CharterAdd(AdminContext& context, const CharterAddOptions& options);
absl::Status CharterRemove(AdminContext& context, const std::string& file,
                           const std::string& authority);

struct CharterSetOptions {
  std::string file;
  std::string presidency;
  std::string server_identity;
  std::vector<std::string> keys;  // The whole new set.
  uint32_t threshold = 0;
  uint32_t valid_days = 0;
};
absl::Status CharterSet(AdminContext& context, const CharterSetOptions& options);

absl::Status CharterShow(AdminContext& context, const std::string& file);
absl::Status CharterDiff(AdminContext& context, const std::string& before,
                         const std::string& after);

// Adds this machine's signature. CHARTER_KEY_MISSING; PERMISSION_DENIED when the draft does not
// name our key.
absl::Status CharterSign(AdminContext& context, const std::string& file);

struct CharterPublishOptions {
  std::string file;
  std::string enrolment_address;  // host:port of the server's enrolment listener.
};
// CHARTER_UNSIGNED before there are enough signatures.
absl::Status CharterPublish(AdminContext& context, const CharterPublishOptions& options);

struct CharterVerifyOptions {
  std::string file;                   // Empty: what the server serves.
  std::string root;                   // 64 digits; needed to verify what a server serves.
  std::vector<std::string> previous;  // Files of the versions before it, oldest first.
  std::string enrolment_address;
  std::string server_fingerprint;  // 64 digits of its certificate.
};
// A file is verified with the keys that may sign it: its own in version 1, those of the version
// before it in a later one, taken from `previous` or from the server. USAGE where neither is given,
// CHARTER_UNSIGNED with too few signatures, CHARTER_REJECTED for any that does not verify, a
// version that does not rise or another root.
absl::Status CharterVerify(AdminContext& context, const CharterVerifyOptions& options);

}  // namespace enlace::client::admin
