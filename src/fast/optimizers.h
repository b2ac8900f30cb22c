// Steps of optimizers that read and write each number of a parameter once. What is new never lies where the
// old is: somebody may hold on to that. Each backend has its own.
#pragma once

#include <cstdint>

namespace needle::fast {

struct AdamStep {
  float decay;                       // of the parameter, added to its gradient
  float beta1, rest1, beta2, rest2;  // rest1 = 1 - beta1
  float rate, eps;                   // with the running means' corrections
};

struct SgdStep {
  float decay, momentum, rest, rate;  // rest = 1 - momentum
};

/// g' = g + decay * theta, m' = beta1 * m + rest1 * g', v' = beta2 * v + rest2 * g'^2,
/// theta' = theta - rate * m' / (sqrt(v') + eps)
void Adam(const AdamStep &step, int64_t size, const float *theta, const float *g, const float *m,
          const float *v, float *new_theta, float *new_m, float *new_v);

/// u' = momentum * u + rest * (g + decay * theta), theta' = theta - rate * u'
void Sgd(const SgdStep &step, int64_t size, const float *theta, const float *g, const float *u,
         float *new_theta, float *new_u);

}  // namespace needle::fast
