// Layers of an RNN, an LSTM and a GRU over a whole sequence: T steps of a batch of B, from I inputs to H
// hidden units. All arrays are compact and row-major, and none that is written is another. Each backend has
// its own.
#pragma once

#include <cstdint>

namespace needle::fast {

struct RecurrentSizes {
  int64_t T, B, I, H;
};

/// Read x (T, B, I) with W_ih (I, H), W_hh (H, H) and bias (H): out (T, B, H), the states, each the tanh (or
/// the relu) of x @ W_ih + h @ W_hh + bias.
void Rnn(const RecurrentSizes &sizes, bool relu, const float *x, const float *W_ih, const float *W_hh,
         const float *bias, const float *h0, float *out);

struct RnnGradients {
  const float *x, *W_ih, *W_hh, *h0, *out;
  const float *out_grad, *h_grad;  // of all states, and of the last step's
  float *x_grad, *W_ih_grad, *W_hh_grad, *bias_grad, *h0_grad;
};
void RnnBackward(const RecurrentSizes &sizes, bool relu, const RnnGradients &of);

/// Read x (T, B, I) with W_ih (I, 4H), W_hh (H, 4H) and bias (4H), gates in the order i, f, g, o.
///
/// Writes the gates' values (T, B, 4H), the cells' (T, B, H) and out (T, B, H), the states.
void Lstm(const RecurrentSizes &sizes, const float *x, const float *W_ih, const float *W_hh,
          const float *bias, const float *h0, const float *c0, float *gates, float *cells, float *out);

/// What an LSTM's forward pass took and gave, the gradients of what it gave, and where its own go.
struct LstmGradients {
  const float *x, *W_ih, *W_hh, *h0, *c0, *gates, *cells, *out;
  const float *out_grad, *h_grad, *c_grad;  // of all states, and of the last step's two
  float *x_grad, *W_ih_grad, *W_hh_grad, *bias_grad, *h0_grad, *c0_grad;
};
void LstmBackward(const RecurrentSizes &sizes, const LstmGradients &of);

/// Read x (T, B, I) with W_ih (I, 3H), W_hh (H, 3H) and a bias (3H) of each, gates in the order r, z, n:
/// h' = (1 - z) * n + z * h, n = tanh(x's part + r * h's part).
///
/// Writes the gates' values (T, B, 3H), what r is multiplied with (T, B, H) and out (T, B, H), the states.
void Gru(const RecurrentSizes &sizes, const float *x, const float *W_ih, const float *W_hh,
         const float *bias_ih, const float *bias_hh, const float *h0, float *gates, float *inner, float *out);

struct GruGradients {
  const float *x, *W_ih, *W_hh, *h0, *gates, *inner, *out;
  const float *out_grad, *h_grad;
  float *x_grad, *W_ih_grad, *W_hh_grad, *bias_ih_grad, *bias_hh_grad, *h0_grad;
};
void GruBackward(const RecurrentSizes &sizes, const GruGradients &of);

}  // namespace needle::fast
