// enlace-admin pending, approve, reject, status: people and machines that ask to be admitted.
//
// A request is believed when its MAC is that of an invitation of ours; a person stands behind it
// when the hidden word is right. Three wrong words spend the request, however often the program is
// started.
//
// Thread safety: free functions. Errors: as each says, and those of AdminContext.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/admin/admin_context.h"

namespace enlace::client::admin {

absl::Status Pending(AdminContext& context);

struct ApproveOptions {
  std::vector<std::string> officer_ids;
  // Lines of an officer's id and the six words, compared in person; a single id may have its words
  // alone.
  std::string words_file;
};
// REQUEST_UNKNOWN, REQUEST_FORGED, WORD_WRONG, WORD_SPENT, PROMPT_IMPOSSIBLE.
absl::Status Approve(AdminContext& context, const ApproveOptions& options);

// REQUEST_UNKNOWN. The invitation is spent.
absl::Status Reject(AdminContext& context, const std::string& officer_id,
                    const std::string& reason);

// What waits: requests, certificates that expire, offices without a machine.
absl::Status Status(AdminContext& context);

}  // namespace enlace::client::admin
