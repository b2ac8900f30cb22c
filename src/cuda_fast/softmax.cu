// A block for each row of logits, and one block for the mean of all rows' losses.
#include <cmath>

#include "../fast/softmax.h"
#include "lanes.cuh"
#include "launch.h"

namespace needle::fast {

namespace {

constexpr int kThreads = 256;
constexpr int kWarps = kThreads / kLanes;

__global__ void __launch_bounds__(kThreads)
    LogSumExpKernel(const float *x, int64_t classes, float *log_sums) {
  __shared__ float shared[kWarps];
  const float *row = x + blockIdx.x * classes;
  float largest = -INFINITY;
  for (int64_t j = threadIdx.x; j < classes; j += kThreads) largest = fmaxf(largest, row[j]);
  largest = MaxOfBlock<kThreads>(largest, shared);
  const float shift = largest == -INFINITY ? 0.0f : largest;
  float sum = 0;
  for (int64_t j = threadIdx.x; j < classes; j += kThreads) sum += expf(row[j] - shift);
  sum = SumOfBlock<kThreads>(sum, shared);
  if (threadIdx.x == 0) log_sums[blockIdx.x] = shift + logf(sum);
}

__global__ void __launch_bounds__(kThreads)
    MeanLossKernel(const float *x, const float *labels, const float *log_sums, int64_t rows, int64_t classes,
                   float *loss) {
  __shared__ double shared[kWarps];
  double sum = 0;
  for (int64_t i = threadIdx.x; i < rows; i += kThreads)
    sum += static_cast<double>(log_sums[i]) - x[i * classes + static_cast<int64_t>(labels[i])];
  sum = SumOfBlock<kThreads>(sum, shared);
  if (threadIdx.x == 0) *loss = static_cast<float>(sum / static_cast<double>(rows));
}

__global__ void __launch_bounds__(kThreads)
    GradientKernel(const float *x, const float *labels, const float *log_sums, const float *loss_grad,
                   int64_t classes, float *x_grad) {
  const int64_t first = blockIdx.x * classes, label = static_cast<int64_t>(labels[blockIdx.x]);
  const float log_sum = log_sums[blockIdx.x], scale = *loss_grad / static_cast<float>(gridDim.x);
  for (int64_t j = threadIdx.x; j < classes; j += kThreads)
    x_grad[first + j] = expf(x[first + j] - log_sum) * scale - (j == label ? scale : 0.0f);
}

}  // namespace

void SoftmaxLoss(const float *x, const float *labels, int64_t rows, int64_t classes, float *loss,
                 float *log_sums) {
  Launch("SoftmaxLoss", LogSumExpKernel, dim3(BlocksFor(rows, 1)), dim3(kThreads), 0, x, classes, log_sums);
  Launch("SoftmaxLoss's mean", MeanLossKernel, dim3(1), dim3(kThreads), 0, x, labels, log_sums, rows, classes,
         loss);
}

void SoftmaxLossGradient(const float *x, const float *labels, const float *log_sums, const float *loss_grad,
                         int64_t rows, int64_t classes, float *x_grad) {
  Launch("SoftmaxLossGradient", GradientKernel, dim3(BlocksFor(rows, 1)), dim3(kThreads), 0, x, labels,
         log_sums, loss_grad, classes, x_grad);
}

}  // namespace needle::fast
