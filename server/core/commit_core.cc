#include "server/core/commit_core.h"

#include <algorithm>

#include "crypto/mls/framing.h"
#include "crypto/room/limits.h"
#include "crypto/room/room_rules.h"
#include "crypto/room/room_view.h"
#include "server/core/commit_checks.h"
#include "server/core/keys.h"
#include "server/core/leaf_identities.h"
#include "server/core/limits.h"
#include "server/core/store_io.h"

namespace enlace::server {
namespace {

// The tree that a founding GroupInfo carries inline.
absl::StatusOr<Bytes> InlineTree(const mls::GroupInfo& info) {
  const auto tree = info.extensions.Find(mls::kExtensionRatchetTree);
  if (!tree) return CommitInvalid("the founding GroupInfo has no tree");
  return ToBytes(*tree);
}

absl::StatusOr<room::HeadMark> MarkIn(const mls::GroupInfo& info) {
  const auto mark = info.extensions.Find(room::kHeadMarkExtension);
  if (!mark) return CommitInvalid("the GroupInfo has no head mark");
  const auto decoded = room::DecodeHeadMark(*mark);
  if (!decoded.ok()) return CommitInvalid(MessageOf(decoded.status()));
  return *decoded;
}

}  // namespace

absl::StatusOr<std::unique_ptr<LiveRoom>> CommitCore::Found(const Caller& caller,
                                                            const v1::CreateRoomRequest& request,
                                                            int64_t now_ms) {
  ENLACE_ASSIGN_OR_RETURN(const mls::GroupInfo info,
                          ParseGroupInfo(AsBytes(request.founding_group_info())));
  if (!EqualBytes(info.group_context.group_id, AsBytes(request.room_id())))
    return CommitInvalid("group id");
  if (info.group_context.epoch != 0) return CommitInvalid("a room begins with epoch 0");
  ENLACE_ASSIGN_OR_RETURN(const Bytes tree, InlineTree(info));
  const LeafIdentities identities(s_.registry.latest());
  mls::ValidationRules rules;
  rules.credentials = &identities;
  rules.verified = &verified_;
  auto group = mls::PublicGroup::FromGroupInfo(info, tree, rules);
  if (!group.ok()) return CommitInvalid(MessageOf(group.status()));
  if (group->member_count() != 1) return CommitInvalid("a room is founded by one device");
  auto out = std::make_unique<LiveRoom>();
  out->id = ToBytes(AsBytes(request.room_id()));
  out->record.set_created_at_ms(static_cast<uint64_t>(now_ms));
  ENLACE_ASSIGN_OR_RETURN(out->mark, MarkIn(info));
  const auto state = room::ViewGroup(*group, out->mark);
  if (!state.ok()) return CommitInvalid(MessageOf(state.status()));
  out->policy = state->policy;
  const mls::LeafNode* founder = group->FindLeaf(0);
  const identity::DeviceRecord* device =
      founder == nullptr ? nullptr : identities.DeviceOf(*founder);
  if (device == nullptr || device->uri.text() != caller.device_uri)
    return CommitInvalid("founded by another device");
  ENLACE_RETURN_IF_ERROR(PutMember(*out, {0, *founder}, 0));
  out->Refresh();
  out->group.emplace(std::move(*group));
  return out;
}

absl::Status CommitCore::CheckPredecessor(const Caller& caller, const room::RoomPolicy& policy,
                                          int64_t now_ms) {
  const Bytes& id = policy.predecessor.room_id;
  if (id.empty()) return absl::OkStatus();
  const auto found = s_.rooms.Find(id);
  // A predecessor that this server lost altogether is no reason to keep a case closed.
  if (HasReason(found.status(), Reason::kRoomUnknown)) return absl::OkStatus();
  ENLACE_RETURN_IF_ERROR(found.status());
  const room::RoomPolicy& old = (*found)->policy;
  if (caller.ActsFor(old.origin_office)) return absl::OkStatus();
  const bool action = std::any_of(
      old.participants.begin(), old.participants.end(), [&](const room::Participant& p) {
        return p.role == room::OfficeRole::kAction && caller.ActsFor(p.office_id);
      });
  const auto reports = storage::PrefixRange(storage::KeyBuilder(keys::kUnprocessable).Blob(id));
  ENLACE_ASSIGN_OR_RETURN(const auto first, FirstRow(s_.store, reports));
  if (action && first) {
    ENLACE_ASSIGN_OR_RETURN(const auto report,
                            ParseRecord<store::v1::UnprocessableReport>(first->key, first->value));
    if (report.reported_at_ms() + static_cast<uint64_t>(kHourMs) <= static_cast<uint64_t>(now_ms)) {
      return absl::OkStatus();
    }
  }
  return MakeError(Reason::kPolicyForbids,
                   {{"what", "the origin opens the successor of a room first"}});
}

// The first entry of a room's log; its founder alone gets it.
absl::Status CommitCore::LogFounding(LiveRoom& room, const Caller& caller,
                                     std::string_view group_info, int64_t now_ms) {
  LogContent content{.message = PrepareContent(AsText(room.id), group_info),
                     .kind = room::LogKind::kRoomCreated,
                     .sender_uri = caller.device_uri,
                     .now_ms = now_ms};
  ENLACE_ASSIGN_OR_RETURN(const LoggedEntry logged, s_.log.Append(room, std::move(content)));
  s_.retention.Schedule(room.id, logged.acceptance.sequence(), now_ms + kCommitKeptMs);
  return s_.fan_out.Send(room.id, logged.inbox, {caller.device_uri});
}

absl::Status CommitCore::CreateRoom(const Caller& caller, const v1::CreateRoomRequest& request,
                                    int64_t now_ms, v1::CreateRoomResponse& answer) {
  if (request.room_id().size() != room::kRoomIdBytes) return CommitInvalid("room id");
  ENLACE_RETURN_IF_ERROR(CheckBundleSizes(request.bundle()));
  ENLACE_ASSIGN_OR_RETURN(const auto exists, s_.store.Get(keys::Room(AsBytes(request.room_id()))));
  if (exists) return MakeError(Reason::kRoomExists);
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<LiveRoom> founded, Found(caller, request, now_ms));
  ENLACE_RETURN_IF_ERROR(CheckPredecessor(caller, founded->policy, now_ms));
  LiveRoom& room = s_.rooms.Add(std::move(founded));
  ENLACE_RETURN_IF_ERROR(CheckCommitHeader(room, request.bundle()));
  ENLACE_RETURN_IF_ERROR(LogFounding(room, caller, request.founding_group_info(), now_ms));
  ENLACE_ASSIGN_OR_RETURN(Accepted accepted,
                          Accept({room, *room.group, caller, request.bundle(), now_ms, true}));
  *answer.mutable_commit() = std::move(accepted.commit);
  for (v1::Acceptance& message : accepted.messages) *answer.add_messages() = std::move(message);
  return absl::OkStatus();
}

