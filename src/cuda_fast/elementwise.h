// out = operation(a, b), element by element, on views of any strides. The simple kernels are the
// specification: src/ndarray_backend_cuda.cu.
#pragma once

#include <cstdint>

#include "views.h"

namespace needle::fast {

enum class Operation {
  kCopy,  // those of one operand first; b is not read
  kNegate,
  kCube,
  kSqrt,
  kLog,
  kExp,
  kTanh,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kPower,
  kMaximum,
  kEqual,
  kNotEqual,
  kGreaterEqual,
  kGreater,
  kLessEqual,
  kLess,
};

// Where an operand comes from: memory or, if that is null, one number.
struct Source {
  const float *memory;
  float number;
};

// Strides: of out, a and b. No element of out is written twice, and out is a or b only where every element
// stays in its place.
struct ElementwiseCall {
  Views<3> views;
  float *out;
  Source a, b;
};

void Elementwise(Operation operation, ElementwiseCall call);

}  // namespace needle::fast
