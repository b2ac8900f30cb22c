#include "../../fast/gather.h"

#include <cmath>
#include <cstring>

#include "../machine/threads.h"
#include "sequences_kernels.h"

namespace needle::fast {
namespace {

constexpr int64_t kElements = 16384;  // that one thread takes at least

}  // namespace

int64_t FirstWrongIndex(const float *indices, int64_t count, int64_t rows) {
  for (int64_t i = 0; i < count; ++i)  // no comparison is true of a NaN
    if (!(indices[i] >= 0 && indices[i] < static_cast<float>(rows) && indices[i] == std::floor(indices[i])))
      return i;
  return count;
}

void GatherRows(const float *table, const float *indices, int64_t count, int64_t columns, float *out) {
  ParallelFor(count, kElements / columns + 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      std::memcpy(out + i * columns, table + static_cast<int64_t>(indices[i]) * columns,
                  static_cast<size_t>(columns) * sizeof(float));
  });
}

// Each thread has rows of its own, and looks for their indices among all.
void ScatterAddRows(const float *a, const float *indices, int64_t count, int64_t rows, int64_t columns,
                    float *out) {
  const SequenceKernels &kernels = SequenceKernelsHere();
  ParallelFor(rows, (kElements + 16 * count) / columns + 1, [&](int64_t begin, int64_t end) {
    std::memset(out + begin * columns, 0, static_cast<size_t>((end - begin) * columns) * sizeof(float));
    for (int64_t i = 0; i < count; ++i) {
      const int64_t row = static_cast<int64_t>(indices[i]);
      if (row >= begin && row < end) kernels.scale_and_add(out + row * columns, 1, a + i * columns, columns);
    }
  });
}

}  // namespace needle::fast
