// What kernels of whole layers take, on any backend: a tuple of sizes first, and then arrays that are compact
// and row-major, of the shapes that these sizes say. They give tuples of such arrays.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <string>

#include "fast_arguments.h"

namespace needle::fast {

/// A call's arguments, which begin with the tuple `sizes`.
template <class Array>
class SizesFor {
 public:
  using Owned = std::unique_ptr<Array>;

  SizesFor(ArgumentsFor<Array> &in, int count) : in_(in), at_(in.NextDims("sizes")) {
    if (at_.size != count)
      throw py::value_error(in.Where() + ": sizes holds " + std::to_string(at_.size) + " numbers. Expected " +
                            std::to_string(count) + ". Name all, in their order.");
    if (*std::min_element(at_.at, at_.at + count) < 1)
      throw py::value_error(in.Where() +
                            ": one of sizes is below 1. Expected 1 or more. Leave empty arrays "
                            "to the composed function.");
  }

  int64_t operator[](int i) const { return at_.at[i]; }
  std::string Where() const { return in_.Where(); }

  /// Take the next argument, an array of that shape.
  const float *Next(const char *name, std::initializer_list<int64_t> shape) const {
    const Array &array = in_.NextArray(name);
    RequireSize(in_.Where().c_str(), name, array.size, Count(shape));
    return array.ptr;
  }

  Owned Make(std::initializer_list<int64_t> shape) const { return std::make_unique<Array>(Count(shape)); }

 private:
  size_t Count(std::initializer_list<int64_t> shape) const {
    Dims dims;
    dims.size = static_cast<int>(shape.size());
    std::copy(shape.begin(), shape.end(), dims.at);
    return in_.Count(dims);
  }

  ArgumentsFor<Array> &in_;
  const Dims at_;
};

/// What is said of an index that is no whole number below `rows`.
inline std::string WrongIndexText(const std::string &where, const char *name, float found, int64_t place,
                                  int64_t rows) {
  return where + ": " + name + " holds " + std::to_string(found) + " at place " + std::to_string(place) +
         ". Expected whole numbers from 0 to " + std::to_string(rows - 1) + ". Look where it comes from.";
}

/// Throw where a causal attention has more queries than keys.
inline void RequireKeys(const std::string &where, bool causal, int64_t queries, int64_t keys) {
  if (causal && queries > keys)
    throw py::value_error(where + ": " + std::to_string(queries) + " queries and " + std::to_string(keys) +
                          " keys. Expected no more queries than keys. Pass all keys.");
}

/// Return a tuple of arrays.
template <class... Arrays>
PyObject *GiveArrays(Arrays... arrays) {
  return py::make_tuple(py::cast(std::move(arrays))...).release().ptr();
}

}  // namespace needle::fast
