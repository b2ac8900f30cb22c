// The innermost loops of the matrix product: a few rows of a, one panel of columns of b, all sums in
// registers.
#pragma once

#include <cstdint>

namespace needle::fast {

constexpr int kMostTileRows = 16;
constexpr int kMostTileVectors = 4;

/// Add to out, or store there, the product of `rows` rows of a and one panel of b, summed over `depth`.
///
/// Row i of a lies at a + i * a_rs and its next element a_cs further; row k of the panel lies at b + k * b_rs
/// and is as long as the tile's vectors, of which out gets the first `columns`.
using Tile = void (*)(int64_t depth, const float *a, int64_t a_rs, int64_t a_cs, const float *b, int64_t b_rs,
                      float *out, int64_t ldo, int64_t columns, bool add);

/// The tiles of one instruction set. tile[u][r - 1][v - 1] has r rows and v vectors; with u = 1, a_rs must
/// be 1.
struct TileSet {
  int rows;     // at most, in a tile
  int lanes;    // floats in a vector
  int vectors;  // at most, in a tile
  Tile tile[2][kMostTileRows][kMostTileVectors];

  int Columns() const { return lanes * vectors; }
};

/// Return the tiles for BestIsa().
const TileSet &BestTiles();

const TileSet &BaselineTiles();
const TileSet &Avx2Tiles();
const TileSet &Avx512Tiles();

}  // namespace needle::fast
