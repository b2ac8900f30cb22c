// Rows of images, copied to where a convolution reads them.
#pragma once

#include <cstdint>

#include "convolution.h"

namespace needle::fast {

/// The quotient, rounded down.
inline int64_t FloorDivide(int64_t a, int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

inline int64_t CeilDivide(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}

/// `count` things shared by `parts` as evenly as can be: part i begins at Begin(i).
struct EvenSplit {
  int64_t count, parts;
  int64_t Begin(int64_t part) const {
    const int64_t longer = count % parts;
    return part * (count / parts) + (part < longer ? part : longer);
  }
};

/// Copy rows `begin` to `end` of an image one after the other, each with zeros on its left and right. A row
/// that the image does not have is all zeros.
void CopyRows(const Images &images, int64_t image, int64_t begin, int64_t end, int64_t left, int64_t right,
              float *out);

/// Cut the rows and columns off the kernels that lie on nothing for any y below `height` and x below `width`.
/// Return the first that are left, as the numbers of their row and column.
struct Cut {
  int64_t row, column;
};
Cut CutUnused(const Images &images, int64_t height, int64_t width, Kernels *kernels, Placing *placing);

}  // namespace needle::fast
