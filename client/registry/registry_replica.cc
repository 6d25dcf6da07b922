#include "client/registry/registry_replica.h"

#include <ctime>
#include <utility>
#include <vector>

#include "client/registry/replica_store.h"
#include "crypto/merkle/tree.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

std::string DateOf(int64_t time_ms) {
  const time_t seconds = static_cast<time_t>(time_ms / 1000);
  struct tm utc {};
  gmtime_r(&seconds, &utc);
  char text[16];
  strftime(text, sizeof(text), "%Y-%m-%d", &utc);
  return text;
}

class StoredReplica final : public RegistryReplica {
 public:
  StoredReplica(const identity::CharterPin& pin, std::unique_ptr<ReplicaStore> store)
      : pin_(pin), store_(std::move(store)), registry_(pin.root) {}

  absl::Status Load() {
    identity::Registry replayed(pin_.root);
    ENLACE_RETURN_IF_ERROR(store_->Replay(replayed));
    registry_ = std::move(replayed);
    return absl::OkStatus();
  }

  absl::Status Refresh(SessionInterface& session, int64_t now_ms, int timeout_ms) override {
    ENLACE_RETURN_IF_ERROR(frozen_);
    ENLACE_ASSIGN_OR_RETURN(const auto answer, session.GetHead({}, timeout_ms));
    const auto head = merkle::DecodeSignedHead(AsBytes(answer.signed_head()));
    if (!head.ok()) return LogInconsistent(MessageOf(head.status()));
    if (head->head.size < registry_.size()) {
      return Freeze(MakeError(Reason::kServerBehind));
    }
    if (head->head.size == 0) return MakeError(Reason::kCharterMissing);
    ENLACE_ASSIGN_OR_RETURN(const std::vector<Bytes> entries,
                            Fetch(session, head->head.size, timeout_ms));
    return Take(entries, *head, now_ms);
  }

  const identity::Registry& registry() const override { return registry_; }
  const merkle::SignedHead& head() const override { return store_->head(); }
  int64_t refreshed_at_ms() const override { return store_->refreshed_at_ms(); }

  absl::Status CheckMaySend(int64_t now_ms) const override {
    ENLACE_RETURN_IF_ERROR(frozen_);
    const identity::Charter* charter = registry_.charter();
    if (charter == nullptr) return MakeError(Reason::kCharterMissing);
    if (!merkle::CheckHeadAge(store_->head(), now_ms).ok()) {
      const int64_t hours = (now_ms - store_->head().timestamp_ms) / (60LL * 60 * 1000);
      return MakeError(Reason::kHeadTooOld, {{"hours", std::to_string(hours)}});
    }
    if (!identity::CheckCharterInForce(*charter, pin_, now_ms).ok()) {
      return MakeError(Reason::kCharterExpired, {{"date", DateOf(charter->expires_at_ms)}});
    }
    return absl::OkStatus();
  }

  absl::Status CheckPeerHead(const merkle::HeadRef& head) const override {
    const absl::Status checked = registry_.CheckHeadRef(head);
    if (checked.ok()) return checked;
    if (absl::IsOutOfRange(checked)) return MakeError(Reason::kRegistryBehind);
    return LogInconsistent(MessageOf(checked));
  }

  void MarkServerBehind() override {
    if (frozen_.ok()) frozen_ = MakeError(Reason::kServerBehind);
  }

  absl::StatusOr<Bytes> EntryAt(uint64_t index) const override { return store_->EntryAt(index); }

 private:
  absl::Status Freeze(absl::Status why) {
    frozen_ = why;
    return why;
  }

  // The entries from our end to `size`.
  absl::StatusOr<std::vector<Bytes>> Fetch(SessionInterface& session, uint64_t size,
                                           int timeout_ms) {
    std::vector<Bytes> entries;
    while (registry_.size() + entries.size() < size) {
      v1::ListEntriesRequest request;
      request.set_first_index(registry_.size() + entries.size());
      request.set_page_size(kReplicaPageSize);
      ENLACE_ASSIGN_OR_RETURN(const auto page, session.ListEntries(request, timeout_ms));
      if (page.entries().empty()) return Freeze(LogInconsistent("entries are withheld"));
      for (const std::string& entry : page.entries()) {
        // The log may have grown meanwhile; what is beyond the head comes with the next one.
        if (registry_.size() + entries.size() < size) entries.push_back(ToBytes(entry));
      }
    }
    return entries;
  }

  // Verifies everything, then stores it. The root is compared before the first entry is applied:
  // what the server did not sign never reaches the registry.
  absl::Status Take(std::span<const Bytes> entries, const merkle::SignedHead& head,
                    int64_t now_ms) {
    merkle::Tree tree = registry_.tree();
    for (const Bytes& entry : entries) tree.Append(merkle::LeafHash(entry));
    if (tree.Root() != head.head.root) return Freeze(LogInconsistent("root"));
    const uint64_t first_index = registry_.size();
    const absl::Status applied = ApplyAll(entries, head);
    if (!applied.ok()) {
      ENLACE_RETURN_IF_ERROR(Load());
      return Freeze(applied);
    }
    // An older head of the same size is no news.
    if (entries.empty() && head.timestamp_ms < store_->head().timestamp_ms) return absl::OkStatus();
    const absl::Status written = store_->Write({first_index, entries, head, now_ms});
    if (!written.ok()) ENLACE_RETURN_IF_ERROR(Load());
    return written;
  }

  absl::Status ApplyAll(std::span<const Bytes> entries, const merkle::SignedHead& head) {
    for (const Bytes& entry : entries) {
      const absl::Status applied = registry_.Apply(entry);
      if (!applied.ok()) return LogInconsistent(MessageOf(applied));
    }
    const absl::Status signed_by_server = registry_.CheckHead(head);
    if (!signed_by_server.ok()) return LogInconsistent(MessageOf(signed_by_server));
    if (registry_.charter()->version < pin_.lowest_version) {
      return LogInconsistent("charter version below the pin");
    }
    return absl::OkStatus();
  }

  identity::CharterPin pin_;
  std::unique_ptr<ReplicaStore> store_;
  identity::Registry registry_;
  absl::Status frozen_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RegistryReplica>> RegistryReplica::Open(const Location& location) {
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<ReplicaStore> store,
                          ReplicaStore::Open(location.path, location.pin.root, location.read_only));
  auto replica = std::make_unique<StoredReplica>(location.pin, std::move(store));
  ENLACE_RETURN_IF_ERROR(replica->Load());
  return replica;
}

}  // namespace enlace::client
