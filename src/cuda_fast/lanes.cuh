// Sums and maxima over the lanes of a warp and over the threads of a block. Each lane, or thread, gets the
// result.
#pragma once

#include <cuda_runtime.h>

namespace needle::fast {

constexpr int kLanes = 32;
constexpr unsigned kAllLanes = 0xffffffffu;

// Over groups of `kWidth` lanes, a power of two.
template <int kWidth = kLanes, class T>
__device__ inline T SumOfLanes(T value) {
#pragma unroll
  for (int step = kWidth / 2; step > 0; step /= 2) value += __shfl_xor_sync(kAllLanes, value, step);
  return value;
}

// The largest of those that are numbers: a NaN shows in what becomes of the others.
template <int kWidth = kLanes>
__device__ inline float MaxOfLanes(float value) {
#pragma unroll
  for (int step = kWidth / 2; step > 0; step /= 2)
    value = fmaxf(value, __shfl_xor_sync(kAllLanes, value, step));
  return value;
}

// Over a block of kThreads, all of which call this. `shared` is free before and after.
template <int kThreads, class T>
__device__ inline T SumOfBlock(T value, T (&shared)[kThreads / kLanes]) {
  const int thread = threadIdx.x;
  value = SumOfLanes(value);
  if (thread % kLanes == 0) shared[thread / kLanes] = value;
  __syncthreads();
  T sum = shared[0];
  for (int warp = 1; warp < kThreads / kLanes; ++warp) sum += shared[warp];
  __syncthreads();
  return sum;
}

template <int kThreads>
__device__ inline float MaxOfBlock(float value, float (&shared)[kThreads / kLanes]) {
  const int thread = threadIdx.x;
  value = MaxOfLanes(value);
  if (thread % kLanes == 0) shared[thread / kLanes] = value;
  __syncthreads();
  float largest = shared[0];
  for (int warp = 1; warp < kThreads / kLanes; ++warp) largest = fmaxf(largest, shared[warp]);
  __syncthreads();
  return largest;
}

}  // namespace needle::fast
