// Views of several arrays that are walked through together: fewer, longer axes, in the order that suits
// memory.
#pragma once

#include <cstdint>

namespace needle::fast {

constexpr int kMaxAxes = 32;

// A shape and, for each of kOperands arrays, its strides in elements (0 repeats elements). The last axis is
// the innermost one.
template <int kOperands>
struct Views {
  int axes = 0;
  int64_t shape[kMaxAxes];
  int64_t strides[kOperands][kMaxAxes];

  int64_t Count() const {
    int64_t count = 1;
    for (int axis = 0; axis < axes; ++axis) count *= shape[axis];
    return count;
  }

  void Append(int64_t length, const int64_t (&steps)[kOperands]) {
    shape[axes] = length;
    for (int k = 0; k < kOperands; ++k) strides[k][axes] = steps[k];
    ++axes;
  }

  void Move(int from, int to) {
    shape[to] = shape[from];
    for (int k = 0; k < kOperands; ++k) strides[k][to] = strides[k][from];
  }

  void Swap(int first, int second) {
    Views whole = *this;
    Move(first, second);
    shape[first] = whole.shape[second];
    for (int k = 0; k < kOperands; ++k) strides[k][first] = whole.strides[k][second];
  }

  // Sort the axes so that operand k is walked through in steps as small as can be. Equal ones stay in order.
  void SortBy(int k) {
    const auto size = [](int64_t stride) { return stride < 0 ? -stride : stride; };
    for (int end = 1; end < axes; ++end)
      for (int axis = end; axis > 0 && size(strides[k][axis - 1]) < size(strides[k][axis]); --axis)
        Swap(axis - 1, axis);
  }

  // Drop axes of length 1, and make one axis of two where every operand steps through both as through one.
  void Collapse() {
    int kept = 0;
    for (int axis = 0; axis < axes; ++axis) {
      if (shape[axis] == 1) continue;
      if (kept > 0 && Continues(kept - 1, axis)) {
        const int64_t outer = shape[kept - 1];
        Move(axis, kept - 1);
        shape[kept - 1] *= outer;
      } else {
        Move(axis, kept++);
      }
    }
    axes = kept;
  }

 private:
  bool Continues(int outer, int inner) const {
    for (int k = 0; k < kOperands; ++k)
      if (strides[k][outer] != strides[k][inner] * shape[inner]) return false;
    return true;
  }
};

// Return how far from its first element an operand's view reaches along one axis.
inline int64_t Reach(int64_t length, int64_t stride) {
  return (length - 1) * (stride < 0 ? -stride : stride);
}

}  // namespace needle::fast
