// What a Welcome tells its reader in secret.

#include "crypto/mls/group_secrets.h"

#include <gtest/gtest.h>

#include "crypto/codec/writer.h"

namespace enlace::mls {
namespace {

constexpr size_t kAbsent = 0xFFFF;

// GroupSecrets with secrets of these lengths and no PSK.
Bytes Encoded(size_t joiner_bytes, size_t path_bytes) {
  codec::Writer out;
  out.Vector(Bytes(joiner_bytes, 1));
  out.Presence(path_bytes != kAbsent);
  if (path_bytes != kAbsent) out.Vector(Bytes(path_bytes, 2));
  out.Vector({});
  return out.Take();
}

TEST(GroupSecretsTest, SecretsOfTheKdfsLength_AreReadAndWrittenTheSame) {
  for (const size_t path_bytes : {size_t{32}, kAbsent}) {
    const Bytes encoded = Encoded(32, path_bytes);
    const auto parsed = GroupSecrets::Parse(encoded);
    ASSERT_TRUE(parsed.ok());
    EXPECT_TRUE(EqualBytes(parsed->Serialize().view(), encoded));
  }
}

TEST(GroupSecretsTest, SecretsOfAnotherLength_AreRefused) {
  for (const size_t size_bytes : {0, 1, 31, 33, 64}) {
    EXPECT_FALSE(GroupSecrets::Parse(Encoded(size_bytes, kAbsent)).ok()) << size_bytes;
    EXPECT_FALSE(GroupSecrets::Parse(Encoded(32, size_bytes)).ok()) << size_bytes;
  }
}

}  // namespace
}  // namespace enlace::mls
