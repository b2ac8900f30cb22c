// The element-wise kernels and the reductions with AVX2.
#include "../machine/targets.h"
#include "elementwise_kernels.h"
#include "reductions_kernels.h"

#if defined(__x86_64__)
NEEDLE_BEGIN_AVX2

namespace needle::fast {
namespace avx2 {

#define NEEDLE_WIDTH 8
#include "elementwise_table.inl"
#include "reductions_rows.inl"

}  // namespace avx2

const ElementwiseKernels kElementwiseAvx2 = avx2::kElementwise;
const ReductionKernels kReductionsAvx2 = avx2::kReductions;

}  // namespace needle::fast

NEEDLE_END
#endif
