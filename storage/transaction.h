// An optimistic transaction: reads remember what they saw, and the commit takes effect only when
// that is still so.
//
// Promises that the outcome is as if the body had run alone at the moment of the commit, as far as
// it read through Get. Rows seen by other means are not protected: a body that depends on "no row
// is there" must read a key that every writer of such rows changes. A reader never blocks a writer.
//
// Thread safety: one thread per transaction. Ownership: a transaction borrows its engine.
#pragma once

#include <functional>
#include <map>

#include "storage/engine.h"

namespace enlace::storage {

class Transaction {
 public:
  explicit Transaction(const ReadView& view) : view_(view) {}

  // The value as this transaction sees it: its own write if it made one, else the store's, which
  // becomes a condition of the commit. A range that this transaction deletes is not looked through:
  // read before deleting. Errors as ReadView::Get; RESOURCE_EXHAUSTED past kConditionsMax.
  absl::StatusOr<std::optional<Bytes>> Get(BytesView key);

  // States a condition without reading. `expected` absent: the key must be absent.
  void Expect(BytesView key, std::optional<BytesView> expected);

  void Put(BytesView key, BytesView value);
  void Delete(BytesView key);
  void DeleteRange(const KeyRange& range) { writes_.DeleteRange(range); }

  // For Engine::CommitGroup; valid while the transaction lives and is not changed.
  CommitItem item() const { return {conditions_, &writes_}; }
  const WriteBatch& writes() const { return writes_; }

 private:
  const ReadView& view_;
  std::vector<Condition> conditions_;
  std::map<Bytes, std::optional<Bytes>> seen_;
  WriteBatch writes_;
};

// Runs `body` on a fresh transaction and commits it; again when the commit is ABORTED, up to
// kTransactAttemptsMax times, so that `body` must have no effect of its own. An error of `body`
// ends it with nothing written and is returned.
absl::Status Transact(Engine& engine, Durability durability,
                      const std::function<absl::Status(Transaction&)>& body);

}  // namespace enlace::storage
