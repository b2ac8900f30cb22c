// fast.reduce_sum and fast.reduce_max.
#include "../fast/reduction_arguments.h"
#include "arguments.h"
#include "bind.h"
#include "elementwise/reductions.h"

namespace needle::fast {

namespace {

template <Reduction reduction>
PyObject *ApplyReduction(Arguments &in) {
  const ReductionArguments of(in);
  auto out = std::make_unique<cpu::AlignedArray>(of.out_count);
  if (reduction == Reduction::kMax) of.RequireElements(in);
  const float *first = of.count == 0 ? of.a.array->ptr : of.a.First();
  CpuBackend::Run(of.count, [&] {
    Reduce(reduction, {first, of.a.strides.at}, of.a.shape.size, of.a.shape.at, of.reduced, out->ptr);
  });
  return GiveArray(std::move(out));
}

}  // namespace

void BindReductions(py::module_ &fast) {
  DefineFast<ApplyReduction<Reduction::kSum>, 5>(fast, "reduce_sum");
  DefineFast<ApplyReduction<Reduction::kMax>, 5>(fast, "reduce_max");
}

}  // namespace needle::fast
