// What a backend exports to Python, listed once: a backend that misses a kernel does not compile.
//
// Each entry checks sizes against the arrays it was given and only then calls the kernel, so that no call
// from Python reads or writes outside of one. Whoever includes this defines first:
//   namespace backend     needle::cpu or needle::cuda, with the kernels
//   Array                 its array
//   void Finish(const char* name)   throws if the kernel of that name could not be started
// and in the namespace also DLPackDevice() and WaitForKernels().
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <utility>

#include "ndarray_checks.h"
#include "ndarray_dlpack.h"
#include "ndarray_memory.h"

namespace needle {

namespace py = pybind11;
using HostArray = py::array_t<float, py::array::c_style | py::array::forcecast>;

inline void RequireView(const char *name, const Array &array, const backend::Dims &shape,
                        const backend::Dims &strides, int64_t offset) {
  RequireSize(name, "strides", strides.size(), shape.size());
  RequireInside(name, array.size, shape.size(), shape.data(), strides.data(), offset);
}

inline void RequireProduct(const char *where, const char *name, const Array &array, size_t rows,
                           size_t columns) {
  size_t expected = 0;
  if (__builtin_mul_overflow(rows, columns, &expected)) expected = SIZE_MAX;
  RequireSize(where, name, array.size, expected);
}

inline size_t Count(const char *name, const backend::Dims &shape) {
  return CountElements(name, shape.size(), shape.data());
}

// Run a kernel that fills `out`, unless there is nothing to fill.
template <class Kernel>
void Run(const char *name, const Array &out, Kernel kernel) {
  if (out.size == 0) return;
  kernel();
  Finish(name);
}

using Unary = void (*)(const Array &, Array *);
using Binary = void (*)(const Array &, const Array &, Array *);
using WithScalar = void (*)(const Array &, backend::scalar_t, Array *);
using Reduction = void (*)(const Array &, Array *, size_t);

inline void Define(py::module_ &module, const char *name, Unary kernel) {
  module.def(name, [name, kernel](const Array &a, Array &out) {
    RequireSize(name, "a", a.size, out.size);
    Run(name, out, [&] { kernel(a, &out); });
  });
}

inline void Define(py::module_ &module, const char *name, Binary kernel) {
  module.def(name, [name, kernel](const Array &a, const Array &b, Array &out) {
    RequireSize(name, "a", a.size, out.size);
    RequireSize(name, "b", b.size, out.size);
    Run(name, out, [&] { kernel(a, b, &out); });
  });
}

inline void Define(py::module_ &module, const char *name, WithScalar kernel) {
  module.def(name, [name, kernel](const Array &a, backend::scalar_t val, Array &out) {
    RequireSize(name, "a", a.size, out.size);
    Run(name, out, [&] { kernel(a, val, &out); });
  });
}

inline void Define(py::module_ &module, const char *name, Reduction kernel) {
  module.def(name, [name, kernel](const Array &a, Array &out, size_t reduce_size) {
    RequireProduct(name, "a", a, out.size, reduce_size);
    Run(name, out, [&] { kernel(a, &out, reduce_size); });
  });
}

inline void DefineArray(py::module_ &module) {
  py::class_<Array>(module, "Array")
      .def(py::init<size_t>(), py::arg("size"))
      .def_readonly("size", &Array::size)
      .def("ptr", [](const Array &array) { return reinterpret_cast<uintptr_t>(array.ptr); });
  py::register_local_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const OutOfMemory &error) {
      PyErr_SetString(PyExc_MemoryError, error.what());
    }
  });
}

// Return a view's elements as a NumPy array of their own.
inline py::array ToNumpy(const Array &a, const backend::Dims &shape, const backend::Dims &strides,
                         size_t offset) {
  RequireView("to_numpy", a, shape, strides, offset);
  py::array_t<float> out(shape);
  if (out.size() == 0) return std::move(out);
  int64_t first = offset, last = offset;
  for (size_t axis = 0; axis < shape.size(); ++axis)
    (strides[axis] < 0 ? first : last) += (shape[axis] - 1) * strides[axis];
  const size_t count = static_cast<size_t>(last - first + 1);
  const bool whole = count == static_cast<size_t>(out.size()) && first == static_cast<int64_t>(offset);
  py::array_t<float> span = whole ? out : py::array_t<float>(static_cast<py::ssize_t>(count));
  backend::CopyToHost(a, first, count, span.mutable_data());
  Finish("to_numpy");
  backend::Dims bytes(strides);
  for (int64_t &stride : bytes) stride *= sizeof(float);
  py::array view(py::dtype::of<float>(), shape, bytes, span.data() + (offset - first), span);
  return py::array_t<float, py::array::c_style | py::array::forcecast>(view);
}

