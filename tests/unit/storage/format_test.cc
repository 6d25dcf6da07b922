// storage/format.md says what the code does: its examples and its table of the server's rows.
#include <cctype>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/durable_file.h"
#include "storage/high_water.h"
#include "storage/schema.h"
#include "tests/unit/storage/stores.h"

namespace enlace::storage {
namespace {

using ::testing::HasSubstr;

std::string SourceText(const std::string& path) {
  const absl::StatusOr<Bytes> content =
      ReadWholeFile(std::filesystem::path(ENLACE_SOURCE_DIR) / path);
  EXPECT_TRUE(content.ok()) << content.status();
  return content.ok() ? ToText(*content) : "";
}

// Two digits a byte with blanks between, as the page writes them.
std::string Spaced(BytesView bytes) {
  std::string out;
  for (size_t i = 0; i < bytes.size(); ++i) out += (i == 0 ? "" : " ") + ToHex(bytes.subspan(i, 1));
  return out;
}

std::vector<std::string> Lines(const std::string& path) {
  std::vector<std::string> lines;
  std::istringstream text(SourceText(path));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

// What stands between the first `before` and the next `after`, without blanks around it.
std::string Between(const std::string& line, const std::string& before, const std::string& after) {
  const size_t begin = line.find(before) + before.size();
  std::string part = line.substr(begin, line.find(after, begin) - begin);
  part.erase(0, part.find_first_not_of(' '));
  part.erase(part.find_last_not_of(' ') + 1);
  return part;
}

// "21 Inbox: device, cursor -> Pointer" for every row of the page's table.
std::vector<std::string> RowsOfThePage() {
  std::vector<std::string> rows;
  for (const std::string& line : Lines("storage/format.md")) {
    if (!line.starts_with("| ") || !std::isdigit(static_cast<unsigned char>(line[2]))) continue;
    const std::string name = Between(line, "| ", " |");
    const std::string rest = line.substr(line.find(" | ") + 1);
    const std::string elements = Between(rest, "| ", " |");
    const std::string value = Between(rest.substr(rest.find(" | ") + 1), "| ", " |");
    rows.push_back(name + ": " + (elements == "(one row)" ? "" : elements) + " -> " + value);
  }
  return rows;
}

// The same of the enumeration in the code.
std::vector<std::string> RowsOfTheCode() {
  std::vector<std::string> rows;
  for (const std::string& line : Lines("server/core/keys.h")) {
    if (!line.starts_with("  k") || line.find("->") == std::string::npos) continue;
    rows.push_back(Between(line, " = ", ",") + " " + Between(line, "  k", " =") + ": " +
                   Between(line, "//", "->") + " -> " + Between(line, "->", "\n"));
  }
  return rows;
}

TEST(FormatPage, TableOfTheServersRows_IsTheCodes) {
  EXPECT_GT(RowsOfTheCode().size(), 30u);
  EXPECT_THAT(RowsOfThePage(), ::testing::UnorderedElementsAreArray(RowsOfTheCode()));
}

TEST(FormatPage, ExampleOfAKey_IsWhatTheCodeWrites) {
  const std::string page = SourceText("storage/format.md");
  KeyBuilder prefix(21);
  prefix.Text("d");
  const KeyRange range = PrefixRange(prefix);
  EXPECT_THAT(page, HasSubstr("`" + Spaced(range.begin) + "` (inclusive)"));
  EXPECT_THAT(page, HasSubstr("`" + Spaced(range.end) + "` (exclusive)"));
  const Bytes key = prefix.U64(258).Take();
  EXPECT_THAT(page, HasSubstr("`" + Spaced(KeyAfter(key)) + "`, the smallest key after it"));
}

TEST(FormatPage, ExampleOfTheVersion_IsWhatTheCodeWrites) {
  const std::string page = SourceText("storage/format.md");
  WriteBatch batch;
  SetSchema(batch, "server", 1);
  batch.ForEach([&page](const WriteBatch::Write& write) {
    EXPECT_THAT(page, HasSubstr("`" + Spaced(write.key) + "` (text `schema`)"));
    EXPECT_THAT(page, HasSubstr(Spaced(write.value.first(7)) + "   \"server\""));
    EXPECT_THAT(page, HasSubstr(Spaced(write.value.subspan(7)) + "            version 1"));
  });
}

TEST(FormatPage, HighWaterFile_IsLaidOutAsItSays) {
  const TempFolder folder;
  absl::StatusOr<HighWaterFile> file = HighWaterFile::Open(folder.path());
  ASSERT_TRUE(file.ok());
  ChainHead head;
  head.generation = 0x1112131415161718;
  head.sequence = 0x2122232425262728;
  head.hash.fill(0x33);
  ASSERT_TRUE(file->Write(head).ok());
  const Bytes content = *ReadWholeFile(folder.path() / "high-water.1");
  const std::string magic = "enlace high-water 1\n";
  ASSERT_EQ(content.size(), magic.size() + 3 * 8 + 32 + 32);
  EXPECT_EQ(AsText(content).substr(0, magic.size()), magic);
  EXPECT_EQ(ToHex(BytesView(content).subspan(magic.size(), 24)),
            "000000000000000111121314151617182122232425262728");
}

}  // namespace
}  // namespace enlace::storage
