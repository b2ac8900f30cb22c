// A warp for each row; the gradients of weight and bias are sums over columns.
#include "../fast/layer_norm.h"
#include "column_sums.cuh"
#include "lanes.cuh"
#include "launch.h"

namespace needle::fast {

namespace {

constexpr int kThreads = 256, kRows = kThreads / kLanes;

__global__ void __launch_bounds__(kThreads)
    NormalizeKernel(const float *x, const float *weight, const float *bias, float eps, int64_t rows,
                    int64_t columns, float *out, float *means, float *inverses) {
  const int64_t row = static_cast<int64_t>(blockIdx.x) * kRows + threadIdx.x / kLanes, first = row * columns;
  const int lane = threadIdx.x % kLanes;
  if (row >= rows) return;  // with its whole warp
  float sum = 0, squares = 0;
  for (int64_t j = lane; j < columns; j += kLanes) sum += x[first + j];
  const float mean = SumOfLanes(sum) / static_cast<float>(columns);
  for (int64_t j = lane; j < columns; j += kLanes) {
    const float centered = x[first + j] - mean;
    squares += centered * centered;
  }
  const float inverse = 1 / sqrtf(SumOfLanes(squares) / static_cast<float>(columns) + eps);
  for (int64_t j = lane; j < columns; j += kLanes)
    out[first + j] = (x[first + j] - mean) * inverse * weight[j] + bias[j];
  if (lane == 0) {
    means[row] = mean;
    inverses[row] = inverse;
  }
}

// With y = (x - mean) * inverse and g = out_grad * weight, x's gradient is
// inverse * (g - mean(g) - y * mean(g * y)).
__global__ void __launch_bounds__(kThreads)
    GradientKernel(const float *x, const float *weight, const float *out_grad, const float *means,
                   const float *inverses, int64_t rows, int64_t columns, float *x_grad) {
  const int64_t row = static_cast<int64_t>(blockIdx.x) * kRows + threadIdx.x / kLanes, first = row * columns;
  const int lane = threadIdx.x % kLanes;
  if (row >= rows) return;
  const float mean = means[row], inverse = inverses[row];
  float sum = 0, product = 0;
  for (int64_t j = lane; j < columns; j += kLanes) {
    const float g = out_grad[first + j] * weight[j];
    sum += g;
    product += g * (x[first + j] - mean) * inverse;
  }
  const float mean_g = SumOfLanes(sum) / static_cast<float>(columns);
  const float mean_product = SumOfLanes(product) / static_cast<float>(columns);
  for (int64_t j = lane; j < columns; j += kLanes) {
    const float y = (x[first + j] - mean) * inverse, g = out_grad[first + j] * weight[j];
    x_grad[first + j] = (g - mean_g - y * mean_product) * inverse;
  }
}

struct WeightTerms {
  const float *x, *out_grad, *means, *inverses;
  int64_t columns;
  __device__ void operator()(int64_t row, int64_t column, float *first, float *second) const {
    const float g = out_grad[row * columns + column];
    *first += g * (x[row * columns + column] - means[row]) * inverses[row];
    *second += g;
  }
};

struct KeepSums {
  float *first, *second;
  __device__ void operator()(int64_t column, double one, double other) const {
    first[column] = static_cast<float>(one);
    second[column] = static_cast<float>(other);
  }
};

}  // namespace

void LayerNorm(const float *x, const float *weight, const float *bias, float eps, int64_t rows,
               int64_t columns, float *out, float *means, float *inverses) {
  Launch("LayerNorm", NormalizeKernel, dim3(BlocksFor(rows, kRows)), dim3(kThreads), 0, x, weight, bias, eps,
         rows, columns, out, means, inverses);
}

void LayerNormGradient(const float *x, const float *weight, const float *out_grad, const float *means,
                       const float *inverses, int64_t rows, int64_t columns, float *x_grad,
                       float *weight_grad, float *bias_grad) {
  Launch("LayerNormGradient", GradientKernel, dim3(BlocksFor(rows, kRows)), dim3(kThreads), 0, x, weight,
         out_grad, means, inverses, rows, columns, x_grad);
  SumColumns("LayerNormGradient of weight and bias", rows, columns,
             WeightTerms{x, out_grad, means, inverses, columns}, KeepSums{weight_grad, bias_grad});
}

}  // namespace needle::fast
