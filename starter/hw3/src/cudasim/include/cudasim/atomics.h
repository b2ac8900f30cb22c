// Atomic functions. They don't race with each other; a plain access beside one does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace cudasim {

// Check an atomic access, and read what is there: `bytes` bytes, 8 at most.
uint64_t BeginAtomic(const void *address, size_t bytes);

// Write the new value, after BeginAtomic.
void EndAtomic(void *address, size_t bytes, uint64_t value);

template <class T, class... Allowed>
constexpr bool IS_ONE_OF = (std::is_same_v<T, Allowed> || ...);

template <class T>
using Operand = std::common_type_t<T>;  // converted to the variable's type, as a device's overloads do

// Replace *address by what `change` makes of it; return what was there.
template <class T, class Change>
__attribute__((always_inline)) inline T Atomically(T *address, Change change) {
  const uint64_t bits = BeginAtomic(address, sizeof(T));
  T old;
  std::memcpy(&old, &bits, sizeof(T));
  const T changed = change(old);
  uint64_t written = 0;
  std::memcpy(&written, &changed, sizeof(T));
  EndAtomic(address, sizeof(T), written);
  return old;
}

}  // namespace cudasim

#define CUDASIM_ATOMIC(name, expression, ...)                                           \
  template <class T>                                                                    \
  __attribute__((always_inline)) inline T name(T *address, cudasim::Operand<T> value) { \
    static_assert(cudasim::IS_ONE_OF<T, __VA_ARGS__>,                                   \
                  #name " has no overload for this type: " #__VA_ARGS__);               \
    return cudasim::Atomically(address, [value](T old) -> T { return expression; });    \
  }

CUDASIM_ATOMIC(atomicAdd, old + value, int, unsigned, unsigned long long, float, double)
CUDASIM_ATOMIC(atomicSub, old - value, int, unsigned)
CUDASIM_ATOMIC(atomicExch, (static_cast<void>(old), value), int, unsigned, unsigned long long, float)
CUDASIM_ATOMIC(atomicMin, value < old ? value : old, int, unsigned, long long, unsigned long long)
CUDASIM_ATOMIC(atomicMax, old < value ? value : old, int, unsigned, long long, unsigned long long)
CUDASIM_ATOMIC(atomicAnd, old &value, int, unsigned, unsigned long long)
CUDASIM_ATOMIC(atomicOr, old | value, int, unsigned, unsigned long long)
CUDASIM_ATOMIC(atomicXor, old ^ value, int, unsigned, unsigned long long)
CUDASIM_ATOMIC(atomicInc, old >= value ? 0 : old + 1, unsigned)
CUDASIM_ATOMIC(atomicDec, old == 0 || old > value ? value : old - 1, unsigned)
#undef CUDASIM_ATOMIC

template <class T>
__attribute__((always_inline)) inline T atomicCAS(T *address, cudasim::Operand<T> expected,
                                                  cudasim::Operand<T> value) {
  static_assert(cudasim::IS_ONE_OF<T, int, unsigned, unsigned long long, unsigned short>,
                "atomicCAS has no overload for this type: int, unsigned, unsigned long long, unsigned short");
  return cudasim::Atomically(address, [=](T old) { return old == expected ? value : old; });
}
