// Batch normalization of rows: each of `n` columns over all rows.
#pragma once

#include <cstdint>

namespace needle::fast {

/// mean[j] and variance[j] = the mean and the biased variance of column j of x (rows x n); rows >= 1.
///
/// The squares are those of differences from the mean of a few rows, so that little cancels. The result does
/// not depend on the number of threads.
void ColumnMoments(const float *x, int64_t rows, int64_t n, float *mean, float *variance);

/// out = (x - mean) * weight / sqrt(variance + eps) + bias
void NormalizeColumns(const float *x, int64_t rows, int64_t n, const float *mean, const float *variance,
                      float eps, const float *weight, const float *bias, float *out);

/// Pull the gradient of NormalizeColumns' result back to x, weight and bias, where mean and variance are x's.
void NormalizeColumnsGradient(const float *grad, const float *x, int64_t rows, int64_t n, const float *mean,
                              const float *variance, float eps, const float *weight, float *grad_x,
                              float *grad_weight, float *grad_bias);

}  // namespace needle::fast
