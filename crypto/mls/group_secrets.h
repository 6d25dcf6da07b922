// GroupSecrets and the making and opening of Welcomes, RFC 9420 section 12.4.3.1.
//
// Thread safety: functions without state. Ownership: secrets are move-only.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "crypto/mls/key_package.h"
#include "crypto/mls/key_package_bundle.h"
#include "crypto/mls/key_schedule.h"
#include "crypto/mls/psk_id.h"
#include "crypto/mls/tree_view.h"
#include "crypto/mls/welcome.h"
#include "crypto/primitives/rng.h"
#include "crypto/primitives/secret_bytes.h"

namespace enlace::mls {

struct GroupSecrets {
  SecretBytes joiner_secret;
  std::optional<SecretBytes> path_secret;
  std::vector<PreSharedKeyId> psks;

  // INVALID_ARGUMENT when malformed, or when a secret is not kHashBytes long.
  static absl::StatusOr<GroupSecrets> Parse(BytesView encoded);
  SecretBytes Serialize() const;
};

// One whom a Welcome is for: its path secret is empty when the Commit has no path.
struct WelcomeRecipient {
  const KeyPackage* key_package = nullptr;
  BytesView path_secret;
};

// A Welcome for all recipients, around one encrypted GroupInfo.
absl::StatusOr<Welcome> SealWelcome(const GroupInfo& info, const JoinerSecrets& secrets,
                                    std::span<const PreSharedKeyId> psks,
                                    std::span<const WelcomeRecipient> recipients, crypto::Rng& rng);

// The secrets that `welcome` holds for `own`. NOT_FOUND when there are none, INVALID_ARGUMENT when
// they don't open.
absl::StatusOr<GroupSecrets> OpenGroupSecrets(const Welcome& welcome, const KeyPackageBundle& own);
// The GroupInfo under the welcome_secret. INVALID_ARGUMENT when it does not open.
absl::StatusOr<GroupInfo> OpenGroupInfo(const Welcome& welcome, BytesView welcome_secret);

// The ratchet_tree vector of any view of a tree (section 12.4.3.3).
Bytes SerializeTreeView(const TreeView& tree);

}  // namespace enlace::mls
