// The softmax loss of rows of logits, and its gradient. All arrays are compact and row-major.
#pragma once

#include <cstdint>

namespace needle::cuda_fast {

// loss[0] = the mean over rows of log_sums[i] - x[i, labels[i]], log_sums[i] = log(sum_j exp(x[i, j])). The
// labels are whole numbers below `classes`.
void SoftmaxLoss(const float *x, const float *labels, int64_t rows, int64_t classes, float *loss,
                 float *log_sums);

// x_grad[i, j] = (exp(x[i, j] - log_sums[i]) - (j == labels[i])) * loss_grad[0] / rows
void SoftmaxLossGradient(const float *x, const float *labels, const float *log_sums, const float *loss_grad,
                         int64_t rows, int64_t classes, float *x_grad);

}  // namespace needle::cuda_fast
