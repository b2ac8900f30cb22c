// Rows of a table that indices name. All arrays are compact and row-major, and indices floats.
#pragma once

#include <cstdint>

namespace needle::cuda_fast {

// Return the first place whose index is no whole number from 0 to rows - 1, or `count`. Waits for the device.
int64_t FirstWrongIndex(const float *indices, int64_t count, int64_t rows);

// out[i, :] = table[indices[i], :]; each index is right.
void GatherRows(const float *table, const float *indices, int64_t count, int64_t columns, float *out);

// out[r, :] = the sum of a[i, :] over i with indices[i] == r, in i's order. What has a wrong index is left
// out.
void ScatterAddRows(const float *a, const float *indices, int64_t count, int64_t rows, int64_t columns,
                    float *out);

}  // namespace needle::cuda_fast
