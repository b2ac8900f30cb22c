#include "gemm_pack.h"

#include <algorithm>

namespace needle::fast {
namespace {

typedef float Four __attribute__((vector_size(16)));
typedef float FourAnywhere __attribute__((vector_size(16), aligned(4), may_alias));

constexpr int64_t kChunk = 16;   // elements of a line that are read at a time: a cache line
constexpr int64_t kAbreast = 8;  // panels that are written at a time: a cache's ways

const FourAnywhere &Load(const float *from) {
  return *reinterpret_cast<const FourAnywhere *>(from);
}
FourAnywhere &Store(float *to) {
  return *reinterpret_cast<FourAnywhere *>(to);
}

// Lines side by side: copy what lies next to each other, for several panels in a row.
void PackSideBySide(int64_t count, int64_t width, int64_t pitch, int64_t depth, const Lines &from,
                    float *out) {
  for (int64_t k = 0; k < depth; ++k) {
    const float *row = from.at + k * from.ds;
    float *to = out + k * pitch;
    for (int64_t left = count; left > 0; left -= width, row += width, to += depth * pitch) {
      const int64_t here = std::min(left, width);
      int64_t w = 0;
      for (; w + 4 <= here; w += 4) Store(to + w) = Load(row + w);
      for (; w < pitch; ++w) to[w] = row[std::min(w, here - 1)];
    }
  }
}

void Transpose4x4(const float *const line[4], int64_t k, float *to, int64_t pitch) {
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

// One panel of lines that each lie in a row of memory.
void PackOneAboveTheOther(int64_t width, int64_t pitch, int64_t depth, const Lines &from, float *out) {
  for (int64_t chunk = 0; chunk < depth; chunk += kChunk)
    for (int64_t w = 0; w < pitch; w += 4) {
      const float *line[4];
      for (int i = 0; i < 4; ++i) line[i] = from.at + std::min(w + i, width - 1) * from.ws;
      const int64_t end = std::min(chunk + kChunk, depth);
      int64_t k = chunk;
      for (; k + 4 <= end; k += 4) Transpose4x4(line, k, out + k * pitch + w, pitch);
      for (; k < end; ++k)
        for (int i = 0; i < 4; ++i) out[k * pitch + w + i] = line[i][k];
    }
}

void PackStrided(int64_t width, int64_t pitch, int64_t depth, const Lines &from, float *out) {
  for (int64_t k = 0; k < depth; ++k)
    for (int64_t w = 0; w < pitch; ++w)
      out[k * pitch + w] = from.at[std::min(w, width - 1) * from.ws + k * from.ds];
}

}  // namespace

void PackPanels(int64_t count, int64_t width, int64_t pitch, int64_t depth, const Lines &from, float *out) {
  const int64_t step = from.ws == 1 ? kAbreast * width : width;
  for (int64_t w = 0; w < count; w += step, out += step / width * depth * pitch) {
    const Lines here{from.at + w * from.ws, from.ws, from.ds};
    const int64_t lines = std::min(step, count - w);
    if (from.ws == 1)
      PackSideBySide(lines, width, pitch, depth, here, out);
    else if (from.ds == 1)
      PackOneAboveTheOther(lines, pitch, depth, here, out);
    else
      PackStrided(lines, pitch, depth, here, out);
  }
}

}  // namespace needle::fast
