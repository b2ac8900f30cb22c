// What kernels of whole layers take, on any backend: a tuple of sizes first, and then arrays that are compact
// and row-major, of the shapes that these sizes say. They give tuples of such arrays.
#pragma once

#include <algorithm>
#include <array>
#include <initializer_list>
#include <memory>
#include <string>

#include "arguments.h"

namespace needle::fast {

inline Dims ToDims(std::initializer_list<int64_t> shape) {
  Dims dims;
  dims.size = static_cast<int>(shape.size());
  std::copy(shape.begin(), shape.end(), dims.at);
  return dims;
}

/// A call's arguments, which begin with the tuple `sizes`.
template <class Backend>
class SizesFor {
 public:
  SizesFor(ArgumentsFor<Backend> &in, int count) : in_(in), at_(in.NextDims("sizes")) {
    if (at_.size != count)
      throw py::value_error(in.Where() + ": sizes holds " + std::to_string(at_.size) + " numbers. Expected " +
                            std::to_string(count) + ". Name all, in their order.");
    if (*std::min_element(at_.at, at_.at + count) < 1)
      throw py::value_error(in.Where() +
                            ": one of sizes is below 1. Expected 1 or more. Leave empty arrays "
                            "to the composed function.");
  }

  int64_t operator[](int i) const { return at_.at[i]; }

  /// Take the next argument, an array of that shape.
  const float *Next(const char *name, std::initializer_list<int64_t> shape) const {
    return in_.NextNumbers(name, in_.Count(ToDims(shape)));
  }

 private:
  ArgumentsFor<Backend> &in_;
  const Dims at_;
};

/// The arrays that a call gives back, as a tuple in the order in which they are made.
template <class Backend>
class ResultsFor {
 public:
  using Array = typename Backend::Array;

  explicit ResultsFor(const ArgumentsFor<Backend> &in) : in_(in) {}

  Array &Make(std::initializer_list<int64_t> shape) {
    arrays_.at(made_) = std::make_unique<Array>(in_.Count(ToDims(shape)));
    return *arrays_[made_++];
  }

  /// Return how many numbers they hold together.
  size_t Elements() const {
    size_t count = 0;
    for (size_t i = 0; i < made_; ++i) count += arrays_[i]->size;
    return count;
  }

  PyObject *Give() {
    py::tuple all(made_);
    for (size_t i = 0; i < made_; ++i) all[i] = py::cast(std::move(arrays_[i]));
    return all.release().ptr();
  }

 private:
  static constexpr size_t kMost = 6;

  const ArgumentsFor<Backend> &in_;
  std::array<std::unique_ptr<Array>, kMost> arrays_;
  size_t made_ = 0;
};

}  // namespace needle::fast
