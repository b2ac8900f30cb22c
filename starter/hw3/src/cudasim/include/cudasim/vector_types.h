// dim3, and the short vectors: float4, int2, ...
#pragma once

#define CUDASIM_VECTORS(type, element, align2, align4)                           \
  struct type##1 {                                                               \
    element x;                                                                   \
  };                                                                             \
  struct alignas(align2) type##2 {                                               \
    element x, y;                                                                \
  };                                                                             \
  struct type##3 {                                                               \
    element x, y, z;                                                             \
  };                                                                             \
  struct alignas(align4) type##4 {                                               \
    element x, y, z, w;                                                          \
  };                                                                             \
  constexpr type##1 make_##type##1(element x) {                                  \
    return {x};                                                                  \
  }                                                                              \
  constexpr type##2 make_##type##2(element x, element y) {                       \
    return {x, y};                                                               \
  }                                                                              \
  constexpr type##3 make_##type##3(element x, element y, element z) {            \
    return {x, y, z};                                                            \
  }                                                                              \
  constexpr type##4 make_##type##4(element x, element y, element z, element w) { \
    return {x, y, z, w};                                                         \
  }

CUDASIM_VECTORS(char, signed char, 2, 4)
CUDASIM_VECTORS(uchar, unsigned char, 2, 4)
CUDASIM_VECTORS(short, short, 4, 8)
CUDASIM_VECTORS(ushort, unsigned short, 4, 8)
CUDASIM_VECTORS(int, int, 8, 16)
CUDASIM_VECTORS(uint, unsigned, 8, 16)
CUDASIM_VECTORS(longlong, long long, 16, 16)
CUDASIM_VECTORS(ulonglong, unsigned long long, 16, 16)
CUDASIM_VECTORS(float, float, 8, 16)
CUDASIM_VECTORS(double, double, 16, 16)
#undef CUDASIM_VECTORS

struct dim3 {
  constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
  constexpr dim3(uint3 sizes) : x(sizes.x), y(sizes.y), z(sizes.z) {}
  constexpr operator uint3() const { return {x, y, z}; }

  unsigned x, y, z;
};
