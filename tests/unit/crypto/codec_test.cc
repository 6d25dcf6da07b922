// The TLS presentation codec at its edges.

#include <gtest/gtest.h>

#include "crypto/codec/reader.h"
#include "crypto/codec/writer.h"
#include "tests/unit/crypto/hex.h"

namespace enlace::codec {
namespace {

TEST(CodecTest, VectorsAtEveryBoundary_ComeBack) {
  for (size_t length : {0u, 1u, 63u, 64u, 65u, 16383u, 16384u, 16385u, 70000u}) {
    const Bytes content(length, 0xab);
    Writer out;
    out.Vector(content);
    const size_t prefix = length < 64 ? 1 : length < 16384 ? 2 : 4;
    EXPECT_EQ(out.size(), prefix + length);
    Reader in(out.view());
    BytesView read;
    ASSERT_TRUE(in.ReadVector(read).ok());
    EXPECT_TRUE(in.Done().ok());
    EXPECT_TRUE(EqualBytes(read, content));

    Writer nested;
    const size_t mark = nested.BeginVector();
    nested.Raw(content);
    nested.EndVector(mark);
    EXPECT_TRUE(EqualBytes(nested.view(), out.view()));
  }
}

TEST(CodecTest, LengthThatIsNotShortest_IsRefused) {
  for (const char* prefix :
       {"4000", "403f", "80000000", "8000003f", "80003fff", "c0", "c000000000000000"}) {
    Bytes input = Hex(prefix);
    input.resize(input.size() + 20000);
    Reader in(input);
    BytesView out;
    EXPECT_EQ(in.ReadVector(out).code(), absl::StatusCode::kInvalidArgument) << prefix;
  }
}

TEST(CodecTest, EveryPrefixOfAVector_IsRefused) {
  for (size_t length : {1u, 63u, 64u, 16384u}) {
    Writer out;
    out.Vector(Bytes(length, 1));
    for (size_t cut = 0; cut < std::min<size_t>(out.size(), 100); ++cut) {
      Reader in(out.view().first(cut));
      BytesView read;
      EXPECT_FALSE(in.ReadVector(read).ok());
    }
    Reader in(out.view().first(out.size() - 1));
    BytesView read;
    EXPECT_FALSE(in.ReadVector(read).ok());
  }
}

TEST(CodecTest, VectorOverTheLimit_IsRefusedWithoutReadingIt) {
  const Bytes prefix = Hex("bfffffff");
  Reader in(prefix);
  BytesView out;
  EXPECT_FALSE(in.ReadVector(out).ok());
}

TEST(CodecTest, AfterAnError_EveryReadFails) {
  const Bytes input = {1, 2};
  Reader in(input);
  uint32_t wide = 0;
  uint8_t narrow = 0;
  EXPECT_FALSE(in.ReadU32(wide).ok());
  EXPECT_FALSE(in.ReadU8(narrow).ok());
}

TEST(CodecTest, PresenceOctet_IsZeroOrOne) {
  for (int value = 0; value < 256; ++value) {
    const Bytes input = {static_cast<uint8_t>(value)};
    Reader in(input);
    bool present = false;
    EXPECT_EQ(in.ReadPresence(present).ok(), value <= 1) << value;
  }
}

TEST(CodecTest, BytesLeftOver_AreAnError) {
  const Bytes input = {1, 2};
  Reader in(input);
  uint8_t first = 0;
  ASSERT_TRUE(in.ReadU8(first).ok());
  EXPECT_FALSE(in.Done().ok());
}

}  // namespace
}  // namespace enlace::codec
