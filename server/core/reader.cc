#include "server/core/reader.h"

#include <algorithm>
#include <set>

#include "crypto/identity/log_entry.h"
#include "crypto/merkle/signed_head.h"
#include "crypto/room/log_chain.h"
#include "enlace/store/v1/store.pb.h"
#include "server/core/inbox_core.h"
#include "server/core/keys.h"
#include "server/core/limits.h"
#include "server/core/server_log.h"
#include "server/core/shared_registry.h"
#include "server/core/store_io.h"

namespace enlace::server {
namespace {

// The start of the server that had these random bytes; nothing when this store has no such start.
absl::StatusOr<std::optional<store::v1::GenerationRow>> ReadStart(const storage::ReadView& view,
                                                                  const std::string& random) {
  if (random.size() != room::kGenerationBytes) return std::optional<store::v1::GenerationRow>();
  return ReadRecord<store::v1::GenerationRow>(view, keys::Generation(AsBytes(random)));
}

// Where in the chain the server was started next after a place; nothing when it was not.
absl::StatusOr<std::optional<uint64_t>> NextStart(const storage::ReadView& view, uint64_t after) {
  std::optional<uint64_t> next;
  const absl::Status walked =
      ForEachRow(view, storage::PrefixRange(keys::All(keys::kGeneration)),
                 [&](const storage::Row& row) -> absl::StatusOr<bool> {
                   ENLACE_ASSIGN_OR_RETURN(
                       const auto start, ParseRecord<store::v1::GenerationRow>(row.key, row.value));
                   const uint64_t at = start.server_sequence();
                   if (at > after) next = std::min(next.value_or(at), at);
                   return true;
                 });
  if (!walked.ok()) return walked;
  return next;
}

std::vector<std::string> AsFields(const std::vector<merkle::Hash>& hashes) {
  std::vector<std::string> out;
  out.reserve(hashes.size());
  for (const merkle::Hash& hash : hashes) out.push_back(BytesField(hash));
  return out;
}

}  // namespace

uint64_t Reader::registry_size() const { return sources_.registry.durable_size(); }

absl::StatusOr<Bytes> Reader::SignedHead(int64_t now_ms) const {
  const uint64_t size = registry_size();
  if (size == 0) return MakeError(Reason::kCharterMissing);
  {
    const std::lock_guard lock(head_mutex_);
    const bool fresh =
        now_ms - head_signed_at_ms_ < kSignedHeadAgeMs && now_ms >= head_signed_at_ms_;
    if (head_size_ == size && fresh) return head_;
  }
  struct Source {
    absl::StatusOr<merkle::Hash> root;
    int64_t last_logged_at_ms;
  };
  const Source source = sources_.registry.With([size](const identity::Registry& registry) {
    return Source{registry.tree().RootAt(size), registry.last_logged_at_ms()};
  });
  ENLACE_RETURN_IF_ERROR(source.root.status());
  const int64_t time_ms = std::max(now_ms, source.last_logged_at_ms);
  Bytes head =
      merkle::EncodeSignedHead(merkle::SignHead({size, *source.root}, time_ms, sources_.log_key));
  const std::lock_guard lock(head_mutex_);
  // A slower thread must not put an older head in place of a newer one.
  if (size < head_size_) return head_;
  head_ = std::move(head);
  head_size_ = size;
  head_signed_at_ms_ = now_ms;
  return head_;
}

absl::StatusOr<v1::GetHeadResponse> Reader::GetHead(int64_t now_ms) const {
  ENLACE_ASSIGN_OR_RETURN(const Bytes head, SignedHead(now_ms));
  v1::GetHeadResponse answer;
  answer.set_signed_head(BytesField(head));
  const uint64_t size = registry_size();
  answer.set_charter_version(
      sources_.registry.With([size](const identity::Registry& registry) -> uint64_t {
        const identity::Charter* charter = registry.CharterAt(size);
        return charter == nullptr ? 0 : charter->version;
      }));
  return answer;
}

absl::StatusOr<v1::ListEntriesResponse> Reader::ListEntries(const v1::ListEntriesRequest& request,
                                                            int64_t now_ms) const {
  if (request.page_size() > kListEntriesMax) return Malformed("page_size");
  const size_t count_max = request.page_size() == 0 ? kListEntriesMax : request.page_size();
  ENLACE_ASSIGN_OR_RETURN(const Bytes head, SignedHead(now_ms));
  v1::ListEntriesResponse answer;
  answer.set_signed_head(BytesField(head));
  const uint64_t size = registry_size();
  if (request.first_index() >= size) return answer;
  const storage::KeyRange range = {keys::RegistryLog(request.first_index()),
                                   keys::RegistryLog(size)};
  size_t bytes = 0;
  ENLACE_RETURN_IF_ERROR(ForEachRow(sources_.engine, range, [&](const storage::Row& row) {
    bytes += row.value.size();
    const auto count = static_cast<size_t>(answer.entries().size());
    if (count == count_max || (count > 0 && bytes > kListBytesMax)) return false;
    answer.add_entries(BytesField(row.value));
    return true;
  }));
  return answer;
}

absl::StatusOr<v1::GetProofResponse> Reader::GetProof(const v1::GetProofRequest& request) const {
  const uint64_t size = registry_size();
  const auto proof = sources_.registry.With(
      [&](const identity::Registry& registry) -> absl::StatusOr<std::vector<merkle::Hash>> {
        if (request.has_consistency()) {
          if (request.consistency().new_size() > size) return Malformed("new_size");
          return registry.tree().ConsistencyProof(request.consistency().old_size(),
                                                  request.consistency().new_size());
        }
        if (!request.has_inclusion() || request.inclusion().size() > size) return Malformed("size");
        return registry.tree().InclusionProof(request.inclusion().index(),
                                              request.inclusion().size());
      });
  if (absl::IsOutOfRange(proof.status())) return Malformed("out of range");
  ENLACE_RETURN_IF_ERROR(proof.status());
  v1::GetProofResponse answer;
  for (std::string& hash : AsFields(*proof)) answer.add_hashes(std::move(hash));
  return answer;
}

absl::StatusOr<v1::GetCardsResponse> Reader::GetCards(const v1::GetCardsRequest& request) const {
  if (static_cast<size_t>(request.officer_ids().size()) > kCardsMax) {
    return MakeError(Reason::kLimitExceeded,
                     {{"what", "cards"}, {"limit", std::to_string(kCardsMax)}});
  }
  v1::GetCardsResponse answer;
  for (const std::string& officer : request.officer_ids()) {
    ENLACE_ASSIGN_OR_RETURN(
        const auto stored, ReadRecord<store::v1::StoredCard>(sources_.engine, keys::Card(officer)));
    if (!stored) continue;
    v1::Card& card = *answer.add_cards();
    card.set_officer_id(officer);
    card.set_salt(stored->salt());
    card.set_card(stored->card());
  }
  return answer;
}

absl::StatusOr<v1::GetChartersResponse> Reader::GetCharters(int64_t now_ms) const {
  v1::GetChartersResponse answer;
  answer.set_server_time_ms(static_cast<uint64_t>(now_ms));
  for (const uint64_t place : sources_.registry.CharterIndexes()) {
    ENLACE_ASSIGN_OR_RETURN(const auto raw, sources_.engine.Get(keys::RegistryLog(place)));
    if (!raw) return DamagedRecord(keys::RegistryLog(place));
    ENLACE_ASSIGN_OR_RETURN(const identity::LogEntry entry, identity::DecodeLogEntry(*raw));
    answer.add_charters(BytesField(entry.payload));
  }
  return answer;
}

absl::StatusOr<v1::GetEnrolmentResponse> Reader::GetEnrolment(
    const v1::GetEnrolmentRequest& request) const {
  if (request.invitation_id().size() != kInvitationIdBytes) return Malformed("invitation id");
  const Bytes key = keys::Invitation(AsBytes(request.invitation_id()));
  ENLACE_ASSIGN_OR_RETURN(const auto stored,
                          ReadRecord<store::v1::StoredInvitation>(sources_.engine, key));
  if (!stored) return MakeError(Reason::kInvitationUnknown);
  v1::GetEnrolmentResponse answer;
  answer.set_state(stored->state());
  answer.set_entry(stored->entry());
  answer.set_reject_reason(stored->reject_reason());
  answer.set_requested_at_ms(stored->requested_at_ms());
  return answer;
}

absl::StatusOr<v1::ListEnrolmentsResponse> Reader::ListEnrolments(
    const Caller& caller, const v1::ListEnrolmentsRequest& request) const {
  if (!caller.Has(identity::Role::kAdmin))
    return MakeError(Reason::kRoleMissing, {{"role", "admin"}});
  v1::ListEnrolmentsResponse answer;
  const auto own = storage::PrefixRange(keys::InvitationsOf(caller.authority));
  ENLACE_RETURN_IF_ERROR(ForEachRow(sources_.engine, own, [&](const storage::Row& row) {
    return AddEnrolment(row, request.pending_only(), answer);
  }));
  return answer;
}

absl::StatusOr<bool> Reader::AddEnrolment(const storage::Row& row, bool pending_only,
                                          v1::ListEnrolmentsResponse& answer) const {
  storage::KeyReader key(row.key);
  ENLACE_RETURN_IF_ERROR(key.Space().status());
  ENLACE_RETURN_IF_ERROR(key.Text().status());
  ENLACE_ASSIGN_OR_RETURN(const Bytes id, key.Blob());
  ENLACE_ASSIGN_OR_RETURN(const auto stored, ReadRecord<store::v1::StoredInvitation>(
                                                 sources_.engine, keys::Invitation(id)));
  // Deleted between the two reads.
  if (!stored) return true;
  if (pending_only && stored->state() != v1::ENROLMENT_STATE_PENDING) return true;
  v1::Enrolment& enrolment = *answer.add_enrolments();
  enrolment.mutable_request()->set_invitation_id(BytesField(id));
  enrolment.mutable_request()->set_request(stored->request());
  enrolment.set_state(stored->state());
  enrolment.set_created_at_ms(stored->created_at_ms());
  enrolment.set_expires_at_ms(stored->expires_at_ms());
  enrolment.set_requested_at_ms(stored->requested_at_ms());
  return static_cast<size_t>(answer.enrolments().size()) < kEnrolmentsListedMax;
}

absl::StatusOr<v1::GetOverviewResponse> Reader::GetOverview(const Caller& caller) const {
  if (!caller.Has(identity::Role::kAdmin))
    return MakeError(Reason::kRoleMissing, {{"role", "admin"}});
  const std::vector<std::string> uris =
      sources_.registry.With([&caller](const identity::Registry& registry) {
        std::vector<std::string> out;
        for (const identity::OfficerRecord* officer : registry.OfficersOf(caller.authority)) {
          for (const identity::DeviceRecord* device : officer->devices) {
            if (!device->revoked_at) out.push_back(device->uri.text());
          }
        }
        return out;
      });
  v1::GetOverviewResponse answer;
  for (const std::string& uri : uris) ENLACE_RETURN_IF_ERROR(AddDeviceOverview(uri, answer));
  return answer;
}

absl::Status Reader::AddDeviceOverview(const std::string& uri,
                                       v1::GetOverviewResponse& answer) const {
  v1::DeviceOverview& overview = *answer.add_devices();
  overview.set_device_uri(uri);
  ENLACE_ASSIGN_OR_RETURN(const auto seen,
                          ReadRecord<store::v1::LastSeen>(sources_.engine, keys::LastSeen(uri)));
  if (seen) overview.set_last_seen_ms(seen->seen_at_ms());
  const Bytes state_key = keys::KeyPackageState(uri);
  ENLACE_ASSIGN_OR_RETURN(const auto state,
                          ReadRecord<store::v1::KeyPackageState>(sources_.engine, state_key));
  if (state) overview.set_key_packages(static_cast<uint32_t>(state->next() - state->first()));
  ENLACE_ASSIGN_OR_RETURN(
      const auto inbox, ReadRecord<store::v1::InboxState>(sources_.engine, keys::InboxState(uri)));
  ENLACE_ASSIGN_OR_RETURN(const uint64_t newest, NewestCursor(sources_.engine, uri));
  const uint64_t confirmed = inbox ? inbox->confirmed() : 0;
  if (newest <= confirmed) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(const auto chain,
                          ReadRecord<store::v1::ServerChain>(sources_.engine, keys::ServerChain()));
  ENLACE_ASSIGN_OR_RETURN(const uint64_t pending,
                          CountItems(sources_.engine, {uri, confirmed, newest},
                                     CursorBases(chain.value_or(store::v1::ServerChain()))));
  overview.set_pending_items(static_cast<uint32_t>(pending));
  return absl::OkStatus();
}

absl::StatusOr<ChainPosition> Reader::Position() const {
  ENLACE_ASSIGN_OR_RETURN(const auto chain,
                          ReadRecord<store::v1::ServerChain>(sources_.engine, keys::ServerChain()));
  ChainPosition position;
  if (!chain) return position;
  position.generation = ToBytes(AsBytes(chain->generation_random()));
  position.server_sequence = chain->server_sequence();
  position.server_head = ToBytes(AsBytes(chain->head()));
  return position;
}

absl::Status Reader::CheckSeen(const v1::SubscribeRequest& request) const {
  if (request.server_sequence() == 0) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(const auto head,
                          ServerHeadAt(sources_.engine, request.server_sequence()));
  if (head && AsText(*head) == request.server_head()) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(const auto chain,
                          ReadRecord<store::v1::ServerChain>(sources_.engine, keys::ServerChain()));
  if (!chain || chain->losses().empty()) return MakeError(Reason::kServerBehind);
  ENLACE_ASSIGN_OR_RETURN(const auto start, ReadStart(sources_.engine, request.generation()));
  // A start that this store does not know stood in a lost part as a whole.
  if (!start) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(const auto next, NextStart(sources_.engine, start->server_sequence()));
  const bool further = next && request.server_sequence() >= *next;
  const bool declared = further && chain->losses().rbegin()->server_sequence() + 1 >= *next;
  return declared ? absl::OkStatus() : MakeError(Reason::kServerBehind);
}

absl::StatusOr<StoreFigures> Reader::Figures() const {
  ENLACE_ASSIGN_OR_RETURN(const ChainPosition position, Position());
  return StoreFigures{registry_size(), position.server_sequence};
}

}  // namespace enlace::server
