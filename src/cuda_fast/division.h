// Division by numbers that are known before the launch, by a multiplication and a shift.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace needle::fast {

// Divides numbers under 2^31 by one number from 1 to 2^31 - 1. With s = ceil(log2(d)) and
// m = floor(2^32 (2^s - d) / d) + 1, the quotient is floor((floor(m n / 2^32) + n) / 2^s).
// Source: Granlund and Montgomery, Division by invariant integers using multiplication, 1994.
struct Divider {
  uint32_t divisor, magic, shift;

  Divider() = default;
  explicit Divider(uint32_t d) : divisor(d), shift(0) {
    while ((uint64_t{1} << shift) < d) ++shift;
    magic = static_cast<uint32_t>((((uint64_t{1} << shift) - d) << 32) / d + 1);
  }

  __host__ __device__ uint32_t Quotient(uint32_t n) const {
    return (static_cast<uint32_t>((static_cast<uint64_t>(n) * magic) >> 32) + n) >> shift;
  }
};

// Split n into n / divisor, which replaces it, and the rest, which is returned.
__host__ __device__ inline uint32_t SplitOff(const Divider &divider, uint32_t *n) {
  const uint32_t quotient = divider.Quotient(*n);
  const uint32_t rest = *n - quotient * divider.divisor;
  *n = quotient;
  return rest;
}

}  // namespace needle::fast
