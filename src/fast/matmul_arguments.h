// What fast.matmul takes on any backend.
#pragma once

#include "arguments.h"

namespace needle::fast {

/// matmul(a, a_strides, a_offset, b, b_strides, b_offset, batch_shape, m, n, p): matrices of m x n and n x p,
/// as many as the batch has places.
template <class Backend>
struct MatmulArguments {
  ArrayView<typename Backend::Array> a, b;
  Dims batch;
  int64_t m, n, p;
  size_t count;  // of the products' numbers

  explicit MatmulArguments(ArgumentsFor<Backend> &in)
      : a(in.NextView("a", "a_strides", "a_offset")),
        b(in.NextView("b", "b_strides", "b_offset")),
        batch(in.NextDims("batch_shape")),
        m(in.NextInt("m")),
        n(in.NextInt("n")),
        p(in.NextInt("p")) {
    if (batch.size > kMostDims - 2)
      throw py::value_error(in.Where() + ": batch_shape has " + std::to_string(batch.size) +
                            " dimensions. Expected at most " + std::to_string(kMostDims - 2) +
                            ". Reshape the array first.");
    in.RequireView("a", a, ShapeOf(m, n));
    in.RequireView("b", b, ShapeOf(n, p));
    count = in.Count(ShapeOf(m, p));
  }

  /// Return the shape of matrices with their batch.
  Dims ShapeOf(int64_t rows, int64_t columns) const {
    Dims shape = batch;
    shape.at[shape.size++] = rows;
    shape.at[shape.size++] = columns;
    return shape;
  }
};

}  // namespace needle::fast
