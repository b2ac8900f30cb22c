// What the kernels that multiply matrices tile by tile have in common: which block computes which tile of
// out, and how a sum over a long n is cut into parts where out has too few tiles to keep the device busy.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "gemm.h"

namespace needle::fast {

// Block number part * (batches * tiles) + matrix * tiles + tile computes a tile of out's partial sums, which
// lie as an array of shape (parts, batches, m, p). Tiles are taken in strips of kStrip rows of them: blocks
// that run at the same time then read the same rows of a and columns of b, which stay in the cache.
struct TileGrid {
  static constexpr uint32_t kStrip = 8;

  uint32_t rows, columns;  // of tiles
  int64_t batches, parts;
  int64_t part_length;  // of n

  TileGrid(const GemmCall &call, int tile_rows, int tile_columns, int tile_depth);
  unsigned Blocks() const;  // throws if a launch can't have as many
};

struct TilePlace {
  int64_t part, matrix;
  uint32_t row, column;  // in tiles
};

__device__ inline TilePlace PlaceOfBlock(const TileGrid &grid) {
  const uint32_t tiles = grid.rows * grid.columns;
  const uint32_t tile = blockIdx.x % tiles, product = blockIdx.x / tiles;
  const uint32_t strip = tile / (TileGrid::kStrip * grid.columns);
  const uint32_t first = strip * TileGrid::kStrip, left = grid.rows - first;
  const uint32_t rows = left < TileGrid::kStrip ? left : TileGrid::kStrip;
  const uint32_t within = tile - first * grid.columns;
  return {product / grid.batches, product % grid.batches, first + within % rows, within / rows};
}

// Where kernels write: out itself or, if there are parts, memory for them that Finish() adds up into out.
class PartialSums {
 public:
  PartialSums(const GemmCall &call, const TileGrid &grid);
  ~PartialSums();
  PartialSums(const PartialSums &) = delete;
  PartialSums &operator=(const PartialSums &) = delete;

  float *Floats() const { return memory_; }
  void Finish() const;

 private:
  int64_t count_, parts_;
  float *memory_, *out_;
};

}  // namespace needle::fast
