// The element-wise kernels of one operand. Those of CUDA's library are accurate to 2 ulp at most: expf and
// tanhf to 2, logf to 1, the rest correctly rounded. Source: CUDA C++ Programming Guide, Mathematical
// Functions.
#include "elementwise_kernels.cuh"

namespace needle::fast {

#define NEEDLE_FUNCTION(Name, expression)                                \
  struct Name {                                                          \
    static constexpr const char *kName = #Name;                          \
    static constexpr bool kBinary = false;                               \
    __device__ static float Apply(float a, float) { return expression; } \
  };
NEEDLE_FUNCTION(Copy, a)
NEEDLE_FUNCTION(Negate, -a)
NEEDLE_FUNCTION(Cube, a * a * a)
NEEDLE_FUNCTION(Sqrt, sqrtf(a))
NEEDLE_FUNCTION(Log, logf(a))
NEEDLE_FUNCTION(Exp, expf(a))
NEEDLE_FUNCTION(Tanh, tanhf(a))
#undef NEEDLE_FUNCTION

Kernels FunctionKernels(Operation operation) {
  switch (operation) {
    case Operation::kNegate:
      return KernelsOf<Negate>();
    case Operation::kCube:
      return KernelsOf<Cube>();
    case Operation::kSqrt:
      return KernelsOf<Sqrt>();
    case Operation::kLog:
      return KernelsOf<Log>();
    case Operation::kExp:
      return KernelsOf<Exp>();
    case Operation::kTanh:
      return KernelsOf<Tanh>();
    default:
      return KernelsOf<Copy>();
  }
}

}  // namespace needle::fast
