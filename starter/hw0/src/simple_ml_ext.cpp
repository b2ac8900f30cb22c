// Softmax regression in C++, as the Python module simple_ml_ext.
//
// Every array is compact and row-major: the element in row i and column j of a (rows x cols) array is
// data[i * cols + j].
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>

namespace py = pybind11;

/// Pass once over the data in their order, with one SGD step on theta for each minibatch.
///
/// theta changes in place. The last minibatch holds what is left, and may be shorter.
///
/// @param X      examples, m x n
/// @param y      labels, m, each under k
/// @param theta  weights, n x k
/// @param m      number of examples
/// @param n      number of features
/// @param k      number of classes
/// @param lr     step size
/// @param batch  examples in a minibatch
void softmax_regression_epoch_cpp(const float *X, const unsigned char *y, float *theta, size_t m, size_t n,
                                  size_t k, float lr, size_t batch) {
  throw std::logic_error("not started: hw0/softmax_regression_epoch_cpp");
}

// Everything below is given: it checks what Python passes and hands over the bare pointers.

static void Require(bool holds, const std::string &name, const std::string &found,
                    const std::string &expected) {
  if (!holds)
    throw std::invalid_argument("softmax_regression_epoch_cpp: " + name + " is " + found + ". Expected " +
                                expected + ".");
}

static std::string Shape(const py::array &array) {
  return "of shape " + std::string(py::str(array.attr("shape")));
}

// No array is converted: a converted theta would be a copy, and the updates would be lost.
template <typename T>
static void RequireArray(const std::string &name, const py::array &array, py::ssize_t dimensions) {
  const std::string expected = std::string(py::str(py::dtype::of<T>()));
  Require(py::isinstance<py::array_t<T>>(array), name, std::string(py::str(array.dtype())), expected);
  Require(array.ndim() == dimensions, name, Shape(array), std::to_string(dimensions) + " dimension(s)");
  Require(array.flags() & py::array::c_style, name, "not C-contiguous",
          "a compact row-major array, as np.ascontiguousarray makes it");
}

static void Epoch(const py::array &X, const py::array &y, py::array &theta, float lr, size_t batch) {
  RequireArray<float>("X", X, 2);
  RequireArray<unsigned char>("y", y, 1);
  RequireArray<float>("theta", theta, 2);
  const py::ssize_t m = X.shape(0), n = X.shape(1), k = theta.shape(1);
  Require(y.shape(0) == m, "y", Shape(y), "one label for each of the " + std::to_string(m) + " rows of X");
  Require(theta.shape(0) == n, "theta", Shape(theta),
          "one row for each of the " + std::to_string(n) + " columns of X");
  Require(theta.writeable(), "theta", "read-only", "an array that can be updated in place");
  Require(batch > 0, "batch", "0", "at least 1");
  const auto *labels = static_cast<const unsigned char *>(y.data());
  Require(m == 0 || *std::max_element(labels, labels + m) < k, "y", "a label too large for theta",
          "labels under " + std::to_string(k) + ", the columns of theta");
  softmax_regression_epoch_cpp(static_cast<const float *>(X.data()), labels,
                               static_cast<float *>(theta.mutable_data()), m, n, k, lr, batch);
}

PYBIND11_MODULE(simple_ml_ext, module) {
  module.doc() = "Softmax regression in C++.";
  module.def(
      "softmax_regression_epoch_cpp", &Epoch, py::arg("X"), py::arg("y"), py::arg("theta"),
      py::arg("lr") = 0.1f, py::arg("batch") = 100,
      "Pass once over the data in their order, with one SGD step on theta for each minibatch, in place.");
}