absl::Status CommitCore::Commit(const Caller& caller, const v1::CommitRequest& request,
                                int64_t now_ms, v1::CommitResponse& answer) {
  ENLACE_RETURN_IF_ERROR(CheckBundleSizes(request.bundle()));
  ENLACE_ASSIGN_OR_RETURN(LiveRoom * room, s_.rooms.Find(AsBytes(request.room_id())));
  const identity::Registry& registry = s_.registry.latest();
  if (!room->IsMember(caller.device_uri)) {
    const identity::DeviceRecord* device = registry.FindDevice(caller.device_uri);
    if (device == nullptr ||
        !room::MayEnter(room->policy, *device, registry, registry.Now(now_ms))) {
      return MakeError(Reason::kNotAMember);
    }
  }
  if (room->record.read_only()) return MakeError(Reason::kRoomReadOnly);
  ENLACE_RETURN_IF_ERROR(CheckCommitHeader(*room, request.bundle()));
  ENLACE_ASSIGN_OR_RETURN(mls::PublicGroup * group, s_.rooms.GroupOf(*room));
  ENLACE_ASSIGN_OR_RETURN(Accepted accepted,
                          Accept({*room, *group, caller, request.bundle(), now_ms, false}));
  *answer.mutable_commit() = std::move(accepted.commit);
  for (v1::Acceptance& message : accepted.messages) *answer.add_messages() = std::move(message);
  return absl::OkStatus();
}

