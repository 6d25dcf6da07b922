// The field of 2^255 - 19 elements against OpenSSL's arithmetic of large numbers.

#include "crypto/primitives/field25519.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>

#include <memory>
#include <random>
#include <vector>

namespace enlace::crypto {
namespace {

using ElementBytes = std::array<uint8_t, FieldElement::kBytes>;

struct Release {
  void operator()(BIGNUM* value) const { BN_free(value); }
  void operator()(BN_CTX* context) const { BN_CTX_free(context); }
};
using Number = std::unique_ptr<BIGNUM, Release>;

class Field25519Test : public testing::Test {
 protected:
  Field25519Test() : context_(BN_CTX_new()), prime_(BN_new()) {
    BN_set_bit(prime_.get(), 255);
    BN_sub_word(prime_.get(), 19);
    // Numbers at the borders of limbs, of the prime and of the encoding, then any.
    for (const int bit : {0, 50, 51, 52, 101, 102, 153, 204, 253, 254}) Around(bit);
    for (int offset = -20; offset <= 20; ++offset) {
      Number near(BN_dup(prime_.get()));
      offset < 0 ? BN_sub_word(near.get(), static_cast<BN_ULONG>(-offset))
                 : BN_add_word(near.get(), static_cast<BN_ULONG>(offset));
      if (BN_num_bits(near.get()) <= 255) Keep(near.get());
    }
    std::mt19937_64 random(25519);
    for (int i = 0; i < 200; ++i) {
      ElementBytes bytes;
      for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
      inputs_.push_back(bytes);
    }
  }

  void Keep(const BIGNUM* value) {
    ElementBytes bytes;
    ASSERT_GE(BN_bn2lebinpad(value, bytes.data(), static_cast<int>(bytes.size())), 0);
    inputs_.push_back(bytes);
  }

  // 2^bit and its neighbours.
  void Around(int bit) {
    Number value(BN_new());
    BN_set_bit(value.get(), bit);
    BN_sub_word(value.get(), 1);
    for (int i = 0; i < 3; ++i, BN_add_word(value.get(), 1)) Keep(value.get());
  }

  // What the bytes stand for, not reduced.
  static Number ValueOf(ElementBytes bytes) {
    bytes.back() &= 0x7f;
    return Number(BN_lebin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  }
  ElementBytes Reduced(BIGNUM* value) {
    BN_nnmod(value, value, prime_.get(), context_.get());
    ElementBytes bytes{};
    BN_bn2lebinpad(value, bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }

  std::unique_ptr<BN_CTX, Release> context_;
  Number prime_;
  std::vector<ElementBytes> inputs_;
};

TEST_F(Field25519Test, Encoding_IsOfTheRemainder) {
  for (const ElementBytes& input : inputs_) {
    EXPECT_EQ(FieldElement::FromBytes(input).ToBytes(), Reduced(ValueOf(input).get()));
  }
}

TEST_F(Field25519Test, SumDifferenceAndProduct_AreThoseOfOpenSsl) {
  for (const ElementBytes& left : inputs_) {
    for (const ElementBytes& right : inputs_) {
      const FieldElement a = FieldElement::FromBytes(left);
      const FieldElement b = FieldElement::FromBytes(right);
      const Number x = ValueOf(left);
      const Number y = ValueOf(right);
      const Number out(BN_new());
      BN_add(out.get(), x.get(), y.get());
      ASSERT_EQ((a + b).ToBytes(), Reduced(out.get()));
      BN_sub(out.get(), x.get(), y.get());
      ASSERT_EQ((a - b).ToBytes(), Reduced(out.get()));
      BN_mul(out.get(), x.get(), y.get(), context_.get());
      ASSERT_EQ((a * b).ToBytes(), Reduced(out.get()));
    }
  }
}

TEST_F(Field25519Test, Inverse_IsThatOfOpenSsl_AndZeroForZero) {
  for (const ElementBytes& input : inputs_) {
    const Number value = ValueOf(input);
    const ElementBytes reduced = Reduced(value.get());
    const ElementBytes inverse = FieldElement::FromBytes(input).Inverse().ToBytes();
    if (reduced == ElementBytes{}) {
      EXPECT_EQ(inverse, ElementBytes{});
      continue;
    }
    const Number expected(BN_mod_inverse(nullptr, value.get(), prime_.get(), context_.get()));
    ASSERT_NE(expected, nullptr);
    EXPECT_EQ(inverse, Reduced(expected.get()));
  }
}

// Sums and products of results, whose limbs are larger than those of what was read.
TEST_F(Field25519Test, LongChainOfOperations_StaysThatOfOpenSsl) {
  FieldElement value(2);
  const Number expected(BN_new());
  BN_set_word(expected.get(), 2);
  for (size_t round = 0; round < 50; ++round) {
    for (const ElementBytes& input : inputs_) {
      const FieldElement next = FieldElement::FromBytes(input);
      const Number number = ValueOf(input);
      value = (value + next) * (next - value) + value;
      const Number sum(BN_new());
      const Number difference(BN_new());
      BN_mod_add(sum.get(), expected.get(), number.get(), prime_.get(), context_.get());
      BN_mod_sub(difference.get(), number.get(), expected.get(), prime_.get(), context_.get());
      BN_mod_mul(sum.get(), sum.get(), difference.get(), prime_.get(), context_.get());
      BN_mod_add(expected.get(), expected.get(), sum.get(), prime_.get(), context_.get());
    }
    ASSERT_EQ(value.ToBytes(), Reduced(expected.get())) << round;
  }
}

}  // namespace
}  // namespace enlace::crypto
