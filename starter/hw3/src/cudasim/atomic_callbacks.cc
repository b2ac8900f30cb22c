// What -fsanitize=thread makes of std::atomic and of the guards of static variables, which host code has: the
// same operations, unchecked. The clang variants of memcpy are checked as accesses are.
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "checks.h"

#define CUDASIM_HIDDEN_C extern "C" __attribute__((visibility("hidden")))

#define CUDASIM_FETCH(bits, name, builtin)                                                  \
  CUDASIM_HIDDEN_C uint##bits##_t __tsan_atomic##bits##_##name(volatile uint##bits##_t *p,  \
                                                               uint##bits##_t value, int) { \
    return builtin(p, value, __ATOMIC_SEQ_CST);                                             \
  }

#define CUDASIM_EXCHANGE(bits, strength)                                                               \
  CUDASIM_HIDDEN_C int __tsan_atomic##bits##_compare_exchange_##strength(                              \
      volatile uint##bits##_t *p, uint##bits##_t *expected, uint##bits##_t value, int, int) {          \
    return __atomic_compare_exchange_n(p, expected, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
  }

#define CUDASIM_BITS(bits)                                                                                   \
  CUDASIM_HIDDEN_C uint##bits##_t __tsan_atomic##bits##_load(const volatile uint##bits##_t *p, int) {        \
    return __atomic_load_n(p, __ATOMIC_SEQ_CST);                                                             \
  }                                                                                                          \
  CUDASIM_HIDDEN_C void __tsan_atomic##bits##_store(volatile uint##bits##_t *p, uint##bits##_t value, int) { \
    __atomic_store_n(p, value, __ATOMIC_SEQ_CST);                                                            \
  }                                                                                                          \
  CUDASIM_HIDDEN_C uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(                                \
      volatile uint##bits##_t *p, uint##bits##_t expected, uint##bits##_t value, int, int) {                 \
    __atomic_compare_exchange_n(p, &expected, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);             \
    return expected;                                                                                         \
  }                                                                                                          \
  CUDASIM_EXCHANGE(bits, strong)                                                                             \
  CUDASIM_EXCHANGE(bits, weak)                                                                               \
  CUDASIM_FETCH(bits, exchange, __atomic_exchange_n)                                                         \
  CUDASIM_FETCH(bits, fetch_add, __atomic_fetch_add)                                                         \
  CUDASIM_FETCH(bits, fetch_sub, __atomic_fetch_sub)                                                         \
  CUDASIM_FETCH(bits, fetch_and, __atomic_fetch_and)                                                         \
  CUDASIM_FETCH(bits, fetch_or, __atomic_fetch_or)                                                           \
  CUDASIM_FETCH(bits, fetch_xor, __atomic_fetch_xor)                                                         \
  CUDASIM_FETCH(bits, fetch_nand, __atomic_fetch_nand)
CUDASIM_BITS(8)
CUDASIM_BITS(16)
CUDASIM_BITS(32)
CUDASIM_BITS(64)

CUDASIM_HIDDEN_C void __tsan_atomic_thread_fence(int) {
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

CUDASIM_HIDDEN_C void __tsan_atomic_signal_fence(int) {}

static void CheckPointer(const void *pointer, size_t bytes, cudasim::AccessKind kind, void *pc) {
  cudasim::CheckRange(reinterpret_cast<uintptr_t>(pointer), bytes, kind, reinterpret_cast<uintptr_t>(pc));
}

CUDASIM_HIDDEN_C void *__tsan_memcpy(void *to, const void *from, size_t bytes) {
  CheckPointer(from, bytes, cudasim::AccessKind::kRead, __builtin_return_address(0));
  CheckPointer(to, bytes, cudasim::AccessKind::kWrite, __builtin_return_address(0));
  return memcpy(to, from, bytes);
}

CUDASIM_HIDDEN_C void *__tsan_memmove(void *to, const void *from, size_t bytes) {
  CheckPointer(from, bytes, cudasim::AccessKind::kRead, __builtin_return_address(0));
  CheckPointer(to, bytes, cudasim::AccessKind::kWrite, __builtin_return_address(0));
  return memmove(to, from, bytes);
}

CUDASIM_HIDDEN_C void *__tsan_memset(void *to, int value, size_t bytes) {
  CheckPointer(to, bytes, cudasim::AccessKind::kWrite, __builtin_return_address(0));
  return memset(to, value, bytes);
}
