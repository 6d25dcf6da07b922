// The version of what a store holds.
//
// Promises that a program never writes into a store whose records it does not know: the version
// stands in the store itself, is written first, and a newer one is refused. A program of version N
// reads N and N - 1.
//
// Thread safety: as the engine. The record's key is the only one in key space 0 (format.md).
#pragma once

#include <cstdint>
#include <string_view>

#include "storage/engine.h"

namespace enlace::storage {

struct SchemaVersion {
  // What is in the store; when it is one less than what the program writes, the caller migrates and
  // calls SetSchema.
  uint32_t found;
  // True when the store was empty and has just been given its version.
  bool created;
};

// Reads the version of the store of kind `name` ("server"); an empty store gets `current`.
// FAILED_PRECONDITION when it is newer than `current` or older than current - 1, or the store is of
// another kind; DATA_LOSS when rows are there but no version, or the record is damaged; errors of
// the engine.
absl::StatusOr<SchemaVersion> OpenSchema(Engine& engine, std::string_view name, uint32_t current);

// Records that the store now is of version `current`: the last step of a migration, appended to
// `batch` so that it takes effect with it.
void SetSchema(WriteBatch& batch, std::string_view name, uint32_t current);

}  // namespace enlace::storage
