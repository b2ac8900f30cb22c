// Products of whole arrays where no step needs another one; between them, a product and a kernel a step. In
// the kernels a thread has one hidden unit of one row of the batch.
#include "../fast/recurrent.h"
#include "allocator.h"
#include "gemm.h"
#include "launch.h"
#include "reductions.h"

namespace needle::fast {

namespace {

constexpr int kThreads = 128;

__device__ inline float SigmoidOf(float x) {
  return 1 / (1 + expf(-x));
}

// A thread's place: in a row of the batch of H numbers, and in one of all gates' numbers, of which each gate
// has H.
struct Unit {
  int64_t state, gate, column;
  bool exists;
  __device__ Unit(int64_t B, int64_t H, int gates) {
    state = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
    column = state % H;
    gate = state / H * gates * H + column;
    exists = state < B * H;
  }
};

// In: out = x @ W_ih. Out: the states.
__global__ void __launch_bounds__(kThreads)
    RnnKernel(int64_t B, int64_t H, bool relu, const float *bias, const float *recurrent, float *out) {
  const Unit unit(B, H, 1);
  if (!unit.exists) return;
  const float total = out[unit.state] + recurrent[unit.state] + bias[unit.column];
  out[unit.state] = relu ? (total > 0 || total != total ? total : 0.0f) : tanhf(total);
}

// h_grad is that of h, from the next step.
__global__ void __launch_bounds__(kThreads)
    RnnBackwardKernel(int64_t B, int64_t H, bool relu, const float *out, const float *out_grad,
                      const float *h_grad, float *total_grad) {
  const Unit unit(B, H, 1);
  if (!unit.exists) return;
  const float h = out[unit.state], grad = out_grad[unit.state] + h_grad[unit.state];
  total_grad[unit.state] = relu ? (h > 0 ? grad : 0.0f) : grad * (1 - h * h);
}

// In: gates = x @ W_ih. Out: the gates' values.
__global__ void __launch_bounds__(kThreads)
    LstmKernel(int64_t B, int64_t H, const float *bias, const float *recurrent, float *gates,
               const float *c_before, float *c, float *h) {
  const Unit unit(B, H, 4);
  if (!unit.exists) return;
  float gate[4];
  for (int k = 0; k < 4; ++k) {
    const int64_t at = unit.gate + k * H;
    const float total = gates[at] + recurrent[at] + bias[k * H + unit.column];
    gates[at] = gate[k] = k == 2 ? tanhf(total) : SigmoidOf(total);
  }
  const float cell = gate[1] * c_before[unit.state] + gate[0] * gate[2];
  c[unit.state] = cell;
  h[unit.state] = gate[3] * tanhf(cell);
}

struct LstmStep {
  const float *gates, *c_before, *c, *out_grad, *h_grad;
  float *c_grad;      // in: of c, from the next step. Out: of c_before
  float *gates_grad;  // before the gates' functions
};

__global__ void __launch_bounds__(kThreads) LstmBackwardKernel(int64_t B, int64_t H, LstmStep of) {
  const Unit unit(B, H, 4);
  if (!unit.exists) return;
  const float *gates = of.gates + unit.gate;
  float *grads = of.gates_grad + unit.gate;
  const float i = gates[0], f = gates[H], g = gates[2 * H], o = gates[3 * H];
  const float h_grad = of.out_grad[unit.state] + of.h_grad[unit.state], shown = tanhf(of.c[unit.state]);
  const float c_grad = of.c_grad[unit.state] + h_grad * o * (1 - shown * shown);
  grads[0] = c_grad * g * i * (1 - i);
  grads[H] = c_grad * of.c_before[unit.state] * f * (1 - f);
  grads[2 * H] = c_grad * i * (1 - g * g);
  grads[3 * H] = h_grad * shown * o * (1 - o);
  of.c_grad[unit.state] = c_grad * f;
}

// In: gates = x @ W_ih. Out: the gates' values.
__global__ void __launch_bounds__(kThreads)
    GruKernel(int64_t B, int64_t H, const float *bias_ih, const float *bias_hh, const float *recurrent,
              float *gates, float *inner, const float *h_before, float *h) {
  const Unit unit(B, H, 3);
  if (!unit.exists) return;
  float input[3], from_h[3];
  for (int k = 0; k < 3; ++k) {
    input[k] = gates[unit.gate + k * H] + bias_ih[k * H + unit.column];
    from_h[k] = recurrent[unit.gate + k * H] + bias_hh[k * H + unit.column];
  }
  const float r = SigmoidOf(input[0] + from_h[0]), z = SigmoidOf(input[1] + from_h[1]);
  const float candidate = tanhf(input[2] + r * from_h[2]);
  inner[unit.state] = from_h[2];
  gates[unit.gate] = r;
  gates[unit.gate + H] = z;
  gates[unit.gate + 2 * H] = candidate;
  h[unit.state] = candidate + z * (h_before[unit.state] - candidate);
}

struct GruStep {
  const float *gates, *inner, *h_before, *out_grad;
  float *h_grad;          // in: of h, from the next step. Out: of h_before, but for what comes by W_hh
  float *gates_grad;      // of x @ W_ih
  float *recurrent_grad;  // of h @ W_hh
};

__global__ void __launch_bounds__(kThreads) GruBackwardKernel(int64_t B, int64_t H, GruStep of) {
  const Unit unit(B, H, 3);
  if (!unit.exists) return;
  const float *gates = of.gates + unit.gate;
  const float r = gates[0], z = gates[H], candidate = gates[2 * H];
  const float h_grad = of.out_grad[unit.state] + of.h_grad[unit.state];
  const float inner_grad = h_grad * (1 - z) * (1 - candidate * candidate);
  const float z_grad = h_grad * (of.h_before[unit.state] - candidate) * z * (1 - z);
  const float r_grad = inner_grad * of.inner[unit.state] * r * (1 - r);
  const float of_gates[3] = {r_grad, z_grad, inner_grad}, of_recurrent[3] = {r_grad, z_grad, inner_grad * r};
  for (int k = 0; k < 3; ++k) {
    of.gates_grad[unit.gate + k * H] = of_gates[k];
    of.recurrent_grad[unit.gate + k * H] = of_recurrent[k];
  }
  of.h_grad[unit.state] = h_grad * z;
}

__global__ void __launch_bounds__(kThreads) AddKernel(int64_t count, const float *a, float *out) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (i < count) out[i] += a[i];
}

struct Scratch : Temporary {
  explicit Scratch(int64_t count) : Temporary(static_cast<size_t>(count) * sizeof(float)) {}
};

void CopyNumbers(const float *a, int64_t count, float *out) {
  if (count == 0) return;
  const size_t bytes = static_cast<size_t>(count) * sizeof(float);
  Require(cudaMemcpyAsync(out, a, bytes, cudaMemcpyDeviceToDevice, CurrentStream()), "a recurrent layer");
}

// out (m, p) = a @ b. A matrix whose name ends in `turned` is given by its transpose's memory.
void Multiply(int64_t m, int64_t n, int64_t p, const float *a, const float *b, float *out) {
  Gemm({{}, m, n, p, a, b, {n, 1}, {p, 1}, out});
}
void MultiplyTurnedLeft(int64_t m, int64_t n, int64_t p, const float *a, const float *b, float *out) {
  Gemm({{}, m, n, p, a, b, {1, m}, {p, 1}, out});
}
void MultiplyTurnedRight(int64_t m, int64_t n, int64_t p, const float *a, const float *b, float *out) {
  Gemm({{}, m, n, p, a, b, {n, 1}, {1, n}, out});
}

void SumRows(const float *a, int64_t rows, int64_t columns, float *out) {
  ReductionCall call = {{}, {}, a, out};
  call.kept.Append(columns, {1});
  call.reduced.Append(rows, {columns});
  Reduce(Reduction::kSum, call);
}

// The gradients of x @ W_ih, where those of the products (T, B, wide) are known for all steps.
void InputGradients(const RecurrentSizes &s, int64_t wide, const float *x, const float *W_ih,
                    const float *products_grad, float *x_grad, float *W_ih_grad) {
  MultiplyTurnedLeft(s.I, s.T * s.B, wide, x, products_grad, W_ih_grad);
  MultiplyTurnedRight(s.T * s.B, wide, s.I, products_grad, W_ih, x_grad);
}

// The gradient of W_hh, which the state before each step is multiplied with: h0, and all states but the last.
void RecurrentGradient(const RecurrentSizes &s, int64_t wide, const float *h0, const float *out,
                       const float *products_grad, float *W_hh_grad) {
  const Scratch before(s.T * s.B * s.H);
  CopyNumbers(h0, s.B * s.H, before.Floats());
  CopyNumbers(out, (s.T - 1) * s.B * s.H, before.Floats() + s.B * s.H);
  MultiplyTurnedLeft(s.H, s.T * s.B, wide, before.Floats(), products_grad, W_hh_grad);
}

dim3 BlocksOf(const RecurrentSizes &s) {
  return dim3(BlocksFor(s.B * s.H, kThreads));
}

}  // namespace

