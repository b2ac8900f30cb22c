// What fast.reduce_sum and fast.reduce_max take on any backend.
#pragma once

#include "arguments.h"

namespace needle::fast {

/// (a, shape, strides, offset, axes): a view, and those of its axes that are summed up, in rising order.
template <class Backend>
struct ReductionArguments {
  ShapedView<typename Backend::Array> a;
  bool reduced[kMostDims];  // of each axis of the view
  Dims kept = {};           // the lengths of the others
  size_t count;             // of the view's elements
  size_t out_count;

  explicit ReductionArguments(ArgumentsFor<Backend> &in) : a(in.NextShapedView()) {
    MarkReduced(in, in.NextDims("axes"));
    for (int axis = 0; axis < a.shape.size; ++axis)
      if (!reduced[axis]) kept.at[kept.size++] = a.shape.at[axis];
    count = in.Count(a.shape);
    out_count = in.Count(kept);
  }

  /// Throw where a maximum has nothing to be the maximum of.
  void RequireElements(const ArgumentsFor<Backend> &in) const {
    if (count == 0 && out_count > 0)
      throw py::value_error(in.Where() +
                            ": there is no maximum over an axis that holds nothing. Expected an "
                            "array with elements. Check its shape.");
  }

 private:
  void MarkReduced(const ArgumentsFor<Backend> &in, const Dims &axes) {
    const int ndim = a.shape.size;
    for (int axis = 0; axis < ndim; ++axis) reduced[axis] = false;
    for (int i = 0; i < axes.size; ++i) {
      if (axes.at[i] < (i == 0 ? 0 : axes.at[i - 1] + 1) || axes.at[i] >= ndim)
        throw py::value_error(in.Where() + ": axes holds " + std::to_string(axes.at[i]) + " at place " +
                              std::to_string(i) + ". Expected axes from 0 to " + std::to_string(ndim - 1) +
                              ", rising. Sort them, each once.");
      reduced[axes.at[i]] = true;
    }
  }
};

}  // namespace needle::fast
