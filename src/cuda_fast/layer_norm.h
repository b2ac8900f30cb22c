// Normalization of each row by its mean and variance. All arrays are compact and row-major.
#pragma once

#include <cstdint>

namespace needle::cuda_fast {

// out = (x - means) * inverses * weight + bias, with inverses = 1 / sqrt(variance + eps), for each row.
void LayerNorm(const float *x, const float *weight, const float *bias, float eps, int64_t rows,
               int64_t columns, float *out, float *means, float *inverses);

void LayerNormGradient(const float *x, const float *weight, const float *out_grad, const float *means,
                       const float *inverses, int64_t rows, int64_t columns, float *x_grad,
                       float *weight_grad, float *bias_grad);

}  // namespace needle::cuda_fast
