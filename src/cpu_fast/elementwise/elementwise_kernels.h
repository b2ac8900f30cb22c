// The element-wise kernels of one instruction set, each over one row: `n` numbers that lie one after the
// other. How views become rows is elementwise.cc's subject. `out` is none of the inputs. With `stream` the
// stores go past the caches, which pays when `out` is larger than they are; whoever asked for it calls
// EndStream before another thread may read `out`.
#pragma once

#include <cstdint>

namespace needle::fast {

enum class Op {  // two operands
  kAdd,
  kSub,
  kMul,
  kDiv,
  kPower,
  kMaximum,
  kEq,
  kNe,
  kGe,
  kGt,
  kLe,
  kLt,
  kCount
};

enum class Function {
  kCopy,
  kNegate,
  kSquare,
  kCube,
  kSquareRoot,
  kExp,
  kLog,
  kTanh,
  kCount
};  // one operand

using Row = void (*)(const float *a, const float *b, float *out, int64_t n, bool stream);

struct Rows {
  Row both;      // out[i] = a[i] op b[i]
  Row scalar_a;  // out[i] = a[0] op b[i]
  Row scalar_b;  // out[i] = a[i] op b[0]
};

struct ElementwiseKernels {
  Rows ops[static_cast<int>(Op::kCount)];
  Row functions[static_cast<int>(Function::kCount)];  // b is not read

  // out[i] = a[i * stride]
  void (*gather)(const float *a, int64_t stride, float *out, int64_t n);

  // out[i * out_stride + j] = a[i + j * a_stride]     i < rows, j < columns
  void (*transpose)(const float *a, int64_t a_stride, float *out, int64_t out_stride, int64_t rows,
                    int64_t columns);
};

/// Those kernels for which vectors of 16 are worth it: the others wait for memory, and some even lose.
struct WiderKernels {
  Rows power;
  Row exp, log, tanh;
};

extern const ElementwiseKernels kElementwiseBaseline;
#if defined(__x86_64__)
extern const ElementwiseKernels kElementwiseAvx2;
extern const WiderKernels kWiderAvx512;
#endif

/// Return the kernels that BestIsa() allows.
const ElementwiseKernels &ElementwiseKernelsHere();

}  // namespace needle::fast
