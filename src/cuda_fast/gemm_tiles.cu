#include <algorithm>
#include <stdexcept>
#include <string>

#include "allocator.h"
#include "device.h"
#include "gemm_tiles.h"
#include "reductions.h"

namespace needle::fast {

namespace {

constexpr int64_t kLeastPart =
    256;  // a part of n shorter than that is not worth the sums' way through memory
constexpr int64_t kMostParts = 32;

int64_t CeilDivide(int64_t n, int64_t d) {
  return (n + d - 1) / d;
}

size_t BytesOf(int64_t floats) {
  return static_cast<size_t>(floats) * sizeof(float);
}

}  // namespace

TileGrid::TileGrid(const GemmCall &call, int tile_rows, int tile_columns, int tile_depth)
    : rows(static_cast<uint32_t>(CeilDivide(call.m, tile_rows))),
      columns(static_cast<uint32_t>(CeilDivide(call.p, tile_columns))),
      batches(call.batch.Count()) {
  const int64_t tiles = int64_t{rows} * columns * batches;
  const int64_t wanted = std::min(ProcessorCount() * 2 / tiles, kMostParts);
  const int64_t most = std::max<int64_t>(1, std::min(wanted, call.n / kLeastPart));
  part_length = CeilDivide(CeilDivide(call.n, most), tile_depth) * tile_depth;
  parts = std::max<int64_t>(1, CeilDivide(call.n, std::max<int64_t>(part_length, 1)));
}

unsigned TileGrid::Blocks() const {
  const int64_t tiles = int64_t{rows} * columns;
  if (tiles > INT32_MAX || tiles * batches > INT32_MAX || tiles * batches * parts > INT32_MAX)
    throw std::invalid_argument("matmul: out has " + std::to_string(tiles) + " tiles in each of " +
                                std::to_string(batches) +
                                " matrices. Expected under 2^31 in all. Multiply smaller batches.");
  return static_cast<unsigned>(tiles * batches * parts);
}

PartialSums::PartialSums(const GemmCall &call, const TileGrid &grid)
    : count_(grid.batches * call.m * call.p), parts_(grid.parts), memory_(call.out), out_(call.out) {
  if (parts_ > 1) memory_ = static_cast<float *>(Allocate(BytesOf(count_ * parts_)));
}

PartialSums::~PartialSums() {
  if (parts_ > 1) Free(memory_, BytesOf(count_ * parts_));
}

void PartialSums::Finish() const {
  if (parts_ == 1) return;
  ReductionCall call = {{}, {}, memory_, out_};
  call.kept.Append(count_, {1});
  call.reduced.Append(parts_, {count_});
  Reduce(Reduction::kSum, call);
}

}  // namespace needle::fast
