// normalization_kernels.h's loops, for simd.inl's vectors.

#include "../machine/simd.inl"

constexpr int kAbreast = 4;  // vectors of a row whose sums stay in registers

// The vector of a row at j, of which `count` numbers are wanted.
static inline V At(const float *row, int64_t j, int64_t count) {
  return count >= kWidth ? Load(row + j) : LoadPart(row + j, count);
}

static inline void Put(float *row, int64_t j, int64_t count, V v) {
  count >= kWidth ? Store(row + j, v) : StorePart(row + j, v, count);
}

// Call columns(j, vectors, count) for pieces of a row: of kAbreast vectors, of one, and of a part of one.
template <class Columns>
static inline void EachColumns(int64_t n, Columns columns) {
  int64_t j = 0;
  for (; j + kAbreast * kWidth <= n; j += kAbreast * kWidth) columns.template Run<kAbreast>(j, kWidth);
  for (; j + 2 * kWidth <= n; j += 2 * kWidth) columns.template Run<2>(j, kWidth);
  for (; j < n; j += kWidth) columns.template Run<1>(j, n - j);
}

struct MomentsOf {
  const float *x;
  int64_t rows, n;
  float *mean, *squares;

  template <int vectors>
  inline void Run(int64_t j, int64_t count) const {
    V sum[vectors] = {}, middle[vectors];
    for (int64_t i = 0; i < rows; ++i)
      for (int k = 0; k < vectors; ++k) sum[k] += At(x + i * n, j + k * kWidth, count);
    for (int k = 0; k < vectors; ++k) {
      middle[k] = sum[k] / Splat(static_cast<float>(rows));
      sum[k] = V{};
      Put(mean, j + k * kWidth, count, middle[k]);
    }
    for (int64_t i = 0; i < rows; ++i)
      for (int k = 0; k < vectors; ++k) {
        const V centered = At(x + i * n, j + k * kWidth, count) - middle[k];
        sum[k] += centered * centered;
      }
    for (int k = 0; k < vectors; ++k) Put(squares, j + k * kWidth, count, sum[k]);
  }
};

static void Moments(const float *x, int64_t rows, int64_t n, float *mean, float *squares) {
  EachColumns(n, MomentsOf{x, rows, n, mean, squares});
}

struct NormalizeOf {
  const float *x;
  int64_t rows, n;
  const float *mean, *scale, *shift;
  float *out;

  template <int vectors>
  inline void Run(int64_t j, int64_t count) const {
    V middle[vectors], factor[vectors], term[vectors];
    for (int k = 0; k < vectors; ++k) {
      middle[k] = At(mean, j + k * kWidth, count);
      factor[k] = At(scale, j + k * kWidth, count);
      term[k] = At(shift, j + k * kWidth, count);
    }
    for (int64_t i = 0; i < rows; ++i)
      for (int k = 0; k < vectors; ++k) {
        const V centered = At(x + i * n, j + k * kWidth, count) - middle[k];
        Put(out + i * n, j + k * kWidth, count, centered * factor[k] + term[k]);
      }
  }
};

static void Normalize(const float *x, int64_t rows, int64_t n, const float *mean, const float *scale,
                      const float *shift, float *out) {
  EachColumns(n, NormalizeOf{x, rows, n, mean, scale, shift, out});
}

struct GradientSumsOf {
  const float *g, *x;
  int64_t rows, n;
  const float *mean;
  float *sum, *product;

  template <int vectors>
  inline void Run(int64_t j, int64_t count) const {
    V total[vectors] = {}, weighted[vectors] = {}, middle[vectors];
    for (int k = 0; k < vectors; ++k) middle[k] = At(mean, j + k * kWidth, count);
    for (int64_t i = 0; i < rows; ++i)
      for (int k = 0; k < vectors; ++k) {
        const V grad = At(g + i * n, j + k * kWidth, count);
        total[k] += grad;
        weighted[k] += grad * (At(x + i * n, j + k * kWidth, count) - middle[k]);
      }
    for (int k = 0; k < vectors; ++k) {
      Put(sum, j + k * kWidth, count, total[k]);
      Put(product, j + k * kWidth, count, weighted[k]);
    }
  }
};

static void GradientSums(const float *g, const float *x, int64_t rows, int64_t n, const float *mean,
                         float *sum, float *product) {
  EachColumns(n, GradientSumsOf{g, x, rows, n, mean, sum, product});
}

struct GradientOf {
  const float *g, *x;
  int64_t rows, n;
  const float *mean, *a, *b, *c;
  float *out;

  template <int vectors>
  inline void Run(int64_t j, int64_t count) const {
    V middle[vectors], of_g[vectors], of_x[vectors], term[vectors];
    for (int k = 0; k < vectors; ++k) {
      middle[k] = At(mean, j + k * kWidth, count);
      of_g[k] = At(a, j + k * kWidth, count);
      of_x[k] = At(b, j + k * kWidth, count);
      term[k] = At(c, j + k * kWidth, count);
    }
    for (int64_t i = 0; i < rows; ++i)
      for (int k = 0; k < vectors; ++k) {
        const int64_t at = j + k * kWidth;
        const V centered = At(x + i * n, at, count) - middle[k];
        Put(out + i * n, at, count, of_g[k] * At(g + i * n, at, count) + of_x[k] * centered + term[k]);
      }
  }
};

static void Gradient(const float *g, const float *x, int64_t rows, int64_t n, const float *mean,
                     const float *a, const float *b, const float *c, float *out) {
  EachColumns(n, GradientOf{g, x, rows, n, mean, a, b, c, out});
}

constexpr NormalizationKernels kNormalization = {Moments, Normalize, GradientSums, Gradient};