absl::Status CommitCore::JudgeByRules(const Pending& pending, const mls::CommitSummary& commit,
                                      const mls::PublicGroup& before) const {
  const identity::Registry& registry = s_.registry.latest();
  const LeafIdentities identities(registry);
  const mls::LeafNode* committer =
      commit.external ? &commit.updated.back().node : before.FindLeaf(commit.committer);
  const identity::DeviceRecord* device =
      committer == nullptr ? nullptr : identities.DeviceOf(*committer);
  if (device == nullptr || device->uri.text() != pending.caller.device_uri) {
    return CommitInvalid("the caller is not the committer");
  }
  const auto state = room::ViewGroup(before, pending.room.mark);
  if (!state.ok()) return RuleError(state.status());
  const auto summary = room::ViewCommit(commit, before);
  if (!summary.ok()) return RuleError(summary.status());
  if (pending.founding) {
    const auto certificate = CertificateOf(*committer);
    const absl::Status founded = room::CheckNewRoom(
        state->policy, certificate.value_or(merkle::Hash{}), summary->context, registry);
    if (!founded.ok()) return RuleError(founded);
  }
  const absl::Status valid = room::CheckCommit(*state, *summary, registry);
  if (!valid.ok()) return RuleError(valid);
  if (!merkle::CheckHeadAge(summary->context.head, pending.now_ms).ok())
    return MakeError(Reason::kRegistryBehind);
  return absl::OkStatus();
}

absl::StatusOr<mls::CommitSummary> CommitCore::Judge(const Pending& pending) {
  const LeafIdentities identities(s_.registry.latest());
  mls::ValidationRules rules;
  rules.credentials = &identities;
  rules.verified = &verified_;
  rules.policy = [&](const mls::CommitSummary& commit, const mls::PublicGroup& before) {
    return JudgeByRules(pending, commit, before);
  };
  auto applied = pending.group.ApplyCommit(AsBytes(pending.bundle.commit()), rules);
  if (applied.ok()) {
    s_.rooms.Changing(pending.room);
    return applied;
  }
  if (!InfoOf(applied.status()).name.empty()) return applied.status();
  return CommitInvalid(MessageOf(applied.status()));
}

// Beyond validity: what the server knows now and the commit could not.
absl::Status CommitCore::CheckNow(const Pending& pending, const mls::CommitSummary& commit) const {
  const identity::Registry& registry = s_.registry.latest();
  const identity::LogMoment now = registry.Now(pending.now_ms);
  const auto active = [&](const mls::Member& member) {
    const auto certificate = CertificateOf(member.node);
    return certificate &&
           registry.CertificateStateAt(*certificate, now) == identity::DeviceState::kActive;
  };
  if (!std::all_of(commit.added.begin(), commit.added.end(), active) ||
      !std::all_of(commit.updated.begin(), commit.updated.end(), active)) {
    return MakeError(Reason::kRegistryBehind);
  }
  ENLACE_ASSIGN_OR_RETURN(const mls::GroupInfo info,
                          ParseGroupInfo(AsBytes(pending.bundle.group_info())));
  const absl::Status described = pending.group.VerifyGroupInfo(info);
  if (!described.ok()) return CommitInvalid(MessageOf(described));
  if (info.extensions.Has(mls::kExtensionRatchetTree) ||
      info.extensions.Has(room::kRoomGuardExtension) ||
      !info.extensions.Has(mls::kExtensionExternalPub)) {
    return CommitInvalid("the GroupInfo has to come without tree and guard and with external_pub");
  }
  ENLACE_ASSIGN_OR_RETURN(const room::HeadMark mark, MarkIn(info));
  const auto context = room::DecodeCommitContext(commit.authenticated_data);
  if (!context.ok() || mark != room::MarkOf(*context))
    return CommitInvalid("the head mark is not the commit's");
  return CheckWelcome(pending.bundle, commit.added.size());
}

