// The instruction sets that some functions are compiled for, while the rest of the program is for every
// processor of the kind. One function carries an attribute, NEEDLE_TARGET_AVX2; a part of a file, without its
// headers, lies between NEEDLE_BEGIN_AVX2 and NEEDLE_END: what a header defines inline must not be compiled
// for a processor that may not be there.
#pragma once

#if defined(__x86_64__)
#include <immintrin.h>

#define NEEDLE_AVX2 "avx2,fma"
#define NEEDLE_AVX512 "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma"
#define NEEDLE_TARGET_AVX2 __attribute__((target(NEEDLE_AVX2)))
#define NEEDLE_TARGET_AVX512 __attribute__((target(NEEDLE_AVX512)))

#define NEEDLE_PRAGMA_TEXT(text) _Pragma(#text)
#define NEEDLE_PRAGMA(...) NEEDLE_PRAGMA_TEXT(__VA_ARGS__)

#if defined(__clang__)
#define NEEDLE_BEGIN_AVX2 NEEDLE_PRAGMA(clang attribute push(NEEDLE_TARGET_AVX2, apply_to = function))
#define NEEDLE_BEGIN_AVX512 NEEDLE_PRAGMA(clang attribute push(NEEDLE_TARGET_AVX512, apply_to = function))
#define NEEDLE_END NEEDLE_PRAGMA(clang attribute pop)
#else
#define NEEDLE_BEGIN_AVX2 NEEDLE_PRAGMA(GCC push_options) NEEDLE_PRAGMA(GCC target(NEEDLE_AVX2))
#define NEEDLE_BEGIN_AVX512 \
  NEEDLE_PRAGMA(GCC push_options) NEEDLE_PRAGMA(GCC target(NEEDLE_AVX512, "prefer-vector-width=512"))
#define NEEDLE_END NEEDLE_PRAGMA(GCC pop_options)
#endif
#endif
