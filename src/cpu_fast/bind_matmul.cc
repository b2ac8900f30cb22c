// fast.matmul, the number of threads, and this machine's limits.
#include "arguments.h"
#include "bind.h"
#include "gemm.h"
#include "threads.h"

namespace needle::fast {
namespace {

constexpr double kLong =
    1e5;  // multiplications, some ten microseconds: worth letting other Python threads run

// The shape of an operand with its batch.
Dims ViewShape(const Dims &batch, int64_t rows, int64_t columns) {
  Dims shape = batch;
  shape.at[shape.size++] = rows;
  shape.at[shape.size++] = columns;
  return shape;
}

// fast.matmul(a, a_strides, a_offset, b, b_strides, b_offset, batch_shape, m, n, p) -> handle
PyObject *Matmul(Arguments &in) {
  const cpu::AlignedArray &a = in.NextArray("a");
  const Dims a_strides = in.NextDims("a_strides");
  const int64_t a_offset = in.NextInt("a_offset");
  const cpu::AlignedArray &b = in.NextArray("b");
  const Dims b_strides = in.NextDims("b_strides");
  const int64_t b_offset = in.NextInt("b_offset");
  const Dims batch = in.NextDims("batch_shape");
  const int64_t m = in.NextInt("m"), n = in.NextInt("n"), p = in.NextInt("p");
  if (batch.size > kMostDims - 2)
    throw py::value_error(in.Where() + ": batch_shape has " + std::to_string(batch.size) +
                          " dimensions. Expected at most " + std::to_string(kMostDims - 2) +
                          ". Reshape the array first.");
  in.RequireView("a", a, ViewShape(batch, m, n), a_strides, a_offset);
  in.RequireView("b", b, ViewShape(batch, n, p), b_strides, b_offset);

  auto out = std::make_unique<cpu::AlignedArray>(in.Count(ViewShape(batch, m, p)));
  if (out->size > 0) {
    const int64_t *a_matrix = a_strides.at + batch.size, *b_matrix = b_strides.at + batch.size;
    const auto multiply = [&] {
      BatchedGemm({batch.size, batch.at, a_strides.at, b_strides.at}, m, n, p, a.ptr + a_offset, a_matrix[0],
                  a_matrix[1], b.ptr + b_offset, b_matrix[0], b_matrix[1], out->ptr);
    };
    if (static_cast<double>(out->size) * static_cast<double>(n) < kLong) {
      multiply();
    } else {
      py::gil_scoped_release others_may_run;
      multiply();
    }
  }
  return GiveArray(std::move(out));
}

}  // namespace

void BindMatmul(py::module_ &fast) {
  DefineFast<Matmul, 10>(fast, "matmul");
  fast.def("set_num_threads", &SetNumThreads, py::arg("n"), py::call_guard<py::gil_scoped_release>());
  fast.def("num_threads", &NumThreads);
}

}  // namespace needle::fast