absl::Status CommitCore::PutMember(LiveRoom& room, const mls::Member& member, uint64_t new_epoch) {
  const auto certificate = CertificateOf(member.node);
  const identity::DeviceRecord* device = LeafIdentities(s_.registry.latest()).DeviceOf(member.node);
  if (!certificate || device == nullptr) return CommitInvalid("a leaf of nobody's");
  const std::string& uri = device->uri.text();
  store::v1::MemberRow& row = room.members[uri];
  row.set_leaf(member.leaf);
  if (row.certificate().empty()) row.set_since_epoch(new_epoch);
  row.set_certificate(BytesField(*certificate));
  row.set_not_after_ms(
      static_cast<uint64_t>(s_.registry.latest().FindCertificates(*certificate)->not_after_ms));
  WriteRecord(s_.store, keys::Member(room.id, uri), row);
  s_.store.Put(keys::RoomOfDevice(uri, room.id), BytesView());
  return absl::OkStatus();
}

absl::Status CommitCore::RemoveMember(LiveRoom& room, const mls::Member& member) {
  const identity::DeviceRecord* device = LeafIdentities(s_.registry.latest()).DeviceOf(member.node);
  if (device == nullptr) return CommitInvalid("a leaf of nobody's");
  const std::string& uri = device->uri.text();
  room.members.erase(uri);
  room.stale.erase(uri);
  s_.store.Delete(keys::Member(room.id, uri));
  s_.store.Delete(keys::RoomOfDevice(uri, room.id));
  s_.store.Delete(keys::Stale(room.id, uri));
  return absl::OkStatus();
}

absl::Status CommitCore::TakeMembers(const Pending& pending, const mls::CommitSummary& commit) {
  const uint64_t new_epoch = commit.epoch + 1;
  for (const mls::Member& member : commit.removed)
    ENLACE_RETURN_IF_ERROR(RemoveMember(pending.room, member));
  for (const mls::Member& member : commit.added)
    ENLACE_RETURN_IF_ERROR(PutMember(pending.room, member, new_epoch));
  for (const mls::Member& member : commit.updated)
    ENLACE_RETURN_IF_ERROR(PutMember(pending.room, member, new_epoch));
  pending.room.Refresh();
  if (pending.room.members.size() != pending.group.member_count())
    return CommitInvalid("a device has two leaves");
  return absl::OkStatus();
}

// The room's state after the commit, in memory and in the store.
absl::Status CommitCore::TakeEpoch(const Pending& pending, const mls::CommitSummary& commit) {
  LiveRoom& room = pending.room;
  ENLACE_ASSIGN_OR_RETURN(const auto context, room::DecodeCommitContext(commit.authenticated_data));
  room.mark = room::MarkOf(context);
  const auto state = room::ViewGroup(pending.group, room.mark);
  if (!state.ok()) return RuleError(state.status());
  const room::RoomPolicy before = std::exchange(room.policy, state->policy);
  ENLACE_RETURN_IF_ERROR(TakeMembers(pending, commit));
  store::v1::RoomEpoch epoch;
  epoch.set_group_info(pending.bundle.group_info());
  ENLACE_ASSIGN_OR_RETURN(const Bytes policy, room::EncodeRoomPolicy(room.policy));
  epoch.set_policy(BytesField(policy));
  epoch.set_head_mark(BytesField(room::EncodeHeadMark(room.mark)));
  epoch.set_members(static_cast<uint32_t>(room.members.size()));
  WriteRecord(s_.store, keys::RoomEpoch(room.id), epoch);
  for (mls::PublicChange& change : pending.group.TakeChanges()) {
    Bytes key = keys::RoomGroup(room.id, change.key);
    if (change.value) {
      s_.store.Put(std::move(key), *change.value);
    } else {
      s_.store.Delete(std::move(key));
    }
  }
  if (pending.founding) return s_.directory.PolicyChanged(room, nullptr, pending.now_ms);
  if (before == room.policy) return absl::OkStatus();
  ENLACE_RETURN_IF_ERROR(s_.directory.PolicyChanged(room, &before, pending.now_ms));
  return s_.roster.PolicyChanged(room, pending.now_ms);
}

