// The tiles, once for every instruction set. A file that includes this defines first
//   TILE_TARGET                 the target attribute of its functions
//   TILE_LANES                  floats in a vector
//   TILE_ROWS, TILE_VECTORS     the largest tile: its sums, a row of b and one factor must fit in the
//   registers TILE_WIDE_VECTORS           the same, for up to three rows
// and, in the unnamed namespace of needle::fast,
//   Vector LoadPart(const float *from, int64_t count)             the first `count` floats, then zeros
//   void StorePart(float *to, const Vector &from, int64_t count)  the first `count` floats
#include <cstring>

#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

namespace needle::fast {
namespace {  // so that no other instruction set's functions are taken for these

typedef float Unaligned __attribute__((vector_size(TILE_LANES * sizeof(float)), aligned(4), may_alias));
typedef float Four __attribute__((vector_size(4 * sizeof(float))));
typedef float FourAnywhere __attribute__((vector_size(4 * sizeof(float)), aligned(4), may_alias));

enum class Kind { kStrided, kUnit, kPartial, kWide };

constexpr int kRowsAhead = 4;  // of b, fetched for the wide tiles: what they read jumps from row to row

template <Kind kind, int kRows, int kVectors>
TILE_TARGET void RunTile(int64_t depth, const float *a, int64_t a_rs, int64_t a_cs, const float *b,
                         int64_t b_rs, float *out, int64_t ldo, int64_t columns, bool add) {
  constexpr int kFull = kind == Kind::kPartial ? kVectors - 1 : kVectors;
  const int64_t part = columns - kFull * TILE_LANES;
  if (kind == Kind::kUnit) a_rs = 1;
  Vector sum[kRows][kVectors];
  UNROLL for (int i = 0; i < kRows; ++i) {
    __builtin_prefetch(out + i * ldo, 1);
    UNROLL for (int j = 0; j < kVectors; ++j) sum[i][j] = Vector{};
  }
  for (int64_t k = 0; k < depth; ++k, a += a_cs, b += b_rs) {
    Vector row[kVectors];
    UNROLL for (int j = 0; j < kFull; ++j) row[j] = *reinterpret_cast<const Unaligned *>(b + j * TILE_LANES);
    if (kind == Kind::kWide)
      UNROLL for (int j = 0; j < kVectors; ++j) __builtin_prefetch(b + kRowsAhead * b_rs + j * TILE_LANES);
    if (kind == Kind::kPartial) row[kVectors - 1] = LoadPart(b + kFull * TILE_LANES, part);
    UNROLL for (int i = 0; i < kRows; ++i) {
      const float factor = a[i * a_rs];
      UNROLL for (int j = 0; j < kVectors; ++j) sum[i][j] += factor * row[j];
    }
  }
  UNROLL for (int i = 0; i < kRows; ++i) {
    UNROLL for (int j = 0; j < kFull; ++j) {
      Unaligned *to = reinterpret_cast<Unaligned *>(out + i * ldo + j * TILE_LANES);
      *to = add ? *to + sum[i][j] : sum[i][j];
    }
    if (kind == Kind::kPartial) {
      float *to = out + i * ldo + kFull * TILE_LANES;
      const Vector &last = sum[i][kVectors - 1];
      StorePart(to, add ? LoadPart(to, part) + last : last, part);
    }
  }
}

// The sum of a vector's quarters.
TILE_TARGET inline Four Fold(const Vector &sum) {
  Four parts[TILE_LANES / 4], folded;
  memcpy(parts, &sum, sizeof(parts));
  folded = parts[0];
  UNROLL for (int i = 1; i < TILE_LANES / 4; ++i) folded += parts[i];
  return folded;
}

// The sums of four vectors' elements.
TILE_TARGET inline Four SumEach(const Vector *sum) {
  const Four a = Fold(sum[0]), b = Fold(sum[1]), c = Fold(sum[2]), d = Fold(sum[3]);
  const Four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5) + __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Four cd = __builtin_shufflevector(c, d, 0, 4, 1, 5) + __builtin_shufflevector(c, d, 2, 6, 3, 7);
  return __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
}

// Four columns at a time; where fewer are left, the last one stands in for those missing.
template <int kRows>
TILE_TARGET void RunDots(int64_t depth, const float *a, int64_t a_rs, const float *b, int64_t b_cs,
                         int64_t columns, float *out, int64_t ldo) {
  for (int64_t column = 0; column < columns; column += 4, b += 4 * b_cs, out += 4) {
    const int64_t last = columns - column - 1;
    const float *const line[4] = {b, b + (last < 1 ? last : 1) * b_cs, b + (last < 2 ? last : 2) * b_cs,
                                  b + (last < 3 ? last : 3) * b_cs};
    Vector sum[kRows][4];
    UNROLL for (int i = 0; i < kRows; ++i) UNROLL for (int j = 0; j < 4; ++j) sum[i][j] = Vector{};
    int64_t k = 0;
    for (; k + TILE_LANES <= depth; k += TILE_LANES) UNROLL for (int i = 0; i < kRows; ++i) {
        const Vector factors = *reinterpret_cast<const Unaligned *>(a + i * a_rs + k);
        UNROLL for (int j = 0; j < 4; ++j) sum[i][j] +=
            factors * *reinterpret_cast<const Unaligned *>(line[j] + k);
      }
    if (k < depth) UNROLL for (int i = 0; i < kRows; ++i) {
        const Vector factors = LoadPart(a + i * a_rs + k, depth - k);
        UNROLL for (int j = 0; j < 4; ++j) sum[i][j] += factors * LoadPart(line[j] + k, depth - k);
      }
    UNROLL for (int i = 0; i < kRows; ++i) {
      const Four sums = SumEach(sum[i]);
      if (last >= 3)
        *reinterpret_cast<FourAnywhere *>(out + i * ldo) = sums;
      else
        for (int64_t j = 0; j <= last; ++j) out[i * ldo + j] = sums[j];
    }
  }
}

template <int kRows, int kVectors>
void SetTiles(TileSet *set) {
  set->strided[kRows - 1][kVectors - 1] = RunTile<Kind::kStrided, kRows, kVectors>;
  set->unit[kRows - 1][kVectors - 1] = RunTile<Kind::kUnit, kRows, kVectors>;
  set->partial[kRows - 1][kVectors - 1] = RunTile<Kind::kPartial, kRows, kVectors>;
  if constexpr (kVectors > 1)
    SetTiles<kRows, kVectors - 1>(set);
  else if constexpr (kRows > 1)
    SetTiles<kRows - 1, TILE_VECTORS>(set);
}

TileSet MakeTiles() {
  static_assert(TILE_ROWS <= TileSet::kRows && TILE_VECTORS <= TileSet::kVectors, "the table is too small");
  TileSet set{};
  set.lanes = TILE_LANES;
  set.rows = TILE_ROWS;
  set.vectors = TILE_VECTORS;
  SetTiles<TILE_ROWS, TILE_VECTORS>(&set);
  set.wide_rows = 3;
  set.wide_vectors = TILE_WIDE_VECTORS;
  set.wide[0] = RunTile<Kind::kWide, 1, TILE_WIDE_VECTORS>;
  set.wide[1] = RunTile<Kind::kWide, 2, TILE_WIDE_VECTORS>;
  set.wide[2] = RunTile<Kind::kWide, 3, TILE_WIDE_VECTORS>;
  set.dot_rows = TILE_LANES == 16 ? 4 : 2;
  set.dots[0] = RunDots<1>;
  set.dots[1] = RunDots<2>;
  set.dots[2] = RunDots<3>;
  set.dots[3] = RunDots<4>;
  return set;
}

}  // namespace
}  // namespace needle::fast
