// 6 x 16 floats: 12 of the 16 registers hold sums. The end of a row is masked.
#include "../machine/targets.h"
#include "gemm_tile.h"

#if defined(__x86_64__)

#define TILE_TARGET NEEDLE_TARGET_AVX2
#define TILE_LANES 8
#define TILE_ROWS 6
#define TILE_VECTORS 2
#define TILE_WIDE_VECTORS 4

namespace needle::fast {
namespace {

typedef __m256 Vector;

TILE_TARGET inline __m256i FirstLanes(int64_t count) {
  const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), lanes);
}

TILE_TARGET inline Vector LoadPart(const float *from, int64_t count) {
  return _mm256_maskload_ps(from, FirstLanes(count));
}

TILE_TARGET inline void StorePart(float *to, const Vector &from, int64_t count) {
  _mm256_maskstore_ps(to, FirstLanes(count), from);
}

}  // namespace
}  // namespace needle::fast

#include "gemm_tile_template.h"

namespace needle::fast {

const TileSet &Avx2Tiles() {
  static const TileSet tiles = MakeTiles();
  return tiles;
}

}  // namespace needle::fast
#endif