absl::Status CommitCore::DeliverWelcome(const Pending& pending, const mls::CommitSummary& commit,
                                        const v1::Acceptance& accepted) {
  if (commit.added.empty()) return absl::OkStatus();
  const uint64_t epoch = commit.epoch + 1;
  store::v1::StoredWelcome stored;
  stored.set_header(accepted.header());
  stored.set_welcome(pending.bundle.welcome());
  WriteRecord(s_.store, keys::Welcome(pending.room.id, epoch), stored);
  store::v1::Pointer pointer;
  pointer.mutable_welcome()->set_room_id(BytesField(pending.room.id));
  pointer.mutable_welcome()->set_epoch(epoch);
  ENLACE_ASSIGN_OR_RETURN(const v1::InboxItem item, ResolvePointer(s_.store, pointer));
  const LeafIdentities identities(s_.registry.latest());
  std::vector<std::string> audience;
  for (const mls::Member& member : commit.added)
    audience.push_back(identities.DeviceOf(member.node)->uri.text());
  return s_.fan_out.Send(pending.room.id, MakeEntry(pointer, item), audience);
}

absl::StatusOr<CommitCore::Accepted> CommitCore::Accept(const Pending& pending) {
  LiveRoom& room = pending.room;
  std::vector<std::string> before = *room.audience;
  if (!std::binary_search(before.begin(), before.end(), pending.caller.device_uri)) {
    // One who enters gets its own commit back like everybody.
    before.push_back(pending.caller.device_uri);
  }
  ENLACE_ASSIGN_OR_RETURN(const mls::CommitSummary commit, Judge(pending));
  ENLACE_RETURN_IF_ERROR(CheckNow(pending, commit));
  LogContent content{.message = PrepareContent(AsText(room.id), pending.bundle.commit()),
                     .kind = room::LogKind::kCommit,
                     .sender_uri = pending.caller.device_uri,
                     .now_ms = pending.now_ms};
  ENLACE_ASSIGN_OR_RETURN(LoggedEntry logged, s_.log.Append(room, std::move(content)));
  s_.retention.Schedule(room.id, logged.acceptance.sequence(), pending.now_ms + kCommitKeptMs);
  room.record.set_epoch(commit.epoch + 1);
  WriteRecord(s_.store, keys::Room(room.id), room.record);
  ENLACE_RETURN_IF_ERROR(s_.fan_out.Send(room.id, logged.inbox, before));
  ENLACE_RETURN_IF_ERROR(TakeEpoch(pending, commit));
  ENLACE_RETURN_IF_ERROR(DeliverWelcome(pending, commit, logged.acceptance));
  Accepted out;
  out.commit = std::move(logged.acceptance);
  if (!pending.bundle.messages().empty())
    ENLACE_RETURN_IF_ERROR(s_.roster.Check(room, pending.now_ms));
  for (const v1::Envelope& envelope : pending.bundle.messages()) {
    ENLACE_RETURN_IF_ERROR(
        s_.messages.CheckEnvelope(room, pending.caller, envelope, room.record.epoch()));
    ENLACE_ASSIGN_OR_RETURN(out.messages.emplace_back(),
                            s_.messages.Accept(room, {pending.caller, pending.now_ms}, envelope,
                                               PrepareMessage(AsText(room.id), envelope)));
  }
  return out;
}

}  // namespace enlace::server
