// Sizes are checked here, before any kernel runs: no call from Python reads or writes outside an array.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace needle {

inline void RequireSize(const char *where, const char *name, size_t found, size_t expected) {
  if (found != expected)
    throw std::invalid_argument(std::string(where) + ": " + name + " holds " + std::to_string(found) +
                                " elements. Expected " + std::to_string(expected) +
                                ". Make it of that size.");
}

// Return how many elements a shape has. Throws for a negative length, and for more than memory could ever
// hold.
inline size_t CountElements(const char *where, size_t ndim, const int64_t *shape) {
  size_t count = 1;
  for (size_t axis = 0; axis < ndim; ++axis) {
    if (shape[axis] < 0)
      throw std::invalid_argument(std::string(where) + ": an axis is " + std::to_string(shape[axis]) +
                                  " long. Expected 0 or more. Check the shape.");
    size_t wider = 0;
    if (__builtin_mul_overflow(count, static_cast<size_t>(shape[axis]), &wider) || wider > SIZE_MAX / 8)
      throw std::invalid_argument(
          std::string(where) +
          ": the shape has more elements than memory can hold. Expected fewer. Check it.");
    count = wider;
  }
  return count;
}

// Throws unless every element of a view lies inside an array of `size` elements.
inline void RequireInside(const char *where, size_t size, size_t ndim, const int64_t *shape,
                          const int64_t *strides, int64_t offset) {
  if (CountElements(where, ndim, shape) == 0) return;
  int64_t first = offset, last = offset;  // the lowest and the highest place that an element has
  bool overflow = false;
  for (size_t axis = 0; axis < ndim; ++axis) {
    int64_t reach = 0;
    overflow |= __builtin_mul_overflow(shape[axis] - 1, strides[axis], &reach);
    int64_t *end = reach < 0 ? &first : &last;
    overflow |= __builtin_add_overflow(*end, reach, end);
  }
  if (overflow || first < 0 || last >= static_cast<int64_t>(size))
    throw std::out_of_range(std::string(where) + ": the view reaches from element " + std::to_string(first) +
                            " to " + std::to_string(last) + " of an array of " + std::to_string(size) +
                            " elements. Expected it inside. Check shape, strides and offset.");
}

}  // namespace needle
