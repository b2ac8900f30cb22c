// NEON has 32 registers, SSE2 16: sums of 8 x 12 and of 6 x 8 floats.
#include "../machine/dispatch.h"
#include "gemm_tile.h"

#define TILE_TARGET
#define TILE_LANES 4
#if defined(__aarch64__)
#define TILE_ROWS 8
#define TILE_VECTORS 3
#define TILE_WIDE_VECTORS 8
#else
#define TILE_ROWS 6
#define TILE_VECTORS 2
#define TILE_WIDE_VECTORS 4
#endif

namespace needle::fast {
namespace {

typedef float Vector __attribute__((vector_size(TILE_LANES * sizeof(float))));

inline Vector LoadPart(const float *from, int64_t count) {
  Vector part{};
  for (int64_t i = 0; i < count; ++i) part[i] = from[i];
  return part;
}

inline void StorePart(float *to, const Vector &from, int64_t count) {
  for (int64_t i = 0; i < count; ++i) to[i] = from[i];
}

}  // namespace
}  // namespace needle::fast

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
