// Packing: a block of a matrix, copied to where the tiles read it from the first byte to the last.
#pragma once

#include <cstdint>

namespace needle::fast {

/// Lines of a matrix, side by side or one above the other: element k of line w lies at at[w * ws + k * ds].
struct Lines {
  const float *at;
  int64_t ws, ds;
};

/// Copy `depth` elements of each of `count` lines into panels of `width` lines, the last one perhaps of
/// fewer.
///
/// Panel i takes depth * pitch floats from out + i * depth * pitch on, element k of its line w at k * pitch +
/// w. What is left of the pitch, a multiple of 4, gets numbers of other places, on which nothing may depend.
void PackPanels(int64_t count, int64_t width, int64_t pitch, int64_t depth, const Lines &from, float *out);

}  // namespace needle::fast
