// Element-wise kernels over views of any strides, broadcast axes (stride 0) among them. Whoever calls has
// checked that every element of a view lies inside its array.
#pragma once

#include <cstdint>

#include "elementwise_kernels.h"

namespace needle::fast {

/// A view of a shape that is given beside it.
struct View {
  const float *first;  // its first element, which need not be the lowest
  const int64_t *strides;
};

/// out[i] = a[i] op b[i], where `out` is compact, row-major, and none of the operands.
void Apply(Op op, View a, View b, int ndim, const int64_t *shape, float *out);

/// out[i] = f(a[i]), where `out` is compact, row-major, and not a's.
void Apply(Function f, View a, int ndim, const int64_t *shape, float *out);

/// out[i] = a[i], where the two have no element in common, and `out` none twice.
void Copy(View a, float *out, const int64_t *out_strides, int ndim, const int64_t *shape);

}  // namespace needle::fast
