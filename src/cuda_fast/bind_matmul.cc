// fast.matmul, fast.set_matmul_precision and fast.matmul_precision.
#include "../fast/matmul_arguments.h"
#include "arguments.h"
#include "bind.h"
#include "gemm.h"

namespace needle::fast {

namespace {

constexpr const char *kPrecisions[] = {"highest", "high", "medium"};  // in Precision's order

void SetPrecision(const std::string &name) {
  for (int k = 0; k < 3; ++k)
    if (name == kPrecisions[k]) return SetMatmulPrecision(static_cast<Precision>(k));
  throw py::value_error("set_matmul_precision: \"" + name +
                        "\" is no precision. Expected \"highest\" (float32), \"high\" (TF32) or \"medium\" "
                        "(BF16). Pass one of them.");
}

PyObject *Matmul(Arguments &in) {
  const MatmulArguments of(in);
  auto out = std::make_unique<cuda::CudaArray>(of.count);
  if (out->size == 0) return GiveArray(std::move(out));
  const int axes = of.batch.size;
  const int64_t *a_strides = of.a.strides.at, *b_strides = of.b.strides.at;
  GemmCall call = {{},
                   of.m,
                   of.n,
                   of.p,
                   of.a.First(),
                   of.b.First(),
                   {a_strides[axes], a_strides[axes + 1]},
                   {b_strides[axes], b_strides[axes + 1]},
                   out->ptr};
  for (int axis = 0; axis < axes; ++axis)
    call.batch.Append(of.batch.at[axis], {a_strides[axis], b_strides[axis]});
  Gemm(call);
  return GiveArray(std::move(out));
}

}  // namespace

void BindMatmul(py::module_ &fast) {
  DefineFast<Matmul, 10>(fast, "matmul");
  fast.def("set_matmul_precision", &SetPrecision, py::arg("precision"),
           "Multiply matrices in float32 (\"highest\"), TF32 (\"high\") or BF16 (\"medium\") from now on.");
  fast.def(
      "matmul_precision", [] { return kPrecisions[static_cast<int>(MatmulPrecision())]; },
      "Return how exact matmul is: \"highest\", \"high\" or \"medium\".");
}

}  // namespace needle::fast
