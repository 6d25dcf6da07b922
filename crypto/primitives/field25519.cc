#include "crypto/primitives/field25519.h"

namespace enlace::crypto {
namespace {

__extension__ using Wide = unsigned __int128;

Wide Product(uint64_t a, uint64_t b) { return static_cast<Wide>(a) * b; }

// Little-endian, from up to eight bytes.
uint64_t Load(std::span<const uint8_t> bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | bytes[i];
  return value;
}

}  // namespace

// Brings limbs below 2^63 to limbs below 2^52: each gives what exceeds its 51 bits to the next, and
// the last to the first, nineteenfold, as 2^255 is 19.
FieldElement FieldElement::Carried(Limbs limbs) {
  uint64_t carry = 0;
  for (uint64_t& limb : limbs) {
    limb += carry;
    carry = limb >> kLimbBits;
    limb &= kLimbMask;
  }
  limbs[0] += 19 * carry;
  limbs[1] += limbs[0] >> kLimbBits;
  limbs[0] &= kLimbMask;
  return FieldElement(limbs);
}

FieldElement FieldElement::FromBytes(std::span<const uint8_t, kBytes> bytes) {
  // Limb i begins at bit 51 * i: at these bytes, and this far into them.
  constexpr std::array<int, 5> kFirstByte = {0, 6, 12, 19, 24};
  constexpr std::array<int, 5> kShift = {0, 3, 6, 1, 12};
  Limbs limbs;
  for (size_t i = 0; i < limbs.size(); ++i) {
    limbs[i] = Load(bytes.subspan(static_cast<size_t>(kFirstByte[i]), 8)) >> kShift[i] & kLimbMask;
  }
  return FieldElement(limbs);
}

std::array<uint8_t, FieldElement::kBytes> FieldElement::ToBytes() const {
  Limbs limbs = Carried(limbs_).limbs_;
  // Below twice the prime now: one more than the limbs hold exactly when 19 more reaches 2^255.
  uint64_t carry = 19;
  for (const uint64_t limb : limbs) carry = (limb + carry) >> kLimbBits;
  carry *= 19;
  for (uint64_t& limb : limbs) {
    limb += carry;
    carry = limb >> kLimbBits;
    limb &= kLimbMask;
  }
  std::array<uint8_t, kBytes> bytes{};
  for (size_t bit = 0; bit < 255; bit += 8) {
    // The limb of the first bit, and the bits of the next one that stand in the same byte.
    const size_t limb = bit / kLimbBits;
    const size_t shift = bit % kLimbBits;
    uint64_t value = limbs[limb] >> shift;
    if (limb + 1 < limbs.size()) value |= limbs[limb + 1] << (kLimbBits - shift);
    bytes[bit / 8] = static_cast<uint8_t>(value);
  }
  return bytes;
}

FieldElement operator+(const FieldElement& a, const FieldElement& b) {
  FieldElement::Limbs limbs;
  for (size_t i = 0; i < limbs.size(); ++i) limbs[i] = a.limbs_[i] + b.limbs_[i];
  return FieldElement::Carried(limbs);
}

FieldElement operator-(const FieldElement& a, const FieldElement& b) {
  // Four times the prime is added, limb by limb, so that no limb falls below zero.
  constexpr uint64_t kFirst = 4 * (FieldElement::kLimbMask - 18);
  constexpr uint64_t kOther = 4 * FieldElement::kLimbMask;
  FieldElement::Limbs limbs;
  for (size_t i = 0; i < limbs.size(); ++i) {
    limbs[i] = a.limbs_[i] + (i == 0 ? kFirst : kOther) - b.limbs_[i];
  }
  return FieldElement::Carried(limbs);
}

FieldElement operator*(const FieldElement& a, const FieldElement& b) {
  const auto& [a0, a1, a2, a3, a4] = a.limbs_;
  const auto& [b0, b1, b2, b3, b4] = b.limbs_;
  // What stands above 2^255 comes back nineteenfold.
  const uint64_t c1 = 19 * b1;
  const uint64_t c2 = 19 * b2;
  const uint64_t c3 = 19 * b3;
  const uint64_t c4 = 19 * b4;
  Wide r0 = Product(a0, b0) + Product(a1, c4) + Product(a2, c3) + Product(a3, c2) + Product(a4, c1);
  Wide r1 = Product(a0, b1) + Product(a1, b0) + Product(a2, c4) + Product(a3, c3) + Product(a4, c2);
  Wide r2 = Product(a0, b2) + Product(a1, b1) + Product(a2, b0) + Product(a3, c4) + Product(a4, c3);
  Wide r3 = Product(a0, b3) + Product(a1, b2) + Product(a2, b1) + Product(a3, b0) + Product(a4, c4);
  Wide r4 = Product(a0, b4) + Product(a1, b3) + Product(a2, b2) + Product(a3, b1) + Product(a4, b0);
  // A sum is at most 77 * 2^104, so that a carry is below 2^60. The last sum has no term with a
  // factor 19: its carry is below 2^56, and nineteen times that below 2^61.
  constexpr int kBits = FieldElement::kLimbBits;
  constexpr uint64_t kMask = FieldElement::kLimbMask;
  r1 += static_cast<uint64_t>(r0 >> kBits);
  r2 += static_cast<uint64_t>(r1 >> kBits);
  r3 += static_cast<uint64_t>(r2 >> kBits);
  r4 += static_cast<uint64_t>(r3 >> kBits);
  const auto low = [](Wide value) { return static_cast<uint64_t>(value) & kMask; };
  return FieldElement::Carried(
      {low(r0) + 19 * static_cast<uint64_t>(r4 >> kBits), low(r1), low(r2), low(r3), low(r4)});
}

FieldElement FieldElement::SquaredTimes(int times) const {
  FieldElement value = *this;
  for (int i = 0; i < times; ++i) value = value * value;
  return value;
}

// The power p - 2 = 2^255 - 21 (Fermat): 250 ones, then 01011. Ones are doubled in number by
// squaring as often as there are and multiplying.
FieldElement FieldElement::Inverse() const {
  const FieldElement& one = *this;
  const FieldElement ones2 = one.SquaredTimes(1) * one;
  const FieldElement ones4 = ones2.SquaredTimes(2) * ones2;
  const FieldElement ones5 = ones4.SquaredTimes(1) * one;
  const FieldElement ones10 = ones5.SquaredTimes(5) * ones5;
  const FieldElement ones20 = ones10.SquaredTimes(10) * ones10;
  const FieldElement ones40 = ones20.SquaredTimes(20) * ones20;
  const FieldElement ones50 = ones40.SquaredTimes(10) * ones10;
  const FieldElement ones100 = ones50.SquaredTimes(50) * ones50;
  const FieldElement ones200 = ones100.SquaredTimes(100) * ones100;
  const FieldElement ones250 = ones200.SquaredTimes(50) * ones50;
  const FieldElement then01 = ones250.SquaredTimes(2) * one;
  return then01.SquaredTimes(3) * ones2;
}

}  // namespace enlace::crypto
