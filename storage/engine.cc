#include "storage/engine.h"

namespace enlace::storage {

absl::Status Engine::Commit(const WriteBatch& writes, Durability durability) {
  return CommitIf({}, writes, durability);
}

absl::Status Engine::CommitIf(std::span<const Condition> conditions, const WriteBatch& writes,
                              Durability durability) {
  const CommitItem item{conditions, &writes};
  return CommitGroup({&item, 1}, durability).front();
}

}  // namespace enlace::storage
