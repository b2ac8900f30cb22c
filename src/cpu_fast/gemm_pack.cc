#include "gemm_pack.h"

#include <algorithm>
#include <cstring>

namespace needle::fast {
namespace {

typedef float Four __attribute__((vector_size(16)));
typedef float FourAnywhere __attribute__((vector_size(16), aligned(4), may_alias));

const FourAnywhere &Load(const float *from) {
  return *reinterpret_cast<const FourAnywhere *>(from);
}
FourAnywhere &Store(float *to) {
  return *reinterpret_cast<FourAnywhere *>(to);
}

// Neighbours of a row of out are neighbours in memory.
void PackRows(int64_t width, int64_t pitch, int64_t depth, const float *from, int64_t ds, float *out) {
  const int64_t whole = width / 4 * 4;
  for (int64_t k = 0; k < depth; ++k, from += ds, out += pitch) {
    for (int64_t w = 0; w < whole; w += 4) Store(out + w) = Load(from + w);
    for (int64_t w = whole; w < pitch; ++w) out[w] = from[std::min(w, width - 1)];
  }
}

// Neighbours of a column of out are: transpose, four lines and four elements of each at a time.
void PackColumns(int64_t width, int64_t pitch, int64_t depth, const float *from, int64_t ws, float *out) {
  for (int64_t w = 0; w < pitch; w += 4) {
    const float *line[4];
    for (int i = 0; i < 4; ++i) line[i] = from + std::min(w + i, width - 1) * ws;
    float *to = out + w;
    int64_t k = 0;
    for (; k + 4 <= depth; k += 4, to += 4 * pitch) {
      const Four a = Load(line[0] + k), b = Load(line[1] + k), c = Load(line[2] + k), d = Load(line[3] + k);
      const Four ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
      const Four ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
      const Four cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
      const Four cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
      Store(to) = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
      Store(to + pitch) = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
      Store(to + 2 * pitch) = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
      Store(to + 3 * pitch) = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
    }
    for (; k < depth; ++k, to += pitch)
      for (int i = 0; i < 4; ++i) to[i] = line[i][k];
  }
}

void PackStrided(int64_t width, int64_t pitch, int64_t depth, const float *from, int64_t ws, int64_t ds,
                 float *out) {
  for (int64_t w = 0; w < pitch; ++w) {
    const float *line = from + std::min(w, width - 1) * ws;
    for (int64_t k = 0; k < depth; ++k) out[k * pitch + w] = line[k * ds];
  }
}

}  // namespace

void PackPanel(int64_t width, int64_t pitch, int64_t depth, const float *from, int64_t ws, int64_t ds,
               float *out) {
  if (ws == 1)
    PackRows(width, pitch, depth, from, ds, out);
  else if (ds == 1)
    PackColumns(width, pitch, depth, from, ws, out);
  else
    PackStrided(width, pitch, depth, from, ws, ds, out);
}

}  // namespace needle::fast
