// 6 x 16 floats: 12 of the 16 registers hold sums.
#include "dispatch.h"

#if defined(__x86_64__)
#define TILE_TARGET NEEDLE_TARGET_AVX2
#define TILE_LANES 8
#define TILE_ROWS 6
#define TILE_VECTORS 2
#include "gemm_tile_template.h"

namespace needle::fast {

const TileSet &Avx2Tiles() {
  static const TileSet tiles = MakeTiles();
  return tiles;
}

}  // namespace needle::fast
#endif
