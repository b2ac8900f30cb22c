// Batch normalization's and the optimizers' loops for every processor: SSE2 on x86-64, NEON on aarch64.
#include "../machine/dispatch.h"
#include "../machine/targets.h"
#include "normalization_kernels.h"
#include "optimizers_kernels.h"

namespace needle::fast {
namespace baseline {
namespace {

#define NEEDLE_WIDTH 4
#include "normalization_rows.inl"
#include "optimizers_rows.inl"

}  // namespace
}  // namespace baseline

const NormalizationKernels kNormalizationBaseline = baseline::kNormalization;
const OptimizerKernels kOptimizersBaseline = baseline::kOptimizers;

const NormalizationKernels &NormalizationKernelsHere() {
#if defined(__x86_64__)
  if (BestIsa() != Isa::kBaseline) return kNormalizationAvx2;
#endif
  return kNormalizationBaseline;
}

const OptimizerKernels &OptimizerKernelsHere() {
#if defined(__x86_64__)
  if (BestIsa() != Isa::kBaseline) return kOptimizersAvx2;
#endif
  return kOptimizersBaseline;
}

}  // namespace needle::fast
