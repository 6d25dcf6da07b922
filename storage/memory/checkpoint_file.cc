#include "storage/memory/checkpoint_file.h"

#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "crypto/primitives/sha256.h"
#include "storage/durable_file.h"

namespace enlace::storage {
namespace {

constexpr std::string_view kFileName = "rows";
constexpr std::string_view kMagic = "enlace memory checkpoint 1";

absl::StatusOr<std::vector<Row>> ParseRows(BytesView content) {
  codec::Reader reader(content);
  BytesView magic;
  BytesView digest;
  ENLACE_RETURN_IF_ERROR(reader.ReadFixed(kMagic.size(), magic));
  ENLACE_RETURN_IF_ERROR(reader.ReadFixed(crypto::kHashBytes, digest));
  const crypto::Digest computed = crypto::Sha256(reader.rest());
  if (AsText(magic) != kMagic || !EqualBytes(digest, computed)) {
    return InvalidArgument("magic or hash");
  }
  std::vector<Row> rows;
  while (!reader.empty()) {
    Row row;
    ENLACE_RETURN_IF_ERROR(reader.ReadVector(row.key));
    ENLACE_RETURN_IF_ERROR(reader.ReadVector(row.value));
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

absl::Status WriteCheckpointFile(const std::filesystem::path& folder,
                                 const std::vector<Row>& rows) {
  codec::Writer body;
  for (const Row& row : rows) {
    body.Vector(row.key);
    body.Vector(row.value);
  }
  codec::Writer file;
  file.Raw(AsBytes(kMagic));
  file.Raw(crypto::Sha256(body.view()));
  file.Raw(body.view());

  std::error_code error;
  if (std::filesystem::exists(folder, error)) {
    return FileError("cannot create", folder, EEXIST);
  }
  std::filesystem::create_directory(folder, error);
  if (error) return FileError("cannot create", folder, error.value());
  return ReplaceFile(folder / kFileName, file.view());
}

absl::StatusOr<std::vector<Row>> ReadCheckpointFile(const std::filesystem::path& folder) {
  ENLACE_ASSIGN_OR_RETURN(const Bytes content, ReadWholeFile(folder / kFileName));
  absl::StatusOr<std::vector<Row>> rows = ParseRows(content);
  if (!rows.ok()) return DataLoss("storage: the checkpoint in " + folder.string() + " is damaged");
  return rows;
}

}  // namespace enlace::storage