void Rnn(const RecurrentSizes &s, bool relu, const float *x, const float *W_ih, const float *W_hh,
         const float *bias, const float *h0, float *out) {
  const int64_t step = s.B * s.H;
  const Scratch recurrent(step);
  Multiply(s.T * s.B, s.I, s.H, x, W_ih, out);
  for (int64_t t = 0; t < s.T; ++t) {
    Multiply(s.B, s.H, s.H, t ? out + (t - 1) * step : h0, W_hh, recurrent.Floats());
    Launch("Rnn", RnnKernel, BlocksOf(s), dim3(kThreads), 0, s.B, s.H, relu, bias, recurrent.Floats(),
           out + t * step);
  }
}

void RnnBackward(const RecurrentSizes &s, bool relu, const RnnGradients &of) {
  const int64_t step = s.B * s.H;
  const Scratch totals_grad(s.T * step);
  CopyNumbers(of.h_grad, step, of.h0_grad);  // from here on that of the step that is looked at
  for (int64_t t = s.T - 1; t >= 0; --t) {
    float *total_grad = totals_grad.Floats() + t * step;
    Launch("RnnGradient", RnnBackwardKernel, BlocksOf(s), dim3(kThreads), 0, s.B, s.H, relu,
           of.out + t * step, of.out_grad + t * step, of.h0_grad, total_grad);
    MultiplyTurnedRight(s.B, s.H, s.H, total_grad, of.W_hh, of.h0_grad);
  }
  InputGradients(s, s.H, of.x, of.W_ih, totals_grad.Floats(), of.x_grad, of.W_ih_grad);
  RecurrentGradient(s, s.H, of.h0, of.out, totals_grad.Floats(), of.W_hh_grad);
  SumRows(totals_grad.Floats(), s.T * s.B, s.H, of.bias_grad);
}

