// Convolutions of images, in float32. Images are read where they lie, of any strides: only the rows that a
// thread works on are copied, with zeros around them, into a buffer that stays in its cache. There each row
// of a kernel meets `width * channels` numbers that lie in a piece, so that a convolution is a sum of matrix
// products, one a row of the kernel, whose operands nobody has to arrange.
#pragma once

#include <cstdint>

namespace needle::fast {

/// Images (count, height, width, channels).
struct Images {
  const float *first;
  int64_t shape[4];
  int64_t strides[4];
};

/// Kernels (height, width, channels, out_channels).
struct Kernels {
  const float *first;
  int64_t shape[4];
  int64_t strides[4];
};

/// Where the kernel lies for the result's row y: its row k is over row (y * stride + k - above) / dilation of
/// the images, if that is a whole number and a row that there is; and likewise for columns.
struct Placing {
  int64_t stride, dilation, above, left;
};

/// out[n, y, x, o] = bias[o] + the sum over k, l, c of images[n, row(y, k), column(x, l), c] * kernels[k, l,
/// c, o], where `bias` may be null and `out` is compact: (count, height, width, out_channels).
void Convolve(const Images &images, const Kernels &kernels, const Placing &placing, const float *bias,
              int64_t height, int64_t width, float *out);

/// out[k, l, c, o] = the sum over n, y, x of images[n, row(y, k), column(x, l), c] * grad[n, y, x, o], where
/// `grad` is compact: (count, height, width, out_channels); so is `out`, of the kernels' shape. The dilation
/// is 1.
void ConvolveForKernels(const Images &images, const float *grad, int64_t height, int64_t width,
                        const Placing &placing, const int64_t *kernels_shape, float *out);

}  // namespace needle::fast
