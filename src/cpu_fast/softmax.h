// The softmax loss of rows of logits, compact and row-major, and its gradient.
#pragma once

#include <cstdint>

namespace needle::fast {

/// Return the mean over the rows of log(sum_k exp(x[i, k])) - x[i, labels[i]], and write the logarithms.
///
/// Whoever calls has checked that labels[i] is a whole number from 0 to classes - 1.
float SoftmaxLoss(const float *x, const float *labels, int64_t rows, int64_t classes, float *log_sums);

/// x_grad[i, k] = (exp(x[i, k] - log_sums[i]) - (1 if k is labels[i])) * scale
void SoftmaxLossGradient(const float *x, const float *labels, const float *log_sums, float scale,
                         int64_t rows, int64_t classes, float *x_grad);

}  // namespace needle::fast
