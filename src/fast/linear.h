// A matrix product with a vector added to each row. All arrays are compact and row-major. Each backend has
// its own.
#pragma once

#include <cstdint>

namespace needle::fast {

/// out = x @ weight + bias, with x (rows, n), weight (n, p) and bias (p).
void Linear(int64_t rows, int64_t n, int64_t p, const float *x, const float *weight, const float *bias,
            float *out);

}  // namespace needle::fast
