#include "../fast/linear.h"

#include "elementwise.h"
#include "gemm.h"

namespace needle::fast {

void Linear(int64_t rows, int64_t n, int64_t p, const float *x, const float *weight, const float *bias,
            float *out) {
  Gemm({{}, rows, n, p, x, weight, {n, 1}, {p, 1}, out});
  ElementwiseCall add = {{}, out, {out, 0}, {bias, 0}};
  add.views.Append(rows, {p, p, 0});
  add.views.Append(p, {1, 1, 1});
  Elementwise(Operation::kAdd, add);
}

}  // namespace needle::fast
