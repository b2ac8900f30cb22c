// NEON has 32 registers, SSE2 16: sums of 8 x 12 and of 6 x 8 floats.
#include "dispatch.h"

#define TILE_TARGET
#define TILE_LANES 4
#if defined(__aarch64__)
#define TILE_ROWS 8
#define TILE_VECTORS 3
#else
#define TILE_ROWS 6
#define TILE_VECTORS 2
#endif
#include "gemm_tile_template.h"

namespace needle::fast {

const TileSet &BaselineTiles() {
  static const TileSet tiles = MakeTiles();
  return tiles;
}

const TileSet &BestTiles() {
  switch (BestIsa()) {
#if defined(__x86_64__)
    case Isa::kAvx512:
      return Avx512Tiles();
    case Isa::kAvx2:
      return Avx2Tiles();
#endif
    default:
      return BaselineTiles();
  }
}

}  // namespace needle::fast
