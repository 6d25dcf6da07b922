// SHA-256 by either library, and HMAC with an empty key.

#include "crypto/primitives/sha256.h"

#include <gtest/gtest.h>

#include "crypto/primitives/hkdf.h"
#include "tests/unit/crypto/hex.h"

namespace enlace::crypto {
namespace {

// FIPS 180-4, the example of one block.
constexpr char kAbc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256Test, EveryWay_GivesThePublishedHash) {
  EXPECT_EQ(ToBytes(Sha256(AsBytes("abc"))), Hex(kAbc));
  EXPECT_EQ(ToBytes(Sha256Stream().Add(AsBytes("a")).Add(AsBytes("bc")).Finish()), Hex(kAbc));
  EXPECT_EQ(ToBytes(PublicSha256({AsBytes("ab"), {}, AsBytes("c")})), Hex(kAbc));
}

TEST(Sha256Test, PublicHmac_IsHmacWithAnEmptyKey) {
  for (size_t size_bytes : {0u, 1u, 55u, 56u, 63u, 64u, 65u, 1000u, 100000u}) {
    const Bytes data(size_bytes, 0xA5);
    EXPECT_EQ(PublicHmacSha256({AsBytes("part"), data}),
              HmacKey(BytesView{}).Tag({AsBytes("part"), data}))
        << size_bytes;
  }
}

}  // namespace
}  // namespace enlace::crypto
