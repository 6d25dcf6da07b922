// Packed content: smaller, the same afterwards, and bounded whatever a member sends.
#include "crypto/room/packed_content.h"

#include <gtest/gtest.h>

#include <string>

#include "crypto/room/limits.h"
#include "tests/unit/identity/test_rng.h"

namespace enlace::room {
namespace {

using enlace::testing::TestRng;

std::string AlertText() {
  std::string text("\x00\x01", 2);
  text +=
      "HN-2026-000412 mx.consular: Se buscó de nuevo en la terminal de autobuses, sin resultado. ";
  return text + text + text;
}

Bytes Packed(BytesView content) {
  const auto packed = PackContent(content);
  EXPECT_TRUE(packed.ok()) << packed.status();
  return packed.ok() ? ToBytes(packed->view()) : Bytes();
}

TEST(PackedContent, IsSmallerAndComesBackTheSame) {
  const Bytes content = ToBytes(AsBytes(AlertText()));
  const Bytes packed = Packed(content);
  EXPECT_LT(packed.size(), content.size() / 2);
  const auto unpacked = UnpackContent(packed);
  ASSERT_TRUE(unpacked.ok()) << unpacked.status();
  EXPECT_TRUE(EqualBytes(unpacked->view(), content));
}

TEST(PackedContent, ThatWouldNotShrink_IsTheContentItself) {
  TestRng rng(3);
  Bytes content = rng.PublicBytes(500);
  content[0] = 0;
  content[1] = 1;
  EXPECT_EQ(Packed(content), content);
  EXPECT_TRUE(EqualBytes(UnpackContent(content)->view(), content));
  EXPECT_TRUE(UnpackContent(Packed({}))->empty());
}

TEST(PackedContent, OfBytesThatLookPacked_IsPackedAllTheSame) {
  const Bytes content = {0, kPackedContentVersion, 9, 9, 9, 9, 1, 2, 3};
  const Bytes packed = Packed(content);
  EXPECT_NE(packed, content);
  EXPECT_TRUE(EqualBytes(UnpackContent(packed)->view(), content));
}

TEST(PackedContent, OfTheLargestContent_Fits) {
  const Bytes content(kPackedContentBytesMax, 'a');
  const auto unpacked = UnpackContent(Packed(content));
  ASSERT_TRUE(unpacked.ok());
  EXPECT_TRUE(EqualBytes(unpacked->view(), content));
  EXPECT_FALSE(PackContent(Bytes(kPackedContentBytesMax + 1, 'a')).ok());
}

TEST(PackedContent, ThatIsBrokenShortOrLong_IsRefused) {
  const Bytes packed = Packed(AsBytes(AlertText()));
  const auto refused = absl::StatusCode::kInvalidArgument;
  for (size_t size = sizeof(uint16_t); size < packed.size(); ++size)
    EXPECT_FALSE(UnpackContent(BytesView(packed).first(size)).ok()) << size;
  Bytes longer = packed;
  longer.push_back(0);
  EXPECT_EQ(UnpackContent(longer).status().code(), refused);
  // The size that is named must be the size that comes out.
  for (const int step : {-1, 1}) {
    Bytes other = packed;
    other[5] = static_cast<uint8_t>(other[5] + step);
    EXPECT_EQ(UnpackContent(other).status().code(), refused) << step;
  }
  Bytes broken = packed;
  broken[6] ^= 0x06;  // The kind of the first block.
  EXPECT_EQ(UnpackContent(broken).status().code(), refused);
}

TEST(PackedContent, ThatNamesMoreThanItsLimit_TakesNoMemory) {
  Bytes packed = Packed(AsBytes(AlertText()));
  packed[2] = 0xFF;
  EXPECT_EQ(UnpackContent(packed).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(PackedContent, WithAnyByteChanged_NeverBreaksItsBounds) {
  const Bytes packed = Packed(AsBytes(AlertText()));
  for (size_t place = 0; place < packed.size(); ++place) {
    for (int bit = 0; bit < 8; ++bit) {
      Bytes changed = packed;
      changed[place] = static_cast<uint8_t>(changed[place] ^ 1 << bit);
      const auto unpacked = UnpackContent(changed);
      EXPECT_TRUE(!unpacked.ok() || unpacked->size() <= kPackedContentBytesMax);
    }
  }
}

}  // namespace
}  // namespace enlace::room
