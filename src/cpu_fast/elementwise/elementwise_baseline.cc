// The element-wise kernels and the reductions for every processor: SSE2 on x86-64, NEON on aarch64.
#include "../machine/targets.h"
#include "elementwise_kernels.h"
#include "reductions_kernels.h"

namespace needle::fast {
namespace baseline {

#define NEEDLE_WIDTH 4
#include "elementwise_table.inl"
#include "reductions_rows.inl"

}  // namespace baseline

const ElementwiseKernels kElementwiseBaseline = baseline::kElementwise;
const ReductionKernels kReductionsBaseline = baseline::kReductions;

}  // namespace needle::fast
