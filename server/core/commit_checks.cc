#include "server/core/commit_checks.h"

#include <variant>

#include "crypto/mls/framing.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"
#include "server/core/limits.h"
#include "server/core/message_core.h"

namespace enlace::server {
namespace {

absl::Status CheckSize(std::string_view what, size_t size_bytes, size_t limit_bytes) {
  if (size_bytes <= limit_bytes) return absl::OkStatus();
  return MakeError(Reason::kBodyTooLarge, {{"what", std::string(what)},
                                           {"size_bytes", std::to_string(size_bytes)},
                                           {"limit_bytes", std::to_string(limit_bytes)}});
}

}  // namespace

absl::Status CommitInvalid(std::string_view what) {
  return MakeError(Reason::kCommitInvalid, {{"what", std::string(what)}});
}

absl::Status RuleError(const absl::Status& status) {
  const std::string what(MessageOf(status));
  switch (status.code()) {
    case absl::StatusCode::kOutOfRange:
      return MakeError(Reason::kRegistryBehind);
    case absl::StatusCode::kPermissionDenied:
      return MakeError(Reason::kPolicyForbids, {{"what", what}});
    case absl::StatusCode::kResourceExhausted:
      return MakeError(Reason::kLimitExceeded, {{"what", what}, {"limit", "room"}});
    default:
      return CommitInvalid(what);
  }
}

absl::Status CheckBundleSizes(const v1::CommitBundle& bundle) {
  ENLACE_RETURN_IF_ERROR(CheckSize("commit", bundle.commit().size(), kCommitBytesMax));
  ENLACE_RETURN_IF_ERROR(CheckSize("GroupInfo", bundle.group_info().size(), kGroupInfoBytesMax));
  ENLACE_RETURN_IF_ERROR(CheckSize("Welcome", bundle.welcome().size(), kWelcomeBytesMax));
  if (static_cast<size_t>(bundle.messages().size()) <= kFirstMessagesMax) return absl::OkStatus();
  return MakeError(Reason::kLimitExceeded,
                   {{"what", "first messages"}, {"limit", std::to_string(kFirstMessagesMax)}});
}

absl::Status CheckCommitHeader(const LiveRoom& room, const v1::CommitBundle& bundle) {
  const auto header = mls::ParseMessageHeader(AsBytes(bundle.commit()));
  if (!header.ok()) return CommitInvalid(MessageOf(header.status()));
  if (header->wire_format != mls::WireFormat::kPublicMessage ||
      header->content_type != mls::ContentType::kCommit) {
    return CommitInvalid("not a commit as public message");
  }
  if (!EqualBytes(header->group_id, room.id)) return CommitInvalid("of another room");
  return header->epoch == room.record.epoch() ? absl::OkStatus() : EpochStale(room.record.epoch());
}

absl::StatusOr<mls::GroupInfo> ParseGroupInfo(BytesView message) {
  auto parsed = mls::MlsMessage::Parse(message);
  if (!parsed.ok()) return CommitInvalid(MessageOf(parsed.status()));
  auto* info = std::get_if<mls::GroupInfo>(&parsed->body);
  if (info == nullptr) return CommitInvalid("not a GroupInfo");
  return std::move(*info);
}

absl::Status CheckWelcome(const v1::CommitBundle& bundle, size_t added) {
  if (bundle.welcome().empty())
    return added == 0 ? absl::OkStatus() : CommitInvalid("no Welcome for the added");
  const auto parsed = mls::MlsMessage::Parse(AsBytes(bundle.welcome()));
  if (!parsed.ok()) return CommitInvalid(MessageOf(parsed.status()));
  const auto* welcome = std::get_if<mls::Welcome>(&parsed->body);
  if (welcome == nullptr || welcome->secrets.size() != added)
    return CommitInvalid("the Welcome is not for the added");
  return absl::OkStatus();
}

}  // namespace enlace::server
