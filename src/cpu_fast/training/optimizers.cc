#include "../machine/threads.h"
#include "optimizers_kernels.h"

namespace needle::fast {
namespace {

constexpr int64_t kGrain = 16384;  // numbers that are worth another thread

}  // namespace

void Adam(const AdamStep &step, int64_t size, const float *theta, const float *g, const float *m,
          const float *v, float *new_theta, float *new_m, float *new_v) {
  ParallelFor(size, kGrain, [&](int64_t begin, int64_t end) {
    OptimizerKernelsHere().adam(step, end - begin, theta + begin, g + begin, m + begin, v + begin,
                                new_theta + begin, new_m + begin, new_v + begin);
  });
}

void Sgd(const SgdStep &step, int64_t size, const float *theta, const float *g, const float *u,
         float *new_theta, float *new_u) {
  ParallelFor(size, kGrain, [&](int64_t begin, int64_t end) {
    OptimizerKernelsHere().sgd(step, end - begin, theta + begin, g + begin, u + begin, new_theta + begin,
                               new_u + begin);
  });
}

}  // namespace needle::fast
