#include "../../fast/softmax.h"

#include "../machine/threads.h"
#include "sequences_kernels.h"

namespace needle::fast {
namespace {

constexpr int64_t kElements = 16384;  // that one thread takes at least

int64_t Grain(int64_t columns) {
  return kElements / columns + 1;
}

}  // namespace

void SoftmaxLoss(const float *x, const float *labels, int64_t rows, int64_t classes, float *loss,
                 float *log_sums) {
  const SequenceKernels &kernels = SequenceKernelsHere();
  ParallelFor(rows, Grain(classes), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) log_sums[i] = kernels.log_sum_exp(x + i * classes, classes);
  });
  double total = 0;
  for (int64_t i = 0; i < rows; ++i)
    total += static_cast<double>(log_sums[i]) - x[i * classes + static_cast<int64_t>(labels[i])];
  *loss = static_cast<float>(total / static_cast<double>(rows));
}

void SoftmaxLossGradient(const float *x, const float *labels, const float *log_sums, const float *loss_grad,
                         int64_t rows, int64_t classes, float *x_grad) {
  const float scale = *loss_grad / static_cast<float>(rows);
  const SequenceKernels &kernels = SequenceKernelsHere();
  ParallelFor(rows, Grain(classes), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      float *row = x_grad + i * classes;
      kernels.shifted_exp(x + i * classes, log_sums[i], scale, row, classes);
      row[static_cast<int64_t>(labels[i])] -= scale;
    }
  });
}

}  // namespace needle::fast
