// Losses, embeddings, layer normalization, linear layers and attention: fast.softmax_loss and so on, each
// with its gradient, as the CPU backend has them.
#include "attention.h"
#include "bind.h"
#include "elementwise.h"
#include "errors.h"
#include "gather.h"
#include "gemm.h"
#include "layer_norm.h"
#include "sizes.h"
#include "softmax.h"

namespace needle::cuda_fast {
namespace {

// The next argument, whole numbers below `rows`. Throws std::out_of_range, which is IndexError, for another.
const float *NextIndices(const Sizes &sizes, const char *name, int64_t count, int64_t rows) {
  const float *indices = sizes.Next(name, {count});
  const int64_t wrong = FirstWrongIndex(indices, count, rows);
  if (wrong < count) {
    float found = 0;
    Require(cudaMemcpy(&found, indices + wrong, sizeof(float), cudaMemcpyDeviceToHost), sizes.Where());
    throw std::out_of_range(fast::WrongIndexText(sizes.Where(), name, found, wrong, rows));
  }
  return indices;
}

// softmax_loss((rows, classes), logits, labels) -> (loss, log_sums)
PyObject *GiveSoftmaxLoss(Arguments &in) {
  const Sizes sizes(in, 2);
  const int64_t rows = sizes[0], classes = sizes[1];
  const float *logits = sizes.Next("logits", {rows, classes});
  const float *labels = NextIndices(sizes, "labels", rows, classes);
  Owned loss = sizes.Make({1}), log_sums = sizes.Make({rows});
  SoftmaxLoss(logits, labels, rows, classes, loss->ptr, log_sums->ptr);
  return GiveArrays(std::move(loss), std::move(log_sums));
}

// softmax_loss_gradient((rows, classes), logits, labels, log_sums, loss_grad) -> (logits_grad,)
PyObject *GiveSoftmaxLossGradient(Arguments &in) {
  const Sizes sizes(in, 2);
  const int64_t rows = sizes[0], classes = sizes[1];
  const float *logits = sizes.Next("logits", {rows, classes}), *labels = sizes.Next("labels", {rows});
  const float *log_sums = sizes.Next("log_sums", {rows}), *loss_grad = sizes.Next("loss_grad", {1});
  Owned logits_grad = sizes.Make({rows, classes});
  SoftmaxLossGradient(logits, labels, log_sums, loss_grad, rows, classes, logits_grad->ptr);
  return GiveArrays(std::move(logits_grad));
}

// gather_rows((count, rows, columns), table, indices) -> (out,)
PyObject *GiveRows(Arguments &in) {
  const Sizes sizes(in, 3);
  const int64_t count = sizes[0], rows = sizes[1], columns = sizes[2];
  const float *table = sizes.Next("table", {rows, columns});
  const float *indices = NextIndices(sizes, "indices", count, rows);
  Owned out = sizes.Make({count, columns});
  GatherRows(table, indices, count, columns, out->ptr);
  return GiveArrays(std::move(out));
}

// scatter_add_rows((count, rows, columns), a, indices) -> (out,)
//
// It does not wait for the device to tell wrong indices, which gather_rows has refused before: what belongs
// to them is left out.
PyObject *GiveAddedRows(Arguments &in) {
  const Sizes sizes(in, 3);
  const int64_t count = sizes[0], rows = sizes[1], columns = sizes[2];
  const float *a = sizes.Next("a", {count, columns}), *indices = sizes.Next("indices", {count});
  Owned out = sizes.Make({rows, columns});
  ScatterAddRows(a, indices, count, rows, columns, out->ptr);
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
  LayerNorm(x, weight, bias, eps, rows, columns, out->ptr, means->ptr, inverses->ptr);
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
  LayerNormGradient(x, weight, out_grad, means, inverses, rows, columns, x_grad->ptr, weight_grad->ptr,
                    bias_grad->ptr);
  return GiveArrays(std::move(x_grad), std::move(weight_grad), std::move(bias_grad));
}

// linear((rows, n, p), x, weight, bias) -> (out,)
PyObject *GiveLinear(Arguments &in) {
  const Sizes sizes(in, 3);
  const int64_t rows = sizes[0], n = sizes[1], p = sizes[2];
  const float *x = sizes.Next("x", {rows, n}), *weight = sizes.Next("weight", {n, p});
  const float *bias = sizes.Next("bias", {p});
  Owned out = sizes.Make({rows, p});
  Gemm({{}, rows, n, p, x, weight, {n, 1}, {p, 1}, out->ptr});
  ElementwiseCall add = {{}, out->ptr, {out->ptr, 0}, {bias, 0}};
  add.views.Append(rows, {p, p, 0});
  add.views.Append(p, {1, 1, 1});
  Elementwise(Operation::kAdd, add);
  return GiveArrays(std::move(out));
}

// sizes are B, heads, T, S, D and E; whether attention is causal follows.
AttentionSizes ToAttention(Arguments &in, const Sizes &sizes) {
  const bool causal = in.NextInt("causal") != 0;
  fast::RequireKeys(in.Where(), causal, sizes[2], sizes[3]);
  return {sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5], causal};
}

// attention((B, heads, T, S, D, E), causal, q, k, v) -> (out, log_sums)
PyObject *GiveAttention(Arguments &in) {
  const Sizes sizes(in, 6);
  const AttentionSizes s = ToAttention(in, sizes);
  const float *q = sizes.Next("q", {s.B, s.T, s.heads, s.D}), *k = sizes.Next("k", {s.B, s.S, s.heads, s.D});
  const float *v = sizes.Next("v", {s.B, s.S, s.heads, s.E});
  Owned out = sizes.Make({s.B, s.T, s.heads, s.E}), log_sums = sizes.Make({s.B, s.heads, s.T});
  Attention(s, q, k, v, out->ptr, log_sums->ptr);
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
  AttentionBackward(s, of);
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
  DefineFast<GiveAttention, 5>(fast, "attention");
  DefineFast<GiveAttentionGradient, 8>(fast, "attention_gradient");
}

}  // namespace needle::cuda_fast
