// The element-wise kernels of two operands.
#include "elementwise_kernels.cuh"

namespace needle::fast {

#define NEEDLE_ARITHMETIC(Name, expression)                                \
  struct Name {                                                            \
    static constexpr const char *kName = #Name;                            \
    static constexpr bool kBinary = true;                                  \
    __device__ static float Apply(float a, float b) { return expression; } \
  };
NEEDLE_ARITHMETIC(Add, a + b)
NEEDLE_ARITHMETIC(Subtract, a - b)
NEEDLE_ARITHMETIC(Multiply, a *b)
NEEDLE_ARITHMETIC(Divide, a / b)
NEEDLE_ARITHMETIC(Power, powf(a, b))
NEEDLE_ARITHMETIC(Maximum, a > b || a != a ? a : b)  // either's NaN is the result, as NumPy has it
NEEDLE_ARITHMETIC(Equal, a == b ? 1.0f : 0.0f)
NEEDLE_ARITHMETIC(NotEqual, a != b ? 1.0f : 0.0f)
NEEDLE_ARITHMETIC(GreaterEqual, a >= b ? 1.0f : 0.0f)
NEEDLE_ARITHMETIC(Greater, a > b ? 1.0f : 0.0f)
NEEDLE_ARITHMETIC(LessEqual, a <= b ? 1.0f : 0.0f)
NEEDLE_ARITHMETIC(Less, a < b ? 1.0f : 0.0f)
#undef NEEDLE_ARITHMETIC

Kernels ArithmeticKernels(Operation operation) {
  switch (operation) {
    case Operation::kSubtract:
      return KernelsOf<Subtract>();
    case Operation::kMultiply:
      return KernelsOf<Multiply>();
    case Operation::kDivide:
      return KernelsOf<Divide>();
    case Operation::kPower:
      return KernelsOf<Power>();
    case Operation::kMaximum:
      return KernelsOf<Maximum>();
    case Operation::kEqual:
      return KernelsOf<Equal>();
    case Operation::kNotEqual:
      return KernelsOf<NotEqual>();
    case Operation::kGreaterEqual:
      return KernelsOf<GreaterEqual>();
    case Operation::kGreater:
      return KernelsOf<Greater>();
    case Operation::kLessEqual:
      return KernelsOf<LessEqual>();
    case Operation::kLess:
      return KernelsOf<Less>();
    default:
      return KernelsOf<Add>();
  }
}

}  // namespace needle::fast
