// Rows of a table, compact and row-major, chosen by whole numbers that are held as floats. Each backend has
// its own.
#pragma once

#include <cstdint>

namespace needle::fast {

/// Return the first place whose number is no whole number from 0 to rows - 1, or `count` if all are.
int64_t FirstWrongIndex(const float *indices, int64_t count, int64_t rows);

/// out[i, j] = table[indices[i], j]
void GatherRows(const float *table, const float *indices, int64_t count, int64_t columns, float *out);

/// out[k, j] = the sum of a[i, j] over those i where indices[i] is k, in their order
void ScatterAddRows(const float *a, const float *indices, int64_t count, int64_t rows, int64_t columns,
                    float *out);

}  // namespace needle::fast
