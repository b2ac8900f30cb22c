// Products of matrices, in float32, of any strides: elements (i, j) of a lie at a + i * a_rs + j * a_cs.
#pragma once

#include <cstdint>

namespace needle::fast {

/// out = a @ b, with a (m x n), b (n x p) and out (m x p), whose rows lie ldo apart. out overlaps neither.
void Gemm(int64_t m, int64_t n, int64_t p, const float *a, int64_t a_rs, int64_t a_cs, const float *b,
          int64_t b_rs, int64_t b_cs, float *out, int64_t ldo);

/// Matrices in an array of them: their number along each batch axis, and both operands' strides there.
struct Batch {
  int axes;
  const int64_t *shape, *a_strides, *b_strides;
};

/// Do a Gemm for each of the batch's pairs. The products lie in out one after the other, compact and
/// row-major.
void BatchedGemm(const Batch &batch, int64_t m, int64_t n, int64_t p, const float *a, int64_t a_rs,
                 int64_t a_cs, const float *b, int64_t b_rs, int64_t b_cs, float *out);

}  // namespace needle::fast
