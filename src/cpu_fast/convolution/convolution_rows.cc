#include "convolution_rows.h"

#include <algorithm>
#include <cstring>

#include "../elementwise/elementwise_kernels.h"

namespace needle::fast {
namespace {

void CopyPixels(const float *from, int64_t pixels, int64_t channels, int64_t step, int64_t channel_step,
                float *out) {
  if (channel_step == 1 && (step == channels || pixels == 1)) {
    memcpy(out, from, static_cast<size_t>(pixels * channels) * sizeof(float));
  } else if (channel_step == 1) {
    for (int64_t i = 0; i < pixels; ++i) std::copy_n(from + i * step, channels, out + i * channels);
  } else if (step == 1) {
    ElementwiseKernelsHere().transpose(from, channel_step, out, channels, pixels, channels);
  } else {
    for (int64_t i = 0; i < pixels; ++i)
      for (int64_t c = 0; c < channels; ++c) out[i * channels + c] = from[i * step + c * channel_step];
  }
}

// The first and one past the last of `size` lines of a kernel that lie on one of `length` lines for some of
// `positions`.
void FindUsed(int64_t size, int64_t positions, int64_t length, int64_t stride, int64_t dilation,
              int64_t before, int64_t *begin, int64_t *end) {
  *begin = size;
  *end = size;
  for (int64_t k = 0; k < size; ++k)
    for (int64_t y = 0; y < positions; ++y) {
      const int64_t at = y * stride + k - before;
      if (at < 0 || at % dilation != 0 || at / dilation >= length) continue;
      *begin = std::min(*begin, k);
      *end = k + 1;
      break;
    }
}

}  // namespace

void CopyRows(const Images &images, int64_t image, int64_t begin, int64_t end, int64_t left, int64_t right,
              float *out) {
  const int64_t height = images.shape[1], width = images.shape[2], channels = images.shape[3];
  const int64_t row_size = (left + width + right) * channels;
  for (int64_t row = begin; row < end; ++row, out += row_size) {
    if (row < 0 || row >= height) {
      std::fill_n(out, row_size, 0.0f);
      continue;
    }
    std::fill_n(out, left * channels, 0.0f);
    CopyPixels(images.first + image * images.strides[0] + row * images.strides[1], width, channels,
               images.strides[2], images.strides[3], out + left * channels);
    std::fill_n(out + (left + width) * channels, right * channels, 0.0f);
  }
}

Cut CutUnused(const Images &images, int64_t height, int64_t width, Kernels *kernels, Placing *placing) {
  int64_t top, bottom, first, last;
  FindUsed(kernels->shape[0], height, images.shape[1], placing->stride, placing->dilation, placing->above,
           &top, &bottom);
  FindUsed(kernels->shape[1], width, images.shape[2], placing->stride, placing->dilation, placing->left,
           &first, &last);
  kernels->first += top * kernels->strides[0] + first * kernels->strides[1];
  kernels->shape[0] = bottom - top;
  kernels->shape[1] = last - first;
  placing->above -= top;
  placing->left -= first;
  return {top, first};
}

}  // namespace needle::fast
