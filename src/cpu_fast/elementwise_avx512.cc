// The element-wise kernels that are faster with AVX-512. Headers come before the pragma: what they define
// inline must not be compiled for a processor that may not be there.
#include "elementwise_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma"))), \
                             apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma,prefer-vector-width=512")
#endif

namespace needle::fast {
namespace avx512 {

#define NEEDLE_WIDTH 16
#include "elementwise_rows.inl"

}  // namespace avx512

const WiderKernels kWiderAvx512 = {avx512::RowsOf<avx512::Power>(), avx512::FunctionRow<avx512::ExpOf>(),
                                   avx512::FunctionRow<avx512::LogOf>(),
                                   avx512::FunctionRow<avx512::TanhOf>()};

}  // namespace needle::fast

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
