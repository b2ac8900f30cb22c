// Two sums over the rows of each column of a table. Parts of the rows are added up by blocks of their own,
// and then the parts, in double precision, in an order that the sizes and the device alone decide.
#pragma once

#include <algorithm>
#include <cstdint>

#include "allocator.h"
#include "device.h"
#include "launch.h"

namespace needle::fast {

constexpr int kColumnLanes = 32, kRowLanes = 8;  // of a block

// terms(row, column, &first, &second) adds to two numbers of a column what a row has for it.
template <class Terms>
__global__ void PartialColumnSumsKernel(Terms terms, int64_t rows, int64_t columns, int64_t part,
                                        float *partial) {
  __shared__ float firsts[kRowLanes][kColumnLanes], seconds[kRowLanes][kColumnLanes];
  const int64_t column = static_cast<int64_t>(blockIdx.x) * kColumnLanes + threadIdx.x;
  const int64_t begin = blockIdx.y * part, end = min(begin + part, rows);
  float first = 0, second = 0;
  if (column < columns)
    for (int64_t row = begin + threadIdx.y; row < end; row += kRowLanes) terms(row, column, &first, &second);
  firsts[threadIdx.y][threadIdx.x] = first;
  seconds[threadIdx.y][threadIdx.x] = second;
  __syncthreads();
  if (threadIdx.y != 0 || column >= columns) return;
  for (int lane = 1; lane < kRowLanes; ++lane) {
    first += firsts[lane][threadIdx.x];
    second += seconds[lane][threadIdx.x];
  }
  partial[2 * blockIdx.y * columns + column] = first;
  partial[(2 * blockIdx.y + 1) * columns + column] = second;
}

// finish(column, first, second) takes a column's sums.
template <class Finish>
__global__ void FinishColumnSumsKernel(Finish finish, const float *partial, int64_t parts, int64_t columns) {
  const int64_t column = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (column >= columns) return;
  double first = 0, second = 0;
  for (int64_t part = 0; part < parts; ++part) {
    first += partial[2 * part * columns + column];
    second += partial[(2 * part + 1) * columns + column];
  }
  finish(column, first, second);
}

template <class Terms, class Finish>
void SumColumns(const char *name, int64_t rows, int64_t columns, const Terms &terms, const Finish &finish) {
  constexpr int kFinishThreads = 128;
  constexpr int64_t kLeastRows = 4 * kRowLanes;  // that are worth a block
  const int64_t across = (columns + kColumnLanes - 1) / kColumnLanes;
  const int64_t wanted = std::min<int64_t>(int64_t{4} * ProcessorCount() / across, rows / kLeastRows);
  const int64_t most = std::clamp<int64_t>(wanted, 1, 65535), part = (rows + most - 1) / most;
  const int64_t parts = (rows + part - 1) / part;
  const Temporary partial(static_cast<size_t>(2 * parts * columns) * sizeof(float));
  Launch(name, PartialColumnSumsKernel<Terms>,
         dim3(BlocksFor(columns, kColumnLanes), static_cast<unsigned>(parts)), dim3(kColumnLanes, kRowLanes),
         0, terms, rows, columns, part, partial.Floats());
  Launch(name, FinishColumnSumsKernel<Finish>, dim3(BlocksFor(columns, kFinishThreads)), dim3(kFinishThreads),
         0, finish, partial.Floats(), parts, columns);
}

// Blocks, and how many rows they have together, for kernels that take each column of rows in a loop.
inline dim3 BlocksOfColumns(int64_t rows, int64_t columns) {
  constexpr int64_t kRowsEach = 4 * kRowLanes;
  const int64_t down = std::min<int64_t>((rows + kRowsEach - 1) / kRowsEach, 65535);
  return dim3(BlocksFor(columns, kColumnLanes), static_cast<unsigned>(down));
}

}  // namespace needle::fast
