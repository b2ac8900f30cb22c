#include "../../fast/layer_norm.h"

#include <algorithm>
#include <cstring>

#include "../../ndarray_backend_cpu.h"
#include "../machine/threads.h"
#include "sequences_kernels.h"

namespace needle::fast {
namespace {

constexpr int64_t kElements = 8192;  // that one thread takes at least
constexpr int64_t kRows = 32;        // whose gradients of weight and bias are summed one after the other,
constexpr int64_t kMostParts = 64;   // more where there were more than so many such sums

}  // namespace

void LayerNorm(const float *x, const float *weight, const float *bias, float eps, int64_t rows,
               int64_t columns, float *out, float *means, float *inverses) {
  const SequenceKernels &kernels = SequenceKernelsHere();
  ParallelFor(rows, kElements / columns + 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      kernels.normalize(x + i * columns, weight, bias, eps, out + i * columns, means + i, inverses + i,
                        columns);
  });
}

// The rows are cut by their number alone, so that the sums do not depend on the number of threads.
void LayerNormGradient(const float *x, const float *weight, const float *out_grad, const float *means,
                       const float *inverses, int64_t rows, int64_t columns, float *x_grad,
                       float *weight_grad, float *bias_grad) {
  const SequenceKernels &kernels = SequenceKernelsHere();
  const int64_t each = std::max(kRows, (rows + kMostParts - 1) / kMostParts);
  const int64_t parts = (rows + each - 1) / each;
  const cpu::AlignedArray sums(static_cast<size_t>(2 * parts * columns));
  ParallelFor(parts, kElements / (each * columns) + 1, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; ++part) {
      float *sum = sums.ptr + 2 * part * columns;
      std::memset(sum, 0, static_cast<size_t>(2 * columns) * sizeof(float));
      for (int64_t i = part * each; i < std::min(rows, (part + 1) * each); ++i)
        kernels.normalize_backward(x + i * columns, weight, out_grad + i * columns, means[i], inverses[i],
                                   x_grad + i * columns, sum, sum + columns, columns);
    }
  });
  std::memset(weight_grad, 0, static_cast<size_t>(columns) * sizeof(float));
  std::memset(bias_grad, 0, static_cast<size_t>(columns) * sizeof(float));
  for (int64_t part = 0; part < parts; ++part) {
    kernels.scale_and_add(weight_grad, 1, sums.ptr + 2 * part * columns, columns);
    kernels.scale_and_add(bias_grad, 1, sums.ptr + (2 * part + 1) * columns, columns);
  }
}

}  // namespace needle::fast
