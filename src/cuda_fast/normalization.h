// Normalization of the columns of a table by their means and variances over its rows, as batch normalization
// does it. All arrays are compact and row-major.
#pragma once

#include <cstdint>

namespace needle::cuda_fast {

struct Running {
  const float *mean, *variance;        // before
  float momentum;                      // how much of the batch's goes into them
  float *moved_mean, *moved_variance;  // after
};

// out = (x - mean) / sqrt(variance + eps) * weight + bias, for each column of x (rows, columns).
//
// Writes the columns' means and variances too, and moves the running ones towards them.
void NormalizeColumns(const float *x, int64_t rows, int64_t columns, const float *weight, const float *bias,
                      float eps, float *out, float *mean, float *variance, const Running &running);

void NormalizeColumnsGradient(const float *grad, const float *x, int64_t rows, int64_t columns,
                              const float *mean, const float *variance, float eps, const float *weight,
                              float *grad_x, float *grad_weight, float *grad_bias);

}  // namespace needle::cuda_fast
