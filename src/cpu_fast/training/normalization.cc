#include "../../fast/normalization.h"

#include <algorithm>
#include <cmath>

#include "../../ndarray_backend_cpu.h"
#include "../machine/threads.h"
#include "normalization_kernels.h"

namespace needle::fast {
namespace {

constexpr int64_t kChunk = 4096;   // numbers that are read twice, so from the first cache
constexpr int64_t kGrain = 32768;  // numbers that are worth another thread

// Rows by the chunk: the same ones for any number of threads.
struct Chunks {
  Chunks(int64_t rows, int64_t n)
      : rows(rows), each(std::max<int64_t>(1, kChunk / std::max<int64_t>(1, n))), n(n) {}

  int64_t Count() const { return (rows + each - 1) / each; }
  int64_t RowsOf(int64_t chunk) const { return std::min(each, rows - chunk * each); }

  template <class F>
  void Share(F &&body) const {
    ParallelFor(Count(), kGrain / (each * std::max<int64_t>(1, n)) + 1, [&](int64_t begin, int64_t end) {
      for (int64_t chunk = begin; chunk < end; ++chunk) body(chunk, chunk * each * n, RowsOf(chunk));
    });
  }

  int64_t rows, each, n;
};

// A number for each column of each chunk, twice.
struct Pairs {
  explicit Pairs(const Chunks &chunks)
      : n(chunks.n), numbers(static_cast<size_t>(2 * chunks.Count() * chunks.n)) {}

  float *First(int64_t chunk) { return numbers.ptr + 2 * chunk * n; }
  float *Second(int64_t chunk) { return First(chunk) + n; }

  int64_t n;
  cpu::AlignedArray numbers;
};

// mean[j] and variance[j] = the mean and the biased variance of column j.
//
// The squares are those of differences from the mean of a few rows, so that little cancels. The result does
// not depend on the number of threads.
//
// Source: Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample
// Variances" (1979), for joining two sets' means and squares.
void ColumnMoments(const float *x, int64_t rows, int64_t n, float *mean, float *variance) {
  const NormalizationKernels &kernels = NormalizationKernelsHere();
  const Chunks chunks(rows, n);
  Pairs found(chunks);
  chunks.Share([&](int64_t chunk, int64_t at, int64_t some) {
    kernels.moments(x + at, some, n, found.First(chunk), found.Second(chunk));
  });
  for (int64_t j = 0; j < n; ++j) {
    double center = 0, squares = 0, seen = 0;
    for (int64_t chunk = 0; chunk < chunks.Count(); ++chunk) {
      const double some = static_cast<double>(chunks.RowsOf(chunk)), apart = found.First(chunk)[j] - center;
      squares += found.Second(chunk)[j] + apart * apart * seen * some / (seen + some);
      seen += some;
      center += apart * some / seen;
    }
    mean[j] = static_cast<float>(center);
    variance[j] = static_cast<float>(squares / seen);
  }
}

void Move(const float *running, const float *found, float momentum, int64_t n, float *moved) {
  for (int64_t j = 0; j < n; ++j) moved[j] = (1 - momentum) * running[j] + momentum * found[j];
}

}  // namespace

void NormalizeColumns(const float *x, int64_t rows, int64_t n, const float *weight, const float *bias,
                      float eps, float *out, float *mean, float *variance, const Running &running) {
  ColumnMoments(x, rows, n, mean, variance);
  Move(running.mean, mean, running.momentum, n, running.moved_mean);
  Move(running.variance, variance, running.momentum, n, running.moved_variance);
  const Chunks chunks(rows, n);
  const cpu::AlignedArray scale(static_cast<size_t>(n));
  for (int64_t j = 0; j < n; ++j) scale.ptr[j] = weight[j] / std::sqrt(variance[j] + eps);
  chunks.Share([&](int64_t, int64_t at, int64_t some) {
    NormalizationKernelsHere().normalize(x + at, some, n, mean, scale.ptr, bias, out + at);
  });
}

// With y = (x - mean) / root, root = sqrt(variance + eps), and sums over the rows:
// grad_x = weight / root * (grad - sum(grad) / rows - y * sum(grad * y) / rows)
void NormalizeColumnsGradient(const float *grad, const float *x, int64_t rows, int64_t n, const float *mean,
                              const float *variance, float eps, const float *weight, float *grad_x,
                              float *grad_weight, float *grad_bias) {
  const NormalizationKernels &kernels = NormalizationKernelsHere();
  const Chunks chunks(rows, n);
  Pairs sums(chunks);
  chunks.Share([&](int64_t chunk, int64_t at, int64_t some) {
    kernels.gradient_sums(grad + at, x + at, some, n, mean, sums.First(chunk), sums.Second(chunk));
  });
  const cpu::AlignedArray factors(static_cast<size_t>(3 * n));
  float *of_grad = factors.ptr, *of_x = of_grad + n, *term = of_x + n;
  for (int64_t j = 0; j < n; ++j) {
    double sum = 0, product = 0;  // of grad, and of grad * (x - mean)
    for (int64_t chunk = 0; chunk < chunks.Count(); ++chunk) {
      sum += sums.First(chunk)[j];
      product += sums.Second(chunk)[j];
    }
    const double square = static_cast<double>(variance[j]) + eps, scale = weight[j] / std::sqrt(square);
    grad_weight[j] = static_cast<float>(product / std::sqrt(square));
    grad_bias[j] = static_cast<float>(sum);
    of_grad[j] = static_cast<float>(scale);
    of_x[j] = static_cast<float>(-scale * product / square / static_cast<double>(rows));
    term[j] = static_cast<float>(-scale * sum / static_cast<double>(rows));
  }
  chunks.Share([&](int64_t, int64_t at, int64_t some) {
    kernels.gradient(grad + at, x + at, some, n, mean, of_grad, of_x, term, grad_x + at);
  });
}

}  // namespace needle::fast
