// No row of a batch needs another one: each thread takes some of them through all steps, and what all steps
// can do at once, which is all that x and the weights' gradients take part in, are products of whole arrays.
#include "../../fast/recurrent.h"

#include <cstring>

#include "../../ndarray_backend_cpu.h"
#include "../elementwise/reductions.h"
#include "../gemm/gemm.h"
#include "../machine/threads.h"
#include "sequences_kernels.h"

namespace needle::fast {
namespace {

constexpr int64_t kRows = 8;  // of a batch that one thread takes at least: a product of fewer is slow

// Memory for some numbers, while a kernel runs.
struct Scratch : cpu::AlignedArray {
  Scratch(int64_t rows, int64_t columns) : AlignedArray(static_cast<size_t>(rows * columns)) {}
};

void CopyNumbers(const float *a, int64_t count, float *out) {
  if (count > 0) std::memcpy(out, a, static_cast<size_t>(count) * sizeof(float));
}

void SumRows(const float *a, int64_t rows, int64_t columns, float *out) {
  const int64_t shape[] = {rows, columns}, strides[] = {columns, 1};
  const bool reduced[] = {true, false};
  Reduce(Reduction::kSum, {a, strides}, 2, shape, reduced, out);
}

// A matrix (p x n) turned, once, for products with its transpose in each step.
class Turned {
 public:
  Turned(const float *b, int64_t p, int64_t n) : n_(n), p_(p), turned_(n, p) {
    const int64_t shape[] = {n, p}, strides[] = {1, n};
    Apply(Function::kCopy, {b, strides}, 2, shape, turned_.ptr);
  }
  // out = a @ b^T
  void Multiply(int64_t rows, const float *a, float *out) const {
    Gemm(rows, n_, p_, a, n_, 1, turned_.ptr, p_, 1, out, p_);
  }

