// The CPU backend: its array, and the kernels of ndarray_backend_cpu.cc.
//
// A view is a shape, strides and an offset, all counted in elements: element (i, j, ...) of it lies at
// offset + i * strides[0] + j * strides[1] + ... of the array. A stride may be 0 or negative. Whoever calls a
// kernel has checked that every element lies inside its array.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace needle {
namespace cpu {

using scalar_t = float;
using Dims = std::vector<int64_t>;  // a shape, or strides

constexpr size_t ALIGNMENT = 256;  // bytes
constexpr size_t TILE = 8;         // rows and columns of a tile in MatmulTiled

// Memory for `size` numbers, not initialized, at an address that ALIGNMENT divides.
struct AlignedArray {
  explicit AlignedArray(size_t size);                                              // throws OutOfMemory
  AlignedArray(scalar_t *ptr, size_t size, void (*release)(void *), void *owner);  // another library's memory
  ~AlignedArray();
  AlignedArray(const AlignedArray &) = delete;
  AlignedArray &operator=(const AlignedArray &) = delete;

  scalar_t *ptr;
  size_t size;

 private:
  void (*release_)(void *) = nullptr;
  void *owner_ = nullptr;
};

void CopyFromHost(const scalar_t *host, AlignedArray *out);
void CopyToHost(const AlignedArray &a, size_t begin, size_t count, scalar_t *host);

void Fill(AlignedArray *out, scalar_t val);
void Compact(const AlignedArray &a, AlignedArray *out, const Dims &shape, const Dims &strides, size_t offset);
void EwiseSetitem(const AlignedArray &a, AlignedArray *out, const Dims &shape, const Dims &strides,
                  size_t offset);
void ScalarSetitem(size_t size, scalar_t val, AlignedArray *out, const Dims &shape, const Dims &strides,
                   size_t offset);

void EwiseAdd(const AlignedArray &a, const AlignedArray &b, AlignedArray *out);
void ScalarAdd(const AlignedArray &a, scalar_t val, AlignedArray *out);
void EwiseMul(const AlignedArray &a, const AlignedArray &b, AlignedArray *out);
void ScalarMul(const AlignedArray &a, scalar_t val, AlignedArray *out);
void EwiseDiv(const AlignedArray &a, const AlignedArray &b, AlignedArray *out);
void ScalarDiv(const AlignedArray &a, scalar_t val, AlignedArray *out);
void EwisePower(const AlignedArray &a, const AlignedArray &b, AlignedArray *out);
void ScalarPower(const AlignedArray &a, scalar_t val, AlignedArray *out);
void EwiseMaximum(const AlignedArray &a, const AlignedArray &b, AlignedArray *out);
void ScalarMaximum(const AlignedArray &a, scalar_t val, AlignedArray *out);
void EwiseEq(const AlignedArray &a, const AlignedArray &b, AlignedArray *out);
void ScalarEq(const AlignedArray &a, scalar_t val, AlignedArray *out);
void EwiseGe(const AlignedArray &a, const AlignedArray &b, AlignedArray *out);
void ScalarGe(const AlignedArray &a, scalar_t val, AlignedArray *out);
void EwiseLog(const AlignedArray &a, AlignedArray *out);
void EwiseExp(const AlignedArray &a, AlignedArray *out);
void EwiseTanh(const AlignedArray &a, AlignedArray *out);

void Matmul(const AlignedArray &a, const AlignedArray &b, AlignedArray *out, size_t m, size_t n, size_t p);
void MatmulTiled(const AlignedArray &a, const AlignedArray &b, AlignedArray *out, size_t m, size_t n,
                 size_t p);

void ReduceMax(const AlignedArray &a, AlignedArray *out, size_t reduce_size);
void ReduceSum(const AlignedArray &a, AlignedArray *out, size_t reduce_size);

}  // namespace cpu
}  // namespace needle
