// CUDA's words for where a function runs and where a variable lies. The translator has dealt with those
// that mean something here.
#pragma once

#define __global__
#define __device__
#define __host__
#define __constant__
#define __managed__
#define __grid_constant__
#define __launch_bounds__(...)
#define __align__(bytes) __attribute__((aligned(bytes)))
#undef __forceinline__
#define __forceinline__ inline __attribute__((always_inline))

#define CUDASIM_HIDDEN __attribute__((visibility("hidden")))
