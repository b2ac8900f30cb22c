// fast.reduce_sum and fast.reduce_max.
#include "arguments.h"
#include "bind.h"
#include "reductions.h"

namespace needle::cuda_fast {

namespace {

// Mark the axes, which must be sorted, each once.
void MarkAxes(const Arguments &in, const Dims &axes, int ndim, bool *reduced) {
  for (int axis = 0; axis < ndim; ++axis) reduced[axis] = false;
  for (int i = 0; i < axes.size; ++i) {
    if (axes.at[i] < (i == 0 ? 0 : axes.at[i - 1] + 1) || axes.at[i] >= ndim)
      throw py::value_error(in.Where() + ": axes holds " + std::to_string(axes.at[i]) + " at place " +
                            std::to_string(i) + ". Expected axes from 0 to " + std::to_string(ndim - 1) +
                            ", rising. Sort them, each once.");
    reduced[axes.at[i]] = true;
  }
}

template <Reduction reduction>
PyObject *ComputeReduction(Arguments &in) {
  cuda::CudaArray &a = in.NextArray("a");
  RecordUse(a.ptr);
  const Dims shape = in.NextDims("shape"), strides = in.NextDims("strides");
  const int64_t offset = in.NextInt("offset");
  const Dims axes = in.NextDims("axes");
  in.RequireView("a", a, shape, strides, offset);
  bool reduced[kMostDims];
  MarkAxes(in, axes, shape.size, reduced);
  ReductionCall call = {{}, {}, a.ptr + offset, nullptr};
  for (int axis = 0; axis < shape.size; ++axis)
    (reduced[axis] ? call.reduced : call.kept).Append(shape.at[axis], {strides.at[axis]});
  Dims kept = {call.kept.axes, {}};
  for (int axis = 0; axis < kept.size; ++axis) kept.at[axis] = call.kept.shape[axis];
  auto out = std::make_unique<cuda::CudaArray>(in.Count(kept));
  if (out->size == 0) return GiveArray(std::move(out));
  if (reduction == Reduction::kMax && in.Count(shape) == 0)
    throw py::value_error(in.Where() +
                          ": there is no maximum over an axis that holds nothing. Expected an "
                          "array with elements. Check its shape.");
  call.out = out->ptr;
  Reduce(reduction, call);
  return GiveArray(std::move(out));
}

}  // namespace

void BindReductions(py::module_ &fast) {
  DefineFast<ComputeReduction<Reduction::kSum>, 5>(fast, "reduce_sum");
  DefineFast<ComputeReduction<Reduction::kMax>, 5>(fast, "reduce_max");
}

}  // namespace needle::cuda_fast
