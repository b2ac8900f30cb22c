// Packing: a block of a matrix, copied to where the tiles read it from the first byte to the last.
#pragma once

#include <cstdint>

namespace needle::fast {

/// Copy `width` lines of `depth` elements side by side: out[k * pitch + w] = from[w * ws + k * ds].
///
/// A place from `width` to `pitch` gets the number of some other place of its row, which nothing may depend
/// on. out has room for depth * pitch floats. Requires 0 < width <= pitch and pitch a multiple of 4.
void PackPanel(int64_t width, int64_t pitch, int64_t depth, const float *from, int64_t ws, int64_t ds,
               float *out);

}  // namespace needle::fast
