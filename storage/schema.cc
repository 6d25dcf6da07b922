#include "storage/schema.h"

#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"

namespace enlace::storage {
namespace {

Bytes SchemaKey() { return KeyBuilder(kStorageKeySpace).Text("schema").Take(); }

struct Record {
  std::string name;
  uint32_t version = 0;
};

absl::StatusOr<Record> Decode(BytesView value) {
  codec::Reader reader(value);
  Record record;
  Bytes name;
  ENLACE_RETURN_IF_ERROR(reader.ReadVector(name));
  ENLACE_RETURN_IF_ERROR(reader.ReadU32(record.version));
  ENLACE_RETURN_IF_ERROR(reader.Done());
  record.name = ToText(name);
  return record;
}

absl::Status Create(Engine& engine, std::string_view name, uint32_t current) {
  ENLACE_ASSIGN_OR_RETURN(const Page page, engine.Scan({}, {.rows_max = 1, .keys_only = true}));
  if (!page.rows.empty()) {
    return DataLoss("storage: the store holds data but no version, so that it can't be read");
  }
  WriteBatch batch;
  SetSchema(batch, name, current);
  return engine.Commit(batch, Durability::kSynced);
}

}  // namespace

void SetSchema(WriteBatch& batch, std::string_view name, uint32_t current) {
  codec::Writer writer;
  writer.Vector(AsBytes(name));
  writer.U32(current);
  batch.Put(SchemaKey(), writer.view());
}

absl::StatusOr<SchemaVersion> OpenSchema(Engine& engine, std::string_view name, uint32_t current) {
  ENLACE_ASSIGN_OR_RETURN(const std::optional<Bytes> value, engine.Get(SchemaKey()));
  if (!value) {
    ENLACE_RETURN_IF_ERROR(Create(engine, name, current));
    return SchemaVersion{current, true};
  }
  const absl::StatusOr<Record> record = Decode(*value);
  if (!record.ok()) return DataLoss("storage: the version record of the store is damaged");
  const std::string found = record->name + " version " + std::to_string(record->version);
  const std::string known = std::string(name) + " version " + std::to_string(current);
  if (record->name != name) {
    return FailedPrecondition("storage: this is a store of " + found + ", not of " + known);
  }
  if (record->version > current) {
    return FailedPrecondition("storage: the store is of " + found +
                              ", newer than this program, which writes " + known);
  }
  if (record->version + 1 < current) {
    return FailedPrecondition("storage: the store is of " + found + ", too old for " + known +
                              "; migrate it with the release between them first");
  }
  return SchemaVersion{record->version, false};
}

}  // namespace enlace::storage