 private:
  int64_t n_, p_;
  Scratch turned_;
};

// The gradients of x @ W_ih and of the states @ W_hh, where those of the products are known for all steps.
void InputGradients(const RecurrentSizes &s, int64_t gates, const float *x, const float *W_ih,
                    const float *products_grad, float *x_grad, float *W_ih_grad) {
  const int64_t rows = s.T * s.B;
  Gemm(s.I, rows, gates, x, 1, s.I, products_grad, gates, 1, W_ih_grad, gates);
  if (x_grad) Gemm(rows, gates, s.I, products_grad, gates, 1, W_ih, 1, gates, x_grad, s.I);
}

void RecurrentGradient(const RecurrentSizes &s, int64_t gates, const float *h0, const float *out,
                       const float *products_grad, float *W_hh_grad) {
  const Scratch before(s.T * s.B, s.H);  // the states before each step: h0, and all but the last
  CopyNumbers(h0, s.B * s.H, before.ptr);
  CopyNumbers(out, (s.T - 1) * s.B * s.H, before.ptr + s.B * s.H);
  Gemm(s.H, s.T * s.B, gates, before.ptr, 1, s.H, products_grad, gates, 1, W_hh_grad, gates);
}

}  // namespace

void Rnn(const RecurrentSizes &s, bool relu, const float *x, const float *W_ih, const float *W_hh,
         const float *bias, const float *h0, float *out) {
  const SequenceKernels &kernels = SequenceKernelsHere();
  const int64_t H = s.H, step = s.B * H;
  const Scratch recurrent(s.B, H);
  Gemm(s.T * s.B, s.I, H, x, s.I, 1, W_ih, H, 1, out, H);
  ParallelFor(s.B, kRows, [&](int64_t begin, int64_t end) {
    for (int64_t t = 0; t < s.T; ++t) {
      const float *h_before = t ? out + (t - 1) * step : h0;
      Gemm(end - begin, H, H, h_before + begin * H, H, 1, W_hh, H, 1, recurrent.ptr + begin * H, H);
      for (int64_t b = begin; b < end; ++b)
        kernels.rnn({relu, bias, recurrent.ptr + b * H, out + t * step + b * H}, H);
    }
  });
}

void RnnBackward(const RecurrentSizes &s, bool relu, const RnnGradients &of) {
  const SequenceKernels &kernels = SequenceKernelsHere();
  const int64_t H = s.H, step = s.B * H;
  const Turned W_hh(of.W_hh, H, H);
  const Scratch totals_grad(s.T * s.B, H);
  CopyNumbers(of.h_grad, step, of.h0_grad);  // from here on that of the step that is looked at
  ParallelFor(s.B, kRows, [&](int64_t begin, int64_t end) {
    for (int64_t t = s.T - 1; t >= 0; --t) {
      for (int64_t b = begin; b < end; ++b) {
        const int64_t at = t * step + b * H;
        kernels.rnn_backward({relu, of.out + at, of.out_grad + at, of.h0_grad + b * H, totals_grad.ptr + at},
                             H);
      }
      W_hh.Multiply(end - begin, totals_grad.ptr + t * step + begin * H, of.h0_grad + begin * H);
    }
  });
  InputGradients(s, H, of.x, of.W_ih, totals_grad.ptr, of.x_grad, of.W_ih_grad);
  RecurrentGradient(s, H, of.h0, of.out, totals_grad.ptr, of.W_hh_grad);
  SumRows(totals_grad.ptr, s.T * s.B, H, of.bias_grad);
}

void Lstm(const RecurrentSizes &s, const float *x, const float *W_ih, const float *W_hh, const float *bias,
          const float *h0, const float *c0, float *gates, float *cells, float *out) {
  const SequenceKernels &kernels = SequenceKernelsHere();
  const int64_t H = s.H, step = s.B * H;
  const Scratch recurrent(s.B, 4 * H);
  Gemm(s.T * s.B, s.I, 4 * H, x, s.I, 1, W_ih, 4 * H, 1, gates, 4 * H);
  ParallelFor(s.B, kRows, [&](int64_t begin, int64_t end) {
    for (int64_t t = 0; t < s.T; ++t) {
      const float *h_before = t ? out + (t - 1) * step : h0, *c_before = t ? cells + (t - 1) * step : c0;
      Gemm(end - begin, H, 4 * H, h_before + begin * H, H, 1, W_hh, 4 * H, 1, recurrent.ptr + begin * 4 * H,
           4 * H);
      for (int64_t b = begin; b < end; ++b) {
        const int64_t at = t * step + b * H;
        kernels.lstm(
            {bias, recurrent.ptr + b * 4 * H, gates + 4 * at, c_before + b * H, cells + at, out + at}, H);
      }
    }
  });
}

void LstmBackward(const RecurrentSizes &s, const LstmGradients &of) {
  const SequenceKernels &kernels = SequenceKernelsHere();
  const int64_t H = s.H, step = s.B * H;
  const Turned W_hh(of.W_hh, H, 4 * H);
  const Scratch gates_grad(s.T * s.B, 4 * H);
  CopyNumbers(of.h_grad, step, of.h0_grad);  // from here on those of the step that is looked at
  CopyNumbers(of.c_grad, step, of.c0_grad);
  ParallelFor(s.B, kRows, [&](int64_t begin, int64_t end) {
    for (int64_t t = s.T - 1; t >= 0; --t) {
      const float *c_before = t ? of.cells + (t - 1) * step : of.c0;
      for (int64_t b = begin; b < end; ++b) {
        const int64_t at = t * step + b * H;
        kernels.lstm_backward({of.gates + 4 * at, c_before + b * H, of.cells + at, of.out_grad + at,
                               of.h0_grad + b * H, of.c0_grad + b * H, gates_grad.ptr + 4 * at},
                              H);
      }
      W_hh.Multiply(end - begin, gates_grad.ptr + 4 * (t * step + begin * H), of.h0_grad + begin * H);
    }
  });
  InputGradients(s, 4 * H, of.x, of.W_ih, gates_grad.ptr, of.x_grad, of.W_ih_grad);
  RecurrentGradient(s, 4 * H, of.h0, of.out, gates_grad.ptr, of.W_hh_grad);
  SumRows(gates_grad.ptr, s.T * s.B, 4 * H, of.bias_grad);
}

void Gru(const RecurrentSizes &s, const float *x, const float *W_ih, const float *W_hh, const float *bias_ih,
         const float *bias_hh, const float *h0, float *gates, float *inner, float *out) {
  const SequenceKernels &kernels = SequenceKernelsHere();
  const int64_t H = s.H, step = s.B * H;
  const Scratch recurrent(s.B, 3 * H);
  Gemm(s.T * s.B, s.I, 3 * H, x, s.I, 1, W_ih, 3 * H, 1, gates, 3 * H);
  ParallelFor(s.B, kRows, [&](int64_t begin, int64_t end) {
    for (int64_t t = 0; t < s.T; ++t) {
      const float *h_before = t ? out + (t - 1) * step : h0;
      Gemm(end - begin, H, 3 * H, h_before + begin * H, H, 1, W_hh, 3 * H, 1, recurrent.ptr + begin * 3 * H,
           3 * H);
      for (int64_t b = begin; b < end; ++b) {
        const int64_t at = t * step + b * H;
        kernels.gru({bias_ih, bias_hh, recurrent.ptr + b * 3 * H, gates + 3 * at, inner + at,
                     h_before + b * H, out + at},
                    H);
      }
    }
  });
}

void GruBackward(const RecurrentSizes &s, const GruGradients &of) {
  const SequenceKernels &kernels = SequenceKernelsHere();
  const int64_t H = s.H, step = s.B * H;
  const Turned W_hh(of.W_hh, H, 3 * H);
  const Scratch gates_grad(s.T * s.B, 3 * H), recurrent_grad(s.T * s.B, 3 * H), by_weights(s.B, H);
  CopyNumbers(of.h_grad, step, of.h0_grad);
  ParallelFor(s.B, kRows, [&](int64_t begin, int64_t end) {
    for (int64_t t = s.T - 1; t >= 0; --t) {
      const float *h_before = t ? of.out + (t - 1) * step : of.h0;
      for (int64_t b = begin; b < end; ++b) {
        const int64_t at = t * step + b * H;
        kernels.gru_backward({of.gates + 3 * at, of.inner + at, h_before + b * H, of.out_grad + at,
                              of.h0_grad + b * H, gates_grad.ptr + 3 * at, recurrent_grad.ptr + 3 * at},
                             H);
      }
      W_hh.Multiply(end - begin, recurrent_grad.ptr + 3 * (t * step + begin * H), by_weights.ptr + begin * H);
      kernels.scale_and_add(of.h0_grad + begin * H, 1, by_weights.ptr + begin * H, (end - begin) * H);
    }
  });
  InputGradients(s, 3 * H, of.x, of.W_ih, gates_grad.ptr, of.x_grad, of.W_ih_grad);
  RecurrentGradient(s, 3 * H, of.h0, of.out, recurrent_grad.ptr, of.W_hh_grad);
  SumRows(gates_grad.ptr, s.T * s.B, 3 * H, of.bias_ih_grad);
  SumRows(recurrent_grad.ptr, s.T * s.B, 3 * H, of.bias_hh_grad);
}

}  // namespace needle::fast
