// Batch normalization's loops over rows of `n` channels that lie one after the other, for one instruction
// set. How rows are shared is normalization.cc's subject.
#pragma once

#include <cstdint>

namespace needle::fast {

struct NormalizationKernels {
  // mean[j] = the mean over i of x[i * n + j]; squares[j] = the sum over i of (x[i * n + j] - mean[j])^2
  void (*moments)(const float *x, int64_t rows, int64_t n, float *mean, float *squares);

  // out[i * n + j] = (x[i * n + j] - mean[j]) * scale[j] + shift[j]
  void (*normalize)(const float *x, int64_t rows, int64_t n, const float *mean, const float *scale,
                    const float *shift, float *out);

  // sum[j] = the sum over i of g[i * n + j]; product[j] = that of g[i * n + j] * (x[i * n + j] - mean[j])
  void (*gradient_sums)(const float *g, const float *x, int64_t rows, int64_t n, const float *mean,
                        float *sum, float *product);

  // out[i * n + j] = a[j] * g[i * n + j] + b[j] * (x[i * n + j] - mean[j]) + c[j]
  void (*gradient)(const float *g, const float *x, int64_t rows, int64_t n, const float *mean, const float *a,
                   const float *b, const float *c, float *out);
};

extern const NormalizationKernels kNormalizationBaseline;
#if defined(__x86_64__)
extern const NormalizationKernels kNormalizationAvx2;
#endif

/// Return the kernels that BestIsa() allows.
const NormalizationKernels &NormalizationKernelsHere();

}  // namespace needle::fast
