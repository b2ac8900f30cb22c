// Normalization of the columns of a table by their means and variances over its rows, as batch normalization
// does it. All arrays are compact and row-major. Each backend has its own.
#pragma once

#include <cstdint>

namespace needle::fast {

/// The running means and variances, before and after: (1 - momentum) * before + momentum * the batch's.
struct Running {
  const float *mean, *variance;
  float momentum;
  float *moved_mean, *moved_variance;
};

/// out = (x - mean) / sqrt(variance + eps) * weight + bias, for each column of x (rows, columns).
///
/// Writes the columns' means and biased variances too, and the running ones moved. rows >= 1.
void NormalizeColumns(const float *x, int64_t rows, int64_t columns, const float *weight, const float *bias,
                      float eps, float *out, float *mean, float *variance, const Running &running);

/// Pull the gradient of NormalizeColumns' result back to x, weight and bias, where mean and variance are x's.
void NormalizeColumnsGradient(const float *grad, const float *x, int64_t rows, int64_t columns,
                              const float *mean, const float *variance, float eps, const float *weight,
                              float *grad_x, float *grad_weight, float *grad_bias);

}  // namespace needle::fast
