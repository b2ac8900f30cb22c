// fast.reduce_sum and fast.reduce_max.
#include "../fast/reduction_arguments.h"
#include "arguments.h"
#include "bind.h"
#include "reductions.h"

namespace needle::fast {

namespace {

template <Reduction reduction>
PyObject *ComputeReduction(Arguments &in) {
  const ReductionArguments of(in);
  auto out = std::make_unique<cuda::CudaArray>(of.out_count);
  if (out->size == 0) return GiveArray(std::move(out));
  if (reduction == Reduction::kMax) of.RequireElements(in);
  ReductionCall call = {{}, {}, of.a.First(), out->ptr};
  for (int axis = 0; axis < of.a.shape.size; ++axis)
    (of.reduced[axis] ? call.reduced : call.kept).Append(of.a.shape.at[axis], {of.a.strides.at[axis]});
  Reduce(reduction, call);
  return GiveArray(std::move(out));
}

}  // namespace

void BindReductions(py::module_ &fast) {
  DefineFast<ComputeReduction<Reduction::kSum>, 5>(fast, "reduce_sum");
  DefineFast<ComputeReduction<Reduction::kMax>, 5>(fast, "reduce_max");
}

}  // namespace needle::fast
