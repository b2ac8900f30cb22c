// What a warp does on tensor cores (from sm_80 on), and the same by shuffles elsewhere: slow, and for
// reading.
//
// Lane 4 g + t of a warp holds, of operands whose rows are 32 bytes (16 numbers of BF16, 8 of TF32) in two
// halves of 16 bytes, word t (4 bytes) of these rows and halves:
//   a, 16 rows   a[0]: row g, half 0    a[1]: row g + 8, half 0    a[2]: row g, half 1    a[3]: row g + 8,
//   half 1 b,  8 rows   b[0]: row g, half 0    b[1]: row g, half 1
// and of the 16 x 8 sums c of products of rows of a and b
//   c[0]: (g, 2 t)    c[1]: (g, 2 t + 1)    c[2]: (g + 8, 2 t)    c[3]: (g + 8, 2 t + 1)
// Source: PTX ISA, mma.m16n8k16 (.bf16), mma.m16n8k8 (.tf32), ldmatrix.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <cstring>

namespace needle::fast {

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
#define NEEDLE_TENSOR_CORES 1
#endif

constexpr unsigned kWholeWarp = 0xffffffffu;

// Read four groups of 8 rows of 16 bytes: lane 8 q + r gives the address of row r of group q, and lane
// 4 g + t gets word t of row g of each group.
__device__ inline void ReadMatrices(const unsigned char *row, uint32_t (&words)[4]) {
#ifdef NEEDLE_TENSOR_CORES
  const uint32_t address = static_cast<uint32_t>(__cvta_generic_to_shared(row));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
               : "r"(address)
               : "memory");
#else
  const int lane = threadIdx.x % 32;
  for (int q = 0; q < 4; ++q) {
    const auto from = __shfl_sync(kWholeWarp, reinterpret_cast<unsigned long long>(row), 8 * q + lane / 4);
    words[q] = reinterpret_cast<const uint32_t *>(from)[lane % 4];
  }
#endif
}

#ifndef NEEDLE_TENSOR_CORES
// c += the products of a's and b's rows, by the rule. Called, not inlined: for compilers' sake.
template <class Format>
__device__ __noinline__ void MultiplyByShuffles(const uint32_t (&a)[4], const uint32_t (&b)[2],
                                                float (&c)[4]) {
  const int lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;
  for (int half = 0; half < 2; ++half)
    for (int word = 0; word < 4; ++word) {
      const uint32_t low = __shfl_sync(kWholeWarp, a[2 * half], 4 * g + word);
      const uint32_t high = __shfl_sync(kWholeWarp, a[2 * half + 1], 4 * g + word);
      const uint32_t left = __shfl_sync(kWholeWarp, b[half], 4 * (2 * t) + word);
      const uint32_t right = __shfl_sync(kWholeWarp, b[half], 4 * (2 * t + 1) + word);
      for (int k = 0; k < Format::kPerWord; ++k) {
        c[0] += Format::Number(low, k) * Format::Number(left, k);
        c[1] += Format::Number(low, k) * Format::Number(right, k);
        c[2] += Format::Number(high, k) * Format::Number(left, k);
        c[3] += Format::Number(high, k) * Format::Number(right, k);
      }
    }
}
#endif

__device__ inline float FloatOfBits(uint32_t bits) {
  float number;
  memcpy(&number, &bits, sizeof(number));
  return number;
}

__device__ inline uint32_t BitsOfFloat(float number) {
  uint32_t bits;
  memcpy(&bits, &number, sizeof(bits));
  return bits;
}

struct Tf32 {
  static constexpr const char *kName = "GemmTf32";
  static constexpr int kPerWord = 1;

  // Round to 10 bits after the binary point, ties away from 0. A NaN stays one.
  __device__ static uint32_t Pack(const float (&numbers)[1]) {
    const uint32_t bits = BitsOfFloat(numbers[0]);
    const bool finite = (bits & 0x7f800000u) != 0x7f800000u;
    return finite ? (bits + 0x1000u) & 0xffffe000u : bits;
  }

  __device__ static float Number(uint32_t word, int) { return FloatOfBits(word); }

  __device__ static void Multiply(const uint32_t (&a)[4], const uint32_t (&b)[2], float (&c)[4]) {
#ifdef NEEDLE_TENSOR_CORES
    asm volatile(
        "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
    MultiplyByShuffles<Tf32>(a, b, c);
#endif
  }
};

struct Bf16 {
  static constexpr const char *kName = "GemmBf16";
  static constexpr int kPerWord = 2;

  // Round to 7 bits after the binary point, ties to even. A NaN stays one.
  __device__ static uint32_t PackOne(float number) {
    const uint32_t bits = BitsOfFloat(number);
    if (number != number) return bits >> 16 | 0x40u;
    return (bits + 0x7fffu + (bits >> 16 & 1)) >> 16;
  }

  __device__ static uint32_t Pack(const float (&numbers)[2]) {
    return PackOne(numbers[0]) | PackOne(numbers[1]) << 16;
  }

  __device__ static float Number(uint32_t word, int k) {
    return FloatOfBits(k ? word & 0xffff0000u : word << 16);
  }

  __device__ static void Multiply(const uint32_t (&a)[4], const uint32_t (&b)[2], float (&c)[4]) {
#ifdef NEEDLE_TENSOR_CORES
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
    MultiplyByShuffles<Bf16>(a, b, c);
#endif
  }
};

}  // namespace needle::fast
