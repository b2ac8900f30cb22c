#include "../../fast/linear.h"

#include <algorithm>

#include "../gemm/gemm.h"
#include "../machine/threads.h"
#include "sequences_kernels.h"

namespace needle::fast {
namespace {

constexpr int64_t kElements = 16384;  // that one thread takes at least
constexpr int64_t kRows = 48;         // multiplied at a time, so that they are still near when bias comes,
constexpr int64_t kStaysInCache = 1 << 17;  // by a weight that is not packed again each time

}  // namespace

void Linear(int64_t rows, int64_t n, int64_t p, const float *x, const float *weight, const float *bias,
            float *out) {
  const SequenceKernels &kernels = SequenceKernelsHere();
  const bool at_once = n * p > kStaysInCache || rows < 2 * kRows;
  if (at_once) Gemm(rows, n, p, x, n, 1, weight, p, 1, out, p);
  ParallelFor(rows, at_once ? kElements / p + 1 : kRows, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row += kRows) {
      const int64_t some = std::min(kRows, end - row);
      if (!at_once) Gemm(some, n, p, x + row * n, n, 1, weight, p, 1, out + row * p, p);
      for (int64_t i = row; i < row + some; ++i) kernels.scale_and_add(out + i * p, 1, bias, p);
    }
  });
}

}  // namespace needle::fast
