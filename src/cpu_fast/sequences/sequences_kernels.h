// The row kernels of one instruction set for losses, normalization, recurrent cells and attention. Each goes
// over `n` numbers that lie one after the other; rows may be the same one only where it is said. How the rows
// are shared out among threads is the subject of softmax.cc, layer_norm.cc, recurrent.cc and attention.cc.
#pragma once

#include <cstdint>

namespace needle::fast {

/// What one row of one step of an RNN computes with: n hidden units, and relu in the place of tanh or not.
struct RnnRow {
  bool relu;
  const float *bias;
  const float *recurrent;  // h @ W_hh
  float *h;                // in x @ W_ih, out the state
};

struct RnnBackwardRow {
  bool relu;
  const float *h;
  const float *out_grad;  // of h, from above
  const float *h_grad;    // of h, from the next step
  float *total_grad;      // before tanh or relu
};

/// What one row of one step of an LSTM computes with: n hidden units, and gates i, f, g, o of n numbers each.
struct LstmRow {
  const float *bias;       // 4n
  const float *recurrent;  // 4n: h @ W_hh
  float *gates;            // 4n: in x @ W_ih, out the gates' values
  const float *c_before;
  float *c, *h;
};

struct LstmBackwardRow {
  const float *gates, *c_before, *c;
  const float *out_grad;  // of h, from above
  float *h_grad;          // of h, from the next step
  float *c_grad;          // in: of c, from the next step. Out: of c_before
  float *gates_grad;      // 4n: before the gates' functions
};

/// The same of a GRU, whose gates are r, z, n.
struct GruRow {
  const float *bias, *recurrent_bias;  // 3n each
  const float *recurrent;              // 3n: h @ W_hh
  float *gates;                        // 3n: in x @ W_ih, out the gates' values
  float *inner;                        // what r is multiplied with
  const float *h_before;
  float *h;
};

struct GruBackwardRow {
  const float *gates, *inner, *h_before;
  const float *out_grad;
  float *h_grad;          // in: of h, from the next step. Out: of h_before, but for what comes by W_hh
  float *gates_grad;      // 3n: of x @ W_ih
  float *recurrent_grad;  // 3n: of h @ W_hh
};

struct SequenceKernels {
  // Return log(sum_j exp(x[j])); n >= 1.
  float (*log_sum_exp)(const float *x, int64_t n);

  // out[j] = exp(x[j] - shift) * scale
  void (*shifted_exp)(const float *x, float shift, float scale, float *out, int64_t n);

  // x[j] = exp(x[j] * scale - m), m the larger of *largest and of the maximum of x * scale, which becomes
  // *largest. Return sum_j x[j]; n >= 1.
  float (*exp_of_scaled)(float *x, float scale, float *largest, int64_t n);

  // p[j] = exp(p[j] * scale - shift), and g[j] = p[j] * (g[j] - mean) * scale
  void (*softmax_backward)(float *p, float scale, float shift, float *g, float mean, int64_t n);

  // out[j] = out[j] * scale + a[j]
  void (*scale_and_add)(float *out, float scale, const float *a, int64_t n);

  // out[j] = out[j] * scale
  void (*scale)(float *out, float scale, int64_t n);

  float (*dot)(const float *a, const float *b, int64_t n);

  // out = weight * (x - mean) * inverse + bias, with inverse = 1 / sqrt(variance + eps)
  void (*normalize)(const float *x, const float *weight, const float *bias, float eps, float *out,
                    float *mean, float *inverse, int64_t n);

  // x's gradient, and what the row adds to the gradients of weight and bias
  void (*normalize_backward)(const float *x, const float *weight, const float *out_grad, float mean,
                             float inverse, float *x_grad, float *weight_grad, float *bias_grad, int64_t n);

  void (*rnn)(const RnnRow &row, int64_t n);
  void (*rnn_backward)(const RnnBackwardRow &row, int64_t n);
  void (*lstm)(const LstmRow &row, int64_t n);
  void (*lstm_backward)(const LstmBackwardRow &row, int64_t n);
  void (*gru)(const GruRow &row, int64_t n);
  void (*gru_backward)(const GruBackwardRow &row, int64_t n);
};

extern const SequenceKernels kSequencesBaseline;
#if defined(__x86_64__)
extern const SequenceKernels kSequencesAvx2;
extern const SequenceKernels kSequencesAvx512;
#endif

/// Return the kernels that BestIsa() allows.
const SequenceKernels &SequenceKernelsHere();

}  // namespace needle::fast
