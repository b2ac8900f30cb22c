// The tile, once for every instruction set. A file that includes this defines first
//   TILE_TARGET                            the target attribute of its functions
//   TILE_LANES, TILE_ROWS, TILE_VECTORS    floats in a vector; the largest tile's rows, and vectors in a row
// The sums and one row of b must fit in the registers: TILE_ROWS * TILE_VECTORS + TILE_VECTORS + 1 of them.
#include <cstring>

#include "gemm_tile.h"

#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

namespace needle::fast {
namespace {  // so that no other instruction set's functions are taken for these

typedef float Vector __attribute__((vector_size(TILE_LANES * sizeof(float))));
typedef float Unaligned __attribute__((vector_size(TILE_LANES * sizeof(float)), aligned(4), may_alias));

// Store fewer columns than a tile has: in as many steps a row as the number has bits.
TILE_TARGET __attribute__((noinline)) void StoreFew(const Vector *sums, int rows, int vectors, float *out,
                                                    int64_t ldo, int64_t columns, bool add) {
  for (int i = 0; i < rows; ++i) {
    const float *from = reinterpret_cast<const float *>(sums + i * vectors);
    float *to = out + i * ldo;
    if (add) {
      for (int64_t j = 0; j < columns; ++j) to[j] += from[j];
      continue;
    }
    UNROLL for (int64_t width = TILE_LANES * 2; width > 0; width /= 2) {
      if (!(columns & width)) continue;
      memcpy(to, from, width * sizeof(float));
      to += width;
      from += width;
    }
  }
}

template <int kRows, int kVectors, bool kUnit>
TILE_TARGET void RunTile(int64_t depth, const float *a, int64_t a_rs, int64_t a_cs, const float *b,
                         int64_t b_rs, float *out, int64_t ldo, int64_t columns, bool add) {
  if (kUnit) a_rs = 1;
  Vector sum[kRows][kVectors];
  UNROLL for (int i = 0; i < kRows; ++i) {
    __builtin_prefetch(out + i * ldo, 1);
    UNROLL for (int j = 0; j < kVectors; ++j) sum[i][j] = Vector{};
  }
  for (int64_t k = 0; k < depth; ++k) {
    Vector row[kVectors];
    UNROLL for (int j = 0; j < kVectors; ++j) row[j] =
        *reinterpret_cast<const Unaligned *>(b + j * TILE_LANES);
    UNROLL for (int i = 0; i < kRows; ++i) {
      const float factor = a[i * a_rs];
      UNROLL for (int j = 0; j < kVectors; ++j) sum[i][j] += factor * row[j];
    }
    a += a_cs;
    b += b_rs;
  }
  if (columns == kVectors * TILE_LANES) {
    UNROLL for (int i = 0; i < kRows; ++i) UNROLL for (int j = 0; j < kVectors; ++j) {
      Unaligned *to = reinterpret_cast<Unaligned *>(out + i * ldo + j * TILE_LANES);
      *to = add ? *to + sum[i][j] : sum[i][j];
    }
    return;
  }
  Vector sums[kRows][kVectors];
  UNROLL for (int i = 0; i < kRows; ++i) UNROLL for (int j = 0; j < kVectors; ++j) sums[i][j] = sum[i][j];
  StoreFew(sums[0], kRows, kVectors, out, ldo, columns, add);
}

template <int kRows, int kVectors>
void SetTiles(TileSet *set) {
  set->tile[0][kRows - 1][kVectors - 1] = RunTile<kRows, kVectors, false>;
  set->tile[1][kRows - 1][kVectors - 1] = RunTile<kRows, kVectors, true>;
  if constexpr (kVectors > 1)
    SetTiles<kRows, kVectors - 1>(set);
  else if constexpr (kRows > 1)
    SetTiles<kRows - 1, TILE_VECTORS>(set);
}

TileSet MakeTiles() {
  static_assert(TILE_ROWS <= kMostTileRows && TILE_VECTORS <= kMostTileVectors, "the table is too small");
  TileSet set{TILE_ROWS, TILE_LANES, TILE_VECTORS, {}};
  SetTiles<TILE_ROWS, TILE_VECTORS>(&set);
  return set;
}

}  // namespace
}  // namespace needle::fast
