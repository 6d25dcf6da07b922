// SecretBytes: one owner, wiped when it goes, constant-time comparison.

#include "crypto/primitives/secret_bytes.h"

#include <gtest/gtest.h>

#include <cstring>
#include <type_traits>

namespace enlace {
namespace {

static_assert(!std::is_copy_constructible_v<SecretBytes>);
static_assert(!std::is_copy_assignable_v<SecretBytes>);

TEST(SecretBytesTest, FreshMemoryIsZero_AlsoWhenItWasUsedBefore) {
  for (size_t size : {1u, 16u, 17u, 32u, 208u, 4096u, 4097u, 70000u, 300000u}) {
    for (int round = 0; round < 3; ++round) {
      SecretBytes bytes(size);
      for (uint8_t byte : bytes.view()) ASSERT_EQ(byte, 0) << size;
      std::memset(bytes.mutable_view().data(), 0xee, size);
    }
  }
}

TEST(SecretBytesTest, MovedFrom_IsEmpty) {
  SecretBytes first = SecretBytes::CopyOf(AsBytes("secret"));
  SecretBytes second = std::move(first);
  EXPECT_TRUE(first.empty());  // NOLINT: the state after a move is promised.
  EXPECT_EQ(ToText(second.view()), "secret");
  first = std::move(second);
  EXPECT_TRUE(second.empty());  // NOLINT
  EXPECT_EQ(ToText(first.view()), "secret");
}

TEST(SecretBytesTest, WipedMemory_HoldsNothingOfTheSecret) {
  // Blocks are reused in order of their return: the next of the size shows what was left in it.
  const uint8_t* address = nullptr;
  {
    SecretBytes secret(32);
    std::memset(secret.mutable_view().data(), 0x5a, 32);
    address = secret.view().data();
  }
  const SecretBytes next(32);
  ASSERT_EQ(next.view().data(), address);
  for (uint8_t byte : next.view()) EXPECT_EQ(byte, 0);
}

TEST(SecretBytesTest, Truncated_KeepsItsBeginning_AndIsWipedWhole) {
  const uint8_t* address = nullptr;
  for (size_t size : {100u, 9000u}) {
    {
      SecretBytes secret(size);
      std::memset(secret.mutable_view().data(), 0x5a, size);
      address = secret.view().data();
      secret.Truncate(40);
      EXPECT_EQ(secret.size(), 40u);
      EXPECT_EQ(secret.view().back(), 0x5a);
    }
    const SecretBytes next(size);
    ASSERT_EQ(next.view().data(), address);
    for (uint8_t byte : next.view()) ASSERT_EQ(byte, 0);
  }
}

TEST(SecretBytesTest, HeldBytes_CountsWhatLivesAndNoMore) {
  const size_t before = SecretBytes::HeldBytes();
  for (size_t size : {1u, 32u, 5000u, 300000u}) {
    const SecretBytes secret(size);
    EXPECT_GE(SecretBytes::HeldBytes(), before + size);
    EXPECT_LE(SecretBytes::HeldBytes(), before + 2 * size + 16);
  }
  EXPECT_EQ(SecretBytes::HeldBytes(), before);
}

TEST(SecretBytesTest, ComparesByLengthAndContent) {
  const SecretBytes secret = SecretBytes::CopyOf(AsBytes("secret"));
  EXPECT_TRUE(secret.ConstantTimeEquals(AsBytes("secret")));
  EXPECT_FALSE(secret.ConstantTimeEquals(AsBytes("secreT")));
  EXPECT_FALSE(secret.ConstantTimeEquals(AsBytes("secre")));
  EXPECT_FALSE(secret.ConstantTimeEquals(AsBytes("secrets")));
  EXPECT_TRUE(SecretBytes().ConstantTimeEquals({}));
}

}  // namespace
}  // namespace enlace
