// optimizers_kernels.h's steps, for the vectors of simd.inl, which is included before.

static inline void AdamVector(const AdamStep &step, V theta, V g, V *m, V *v, V *new_theta) {
  g += Splat(step.decay) * theta;
  *m = Splat(step.beta1) * *m + Splat(step.rest1) * g;
  *v = Splat(step.beta2) * *v + Splat(step.rest2) * (g * g);
  *new_theta = theta - Splat(step.rate) * *m / (SquareRoot(*v) + Splat(step.eps));
}

static void Adam(const AdamStep &step, int64_t n, const float *theta, const float *g, const float *m,
                 const float *v, float *new_theta, float *new_m, float *new_v) {
  int64_t i = 0;
  for (; i + kWidth <= n; i += kWidth) {
    V mean = Load(m + i), square = Load(v + i), moved;
    AdamVector(step, Load(theta + i), Load(g + i), &mean, &square, &moved);
    Store(new_m + i, mean);
    Store(new_v + i, square);
    Store(new_theta + i, moved);
  }
  if (i == n) return;
  V mean = LoadPart(m + i, n - i), square = LoadPart(v + i, n - i), moved;
  AdamVector(step, LoadPart(theta + i, n - i), LoadPart(g + i, n - i), &mean, &square, &moved);
  StorePart(new_m + i, mean, n - i);
  StorePart(new_v + i, square, n - i);
  StorePart(new_theta + i, moved, n - i);
}

static inline void SgdVector(const SgdStep &step, V theta, V g, V *u, V *new_theta) {
  *u = Splat(step.momentum) * *u + Splat(step.rest) * (g + Splat(step.decay) * theta);
  *new_theta = theta - Splat(step.rate) * *u;
}

static void Sgd(const SgdStep &step, int64_t n, const float *theta, const float *g, const float *u,
                float *new_theta, float *new_u) {
  int64_t i = 0;
  for (; i + kWidth <= n; i += kWidth) {
    V mean = Load(u + i), moved;
    SgdVector(step, Load(theta + i), Load(g + i), &mean, &moved);
    Store(new_u + i, mean);
    Store(new_theta + i, moved);
  }
  if (i == n) return;
  V mean = LoadPart(u + i, n - i), moved;
  SgdVector(step, LoadPart(theta + i, n - i), LoadPart(g + i, n - i), &mean, &moved);
  StorePart(new_u + i, mean, n - i);
  StorePart(new_theta + i, moved, n - i);
}

constexpr OptimizerKernels kOptimizers = {Adam, Sgd};
