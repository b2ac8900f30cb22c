// A header with syntax that must be translated too.
#pragma once

__constant__ const int HALF_WARP = 16;

// Return, in lane 0, the sum over a whole warp.
__device__ __forceinline__ float WarpSum(float value) {
  for (int step = HALF_WARP; step > 0; step /= 2) value += __shfl_down_sync(0xffffffff, value, step);
  return value;
}