inline void DefineCopies(py::module_ &module) {
  module.def("to_numpy", &ToNumpy, py::arg("a"), py::arg("shape"), py::arg("strides"), py::arg("offset"));
  module.def("from_numpy", [](const HostArray &a, Array &out) {
    RequireSize("from_numpy", "a", a.size(), out.size);
    Run("from_numpy", out, [&] { backend::CopyFromHost(a.data(), &out); });
  });
  module.def("to_dlpack",
             [](py::object array, const backend::Dims &shape, const backend::Dims &strides, int64_t offset) {
               const Array &memory = array.cast<const Array &>();
               RequireView("to_dlpack", memory, shape, strides, offset);
               backend::WaitForKernels();  // another library's stream would not
               return ToDLPack(array, memory.ptr + offset, backend::DLPackDevice(), shape, strides);
             });
  module.def("from_dlpack",
             [](py::capsule capsule) { return FromDLPack<Array>(capsule, backend::DLPackDevice()); });
}

inline void DefineViews(py::module_ &module) {
  module.def("fill",
             [](Array &out, backend::scalar_t val) { Run("fill", out, [&] { backend::Fill(&out, val); }); });
  module.def("compact", [](const Array &a, Array &out, const backend::Dims &shape,
                           const backend::Dims &strides, size_t offset) {
    RequireView("compact", a, shape, strides, offset);
    RequireSize("compact", "out", out.size, Count("compact", shape));
    Run("compact", out, [&] { backend::Compact(a, &out, shape, strides, offset); });
  });
  module.def("ewise_setitem", [](const Array &a, Array &out, const backend::Dims &shape,
                                 const backend::Dims &strides, size_t offset) {
    RequireView("ewise_setitem", out, shape, strides, offset);
    RequireSize("ewise_setitem", "a", a.size, Count("ewise_setitem", shape));
    Run("ewise_setitem", a, [&] { backend::EwiseSetitem(a, &out, shape, strides, offset); });
  });
  module.def("scalar_setitem", [](size_t size, backend::scalar_t val, Array &out, const backend::Dims &shape,
                                  const backend::Dims &strides, size_t offset) {
    RequireView("scalar_setitem", out, shape, strides, offset);
    RequireSize("scalar_setitem", "the view", Count("scalar_setitem", shape), size);
    if (size == 0) return;
    backend::ScalarSetitem(size, val, &out, shape, strides, offset);
    Finish("scalar_setitem");
  });
}

template <class Kernel>
void DefineMatmul(py::module_ &module, const char *name, size_t divisor, Kernel kernel) {
  module.def(name, [=](const Array &a, const Array &b, Array &out, size_t m, size_t n, size_t p) {
    RequireProduct(name, "a", a, m, n);
    RequireProduct(name, "b", b, n, p);
    RequireProduct(name, "out", out, m, p);
    if (m % divisor || n % divisor || p % divisor || std::max({m, n, p}) > UINT32_MAX / 2)
      throw std::invalid_argument(std::string(name) + ": the sizes are " + std::to_string(m) + ", " +
                                  std::to_string(n) + " and " + std::to_string(p) +
                                  ". Expected multiples of " + std::to_string(divisor) +
                                  " under 2^31. Pad the matrices, or split them.");
    Run(name, out, [&] { kernel(a, b, &out, m, n, p); });
  });
}

inline void DefineKernels(py::module_ &module) {
  DefineArray(module);
  DefineCopies(module);
  DefineViews(module);
  Define(module, "ewise_add", backend::EwiseAdd);
  Define(module, "scalar_add", backend::ScalarAdd);
  Define(module, "ewise_mul", backend::EwiseMul);
  Define(module, "scalar_mul", backend::ScalarMul);
  Define(module, "ewise_div", backend::EwiseDiv);
  Define(module, "scalar_div", backend::ScalarDiv);
  Define(module, "ewise_power", backend::EwisePower);
  Define(module, "scalar_power", backend::ScalarPower);
  Define(module, "ewise_maximum", backend::EwiseMaximum);
  Define(module, "scalar_maximum", backend::ScalarMaximum);
  Define(module, "ewise_eq", backend::EwiseEq);
  Define(module, "scalar_eq", backend::ScalarEq);
  Define(module, "ewise_ge", backend::EwiseGe);
  Define(module, "scalar_ge", backend::ScalarGe);
  Define(module, "ewise_log", backend::EwiseLog);
  Define(module, "ewise_exp", backend::EwiseExp);
  Define(module, "ewise_tanh", backend::EwiseTanh);
  DefineMatmul(module, "matmul", 1, backend::Matmul);
  Define(module, "reduce_sum", backend::ReduceSum);
  module.def("reduce_max", [](const Array &a, Array &out, size_t reduce_size) {
    if (reduce_size == 0)
      throw std::invalid_argument(
          "reduce_max: reduce_size is 0. Expected 1 or more: nothing has no largest.");
    RequireProduct("reduce_max", "a", a, out.size, reduce_size);
    Run("reduce_max", out, [&] { backend::ReduceMax(a, &out, reduce_size); });
  });
}

}  // namespace needle
