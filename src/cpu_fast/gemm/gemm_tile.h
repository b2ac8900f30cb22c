// The innermost loops of the matrix product, whose sums stay in registers.
#pragma once

#include <cstdint>

namespace needle::fast {

/// Add to out, or store there, the product of a few rows of a and a few columns of b, summed over `depth`.
///
/// Elements (i, k) of a lie at a + i * a_rs + k * a_cs, and rows of b, in a piece, b_rs apart.
using Tile = void (*)(int64_t depth, const float *a, int64_t a_rs, int64_t a_cs, const float *b, int64_t b_rs,
                      float *out, int64_t ldo, int64_t columns, bool add);

/// Store at out + i * ldo + j the products of a few rows of a with each of so many columns of b.
///
/// The rows of a lie a_rs apart and the columns of b b_cs, each in a piece.
using Dots = void (*)(int64_t depth, const float *a, int64_t a_rs, const float *b, int64_t b_cs,
                      int64_t columns, float *out, int64_t ldo);

/// What an instruction set has, by rows - 1 and, of tiles, by vectors - 1.
struct TileSet {
  static constexpr int kRows = 16, kVectors = 4, kFewRows = 4;  // at most, in any of the sets

  int lanes;          // floats in a vector
  int rows, vectors;  // of the largest tile
  Tile strided[kRows][kVectors];
  Tile unit[kRows][kVectors];     // where a_rs is 1
  Tile partial[kRows][kVectors];  // whose last vector is not full: the others fill their vectors with columns
  int wide_rows, wide_vectors;
  Tile wide[kFewRows];  // of wide_vectors vectors, where wide_rows rows are all there are
  int dot_rows;
  Dots dots[kFewRows];
};

/// Return the tiles for BestIsa().
const TileSet &BestTiles();

const TileSet &BaselineTiles();
const TileSet &Avx2Tiles();
const TileSet &Avx512Tiles();

}  // namespace needle::fast
