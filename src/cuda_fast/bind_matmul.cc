// fast.matmul, fast.set_matmul_precision and fast.matmul_precision.
#include "arguments.h"
#include "bind.h"
#include "gemm.h"

namespace needle::cuda_fast {

namespace {

constexpr const char *kPrecisions[] = {"highest", "high", "medium"};  // in Precision's order

void SetPrecision(const std::string &name) {
  for (int k = 0; k < 3; ++k)
    if (name == kPrecisions[k]) return SetMatmulPrecision(static_cast<Precision>(k));
  throw py::value_error("set_matmul_precision: \"" + name +
                        "\" is no precision. Expected \"highest\" (float32), \"high\" (TF32) or \"medium\" "
                        "(BF16). Pass one of them.");
}

// The shape of an operand with its batch.
Dims ViewShape(const Dims &batch, int64_t rows, int64_t columns) {
  Dims shape = batch;
  shape.at[shape.size++] = rows;
  shape.at[shape.size++] = columns;
  return shape;
}

// fast.matmul(a, a_strides, a_offset, b, b_strides, b_offset, batch_shape, m, n, p) -> handle
PyObject *Matmul(Arguments &in) {
  const View a = NextView(in, "a"), b = NextView(in, "b");
  const Dims batch = in.NextDims("batch_shape");
  const int64_t m = in.NextInt("m"), n = in.NextInt("n"), p = in.NextInt("p");
  if (batch.size > kMostDims - 2)
    throw py::value_error(in.Where() + ": batch_shape has " + std::to_string(batch.size) +
                          " dimensions. Expected at most " + std::to_string(kMostDims - 2) +
                          ". Reshape the array first.");
  in.RequireView("a", *a.array, ViewShape(batch, m, n), a.strides, a.offset);
  in.RequireView("b", *b.array, ViewShape(batch, n, p), b.strides, b.offset);
  auto out = std::make_unique<cuda::CudaArray>(in.Count(ViewShape(batch, m, p)));
  if (out->size == 0) return GiveArray(std::move(out));
  const int64_t *a_matrix = a.strides.at + batch.size, *b_matrix = b.strides.at + batch.size;
  GemmCall call = {
      {}, m, n, p, a.First(), b.First(), {a_matrix[0], a_matrix[1]}, {b_matrix[0], b_matrix[1]}, out->ptr};
  for (int axis = 0; axis < batch.size; ++axis)
    call.batch.Append(batch.at[axis], {a.strides.at[axis], b.strides.at[axis]});
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

}  // namespace needle::cuda_fast
