#include "storage/transaction.h"

namespace enlace::storage {

absl::StatusOr<std::optional<Bytes>> Transaction::Get(BytesView key) {
  Bytes owned = ToBytes(key);
  const auto known = seen_.find(owned);
  if (known != seen_.end()) return known->second;
  if (conditions_.size() >= kConditionsMax) {
    return MakeStatus(absl::StatusCode::kResourceExhausted,
                      "storage: a transaction reads at most 4096 keys");
  }
  ENLACE_ASSIGN_OR_RETURN(std::optional<Bytes> value, view_.Get(key));
  conditions_.push_back({owned, value});
  return seen_.emplace(std::move(owned), std::move(value)).first->second;
}

void Transaction::Expect(BytesView key, std::optional<BytesView> expected) {
  conditions_.push_back(
      {ToBytes(key), expected ? std::optional<Bytes>(ToBytes(*expected)) : std::nullopt});
}

void Transaction::Put(BytesView key, BytesView value) {
  writes_.Put(key, value);
  seen_[ToBytes(key)] = ToBytes(value);
}

void Transaction::Delete(BytesView key) {
  writes_.Delete(key);
  seen_[ToBytes(key)] = std::nullopt;
}

absl::Status Transact(Engine& engine, Durability durability,
                      const std::function<absl::Status(Transaction&)>& body) {
  absl::Status status;
  for (int attempt = 0; attempt < kTransactAttemptsMax; ++attempt) {
    Transaction transaction(engine);
    ENLACE_RETURN_IF_ERROR(body(transaction));
    const CommitItem item = transaction.item();
    status = engine.CommitGroup({&item, 1}, durability).front();
    if (!absl::IsAborted(status)) return status;
  }
  return status;
}

}  // namespace enlace::storage
