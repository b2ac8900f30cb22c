// Normalization of rows, compact and row-major, to mean 0 and variance 1. Each backend has its own.
#pragma once

#include <cstdint>

namespace needle::fast {

/// out = weight * (x - mean) * inverse + bias by rows, with inverse = 1 / sqrt(variance + eps).
///
/// `means` and `inverses` hold a number for each row, and are written.
void LayerNorm(const float *x, const float *weight, const float *bias, float eps, int64_t rows,
               int64_t columns, float *out, float *means, float *inverses);

/// Write the gradients of x, weight and bias, given that of out.
void LayerNormGradient(const float *x, const float *weight, const float *out_grad, const float *means,
                       const float *inverses, int64_t rows, int64_t columns, float *x_grad,
                       float *weight_grad, float *bias_grad);

}  // namespace needle::fast
