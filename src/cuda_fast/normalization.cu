// Means first, then variances as sums of squares of what is centered: two passes, which lose no digits.
#include "../fast/normalization.h"
#include "allocator.h"
#include "column_sums.cuh"
#include "launch.h"

namespace needle::fast {

namespace {

struct Numbers {
  const float *x;
  int64_t columns;
  __device__ void operator()(int64_t row, int64_t column, float *first, float *) const {
    *first += x[row * columns + column];
  }
};

struct KeepMean {
  float *mean;
  int64_t rows;
  __device__ void operator()(int64_t column, double sum, double) const {
    mean[column] = static_cast<float>(sum / static_cast<double>(rows));
  }
};

struct Squares {
  const float *x, *mean;
  int64_t columns;
  __device__ void operator()(int64_t row, int64_t column, float *first, float *second) const {
    const float centered = x[row * columns + column] - mean[column];
    *first += centered;
    *second += centered * centered;
  }
};

// The sum of what is centered is what the rounding of the mean left.
struct KeepMoments {
  float *mean, *variance;
  Running running;
  int64_t rows;

  __device__ void operator()(int64_t column, double left, double squares) const {
    const double rest = left / static_cast<double>(rows), momentum = running.momentum;
    mean[column] = static_cast<float>(mean[column] + rest);
    variance[column] = static_cast<float>(squares / static_cast<double>(rows) - rest * rest);
    running.moved_mean[column] =
        static_cast<float>((1 - momentum) * running.mean[column] + momentum * mean[column]);
    running.moved_variance[column] =
        static_cast<float>((1 - momentum) * running.variance[column] + momentum * variance[column]);
  }
};

__global__ void NormalizeKernel(const float *x, int64_t rows, int64_t columns, const float *mean,
                                const float *variance, float eps, const float *weight, const float *bias,
                                float *out) {
  const int64_t column = static_cast<int64_t>(blockIdx.x) * kColumnLanes + threadIdx.x;
  if (column >= columns) return;
  const float middle = mean[column], scale = weight[column] / sqrtf(variance[column] + eps);
  const float shift = bias[column];
  for (int64_t row = static_cast<int64_t>(blockIdx.y) * kRowLanes + threadIdx.y; row < rows;
       row += static_cast<int64_t>(gridDim.y) * kRowLanes)
    out[row * columns + column] = (x[row * columns + column] - middle) * scale + shift;
}

struct GradientTerms {
  const float *grad, *x, *mean;
  int64_t columns;
  __device__ void operator()(int64_t row, int64_t column, float *first, float *second) const {
    const float g = grad[row * columns + column];
    *first += g;
    *second += g * (x[row * columns + column] - mean[column]);
  }
};

// What the gradient of x takes of each column: of_grad * grad + of_x * (x - mean) + term.
struct Factors {
  float *of_grad, *of_x, *term;
};

struct KeepGradients {
  const float *variance, *weight;
  float eps;
  int64_t rows;
  float *grad_weight, *grad_bias;
  Factors factors;

  __device__ void operator()(int64_t column, double sum, double product) const {
    const double square = static_cast<double>(variance[column]) + eps, scale = weight[column] / sqrt(square);
    grad_weight[column] = static_cast<float>(product / sqrt(square));
    grad_bias[column] = static_cast<float>(sum);
    factors.of_grad[column] = static_cast<float>(scale);
    factors.of_x[column] = static_cast<float>(-scale * product / square / static_cast<double>(rows));
    factors.term[column] = static_cast<float>(-scale * sum / static_cast<double>(rows));
  }
};

__global__ void GradientKernel(const float *grad, const float *x, int64_t rows, int64_t columns,
                               const float *mean, Factors factors, float *grad_x) {
  const int64_t column = static_cast<int64_t>(blockIdx.x) * kColumnLanes + threadIdx.x;
  if (column >= columns) return;
  const float middle = mean[column], of_grad = factors.of_grad[column], of_x = factors.of_x[column];
  const float term = factors.term[column];
  for (int64_t row = static_cast<int64_t>(blockIdx.y) * kRowLanes + threadIdx.y; row < rows;
       row += static_cast<int64_t>(gridDim.y) * kRowLanes) {
    const int64_t at = row * columns + column;
    grad_x[at] = of_grad * grad[at] + of_x * (x[at] - middle) + term;
  }
}

}  // namespace

void NormalizeColumns(const float *x, int64_t rows, int64_t columns, const float *weight, const float *bias,
                      float eps, float *out, float *mean, float *variance, const Running &running) {
  SumColumns("NormalizeColumns's means", rows, columns, Numbers{x, columns}, KeepMean{mean, rows});
  SumColumns("NormalizeColumns's variances", rows, columns, Squares{x, mean, columns},
             KeepMoments{mean, variance, running, rows});
  Launch("NormalizeColumns", NormalizeKernel, BlocksOfColumns(rows, columns), dim3(kColumnLanes, kRowLanes),
         0, x, rows, columns, mean, variance, eps, weight, bias, out);
}

void NormalizeColumnsGradient(const float *grad, const float *x, int64_t rows, int64_t columns,
                              const float *mean, const float *variance, float eps, const float *weight,
                              float *grad_x, float *grad_weight, float *grad_bias) {
  const Temporary memory(static_cast<size_t>(3 * columns) * sizeof(float));
  float *numbers = memory.Floats();
  const Factors factors = {numbers, numbers + columns, numbers + 2 * columns};
  SumColumns("NormalizeColumnsGradient's sums", rows, columns, GradientTerms{grad, x, mean, columns},
             KeepGradients{variance, weight, eps, rows, grad_weight, grad_bias, factors});
  Launch("NormalizeColumnsGradient", GradientKernel, BlocksOfColumns(rows, columns),
         dim3(kColumnLanes, kRowLanes), 0, grad, x, rows, columns, mean, factors, grad_x);
}

}  // namespace needle::fast
