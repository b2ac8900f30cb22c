// Losses, embeddings, normalization, recurrent layers and attention: fast.softmax_loss and so on, each with
// its gradient. They take whole arrays, compact and row-major, with the sizes that say their shapes first,
// and return tuples of arrays.
#include <algorithm>

#include "../fast_sizes.h"
#include "arguments.h"
#include "attention.h"
#include "bind.h"
#include "gather.h"
#include "layer_norm.h"
#include "linear.h"
#include "recurrent.h"
#include "softmax.h"
#include "unlocked.h"

namespace needle::fast {
namespace {

using Array = cpu::AlignedArray;
using Owned = std::unique_ptr<Array>;

class Sizes : public SizesFor<Array> {
 public:
  using SizesFor::SizesFor;

  // The next argument, whole numbers below `rows`. Throws std::out_of_range, which is IndexError, for
  // another.
  const float *NextIndices(const char *name, int64_t count, int64_t rows) const {
    const float *indices = Next(name, {count});
    const int64_t wrong = FirstWrongIndex(indices, count, rows);
    if (wrong < count) throw std::out_of_range(WrongIndexText(Where(), name, indices[wrong], wrong, rows));
    return indices;
  }
};

// softmax_loss((rows, classes), logits, labels) -> (loss, log_sums)
PyObject *GiveSoftmaxLoss(Arguments &in) {
  const Sizes sizes(in, 2);
  const int64_t rows = sizes[0], classes = sizes[1];
  const float *logits = sizes.Next("logits", {rows, classes});
  const float *labels = sizes.NextIndices("labels", rows, classes);
  Owned loss = sizes.Make({1}), log_sums = sizes.Make({rows});
  RunUnlocked(static_cast<size_t>(rows * classes),
              [&] { *loss->ptr = SoftmaxLoss(logits, labels, rows, classes, log_sums->ptr); });
  return GiveArrays(std::move(loss), std::move(log_sums));
}

// softmax_loss_gradient((rows, classes), logits, labels, log_sums, loss_grad) -> (logits_grad,)
PyObject *GiveSoftmaxLossGradient(Arguments &in) {
  const Sizes sizes(in, 2);
  const int64_t rows = sizes[0], classes = sizes[1];
  const float *logits = sizes.Next("logits", {rows, classes});
  const float *labels = sizes.NextIndices("labels", rows, classes);
  const float *log_sums = sizes.Next("log_sums", {rows});
  const float scale = *sizes.Next("loss_grad", {1}) / static_cast<float>(rows);
  Owned logits_grad = sizes.Make({rows, classes});
  RunUnlocked(logits_grad->size,
              [&] { SoftmaxLossGradient(logits, labels, log_sums, scale, rows, classes, logits_grad->ptr); });
  return GiveArrays(std::move(logits_grad));
}

// gather_rows((count, rows, columns), table, indices) -> (out,)
PyObject *GiveRows(Arguments &in) {
  const Sizes sizes(in, 3);
  const int64_t count = sizes[0], rows = sizes[1], columns = sizes[2];
  const float *table = sizes.Next("table", {rows, columns});
  const float *indices = sizes.NextIndices("indices", count, rows);
  Owned out = sizes.Make({count, columns});
  RunUnlocked(out->size, [&] { GatherRows(table, indices, count, columns, out->ptr); });
  return GiveArrays(std::move(out));
}

// scatter_add_rows((count, rows, columns), a, indices) -> (out,)
PyObject *GiveAddedRows(Arguments &in) {
  const Sizes sizes(in, 3);
  const int64_t count = sizes[0], rows = sizes[1], columns = sizes[2];
  const float *a = sizes.Next("a", {count, columns});
  const float *indices = sizes.NextIndices("indices", count, rows);
  Owned out = sizes.Make({rows, columns});
  RunUnlocked(out->size + static_cast<size_t>(count * columns),
              [&] { ScatterAddRows(a, indices, count, rows, columns, out->ptr); });
  return GiveArrays(std::move(out));
}

// layer_norm((rows, columns), x, weight, bias, eps) -> (out, means, inverses)
PyObject *GiveLayerNorm(Arguments &in) {
  const Sizes sizes(in, 2);
  const int64_t rows = sizes[0], columns = sizes[1];
  const float *x = sizes.Next("x", {rows, columns});
  const float *weight = sizes.Next("weight", {columns}), *bias = sizes.Next("bias", {columns});
  const float eps = in.NextFloat();
  Owned out = sizes.Make({rows, columns}), means = sizes.Make({rows}), inverses = sizes.Make({rows});
  RunUnlocked(out->size,
              [&] { LayerNorm(x, weight, bias, eps, rows, columns, out->ptr, means->ptr, inverses->ptr); });
  return GiveArrays(std::move(out), std::move(means), std::move(inverses));
}

// layer_norm_gradient((rows, columns), x, weight, means, inverses, out_grad)
//   -> (x_grad, weight_grad, bias_grad)
PyObject *GiveLayerNormGradient(Arguments &in) {
  const Sizes sizes(in, 2);
  const int64_t rows = sizes[0], columns = sizes[1];
  const float *x = sizes.Next("x", {rows, columns}), *weight = sizes.Next("weight", {columns});
  const float *means = sizes.Next("means", {rows}), *inverses = sizes.Next("inverses", {rows});
  const float *out_grad = sizes.Next("out_grad", {rows, columns});
  Owned x_grad = sizes.Make({rows, columns}), weight_grad = sizes.Make({columns});
  Owned bias_grad = sizes.Make({columns});
  RunUnlocked(x_grad->size, [&] {
    LayerNormGradient(x, weight, out_grad, means, inverses, rows, columns, x_grad->ptr, weight_grad->ptr,
                      bias_grad->ptr);
  });
  return GiveArrays(std::move(x_grad), std::move(weight_grad), std::move(bias_grad));
}

// linear((rows, n, p), x, weight, bias) -> (out,)
PyObject *GiveLinear(Arguments &in) {
  const Sizes sizes(in, 3);
  const int64_t rows = sizes[0], n = sizes[1], p = sizes[2];
  const float *x = sizes.Next("x", {rows, n}), *weight = sizes.Next("weight", {n, p});
  const float *bias = sizes.Next("bias", {p});
  Owned out = sizes.Make({rows, p});
  RunUnlocked(out->size * static_cast<size_t>(n), [&] { Linear(rows, n, p, x, weight, bias, out->ptr); });
  return GiveArrays(std::move(out));
}

RecurrentSizes ToRecurrent(const Sizes &sizes) {
  return {sizes[0], sizes[1], sizes[2], sizes[3]};
}

// The part of a sequence of states (T, B, H) that belongs to its last step.
Owned LastStep(const RecurrentSizes &s, const Array &states) {
  const size_t step = static_cast<size_t>(s.B * s.H);
  Owned last = std::make_unique<Array>(step);
  std::copy_n(states.ptr + states.size - step, step, last->ptr);
  return last;
}

// rnn((T, B, I, H), relu, x, W_ih, W_hh, bias, h0) -> (out, h_n)
PyObject *GiveRnn(Arguments &in) {
  const Sizes sizes(in, 4);
  const RecurrentSizes s = ToRecurrent(sizes);
  const bool relu = in.NextInt("relu") != 0;
  const float *x = sizes.Next("x", {s.T, s.B, s.I}), *W_ih = sizes.Next("W_ih", {s.I, s.H});
  const float *W_hh = sizes.Next("W_hh", {s.H, s.H}), *bias = sizes.Next("bias", {s.H});
  const float *h0 = sizes.Next("h0", {s.B, s.H});
  Owned out = sizes.Make({s.T, s.B, s.H});
  RunUnlocked(out->size, [&] { Rnn(s, relu, x, W_ih, W_hh, bias, h0, out->ptr); });
  Owned h_n = LastStep(s, *out);
  return GiveArrays(std::move(out), std::move(h_n));
}

// rnn_gradient((T, B, I, H), relu, x, W_ih, W_hh, h0, out, out_grad, h_grad)
//   -> (x_grad, W_ih_grad, W_hh_grad, bias_grad, h0_grad)
PyObject *GiveRnnGradient(Arguments &in) {
  const Sizes sizes(in, 4);
  const RecurrentSizes s = ToRecurrent(sizes);
  const bool relu = in.NextInt("relu") != 0;
  RnnGradients of = {};
  of.x = sizes.Next("x", {s.T, s.B, s.I});
  of.W_ih = sizes.Next("W_ih", {s.I, s.H});
  of.W_hh = sizes.Next("W_hh", {s.H, s.H});
  of.h0 = sizes.Next("h0", {s.B, s.H});
  of.out = sizes.Next("out", {s.T, s.B, s.H});
  of.out_grad = sizes.Next("out_grad", {s.T, s.B, s.H});
  of.h_grad = sizes.Next("h_grad", {s.B, s.H});
  Owned x_grad = sizes.Make({s.T, s.B, s.I}), W_ih_grad = sizes.Make({s.I, s.H});
  Owned W_hh_grad = sizes.Make({s.H, s.H}), bias_grad = sizes.Make({s.H}), h0_grad = sizes.Make({s.B, s.H});
  of.x_grad = x_grad->ptr;
  of.W_ih_grad = W_ih_grad->ptr;
  of.W_hh_grad = W_hh_grad->ptr;
  of.bias_grad = bias_grad->ptr;
  of.h0_grad = h0_grad->ptr;
  RunUnlocked(W_hh_grad->size + x_grad->size, [&] { RnnBackward(s, relu, of); });
  return GiveArrays(std::move(x_grad), std::move(W_ih_grad), std::move(W_hh_grad), std::move(bias_grad),
                    std::move(h0_grad));
}

// lstm((T, B, I, H), x, W_ih, W_hh, bias, h0, c0) -> (out, h_n, c_n, gates, cells)
PyObject *GiveLstm(Arguments &in) {
  const Sizes sizes(in, 4);
  const RecurrentSizes s = ToRecurrent(sizes);
  const float *x = sizes.Next("x", {s.T, s.B, s.I}), *W_ih = sizes.Next("W_ih", {s.I, 4, s.H});
  const float *W_hh = sizes.Next("W_hh", {s.H, 4, s.H}), *bias = sizes.Next("bias", {4, s.H});
  const float *h0 = sizes.Next("h0", {s.B, s.H}), *c0 = sizes.Next("c0", {s.B, s.H});
  Owned out = sizes.Make({s.T, s.B, s.H}), cells = sizes.Make({s.T, s.B, s.H});
  Owned gates = sizes.Make({s.T, s.B, 4, s.H});
  RunUnlocked(gates->size, [&] { Lstm(s, x, W_ih, W_hh, bias, h0, c0, gates->ptr, cells->ptr, out->ptr); });
  Owned h_n = LastStep(s, *out), c_n = LastStep(s, *cells);
  return GiveArrays(std::move(out), std::move(h_n), std::move(c_n), std::move(gates), std::move(cells));
}

// lstm_gradient((T, B, I, H), x, W_ih, W_hh, h0, c0, gates, cells, out, out_grad, h_grad, c_grad)
//   -> (x_grad, W_ih_grad, W_hh_grad, bias_grad, h0_grad, c0_grad)
PyObject *GiveLstmGradient(Arguments &in) {
  const Sizes sizes(in, 4);
  const RecurrentSizes s = ToRecurrent(sizes);
  LstmGradients of = {};
  of.x = sizes.Next("x", {s.T, s.B, s.I});
  of.W_ih = sizes.Next("W_ih", {s.I, 4, s.H});
  of.W_hh = sizes.Next("W_hh", {s.H, 4, s.H});
  of.h0 = sizes.Next("h0", {s.B, s.H});
  of.c0 = sizes.Next("c0", {s.B, s.H});
  of.gates = sizes.Next("gates", {s.T, s.B, 4, s.H});
  of.cells = sizes.Next("cells", {s.T, s.B, s.H});
  of.out = sizes.Next("out", {s.T, s.B, s.H});
  of.out_grad = sizes.Next("out_grad", {s.T, s.B, s.H});
  of.h_grad = sizes.Next("h_grad", {s.B, s.H});
  of.c_grad = sizes.Next("c_grad", {s.B, s.H});
  Owned x_grad = sizes.Make({s.T, s.B, s.I}), W_ih_grad = sizes.Make({s.I, 4, s.H});
  Owned W_hh_grad = sizes.Make({s.H, 4, s.H}), bias_grad = sizes.Make({4, s.H});
  Owned h0_grad = sizes.Make({s.B, s.H}), c0_grad = sizes.Make({s.B, s.H});
  of.x_grad = x_grad->ptr;
  of.W_ih_grad = W_ih_grad->ptr;
  of.W_hh_grad = W_hh_grad->ptr;
  of.bias_grad = bias_grad->ptr;
  of.h0_grad = h0_grad->ptr;
  of.c0_grad = c0_grad->ptr;
  RunUnlocked(W_hh_grad->size + x_grad->size, [&] { LstmBackward(s, of); });
  return GiveArrays(std::move(x_grad), std::move(W_ih_grad), std::move(W_hh_grad), std::move(bias_grad),
                    std::move(h0_grad), std::move(c0_grad));
}

// gru((T, B, I, H), x, W_ih, W_hh, bias_ih, bias_hh, h0) -> (out, h_n, gates, inner)
PyObject *GiveGru(Arguments &in) {
  const Sizes sizes(in, 4);
  const RecurrentSizes s = ToRecurrent(sizes);
  const float *x = sizes.Next("x", {s.T, s.B, s.I}), *W_ih = sizes.Next("W_ih", {s.I, 3, s.H});
  const float *W_hh = sizes.Next("W_hh", {s.H, 3, s.H}), *bias_ih = sizes.Next("bias_ih", {3, s.H});
  const float *bias_hh = sizes.Next("bias_hh", {3, s.H}), *h0 = sizes.Next("h0", {s.B, s.H});
  Owned out = sizes.Make({s.T, s.B, s.H}), inner = sizes.Make({s.T, s.B, s.H});
  Owned gates = sizes.Make({s.T, s.B, 3, s.H});
  RunUnlocked(gates->size,
              [&] { Gru(s, x, W_ih, W_hh, bias_ih, bias_hh, h0, gates->ptr, inner->ptr, out->ptr); });
  Owned h_n = LastStep(s, *out);
  return GiveArrays(std::move(out), std::move(h_n), std::move(gates), std::move(inner));
}

// gru_gradient((T, B, I, H), x, W_ih, W_hh, h0, gates, inner, out, out_grad, h_grad)
//   -> (x_grad, W_ih_grad, W_hh_grad, bias_ih_grad, bias_hh_grad, h0_grad)
PyObject *GiveGruGradient(Arguments &in) {
  const Sizes sizes(in, 4);
  const RecurrentSizes s = ToRecurrent(sizes);
  GruGradients of = {};
  of.x = sizes.Next("x", {s.T, s.B, s.I});
  of.W_ih = sizes.Next("W_ih", {s.I, 3, s.H});
  of.W_hh = sizes.Next("W_hh", {s.H, 3, s.H});
  of.h0 = sizes.Next("h0", {s.B, s.H});
  of.gates = sizes.Next("gates", {s.T, s.B, 3, s.H});
  of.inner = sizes.Next("inner", {s.T, s.B, s.H});
  of.out = sizes.Next("out", {s.T, s.B, s.H});
  of.out_grad = sizes.Next("out_grad", {s.T, s.B, s.H});
  of.h_grad = sizes.Next("h_grad", {s.B, s.H});
  Owned x_grad = sizes.Make({s.T, s.B, s.I}), W_ih_grad = sizes.Make({s.I, 3, s.H});
  Owned W_hh_grad = sizes.Make({s.H, 3, s.H}), h0_grad = sizes.Make({s.B, s.H});
  Owned bias_ih_grad = sizes.Make({3, s.H}), bias_hh_grad = sizes.Make({3, s.H});
  of.x_grad = x_grad->ptr;
  of.W_ih_grad = W_ih_grad->ptr;
  of.W_hh_grad = W_hh_grad->ptr;
  of.bias_ih_grad = bias_ih_grad->ptr;
  of.bias_hh_grad = bias_hh_grad->ptr;
  of.h0_grad = h0_grad->ptr;
  RunUnlocked(W_hh_grad->size + x_grad->size, [&] { GruBackward(s, of); });
  return GiveArrays(std::move(x_grad), std::move(W_ih_grad), std::move(W_hh_grad), std::move(bias_ih_grad),
                    std::move(bias_hh_grad), std::move(h0_grad));
}

// sizes are B, heads, T, S, D and E; whether attention is causal follows.
AttentionSizes ToAttention(Arguments &in, const Sizes &sizes) {
  const bool causal = in.NextInt("causal") != 0;
  const AttentionSizes s = {sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5], causal};
  RequireKeys(in.Where(), s.causal, s.T, s.S);
  return s;
}

// attention((B, heads, T, S, D, E), causal, q, k, v) -> (out, log_sums)
PyObject *GiveAttention(Arguments &in) {
  const Sizes sizes(in, 6);
  const AttentionSizes s = ToAttention(in, sizes);
  const float *q = sizes.Next("q", {s.B, s.T, s.heads, s.D}), *k = sizes.Next("k", {s.B, s.S, s.heads, s.D});
  const float *v = sizes.Next("v", {s.B, s.S, s.heads, s.E});
  Owned out = sizes.Make({s.B, s.T, s.heads, s.E}), log_sums = sizes.Make({s.B, s.heads, s.T});
  RunUnlocked(out->size, [&] { Attention(s, q, k, v, out->ptr, log_sums->ptr); });
  return GiveArrays(std::move(out), std::move(log_sums));
}

// attention_gradient((B, heads, T, S, D, E), causal, q, k, v, out, log_sums, out_grad)
//   -> (q_grad, k_grad, v_grad)
PyObject *GiveAttentionGradient(Arguments &in) {
  const Sizes sizes(in, 6);
  const AttentionSizes s = ToAttention(in, sizes);
  AttentionGradients of = {};
  of.q = sizes.Next("q", {s.B, s.T, s.heads, s.D});
  of.k = sizes.Next("k", {s.B, s.S, s.heads, s.D});
  of.v = sizes.Next("v", {s.B, s.S, s.heads, s.E});
  of.out = sizes.Next("out", {s.B, s.T, s.heads, s.E});
  of.log_sums = sizes.Next("log_sums", {s.B, s.heads, s.T});
  of.out_grad = sizes.Next("out_grad", {s.B, s.T, s.heads, s.E});
  Owned q_grad = sizes.Make({s.B, s.T, s.heads, s.D}), k_grad = sizes.Make({s.B, s.S, s.heads, s.D});
  Owned v_grad = sizes.Make({s.B, s.S, s.heads, s.E});
  of.q_grad = q_grad->ptr;
  of.k_grad = k_grad->ptr;
  of.v_grad = v_grad->ptr;
  RunUnlocked(q_grad->size + k_grad->size, [&] { AttentionBackward(s, of); });
  return GiveArrays(std::move(q_grad), std::move(k_grad), std::move(v_grad));
}

}  // namespace

void BindSequences(py::module_ &fast) {
  DefineFast<GiveSoftmaxLoss, 3>(fast, "softmax_loss");
  DefineFast<GiveSoftmaxLossGradient, 5>(fast, "softmax_loss_gradient");
  DefineFast<GiveRows, 3>(fast, "gather_rows");
  DefineFast<GiveAddedRows, 3>(fast, "scatter_add_rows");
  DefineFast<GiveLayerNorm, 5>(fast, "layer_norm");
  DefineFast<GiveLayerNormGradient, 6>(fast, "layer_norm_gradient");
  DefineFast<GiveLinear, 4>(fast, "linear");
  DefineFast<GiveRnn, 7>(fast, "rnn");
  DefineFast<GiveRnnGradient, 9>(fast, "rnn_gradient");
  DefineFast<GiveLstm, 7>(fast, "lstm");
  DefineFast<GiveLstmGradient, 12>(fast, "lstm_gradient");
  DefineFast<GiveGru, 7>(fast, "gru");
  DefineFast<GiveGruGradient, 10>(fast, "gru_gradient");
  DefineFast<GiveAttention, 5>(fast, "attention");
  DefineFast<GiveAttentionGradient, 8>(fast, "attention_gradient");
}

}  // namespace needle::fast
