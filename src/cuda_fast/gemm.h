// Matrix multiplication in float32: out = a @ b for a batch of matrices of any strides.
#pragma once

#include <cstdint>

#include "views.h"

namespace needle::fast {

// Matrices of m x n and n x p numbers make one of m x p. Element (i, k) of a lies at i * a_strides[0] +
// k * a_strides[1] from its matrix's first. `batch` has the strides from matrix to matrix of a and of b; out
// is compact, its matrices in the batch's order.
struct GemmCall {
  Views<2> batch;
  int64_t m, n, p;
  const float *a, *b;
  int64_t a_strides[2], b_strides[2];
  float *out;
};

// In PyTorch's words: "highest" computes in float32, "high" in TF32 and "medium" in BF16, where the device
// can.
enum class Precision { kHighest, kHigh, kMedium };
void SetMatmulPrecision(Precision precision);
Precision MatmulPrecision();

// As the precision says.
void Gemm(GemmCall call);

// out[i, j] = sum over k of a[i, k] * b[k, j], every sum rounded to float32.
void GemmInFloat32(const GemmCall &call);

// With a and b rounded to TF32 (10 bits after the binary point) or BF16 (7 bits), and sums in float32, on
// tensor cores. They have them from compute capability 8.0 on.
enum class TensorFormat { kTf32, kBf16 };
void GemmOnTensorCores(TensorFormat format, const GemmCall &call);

}  // namespace needle::fast
