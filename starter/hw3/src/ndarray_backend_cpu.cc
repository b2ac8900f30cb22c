// The kernels of the CPU backend, simple ones. Unless it says otherwise, a kernel takes compact arrays:
// row-major, one element after the other, from the first on. It writes `*out` in full, and `*out` is none of
// its inputs.
#include "ndarray_backend_cpu.h"

#include <cmath>
#include <stdexcept>

namespace needle {
namespace cpu {

void Fill(AlignedArray *out, scalar_t val) {
  for (size_t i = 0; i < out->size; ++i) out->ptr[i] = val;
}

// Copy a view of `a` into the compact `*out`, in row-major order.
void Compact(const AlignedArray &a, AlignedArray *out, const Dims &shape, const Dims &strides,
             size_t offset) {
  throw std::logic_error("not started: hw3/cpu_compact");
}

// Copy the compact `a` into a view of `*out`, in row-major order. What lies outside the view stays as it is.
void EwiseSetitem(const AlignedArray &a, AlignedArray *out, const Dims &shape, const Dims &strides,
                  size_t offset) {
  throw std::logic_error("not started: hw3/cpu_ewise_setitem");
}

// Write one number to every element of a view of `*out`; `size` is how many elements the view has. What lies
// outside the view stays as it is.
void ScalarSetitem(size_t size, scalar_t val, AlignedArray *out, const Dims &shape, const Dims &strides,
                   size_t offset) {
  throw std::logic_error("not started: hw3/cpu_scalar_setitem");
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
  throw std::logic_error("not started: hw3/cpu_arithmetic");
}

void ScalarMul(const AlignedArray &a, scalar_t val, AlignedArray *out) {
  throw std::logic_error("not started: hw3/cpu_arithmetic");
}

void EwiseDiv(const AlignedArray &a, const AlignedArray &b, AlignedArray *out) {
  throw std::logic_error("not started: hw3/cpu_arithmetic");
}

void ScalarDiv(const AlignedArray &a, scalar_t val, AlignedArray *out) {
  throw std::logic_error("not started: hw3/cpu_arithmetic");
}

void ScalarPower(const AlignedArray &a, scalar_t val, AlignedArray *out) {
  throw std::logic_error("not started: hw3/cpu_arithmetic");
}

void EwiseMaximum(const AlignedArray &a, const AlignedArray &b, AlignedArray *out) {
  throw std::logic_error("not started: hw3/cpu_comparisons");
}

void ScalarMaximum(const AlignedArray &a, scalar_t val, AlignedArray *out) {
  throw std::logic_error("not started: hw3/cpu_comparisons");
}

// out = 1 where a == b, 0 elsewhere
void EwiseEq(const AlignedArray &a, const AlignedArray &b, AlignedArray *out) {
  throw std::logic_error("not started: hw3/cpu_comparisons");
}

void ScalarEq(const AlignedArray &a, scalar_t val, AlignedArray *out) {
  throw std::logic_error("not started: hw3/cpu_comparisons");
}

// out = 1 where a >= b, 0 elsewhere
void EwiseGe(const AlignedArray &a, const AlignedArray &b, AlignedArray *out) {
  throw std::logic_error("not started: hw3/cpu_comparisons");
}

void ScalarGe(const AlignedArray &a, scalar_t val, AlignedArray *out) {
  throw std::logic_error("not started: hw3/cpu_comparisons");
}

void EwiseLog(const AlignedArray &a, AlignedArray *out) {
  throw std::logic_error("not started: hw3/cpu_functions");
}

void EwiseExp(const AlignedArray &a, AlignedArray *out) {
  throw std::logic_error("not started: hw3/cpu_functions");
}

void EwiseTanh(const AlignedArray &a, AlignedArray *out) {
  throw std::logic_error("not started: hw3/cpu_functions");
}

// out = a @ b        a: (m, n)   b: (n, p)   out: (m, p)
void Matmul(const AlignedArray &a, const AlignedArray &b, AlignedArray *out, size_t m, size_t n, size_t p) {
  throw std::logic_error("not started: hw3/cpu_matmul");
}

// out += a @ b for one tile of each        a, b, out: (TILE, TILE), aligned to TILE * sizeof(scalar_t) bytes
//
// The compiler must know that the tiles don't overlap, where they begin, and how long the loops are: then it
// can turn the inner loop into vector instructions.
void AlignedDot(const scalar_t *__restrict__ a, const scalar_t *__restrict__ b, scalar_t *__restrict__ out) {
  throw std::logic_error("not started: hw3/cpu_matmul_tiled");
}

// out = a @ b, in tiles        a: (m/T, n/T, T, T)   b: (n/T, p/T, T, T)   out: (m/T, p/T, T, T)   with T =
// TILE
//
// Element (i, j) of the matrix `a` is element (i / T, j / T, i % T, j % T) of the array. T divides m, n and
// p.
void MatmulTiled(const AlignedArray &a, const AlignedArray &b, AlignedArray *out, size_t m, size_t n,
                 size_t p) {
  throw std::logic_error("not started: hw3/cpu_matmul_tiled");
}

// out[i] = the largest of the reduce_size elements of `a` from i * reduce_size on, of which there is at least
// one
void ReduceMax(const AlignedArray &a, AlignedArray *out, size_t reduce_size) {
  throw std::logic_error("not started: hw3/cpu_reduce_max");
}

// out[i] = the sum of the reduce_size elements of `a` from i * reduce_size on
void ReduceSum(const AlignedArray &a, AlignedArray *out, size_t reduce_size) {
  throw std::logic_error("not started: hw3/cpu_reduce_sum");
}

}  // namespace cpu
}  // namespace needle
