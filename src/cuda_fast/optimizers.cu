// A thread for each number.
#include "../fast/optimizers.h"
#include "launch.h"

namespace needle::fast {

namespace {

constexpr int kThreads = 256;

__global__ void __launch_bounds__(kThreads)
    AdamKernel(AdamStep step, int64_t size, const float *theta, const float *grad, const float *m,
               const float *v, float *new_theta, float *new_m, float *new_v) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= size) return;
  const float g = grad[i] + step.decay * theta[i];
  const float mean = step.beta1 * m[i] + step.rest1 * g, square = step.beta2 * v[i] + step.rest2 * (g * g);
  new_m[i] = mean;
  new_v[i] = square;
  new_theta[i] = theta[i] - step.rate * mean / (sqrtf(square) + step.eps);
}

__global__ void __launch_bounds__(kThreads)
    SgdKernel(SgdStep step, int64_t size, const float *theta, const float *grad, const float *u,
              float *new_theta, float *new_u) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= size) return;
  const float mean = step.momentum * u[i] + step.rest * (grad[i] + step.decay * theta[i]);
  new_u[i] = mean;
  new_theta[i] = theta[i] - step.rate * mean;
}

}  // namespace

void Adam(const AdamStep &step, int64_t size, const float *theta, const float *g, const float *m,
          const float *v, float *new_theta, float *new_m, float *new_v) {
  Launch("Adam", AdamKernel, dim3(BlocksFor(size, kThreads)), dim3(kThreads), 0, step, size, theta, g, m, v,
         new_theta, new_m, new_v);
}

void Sgd(const SgdStep &step, int64_t size, const float *theta, const float *g, const float *u,
         float *new_theta, float *new_u) {
  Launch("Sgd", SgdKernel, dim3(BlocksFor(size, kThreads)), dim3(kThreads), 0, step, size, theta, g, u,
         new_theta, new_u);
}

}  // namespace needle::fast
