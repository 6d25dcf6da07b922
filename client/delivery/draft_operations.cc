// What `compose` asks of the open engine: keeping and dropping drafts.

#include <algorithm>

#include "client/cases/draft_store.h"
#include "client/delivery/engine_parts.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {

using nlohmann::json;

// {"id" (none: a new one), "type", "answers": {path: value}} -> {"id"}
absl::StatusOr<json> OpenEngine::SaveDraft(const json& args) {
  StoredDraft draft;
  const std::string id = args.value("id", std::string());
  draft.id.resize(kDraftIdBytes);
  if (id.empty()) {
    parts_->rooms.rng.Fill(draft.id);
  } else if (!DecodeHex(id, draft.id)) {
    return InvalidArgument("no id of a draft");
  }
  draft.type = args.at("type").get<int>();
  draft.saved_at_ms = parts_->services.now_ms();
  for (const auto& [path, value] : args.at("answers").items()) draft.answers[path] = value;
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, parts_->vault->Begin());
  ENLACE_RETURN_IF_ERROR(client::SaveDraft(*tx, draft));
  ENLACE_RETURN_IF_ERROR(Finish(std::move(tx)));
  return json{{"id", ToHex(draft.id)}};
}

// {"id"} -> {}
absl::StatusOr<json> OpenEngine::DropDraft(const json& args) {
  Bytes id(kDraftIdBytes);
  if (!DecodeHex(args.at("id").get<std::string>(), id)) return InvalidArgument("no id of a draft");
  ENLACE_RETURN_IF_ERROR(parts_->retention.ForgetDraft(id));
  return json::object();
}

}  // namespace enlace::client
