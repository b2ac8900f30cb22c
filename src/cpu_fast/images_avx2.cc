// Batch normalization's and the optimizers' loops with AVX2, which wait for memory already. Headers come
// before the pragma: what they define inline must not be compiled for a processor that may not be there.
#include "normalization_kernels.h"
#include "optimizers_kernels.h"

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
namespace {

#define NEEDLE_WIDTH 8
#include "normalization_rows.inl"
#include "optimizers_rows.inl"

}  // namespace
}  // namespace avx2

const NormalizationKernels kNormalizationAvx2 = avx2::kNormalization;
const OptimizerKernels kOptimizersAvx2 = avx2::kOptimizers;

}  // namespace needle::fast

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
