// Loops over several strided views of one shape at once.
#pragma once

#include <cstdint>

namespace needle::fast {

constexpr int kMaxAxes = 32;

/// The axes of N views: their lengths, and each view's strides in elements.
template <int N>
struct Axes {
  int ndim = 0;
  int64_t shape[kMaxAxes];
  int64_t strides[N][kMaxAxes];

  int64_t Count() const {
    int64_t count = 1;
    for (int axis = 0; axis < ndim; ++axis) count *= shape[axis];
    return count;
  }

  void Put(int axis, const Axes &from, int from_axis) {
    shape[axis] = from.shape[from_axis];
    for (int k = 0; k < N; ++k) strides[k][axis] = from.strides[k][from_axis];
  }

  /// Drop axes of length 1, and make one axis of two neighbours where every view goes on without a jump.
  /// At least one axis is left.
  void Coalesce() {
    int kept = 0;
    for (int axis = 0; axis < ndim; ++axis) {
      if (shape[axis] == 1) continue;
      if (kept > 0 && GoesOn(kept - 1, axis)) {
        const int64_t length = shape[kept - 1] * shape[axis];
        Put(kept - 1, *this, axis);
        shape[kept - 1] = length;
      } else {
        Put(kept++, *this, axis);
      }
    }
    ndim = kept;
    if (ndim > 0) return;
    ndim = 1;
    shape[0] = 1;
    for (int k = 0; k < N; ++k) strides[k][0] = 1;
  }

  /// Put the axes in the order of one view's strides, the largest first, and turn those around that run
  /// backwards in it. A stride of 0 counts as the largest. `first` are the places of the views' elements.
  void SortBy(int view, int64_t first[N]) {
    for (int axis = 0; axis < ndim; ++axis)
      if (strides[view][axis] < 0)
        for (int k = 0; k < N; ++k) {
          first[k] += strides[k][axis] * (shape[axis] - 1);
          strides[k][axis] = -strides[k][axis];
        }
    for (int axis = 1; axis < ndim; ++axis)
      for (int at = axis; at > 0 && Before(view, at, at - 1); --at) Swap(at, at - 1);
  }

 private:
  bool GoesOn(int outer, int inner) const {
    for (int k = 0; k < N; ++k)
      if (strides[k][outer] != strides[k][inner] * shape[inner]) return false;
    return true;
  }

  bool Before(int view, int left, int right) const {
    const uint64_t none = 0;  // wraps to the largest
    return none + strides[view][left] - 1 > none + strides[view][right] - 1;
  }

  void Swap(int left, int right) {
    Axes<N> both;
    both.Put(0, *this, left);
    Put(left, *this, right);
    Put(right, both, 0);
  }
};

/// Counts through the first `ndim` of some axes in row-major order; at[k] is the place in view k.
template <int N>
class Odometer {
 public:
  Odometer(const Axes<N> &axes, int ndim, int64_t flat) : axes_(axes), ndim_(ndim) {
    for (int k = 0; k < N; ++k) at[k] = 0;
    for (int axis = ndim; axis-- > 0;) {
      index_[axis] = flat == 0 ? 0 : flat % axes.shape[axis];
      flat = flat == 0 ? 0 : flat / axes.shape[axis];
      for (int k = 0; k < N; ++k) at[k] += index_[axis] * axes.strides[k][axis];
    }
  }

  void Next() {
    for (int axis = ndim_; axis-- > 0;) {
      for (int k = 0; k < N; ++k) at[k] += axes_.strides[k][axis];
      if (++index_[axis] < axes_.shape[axis]) return;
      for (int k = 0; k < N; ++k) at[k] -= axes_.strides[k][axis] * axes_.shape[axis];
      index_[axis] = 0;
    }
  }

  int64_t at[N];

 private:
  const Axes<N> &axes_;
  int ndim_;
  int64_t index_[kMaxAxes];
};

}  // namespace needle::fast
