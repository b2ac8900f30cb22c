// The reductions' kernels of one instruction set. How views become rows is reductions.cc's subject.
#pragma once

#include <cstdint>

namespace needle::fast {

enum class Reduction { kSum, kMax, kCount };

struct ReductionKernel {
  // Return the reduction of a[0], ..., a[n - 1]; n >= 1. Sums pairwise, from pieces of 16 numbers on.
  float (*row)(const float *a, int64_t n);

  // out[i * out_stride] = the reduction of a[i * stride], ..., a[i * stride + n - 1]     i < rows; for short
  // ones
  void (*rows)(const float *a, int64_t stride, int64_t rows, int64_t n, float *out, int64_t out_stride);

  // acc[j] = the reduction over i of a[i * stride + j], and of acc[j] too unless `fresh`
  // 1 <= rows; sums pairwise among 8 rows, then one after the other.
  void (*columns)(const float *a, int64_t stride, int64_t rows, float *acc, int64_t n, bool fresh);
};

struct ReductionKernels {
  ReductionKernel of[static_cast<int>(Reduction::kCount)];
};

extern const ReductionKernels kReductionsBaseline;
#if defined(__x86_64__)
extern const ReductionKernels kReductionsAvx2;  // faster than AVX-512 too, where that was measured
#endif

/// Return the kernels that BestIsa() allows.
const ReductionKernels &ReductionKernelsHere();

}  // namespace needle::fast
