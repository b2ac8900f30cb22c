// The element-wise kernels and the reductions with AVX2. Headers come before the pragma: what they define
// inline must not be compiled for a processor that may not be there.
#include "elementwise_kernels.h"
#include "reductions_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif

namespace needle::fast {
namespace avx2 {

#define NEEDLE_WIDTH 8
#include "elementwise_table.inl"
#include "reductions_rows.inl"

}  // namespace avx2

const ElementwiseKernels kElementwiseAvx2 = avx2::kElementwise;
const ReductionKernels kReductionsAvx2 = avx2::kReductions;

}  // namespace needle::fast

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
