// Copies from global to shared memory that go on while the thread computes (from sm_80 on; elsewhere they are
// plain copies, done when the call returns).
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace needle::fast {

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
#define NEEDLE_COPIES_ASYNC 1
__device__ inline uint32_t SharedAddress(const void *memory) {
  return static_cast<uint32_t>(__cvta_generic_to_shared(memory));
}
#endif

// Copy one number, or 0 if it does not exist.
__device__ inline void CopyOneAsync(float *to, const float *from, bool exists) {
#ifdef NEEDLE_COPIES_ASYNC
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(SharedAddress(to)), "l"(from),
               "r"(exists ? 4 : 0)
               : "memory");
#else
  *to = exists ? *from : 0.0f;
#endif
}

// Copy the first `count` of 4 numbers, and 0 for those after them. Both addresses are multiples of 16 bytes.
__device__ inline void CopyFourAsync(float *to, const float *from, int count) {
#ifdef NEEDLE_COPIES_ASYNC
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(SharedAddress(to)), "l"(from),
               "r"(4 * count)
               : "memory");
#else
  for (int e = 0; e < 4; ++e) to[e] = e < count ? from[e] : 0.0f;
#endif
}

// Copy 16 bytes between addresses that are multiples of 16.
__device__ inline void CopyBytesAsync(unsigned char *to, const unsigned char *from) {
#ifdef NEEDLE_COPIES_ASYNC
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(SharedAddress(to)), "l"(from) : "memory");
#else
  *reinterpret_cast<uint4 *>(to) = *reinterpret_cast<const uint4 *>(from);
#endif
}

// End a group of copies. Wait, later, until all groups but the kLeft youngest are there for this thread to
// read.
__device__ inline void EndCopies() {
#ifdef NEEDLE_COPIES_ASYNC
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

template <int kLeft>
__device__ inline void WaitForCopies() {
#ifdef NEEDLE_COPIES_ASYNC
  asm volatile("cp.async.wait_group %0;" ::"n"(kLeft) : "memory");
#endif
}

}  // namespace needle::fast