void Lstm(const RecurrentSizes &s, const float *x, const float *W_ih, const float *W_hh, const float *bias,
          const float *h0, const float *c0, float *gates, float *cells, float *out) {
  const int64_t step = s.B * s.H;
  const Scratch recurrent(4 * step);
  Multiply(s.T * s.B, s.I, 4 * s.H, x, W_ih, gates);
  for (int64_t t = 0; t < s.T; ++t) {
    Multiply(s.B, s.H, 4 * s.H, t ? out + (t - 1) * step : h0, W_hh, recurrent.Floats());
    const float *c_before = t ? cells + (t - 1) * step : c0;
    Launch("Lstm", LstmKernel, BlocksOf(s), dim3(kThreads), 0, s.B, s.H, bias, recurrent.Floats(),
           gates + 4 * t * step, c_before, cells + t * step, out + t * step);
  }
}

void LstmBackward(const RecurrentSizes &s, const LstmGradients &of) {
  const int64_t step = s.B * s.H;
  const Scratch gates_grad(4 * s.T * step);
  CopyNumbers(of.h_grad, step, of.h0_grad);  // from here on those of the step that is looked at
  CopyNumbers(of.c_grad, step, of.c0_grad);
  for (int64_t t = s.T - 1; t >= 0; --t) {
    float *step_grad = gates_grad.Floats() + 4 * t * step;
    const LstmStep at = {of.gates + 4 * t * step,
                         t ? of.cells + (t - 1) * step : of.c0,
                         of.cells + t * step,
                         of.out_grad + t * step,
                         of.h0_grad,
                         of.c0_grad,
                         step_grad};
    Launch("LstmGradient", LstmBackwardKernel, BlocksOf(s), dim3(kThreads), 0, s.B, s.H, at);
    MultiplyTurnedRight(s.B, 4 * s.H, s.H, step_grad, of.W_hh, of.h0_grad);
  }
  InputGradients(s, 4 * s.H, of.x, of.W_ih, gates_grad.Floats(), of.x_grad, of.W_ih_grad);
  RecurrentGradient(s, 4 * s.H, of.h0, of.out, gates_grad.Floats(), of.W_hh_grad);
  SumRows(gates_grad.Floats(), s.T * s.B, 4 * s.H, of.bias_grad);
}

