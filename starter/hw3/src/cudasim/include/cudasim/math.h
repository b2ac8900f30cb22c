// The functions of CUDA's math library that C++ lacks. The approximate ones (__expf) are exact here.
#pragma once

#include <math.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "qualifiers.h"

// ::min and ::max take two numbers of unlike types, as they do on a device.
template <class A, class B, class = std::enable_if_t<std::is_arithmetic_v<A> && std::is_arithmetic_v<B>>>
constexpr std::common_type_t<A, B> min(A a, B b) {
  using T = std::common_type_t<A, B>;
  return static_cast<T>(b) < static_cast<T>(a) ? static_cast<T>(b) : static_cast<T>(a);
}

template <class A, class B, class = std::enable_if_t<std::is_arithmetic_v<A> && std::is_arithmetic_v<B>>>
constexpr std::common_type_t<A, B> max(A a, B b) {
  using T = std::common_type_t<A, B>;
  return static_cast<T>(a) < static_cast<T>(b) ? static_cast<T>(b) : static_cast<T>(a);
}

inline float rsqrtf(float x) {
  return 1.0f / sqrtf(x);
}
inline double rsqrt(double x) {
  return 1.0 / sqrt(x);
}
inline float rcbrtf(float x) {
  return 1.0f / cbrtf(x);
}
inline float normcdff(float x) {
  return 0.5f * erfcf(-x * 0.70710678f);
}
inline double normcdf(double x) {
  return 0.5 * erfc(-x * 0.70710678118654752);
}
inline float __saturatef(float x) {
  return fminf(fmaxf(x, 0.0f), 1.0f);
}

// Macros, because the C library has hidden functions of these names.
#define __expf expf
#define __exp10f(x) powf(10.0f, x)
#define __logf logf
#define __log2f log2f
#define __log10f log10f
#define __powf powf
#define __sinf sinf
#define __cosf cosf
#define __tanf tanf

inline float __fdividef(float x, float y) {
  return x / y;
}
inline float __fdiv_rn(float x, float y) {
  return x / y;
}
inline float __fadd_rn(float x, float y) {
  return x + y;
}
inline float __fsub_rn(float x, float y) {
  return x - y;
}
inline float __fmul_rn(float x, float y) {
  return x * y;
}
inline float __fmaf_rn(float x, float y, float z) {
  return fmaf(x, y, z);
}
inline float __frcp_rn(float x) {
  return 1.0f / x;
}
inline float __fsqrt_rn(float x) {
  return sqrtf(x);
}
inline float __frsqrt_rn(float x) {
  return 1.0f / sqrtf(x);
}

namespace cudasim {

template <class To, class From>
To Bits(From value) {
  static_assert(sizeof(To) == sizeof(From));
  To bits;
  std::memcpy(&bits, &value, sizeof(To));
  return bits;
}

// Return a number as an int; the nearest that there is, where it does not fit.
inline int ToInt(float x) {
  if (x != x) return 0;
  if (x >= 2147483648.0f) return std::numeric_limits<int>::max();
  return x < -2147483648.0f ? std::numeric_limits<int>::min() : static_cast<int>(x);
}

}  // namespace cudasim

inline int __float_as_int(float x) {
  return cudasim::Bits<int>(x);
}
inline unsigned __float_as_uint(float x) {
  return cudasim::Bits<unsigned>(x);
}
inline float __int_as_float(int x) {
  return cudasim::Bits<float>(x);
}
inline float __uint_as_float(unsigned x) {
  return cudasim::Bits<float>(x);
}
inline long long __double_as_longlong(double x) {
  return cudasim::Bits<long long>(x);
}
inline double __longlong_as_double(long long x) {
  return cudasim::Bits<double>(x);
}
inline int __float2int_rd(float x) {
  return cudasim::ToInt(floorf(x));
}
inline int __float2int_rn(float x) {
  return cudasim::ToInt(rintf(x));
}
inline int __float2int_ru(float x) {
  return cudasim::ToInt(ceilf(x));
}
inline int __float2int_rz(float x) {
  return cudasim::ToInt(x);
}
inline float __int2float_rn(int x) {
  return static_cast<float>(x);
}

inline int __popc(unsigned x) {
  return __builtin_popcount(x);
}
inline int __popcll(unsigned long long x) {
  return __builtin_popcountll(x);
}
inline int __clz(int x) {
  return x == 0 ? 32 : __builtin_clz(static_cast<unsigned>(x));
}
inline int __clzll(long long x) {
  return x == 0 ? 64 : __builtin_clzll(static_cast<unsigned long long>(x));
}
inline int __ffs(int x) {
  return __builtin_ffs(x);
}
inline int __ffsll(long long x) {
  return __builtin_ffsll(x);
}
inline int __mul24(int x, int y) {
  return x * y;
}
inline unsigned __umulhi(unsigned x, unsigned y) {
  return static_cast<unsigned>((uint64_t{x} * y) >> 32);
}

inline unsigned __brev(unsigned x) {
  unsigned reversed = 0;
  for (int bit = 0; bit < 32; ++bit) reversed |= (x >> bit & 1) << (31 - bit);
  return reversed;
}

// Read through the cache for what no thread writes.
template <class T>
__attribute__((always_inline)) inline T __ldg(const T *address) {
  return *address;
}
