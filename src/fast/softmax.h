// The softmax loss of rows of logits, compact and row-major, and its gradient. Each backend has its own.
#pragma once

#include <cstdint>

namespace needle::fast {

/// loss[0] = the mean over the rows of log_sums[i] - x[i, labels[i]], log_sums[i] = log(sum_k exp(x[i, k])).
///
/// Whoever calls has checked that labels[i] is a whole number from 0 to classes - 1.
void SoftmaxLoss(const float *x, const float *labels, int64_t rows, int64_t classes, float *loss,
                 float *log_sums);

/// x_grad[i, k] = (exp(x[i, k] - log_sums[i]) - (1 if k is labels[i])) * loss_grad[0] / rows
void SoftmaxLossGradient(const float *x, const float *labels, const float *log_sums, const float *loss_grad,
                         int64_t rows, int64_t classes, float *x_grad);

}  // namespace needle::fast
