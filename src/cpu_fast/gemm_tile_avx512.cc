// 12 x 32 floats: 24 of the 32 registers hold sums.
#include "dispatch.h"

#if defined(__x86_64__)
#define TILE_TARGET NEEDLE_TARGET_AVX512
#define TILE_LANES 16
#define TILE_ROWS 12
#define TILE_VECTORS 2
#include "gemm_tile_template.h"

namespace needle::fast {

const TileSet &Avx512Tiles() {
  static const TileSet tiles = MakeTiles();
  return tiles;
}

}  // namespace needle::fast
#endif
