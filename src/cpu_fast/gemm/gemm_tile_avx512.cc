// 12 x 32 floats: 24 of the 32 registers hold sums. The end of a row is masked.
#include "../machine/targets.h"
#include "gemm_tile.h"

#if defined(__x86_64__)

#define TILE_TARGET NEEDLE_TARGET_AVX512
#define TILE_LANES 16
#define TILE_ROWS 12
#define TILE_VECTORS 2
#define TILE_WIDE_VECTORS 8

namespace needle::fast {
namespace {

typedef __m512 Vector;

TILE_TARGET inline Vector LoadPart(const float *from, int64_t count) {
  return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << count) - 1), from);
}

TILE_TARGET inline void StorePart(float *to, const Vector &from, int64_t count) {
  _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1u << count) - 1), from);
}

}  // namespace
}  // namespace needle::fast

#include "gemm_tile_template.h"

namespace needle::fast {

const TileSet &Avx512Tiles() {
  static const TileSet tiles = MakeTiles();
  return tiles;
}

}  // namespace needle::fast
#endif
