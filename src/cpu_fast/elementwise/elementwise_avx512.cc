// The element-wise kernels that are faster with AVX-512.
#include "../machine/targets.h"
#include "elementwise_kernels.h"

#if defined(__x86_64__)
NEEDLE_BEGIN_AVX512

namespace needle::fast {
namespace avx512 {

#define NEEDLE_WIDTH 16
#include "elementwise_rows.inl"

}  // namespace avx512

const WiderKernels kWiderAvx512 = {avx512::RowsOf<avx512::Power>(), avx512::FunctionRow<avx512::ExpOf>(),
                                   avx512::FunctionRow<avx512::LogOf>(),
                                   avx512::FunctionRow<avx512::TanhOf>()};

}  // namespace needle::fast

NEEDLE_END
#endif
