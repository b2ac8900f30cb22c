// Reductions over any axes of any view. Whoever calls has checked that every element lies inside the array.
#pragma once

#include <cstdint>

#include "elementwise.h"
#include "reductions_kernels.h"

namespace needle::fast {

/// out = the sum or the maximum of a over the axes that `reduced` marks; out is compact, row-major, and has
/// the others. A sum of nothing is 0; for a maximum each marked axis must hold something.
///
/// Sums are pairwise: the error grows with the logarithm of how many numbers are added. The result does not
/// depend on the number of threads.
void Reduce(Reduction reduction, View a, int ndim, const int64_t *shape, const bool *reduced, float *out);

}  // namespace needle::fast
