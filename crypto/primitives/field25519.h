// The field of 2^255 - 19 elements, which the curves of RFC 7748 stand over.
//
// Promises that no branch and no address depends on a value, though it is meant for public values
// only: elements are not wiped.
//
// Thread safety: values.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace enlace::crypto {

class FieldElement {
 public:
  static constexpr size_t kBytes = 32;

  // A small number.
  explicit FieldElement(uint64_t value = 0) : limbs_{value & kLimbMask, value >> kLimbBits} {}
  // Little-endian; the topmost bit is ignored, and a number from the prime on stands for its
  // remainder (RFC 7748 section 5).
  static FieldElement FromBytes(std::span<const uint8_t, kBytes> bytes);
  // Little-endian, below the prime.
  std::array<uint8_t, kBytes> ToBytes() const;

  friend FieldElement operator+(const FieldElement& a, const FieldElement& b);
  friend FieldElement operator-(const FieldElement& a, const FieldElement& b);
  friend FieldElement operator*(const FieldElement& a, const FieldElement& b);
  // The inverse; 0 for 0.
  FieldElement Inverse() const;

 private:
  static constexpr int kLimbBits = 51;
  static constexpr uint64_t kLimbMask = (uint64_t{1} << kLimbBits) - 1;
  using Limbs = std::array<uint64_t, 5>;

  explicit FieldElement(const Limbs& limbs) : limbs_(limbs) {}
  static FieldElement Carried(Limbs limbs);
  FieldElement SquaredTimes(int times) const;

  Limbs limbs_;  // Base 2^51, each below 2^52.
};

}  // namespace enlace::crypto
