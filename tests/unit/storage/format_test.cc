// storage/format.md says what the code does: its examples and its table of the server's rows.
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

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

// Number of each key space -> its name and elements, from the lines that `row` matches; its groups
// `name` and `number` say where, and the elements follow in the third.
std::map<int, std::string> Spaces(const std::string& text, const std::regex& row, int name,
                                  int number) {
  std::map<int, std::string> spaces;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (!std::regex_match(line, match, row)) continue;
    const std::string elements = match[3] == "(one row)" ? "" : match[3].str();
    spaces[std::stoi(match[number])] =
        match[name].str() + ": " + elements + " -> " + match[4].str();
  }
  return spaces;
}

TEST(FormatPage, TableOfTheServersRows_IsTheCodes) {
  const auto page =
      Spaces(SourceText("storage/format.md"), std::regex(R"(\| (\d+) (\w+) \| (.*?) \| (.*?) \|)"),
             /*name=*/2, /*number=*/1);
  const auto code = Spaces(SourceText("server/core/keys.h"),
                           std::regex(R"( +k(\w+) = (\d+), +// *(.*?) *-> (.*?) *)"),
                           /*name=*/1, /*number=*/2);
  EXPECT_GT(code.size(), 30u);
  EXPECT_EQ(page, code);
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
