// HKDF against RFC 5869 appendix A.1 to A.3, HMAC against RFC 4231 section 4.2 to 4.8, and the
// rules about tags.

#include "crypto/primitives/hkdf.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/crypto/hex.h"

namespace enlace::crypto {
namespace {

Bytes Range(uint8_t first, size_t count) {
  Bytes out(count);
  for (size_t i = 0; i < count; ++i) out[i] = static_cast<uint8_t>(first + i);
  return out;
}

struct HkdfVector {
  Bytes ikm;
  Bytes salt;
  Bytes info;
  size_t size_bytes;
  const char* prk;
  const char* okm;
};

const HkdfVector kHkdfVectors[] = {
    {Bytes(22, 0x0b), Range(0, 13), Range(0xf0, 10), 42,
     "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
     "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
    {Range(0, 80), Range(0x60, 80), Range(0xb0, 80), 82,
     "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
     "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
     "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
     "cc30c58179ec3e87c14c01d5c1f3434f1d87"},
    {Bytes(22, 0x0b),
     {},
     {},
     42,
     "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
     "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
};

TEST(HkdfTest, MatchesRfc5869) {
  for (const HkdfVector& v : kHkdfVectors) {
    const SecretBytes prk = HkdfExtract(v.salt, v.ikm);
    EXPECT_EQ(ToHex(prk.view()), v.prk);
    EXPECT_EQ(ToHex(HkdfExpand(prk.view(), v.info, v.size_bytes).view()), v.okm);
  }
}

struct HmacVector {
  Bytes key;
  Bytes data;
  const char* tag;
};

// Test case 5 publishes a truncated tag; the whole one begins with it.
const HmacVector kHmacVectors[] = {
    {Bytes(20, 0x0b), ToBytes("Hi There"),
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {ToBytes("Jefe"), ToBytes("what do ya want for nothing?"),
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {Bytes(20, 0xaa), Bytes(50, 0xdd),
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {Range(1, 25), Bytes(50, 0xcd),
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {Bytes(20, 0x0c), ToBytes("Test With Truncation"), "a3b6167473100ee06e0c796c2955552b"},
    {Bytes(131, 0xaa), ToBytes("Test Using Larger Than Block-Size Key - Hash Key First"),
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {Bytes(131, 0xaa),
     ToBytes("This is a test using a larger than block-size key and a larger than block-size data. "
             "The key needs to be hashed before being used by the HMAC algorithm."),
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

TEST(HmacKeyTest, MatchesRfc4231_AndServesAgain) {
  for (const HmacVector& v : kHmacVectors) {
    const HmacKey key(v.key);
    const BytesView data(v.data);
    const std::string published(v.tag);
    for (size_t split : {size_t{0}, data.size() / 2, data.size()}) {
      const Digest tag = key.Tag({data.first(split), data.subspan(split)});
      EXPECT_EQ(ToHex(tag).substr(0, published.size()), published);
    }
  }
}

TEST(HmacKeyTest, TagOfAnyOtherLengthOrByte_IsRefused) {
  const HmacKey key(AsBytes("key"));
  const Digest tag = key.Tag({AsBytes("message")});
  EXPECT_TRUE(key.Verify({AsBytes("message")}, tag));
  for (size_t length : {0u, 1u, 31u}) {
    EXPECT_FALSE(key.Verify({AsBytes("message")}, BytesView(tag).first(length))) << length;
  }
  Bytes longer = ToBytes(tag);
  longer.push_back(0);
  EXPECT_FALSE(key.Verify({AsBytes("message")}, longer));
  for (size_t i = 0; i < tag.size(); ++i) {
    Digest wrong = tag;
    wrong[i] ^= 0x80;
    EXPECT_FALSE(key.Verify({AsBytes("message")}, wrong)) << i;
  }
}

}  // namespace
}  // namespace enlace::crypto
