#include "storage/key.h"

#include <random>

#include "gtest/gtest.h"

namespace enlace::storage {
namespace {

TEST(Key, EncodesAsTheFormatDescribes) {
  const Bytes key = KeyBuilder(0x10).Text("a").U64(258).Blob(Bytes{0, 0xff}).Take();
  EXPECT_EQ(ToHex(key),
            "10"
            "02610000"
            "030000000000000102"
            "010001ff0000");
}

TEST(Key, ReadsBackWhatWasBuilt) {
  const Bytes key =
      KeyBuilder(7).Text("hn.consular").U64(UINT64_MAX).Blob(Bytes{0, 0, 1}).Text("").Take();
  KeyReader reader(key);
  EXPECT_EQ(*reader.Space(), 7);
  EXPECT_EQ(*reader.Text(), "hn.consular");
  EXPECT_EQ(*reader.U64(), UINT64_MAX);
  EXPECT_EQ(*reader.Blob(), (Bytes{0, 0, 1}));
  EXPECT_EQ(*reader.Text(), "");
  EXPECT_TRUE(reader.Done().ok());
}

TEST(Key, EveryCutOfAKey_IsInvalid) {
  const Bytes key = KeyBuilder(7).Text("ab").U64(5).Blob(Bytes{0}).Take();
  for (size_t size = 0; size < key.size(); ++size) {
    KeyReader reader(BytesView(key).first(size));
    const bool whole = reader.Space().ok() && reader.Text().ok() && reader.U64().ok() &&
                       reader.Blob().ok() && reader.Done().ok();
    EXPECT_FALSE(whole) << size;
  }
}

TEST(Key, ElementOfAnotherKind_IsInvalid_AndSoIsAllThatFollows) {
  const Bytes key = KeyBuilder(7).Text("ab").U64(5).Take();
  KeyReader reader(key);
  EXPECT_TRUE(reader.Space().ok());
  EXPECT_TRUE(absl::IsInvalidArgument(reader.U64().status()));
  EXPECT_TRUE(absl::IsInvalidArgument(reader.Text().status()));
  EXPECT_TRUE(absl::IsInvalidArgument(reader.Done()));
}

TEST(Key, MoreElementsThanExpected_AreInvalid) {
  const Bytes key = KeyBuilder(7).U64(5).U64(6).Take();
  KeyReader reader(key);
  EXPECT_TRUE(reader.Space().ok());
  EXPECT_TRUE(reader.U64().ok());
  EXPECT_TRUE(absl::IsInvalidArgument(reader.Done()));
}

TEST(Key, UnescapedZero_IsInvalid) {
  const Bytes key = {7, 2, 'a', 0, 2, 0, 0};
  KeyReader reader(key);
  EXPECT_TRUE(reader.Space().ok());
  EXPECT_TRUE(absl::IsInvalidArgument(reader.Text().status()));
}

TEST(Key, Strings_KeepTheirOrder_WhateverFollows) {
  std::mt19937_64 random(20);
  const auto word = [&random] {
    std::string out(random() % 4, 0);
    for (char& c : out) c = static_cast<char>(std::array{0, 1, 2, 0x7f, 0x80, 0xff}[random() % 6]);
    return out;
  };
  for (int i = 0; i < 20000; ++i) {
    const std::string a = word();
    const std::string b = word();
    const uint64_t m = random() % 3 << 62;
    const uint64_t n = random() % 3 << 62;
    const Bytes ka = KeyBuilder(1).Text(a).U64(m).Blob(AsBytes(b)).Take();
    const Bytes kb = KeyBuilder(1).Text(b).U64(n).Blob(AsBytes(a)).Take();
    EXPECT_EQ(AsText(ka) < AsText(kb), std::tie(a, m, b) < std::tie(b, n, a));
  }
}

TEST(Key, PrefixOfAString_IsNotItsPrefixAsElement) {
  const KeyRange range = PrefixRange(KeyBuilder(1).Text("ab"));
  EXPECT_TRUE(range.Contains(KeyBuilder(1).Text("ab").U64(1).view()));
  EXPECT_FALSE(range.Contains(KeyBuilder(1).Text("abc").U64(1).view()));
  EXPECT_FALSE(range.Contains(KeyBuilder(1).Text(std::string("ab\0", 3)).U64(1).view()));
  EXPECT_FALSE(range.Contains(KeyBuilder(1).Text("a").U64(1).view()));
}

TEST(PrefixRange, EndsBehindThePrefix_AlsoWhenItsBytesCannotGrow) {
  EXPECT_EQ(PrefixRange(Bytes{1, 2}), (KeyRange{{1, 2}, {1, 3}}));
  EXPECT_EQ(PrefixRange(Bytes{1, 0xff, 0xff}), (KeyRange{{1, 0xff, 0xff}, {2}}));
  EXPECT_EQ(PrefixRange(Bytes{0xff}), (KeyRange{{0xff}, {}}));
  EXPECT_EQ(PrefixRange(Bytes{}), (KeyRange{}));
}

TEST(PrefixRange, From_StartsAtTheCursor_ButNeverBeforeThePrefix) {
  EXPECT_EQ(PrefixRangeFrom(Bytes{5}, Bytes{5, 7}), (KeyRange{{5, 7}, {6}}));
  EXPECT_EQ(PrefixRangeFrom(Bytes{5}, Bytes{4, 7}), (KeyRange{{5}, {6}}));
  EXPECT_TRUE(PrefixRangeFrom(Bytes{5}, Bytes{6, 7}).empty());
}

TEST(KeyRange, EmptyEnd_IsTheEndOfTheStore) {
  EXPECT_TRUE((KeyRange{{5}, {}}).Contains(Bytes(100, 0xff)));
  EXPECT_FALSE((KeyRange{{5}, {}}).Contains(Bytes{4}));
  EXPECT_FALSE((KeyRange{{5}, {}}).empty());
  EXPECT_TRUE((KeyRange{{5}, {5}}).empty());
  EXPECT_TRUE((KeyRange{{5}, {4}}).empty());
}

TEST(KeyAfter, IsTheNextKeyThatCanExist) { EXPECT_EQ(KeyAfter(Bytes{5}), (Bytes{5, 0})); }

}  // namespace
}  // namespace enlace::storage
