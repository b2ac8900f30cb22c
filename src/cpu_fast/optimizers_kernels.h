// Steps of optimizers, over `n` numbers of a parameter that lie one after the other. What is new goes to
// arrays of its own: somebody may hold on to the old ones.
#pragma once

#include <cstdint>

namespace needle::fast {

// g' = g + decay * theta, m' = beta1 * m + rest1 * g', v' = beta2 * v + rest2 * g'^2,
// theta' = theta - rate * m' / (sqrt(v') + eps)
struct AdamStep {
  float decay, beta1, rest1, beta2, rest2, rate, eps;
};

// u' = momentum * u + rest * (g + decay * theta), theta' = theta - rate * u'
struct SgdStep {
  float decay, momentum, rest, rate;
};

struct OptimizerKernels {
  void (*adam)(const AdamStep &step, int64_t n, const float *theta, const float *g, const float *m,
               const float *v, float *new_theta, float *new_m, float *new_v);
  void (*sgd)(const SgdStep &step, int64_t n, const float *theta, const float *g, const float *u,
              float *new_theta, float *new_u);
};

extern const OptimizerKernels kOptimizersBaseline;
#if defined(__x86_64__)
extern const OptimizerKernels kOptimizersAvx2;
#endif

/// Return the kernels that BestIsa() allows.
const OptimizerKernels &OptimizerKernelsHere();

}  // namespace needle::fast
