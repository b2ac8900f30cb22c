// The rows of sequences_kernels.h with AVX2. Headers come before the pragma: what they define inline must not
// be compiled for a processor that may not be there.
#include "sequences_kernels.h"

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
#include "sequences_rows.inl"

}  // namespace avx2

const SequenceKernels kSequencesAvx2 = avx2::kSequences;

}  // namespace needle::fast

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
