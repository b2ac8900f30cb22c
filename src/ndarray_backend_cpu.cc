// The kernels of the CPU backend, simple ones. Unless it says otherwise, a kernel takes compact arrays:
// row-major, one element after the other, from the first on. It writes `*out` in full, and `*out` is none of
// its inputs.
#include "ndarray_backend_cpu.h"

#include <algorithm>
#include <cmath>

namespace needle {
namespace cpu {

namespace {

// Call visit(k, place) for the k-th element of a view, in row-major order, and its place in the array.
template <class Visit>
void ForEachPlace(const Dims &shape, const Dims &strides, size_t offset, Visit visit) {
  size_t count = 1;
  for (int64_t length : shape) count *= length;
  Dims index(shape.size(), 0);
  int64_t place = offset;
  for (size_t k = 0; k < count; ++k) {
    visit(k, place);
    for (size_t axis = shape.size(); axis-- > 0;) {  // one further, with a carry
      place += strides[axis];
      if (++index[axis] < shape[axis]) break;
      place -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
}

template <class Function>
void Map(const AlignedArray &a, AlignedArray *out, Function function) {
  for (size_t i = 0; i < out->size; ++i) out->ptr[i] = function(a.ptr[i]);
}

template <class Function>
void Map(const AlignedArray &a, const AlignedArray &b, AlignedArray *out, Function function) {
  for (size_t i = 0; i < out->size; ++i) out->ptr[i] = function(a.ptr[i], b.ptr[i]);
}

}  // namespace

void Fill(AlignedArray *out, scalar_t val) {
  for (size_t i = 0; i < out->size; ++i) out->ptr[i] = val;
}

// Copy a view of `a` into the compact `*out`, in row-major order.
void Compact(const AlignedArray &a, AlignedArray *out, const Dims &shape, const Dims &strides,
             size_t offset) {
  ForEachPlace(shape, strides, offset, [&](size_t k, int64_t place) { out->ptr[k] = a.ptr[place]; });
}

// Copy the compact `a` into a view of `*out`, in row-major order. What lies outside the view stays as it is.
void EwiseSetitem(const AlignedArray &a, AlignedArray *out, const Dims &shape, const Dims &strides,
                  size_t offset) {
  ForEachPlace(shape, strides, offset, [&](size_t k, int64_t place) { out->ptr[place] = a.ptr[k]; });
}

// Write one number to every element of a view of `*out`; `size` is how many elements the view has. What lies
// outside the view stays as it is.
void ScalarSetitem(size_t size, scalar_t val, AlignedArray *out, const Dims &shape, const Dims &strides,
                   size_t offset) {
  if (size == 0) return;
  ForEachPlace(shape, strides, offset, [&](size_t, int64_t place) { out->ptr[place] = val; });
}

void EwiseAdd(const AlignedArray &a, const AlignedArray &b, AlignedArray *out) {
  for (size_t i = 0; i < out->size; ++i) out->ptr[i] = a.ptr[i] + b.ptr[i];
}

void ScalarAdd(const AlignedArray &a, scalar_t val, AlignedArray *out) {
  for (size_t i = 0; i < out->size; ++i) out->ptr[i] = a.ptr[i] + val;
}

void EwisePower(const AlignedArray &a, const AlignedArray &b, AlignedArray *out) {
  for (size_t i = 0; i < out->size; ++i) out->ptr[i] = std::pow(a.ptr[i], b.ptr[i]);
}

void EwiseMul(const AlignedArray &a, const AlignedArray &b, AlignedArray *out) {
  Map(a, b, out, [](scalar_t x, scalar_t y) { return x * y; });
}

void ScalarMul(const AlignedArray &a, scalar_t val, AlignedArray *out) {
  Map(a, out, [val](scalar_t x) { return x * val; });
}

void EwiseDiv(const AlignedArray &a, const AlignedArray &b, AlignedArray *out) {
  Map(a, b, out, [](scalar_t x, scalar_t y) { return x / y; });
}

void ScalarDiv(const AlignedArray &a, scalar_t val, AlignedArray *out) {
  Map(a, out, [val](scalar_t x) { return x / val; });
}

void ScalarPower(const AlignedArray &a, scalar_t val, AlignedArray *out) {
  Map(a, out, [val](scalar_t x) { return std::pow(x, val); });
}

void EwiseMaximum(const AlignedArray &a, const AlignedArray &b, AlignedArray *out) {
  Map(a, b, out, [](scalar_t x, scalar_t y) { return std::max(x, y); });
}

void ScalarMaximum(const AlignedArray &a, scalar_t val, AlignedArray *out) {
  Map(a, out, [val](scalar_t x) { return std::max(x, val); });
}

// out = 1 where a == b, 0 elsewhere
void EwiseEq(const AlignedArray &a, const AlignedArray &b, AlignedArray *out) {
  Map(a, b, out, [](scalar_t x, scalar_t y) { return x == y; });
}

void ScalarEq(const AlignedArray &a, scalar_t val, AlignedArray *out) {
  Map(a, out, [val](scalar_t x) { return x == val; });
}

// out = 1 where a >= b, 0 elsewhere
void EwiseGe(const AlignedArray &a, const AlignedArray &b, AlignedArray *out) {
  Map(a, b, out, [](scalar_t x, scalar_t y) { return x >= y; });
}

void ScalarGe(const AlignedArray &a, scalar_t val, AlignedArray *out) {
  Map(a, out, [val](scalar_t x) { return x >= val; });
}

void EwiseLog(const AlignedArray &a, AlignedArray *out) {
  Map(a, out, [](scalar_t x) { return std::log(x); });
}

void EwiseExp(const AlignedArray &a, AlignedArray *out) {
  Map(a, out, [](scalar_t x) { return std::exp(x); });
}

void EwiseTanh(const AlignedArray &a, AlignedArray *out) {
  Map(a, out, [](scalar_t x) { return std::tanh(x); });
}

// out = a @ b        a: (m, n)   b: (n, p)   out: (m, p)
void Matmul(const AlignedArray &a, const AlignedArray &b, AlignedArray *out, size_t m, size_t n, size_t p) {
  std::fill(out->ptr, out->ptr + m * p, 0.0f);
  for (size_t i = 0; i < m; ++i)
    for (size_t k = 0; k < n; ++k)  // k outside j: the rows of b and out are read from left to right
      for (size_t j = 0; j < p; ++j) out->ptr[i * p + j] += a.ptr[i * n + k] * b.ptr[k * p + j];
}

// out += a @ b for one tile of each        a, b, out: (TILE, TILE), aligned to TILE * sizeof(scalar_t) bytes
//
// The compiler must know that the tiles don't overlap, where they begin, and how long the loops are: then it
// can turn the inner loop into vector instructions.
void AlignedDot(const scalar_t *__restrict__ a, const scalar_t *__restrict__ b, scalar_t *__restrict__ out) {
  a = static_cast<const scalar_t *>(__builtin_assume_aligned(a, TILE * sizeof(scalar_t)));
  b = static_cast<const scalar_t *>(__builtin_assume_aligned(b, TILE * sizeof(scalar_t)));
  out = static_cast<scalar_t *>(__builtin_assume_aligned(out, TILE * sizeof(scalar_t)));
  for (size_t i = 0; i < TILE; ++i) {
    for (size_t j = 0; j < TILE; ++j) {
      scalar_t sum = 0;  // a register: out is touched once
      for (size_t k = 0; k < TILE; ++k) sum += a[i * TILE + k] * b[k * TILE + j];
      out[i * TILE + j] += sum;
    }
  }
}

// out = a @ b, in tiles        a: (m/T, n/T, T, T)   b: (n/T, p/T, T, T)   out: (m/T, p/T, T, T)   with T =
// TILE
//
// Element (i, j) of the matrix `a` is element (i / T, j / T, i % T, j % T) of the array. T divides m, n and
// p.
void MatmulTiled(const AlignedArray &a, const AlignedArray &b, AlignedArray *out, size_t m, size_t n,
                 size_t p) {
  const size_t rows = m / TILE, inner = n / TILE, columns = p / TILE, area = TILE * TILE;
  std::fill(out->ptr, out->ptr + m * p, 0.0f);
  for (size_t i = 0; i < rows; ++i)
    for (size_t k = 0; k < inner; ++k)
      for (size_t j = 0; j < columns; ++j)  // a's tile stays in the cache
        AlignedDot(a.ptr + (i * inner + k) * area, b.ptr + (k * columns + j) * area,
                   out->ptr + (i * columns + j) * area);
}

// out[i] = the largest of the reduce_size elements of `a` from i * reduce_size on, of which there is at least
// one
void ReduceMax(const AlignedArray &a, AlignedArray *out, size_t reduce_size) {
  for (size_t i = 0; i < out->size; ++i)
    out->ptr[i] = *std::max_element(a.ptr + i * reduce_size, a.ptr + (i + 1) * reduce_size);
}

// out[i] = the sum of the reduce_size elements of `a` from i * reduce_size on
void ReduceSum(const AlignedArray &a, AlignedArray *out, size_t reduce_size) {
  for (size_t i = 0; i < out->size; ++i) {
    scalar_t sum = 0;
    for (size_t k = 0; k < reduce_size; ++k) sum += a.ptr[i * reduce_size + k];
    out->ptr[i] = sum;
  }
}

}  // namespace cpu
}  // namespace needle
