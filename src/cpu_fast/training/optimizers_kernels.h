// The optimizers' steps over `n` numbers of a parameter that lie one after the other, for one instruction
// set. How they are shared is optimizers.cc's subject.
#pragma once

#include "../../fast/optimizers.h"

namespace needle::fast {

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
