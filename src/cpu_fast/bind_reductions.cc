// fast.reduce_sum and fast.reduce_max.
#include "arguments.h"
#include "bind.h"
#include "reductions.h"
#include "unlocked.h"

namespace needle::fast {

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
PyObject *ApplyReduction(Arguments &in) {
  const cpu::AlignedArray &a = in.NextArray("a");
  const Dims shape = in.NextDims("shape"), strides = in.NextDims("strides");
  const int64_t offset = in.NextInt("offset");
  const Dims axes = in.NextDims("axes");
  in.RequireView("a", a, shape, strides, offset);
  bool reduced[kMostDims];
  MarkAxes(in, axes, shape.size, reduced);
  Dims kept;
  kept.size = 0;
  for (int axis = 0; axis < shape.size; ++axis)
    if (!reduced[axis]) kept.at[kept.size++] = shape.at[axis];
  const size_t count = in.Count(shape);
  auto out = std::make_unique<cpu::AlignedArray>(in.Count(kept));
  if (reduction == Reduction::kMax && count == 0 && out->size > 0)
    throw py::value_error(in.Where() +
                          ": there is no maximum over an axis that holds nothing. Expected an "
                          "array with elements. Check its shape.");
  const float *first = count == 0 ? a.ptr : a.ptr + offset;  // of nothing, the offset may lie anywhere
  RunUnlocked(count,
              [&] { Reduce(reduction, {first, strides.at}, shape.size, shape.at, reduced, out->ptr); });
  return GiveArray(std::move(out));
}

}  // namespace

void BindReductions(py::module_ &fast) {
  DefineFast<ApplyReduction<Reduction::kSum>, 5>(fast, "reduce_sum");
  DefineFast<ApplyReduction<Reduction::kMax>, 5>(fast, "reduce_max");
}

}  // namespace needle::fast
