// The rows of sequences_kernels.h with AVX-512. Headers come before the pragma: what they define inline must
// not be compiled for a processor that may not be there.
#include "sequences_kernels.h"

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
#include "sequences_rows.inl"

}  // namespace avx512

const SequenceKernels kSequencesAvx512 = avx512::kSequences;

}  // namespace needle::fast

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