void Gru(const RecurrentSizes &s, const float *x, const float *W_ih, const float *W_hh, const float *bias_ih,
         const float *bias_hh, const float *h0, float *gates, float *inner, float *out) {
  const int64_t step = s.B * s.H;
  const Scratch recurrent(3 * step);
  Multiply(s.T * s.B, s.I, 3 * s.H, x, W_ih, gates);
  for (int64_t t = 0; t < s.T; ++t) {
    const float *h_before = t ? out + (t - 1) * step : h0;
    Multiply(s.B, s.H, 3 * s.H, h_before, W_hh, recurrent.Floats());
    Launch("Gru", GruKernel, BlocksOf(s), dim3(kThreads), 0, s.B, s.H, bias_ih, bias_hh, recurrent.Floats(),
           gates + 3 * t * step, inner + t * step, h_before, out + t * step);
  }
}

void GruBackward(const RecurrentSizes &s, const GruGradients &of) {
  const int64_t step = s.B * s.H;
  const Scratch gates_grad(3 * s.T * step), recurrent_grad(3 * s.T * step), by_weights(step);
  CopyNumbers(of.h_grad, step, of.h0_grad);
  for (int64_t t = s.T - 1; t >= 0; --t) {
    float *step_grad = recurrent_grad.Floats() + 3 * t * step;
    const GruStep at = {of.gates + 3 * t * step,
                        of.inner + t * step,
                        t ? of.out + (t - 1) * step : of.h0,
                        of.out_grad + t * step,
                        of.h0_grad,
                        gates_grad.Floats() + 3 * t * step,
                        step_grad};
    Launch("GruGradient", GruBackwardKernel, BlocksOf(s), dim3(kThreads), 0, s.B, s.H, at);
    MultiplyTurnedRight(s.B, 3 * s.H, s.H, step_grad, of.W_hh, by_weights.Floats());
    Launch("GruGradient's sum", AddKernel, BlocksOf(s), dim3(kThreads), 0, step, by_weights.Floats(),
           of.h0_grad);
  }
  InputGradients(s, 3 * s.H, of.x, of.W_ih, gates_grad.Floats(), of.x_grad, of.W_ih_grad);
  RecurrentGradient(s, 3 * s.H, of.h0, of.out, recurrent_grad.Floats(), of.W_hh_grad);
  SumRows(gates_grad.Floats(), s.T * s.B, 3 * s.H, of.bias_ih_grad);
  SumRows(recurrent_grad.Floats(), s.T * s.B, 3 * s.H, of.bias_hh_grad);
}

}  // namespace needle::fast
