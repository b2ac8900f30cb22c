// Batch normalization's and the optimizers' loops with AVX2. They wait for memory already: wider vectors
// would gain nothing.
#include "../machine/targets.h"
#include "normalization_kernels.h"
#include "optimizers_kernels.h"

#if defined(__x86_64__)
NEEDLE_BEGIN_AVX2

namespace needle::fast {
namespace avx2 {
namespace {

#define NEEDLE_WIDTH 8
#include "normalization_rows.inl"
#include "optimizers_rows.inl"

}  // namespace
}  // namespace avx2

const NormalizationKernels kNormalizationAvx2 = avx2::kNormalization;
const OptimizerKernels kOptimizersAvx2 = avx2::kOptimizers;

}  // namespace needle::fast

NEEDLE_END
#endif
