// fast.matmul, the number of threads, and this machine's limits.
#include "../fast/matmul_arguments.h"
#include "arguments.h"
#include "bind.h"
#include "gemm/gemm.h"
#include "machine/threads.h"

namespace needle::fast {
namespace {

constexpr double kLong =
    1e5;  // multiplications, some ten microseconds: worth letting other Python threads run

PyObject *Matmul(Arguments &in) {
  const MatmulArguments of(in);
  auto out = std::make_unique<cpu::AlignedArray>(of.count);
  if (out->size > 0) {
    const int axes = of.batch.size;
    const int64_t *a_strides = of.a.strides.at, *b_strides = of.b.strides.at;
    const auto multiply = [&] {
      BatchedGemm({axes, of.batch.at, a_strides, b_strides}, of.m, of.n, of.p, of.a.First(), a_strides[axes],
                  a_strides[axes + 1], of.b.First(), b_strides[axes], b_strides[axes + 1], out->ptr);
    };
    if (static_cast<double>(out->size) * static_cast<double>(of.n) < kLong) {
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
