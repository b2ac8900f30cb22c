// Adding rows takes no atomic operations, so that a sum never changes from one run to the next: a block of
// threads belongs to each place whose index no earlier place has, and adds up all places of this index.
#include "../fast/gather.h"
#include "allocator.h"
#include "errors.h"
#include "launch.h"

namespace needle::fast {

namespace {

constexpr int kThreads = 128;
constexpr int kColumns = 32;  // that neighbours copy, of one row
using Number = unsigned long long;

__device__ inline bool IsIndex(float index, int64_t rows) {  // no comparison is true of a NaN
  return index >= 0 && index < static_cast<float>(rows) && index == floorf(index);
}

__global__ void __launch_bounds__(kThreads)
    FirstWrongKernel(const float *indices, int64_t count, int64_t rows, Number *first) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (i < count && !IsIndex(indices[i], rows)) atomicMin(first, static_cast<Number>(i));
}

__global__ void __launch_bounds__(kThreads)
    GatherKernel(const float *table, const float *indices, int64_t count, int64_t columns, float *out) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.y + threadIdx.y;
  if (i >= count) return;
  const float *row = table + static_cast<int64_t>(indices[i]) * columns;
  for (int64_t j = threadIdx.x; j < columns; j += kColumns) out[i * columns + j] = row[j];
}

__global__ void __launch_bounds__(kThreads)
    ScatterAddKernel(const float *a, const float *indices, int64_t count, int64_t rows, int64_t columns,
                     float *out) {
  __shared__ bool same[kThreads];
  const int64_t first = blockIdx.x, column = static_cast<int64_t>(blockIdx.y) * kThreads + threadIdx.x;
  const float index = indices[first];
  if (!IsIndex(index, rows)) return;  // as all threads do
  for (int64_t i = 0; i < first; i += kThreads) {
    const int64_t at = i + threadIdx.x;
    if (__syncthreads_or(at < first && indices[at] == index)) return;  // an earlier place's block adds it
  }
  float sum = 0;
  for (int64_t i = first; i < count; i += kThreads) {
    const int64_t at = i + threadIdx.x;
    same[threadIdx.x] = at < count && indices[at] == index;
    if (__syncthreads_or(same[threadIdx.x]) && column < columns)
      for (int k = 0; k < kThreads; ++k)
        if (same[k]) sum += a[(i + k) * columns + column];
    __syncthreads();
  }
  if (column < columns) out[static_cast<int64_t>(index) * columns + column] = sum;
}

}  // namespace

int64_t FirstWrongIndex(const float *indices, int64_t count, int64_t rows) {
  const Temporary memory(sizeof(Number));
  auto *first = static_cast<Number *>(memory.Get());
  Number found = ~Number{0};
  const cudaStream_t stream = CurrentStream();
  Require(cudaMemsetAsync(first, 0xff, sizeof(Number), stream), "FirstWrongIndex");
  Launch("FirstWrongIndex", FirstWrongKernel, dim3(BlocksFor(count, kThreads)), dim3(kThreads), 0, indices,
         count, rows, first);
  Require(cudaMemcpyAsync(&found, first, sizeof(Number), cudaMemcpyDeviceToHost, stream), "FirstWrongIndex");
  Require(cudaStreamSynchronize(stream), "FirstWrongIndex");
  return found == ~Number{0} ? count : static_cast<int64_t>(found);
}

void GatherRows(const float *table, const float *indices, int64_t count, int64_t columns, float *out) {
  constexpr int kRows = kThreads / kColumns;
  Launch("GatherRows", GatherKernel, dim3(BlocksFor(count, kRows)), dim3(kColumns, kRows), 0, table, indices,
         count, columns, out);
}

void ScatterAddRows(const float *a, const float *indices, int64_t count, int64_t rows, int64_t columns,
                    float *out) {
  const size_t bytes = static_cast<size_t>(rows) * static_cast<size_t>(columns) * sizeof(float);
  Require(cudaMemsetAsync(out, 0, bytes, CurrentStream()), "ScatterAddRows");
  Launch("ScatterAddRows", ScatterAddKernel, dim3(BlocksFor(count, 1), BlocksFor(columns, kThreads)),
         dim3(kThreads), 0, a, indices, count, rows, columns, out);
}

}  // namespace needle::fast
