#include "tests/integration/support/vault_words.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "tests/unit/alerts/case_files.h"

namespace enlace::testing {
namespace {

// One column of a query as bytes, over a connection of its own.
std::vector<Bytes> Query(const Officer& officer, const std::string& sql) {
  sqlite3* database = nullptr;
  if (sqlite3_open_v2(officer.profile().vault_path().c_str(), &database, SQLITE_OPEN_READONLY,
                      nullptr) != SQLITE_OK) {
    std::abort();
  }
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) std::abort();
  std::vector<Bytes> values;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    const auto* bytes = static_cast<const uint8_t*>(sqlite3_column_blob(statement, 0));
    values.emplace_back(bytes, bytes + sqlite3_column_bytes(statement, 0));
  }
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return values;
}

std::vector<std::string> Files(const Officer& officer) {
  std::vector<std::string> contents;
  const std::string registry = officer.profile().registry_path();
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(officer.profile().data_dir())) {
    const bool of_registry = entry.path().string().starts_with(registry);
    if (entry.is_regular_file() && !of_registry) contents.push_back(alerts::ReadText(entry.path()));
  }
  return contents;
}

bool Stands(std::string_view needle, const std::vector<std::string>& haystacks) {
  return std::any_of(haystacks.begin(), haystacks.end(),
                     [&](const std::string& one) { return one.find(needle) != std::string::npos; });
}

std::string Utf16(const std::string& word) {
  std::string wide;
  for (const char c : word) wide += {c, '\0'};
  return wide;
}

}  // namespace

std::vector<std::string> WordsIn(const Officer& officer, const std::vector<std::string>& words) {
  const std::unique_ptr<client::Vault> vault = officer.OpenVault();
  std::vector<std::string> values;
  for (const Bytes& table : Query(officer, "SELECT DISTINCT tab FROM items")) {
    client::VaultRange range;
    while (true) {
      const auto rows = vault->Scan(AsText(table), range);
      if (!rows.ok()) std::abort();
      for (const client::VaultRow& row : *rows) values.push_back(ToText(row.value.view()));
      if (rows->size() < range.limit) break;
      range.after = rows->back().row;
    }
  }
  std::vector<std::string> found;
  for (const std::string& word : words) {
    if (Stands(word, values)) found.push_back(word);
  }
  return found;
}

std::vector<std::string> WordsOnDisk(const Officer& officer,
                                     const std::vector<std::string>& words) {
  const std::vector<std::string> files = Files(officer);
  std::vector<std::string> found;
  for (const std::string& word : words) {
    if (Stands(word, files) || Stands(Utf16(word), files)) found.push_back(word);
  }
  return found;
}

std::vector<Bytes> SealedBytes(const Officer& officer, const std::string& table) {
  return Query(officer, "SELECT sealed FROM items WHERE tab='" + table + "'");
}

std::vector<Bytes> WrappedKeys(const Officer& officer) {
  return Query(officer, "SELECT wrapped FROM data_keys");
}

size_t CountOnDisk(const Officer& officer, const std::vector<Bytes>& needles) {
  const std::vector<std::string> files = Files(officer);
  return static_cast<size_t>(std::count_if(needles.begin(), needles.end(), [&](const Bytes& one) {
    return Stands(AsText(one), files);
  }));
}

}  // namespace enlace::testing
