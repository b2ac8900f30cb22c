// Losses, embeddings, layer normalization, linear layers and attention: fast.softmax_loss and so on, each
// with its gradient.
#pragma once

#include "attention.h"
#include "gather.h"
#include "layer_norm.h"
#include "linear.h"
#include "sizes.h"
#include "softmax.h"

namespace needle::fast {

/// Take `count` whole numbers below `rows`. Throws std::out_of_range, which is IndexError, for another.
template <class Backend>
const float *NextIndices(ArgumentsFor<Backend> &in, const char *name, int64_t count, int64_t rows) {
  const float *indices = in.NextNumbers(name, static_cast<size_t>(count));
  const int64_t wrong = FirstWrongIndex(indices, count, rows);
  if (wrong == count) return indices;
  const float found = Backend::Read(indices + wrong, in.Where());
  throw std::out_of_range(in.Where() + ": " + name + " holds " + std::to_string(found) + " at place " +
                          std::to_string(wrong) + ". Expected whole numbers from 0 to " +
                          std::to_string(rows - 1) + ". Look where it comes from.");
}

/// Take indices that the forward call has refused if they are wrong. A backend whose kernels leave wrong ones
/// out does not wait for its device to tell once more.
template <class Backend>
const float *NextIndicesAgain(ArgumentsFor<Backend> &in, const char *name, int64_t count, int64_t rows) {
  if constexpr (Backend::kLeavesWrongIndicesOut) return in.NextNumbers(name, static_cast<size_t>(count));
  return NextIndices(in, name, count, rows);
}

// softmax_loss((rows, classes), logits, labels) -> (loss, log_sums)
template <class Backend>
PyObject *GiveSoftmaxLoss(ArgumentsFor<Backend> &in) {
  const SizesFor sizes(in, 2);
  const int64_t rows = sizes[0], classes = sizes[1];
  const float *logits = sizes.Next("logits", {rows, classes});
  const float *labels = NextIndices(in, "labels", rows, classes);
  ResultsFor results(in);
  auto &loss = results.Make({1}), &log_sums = results.Make({rows});
  Backend::Run(static_cast<size_t>(rows * classes),
               [&] { SoftmaxLoss(logits, labels, rows, classes, loss.ptr, log_sums.ptr); });
  return results.Give();
}

// softmax_loss_gradient((rows, classes), logits, labels, log_sums, loss_grad) -> (logits_grad,)
template <class Backend>
PyObject *GiveSoftmaxLossGradient(ArgumentsFor<Backend> &in) {
  const SizesFor sizes(in, 2);
  const int64_t rows = sizes[0], classes = sizes[1];
  const float *logits = sizes.Next("logits", {rows, classes});
  const float *labels = NextIndicesAgain(in, "labels", rows, classes);
  const float *log_sums = sizes.Next("log_sums", {rows}), *loss_grad = sizes.Next("loss_grad", {1});
  ResultsFor results(in);
  auto &logits_grad = results.Make({rows, classes});
  Backend::Run(logits_grad.size, [&] {
    SoftmaxLossGradient(logits, labels, log_sums, loss_grad, rows, classes, logits_grad.ptr);
  });
  return results.Give();
}

// gather_rows((count, rows, columns), table, indices) -> (out,)
template <class Backend>
PyObject *GiveRows(ArgumentsFor<Backend> &in) {
  const SizesFor sizes(in, 3);
  const int64_t count = sizes[0], rows = sizes[1], columns = sizes[2];
  const float *table = sizes.Next("table", {rows, columns});
  const float *indices = NextIndices(in, "indices", count, rows);
  ResultsFor results(in);
  auto &out = results.Make({count, columns});
  Backend::Run(out.size, [&] { GatherRows(table, indices, count, columns, out.ptr); });
  return results.Give();
}

// scatter_add_rows((count, rows, columns), a, indices) -> (out,)
template <class Backend>
PyObject *GiveAddedRows(ArgumentsFor<Backend> &in) {
  const SizesFor sizes(in, 3);
  const int64_t count = sizes[0], rows = sizes[1], columns = sizes[2];
  const float *a = sizes.Next("a", {count, columns});
  const float *indices = NextIndicesAgain(in, "indices", count, rows);
  ResultsFor results(in);
  auto &out = results.Make({rows, columns});
  Backend::Run(out.size + static_cast<size_t>(count * columns),
               [&] { ScatterAddRows(a, indices, count, rows, columns, out.ptr); });
  return results.Give();
}

// layer_norm((rows, columns), x, weight, bias, eps) -> (out, means, inverses)
template <class Backend>
PyObject *GiveLayerNorm(ArgumentsFor<Backend> &in) {
  const SizesFor sizes(in, 2);
  const int64_t rows = sizes[0], columns = sizes[1];
  const float *x = sizes.Next("x", {rows, columns});
  const float *weight = sizes.Next("weight", {columns}), *bias = sizes.Next("bias", {columns});
  const float eps = in.NextFloat();
  ResultsFor results(in);
  auto &out = results.Make({rows, columns}), &means = results.Make({rows}), &inverses = results.Make({rows});
  Backend::Run(out.size,
               [&] { LayerNorm(x, weight, bias, eps, rows, columns, out.ptr, means.ptr, inverses.ptr); });
  return results.Give();
}

// layer_norm_gradient((rows, columns), x, weight, means, inverses, out_grad)
//   -> (x_grad, weight_grad, bias_grad)
template <class Backend>
PyObject *GiveLayerNormGradient(ArgumentsFor<Backend> &in) {
  const SizesFor sizes(in, 2);
  const int64_t rows = sizes[0], columns = sizes[1];
  const float *x = sizes.Next("x", {rows, columns}), *weight = sizes.Next("weight", {columns});
  const float *means = sizes.Next("means", {rows}), *inverses = sizes.Next("inverses", {rows});
  const float *out_grad = sizes.Next("out_grad", {rows, columns});
  ResultsFor results(in);
  auto &x_grad = results.Make({rows, columns});
  auto &weight_grad = results.Make({columns}), &bias_grad = results.Make({columns});
  Backend::Run(x_grad.size, [&] {
    LayerNormGradient(x, weight, out_grad, means, inverses, rows, columns, x_grad.ptr, weight_grad.ptr,
                      bias_grad.ptr);
  });
  return results.Give();
}

// linear((rows, n, p), x, weight, bias) -> (out,)
template <class Backend>
PyObject *GiveLinear(ArgumentsFor<Backend> &in) {
  const SizesFor sizes(in, 3);
  const int64_t rows = sizes[0], n = sizes[1], p = sizes[2];
  const float *x = sizes.Next("x", {rows, n}), *weight = sizes.Next("weight", {n, p});
  const float *bias = sizes.Next("bias", {p});
  ResultsFor results(in);
  auto &out = results.Make({rows, p});
  Backend::Run(out.size * static_cast<size_t>(n), [&] { Linear(rows, n, p, x, weight, bias, out.ptr); });
  return results.Give();
}

/// Take the sizes B, heads, T, S, D and E, and whether attention is causal.
template <class Backend>
AttentionSizes NextAttention(ArgumentsFor<Backend> &in, const SizesFor<Backend> &sizes) {
  const bool causal = in.NextInt("causal") != 0;
  const int64_t queries = sizes[2], keys = sizes[3];
  if (causal && queries > keys)
    throw py::value_error(in.Where() + ": " + std::to_string(queries) + " queries and " +
                          std::to_string(keys) + " keys. Expected no more queries than keys. Pass all keys.");
  return {sizes[0], sizes[1], queries, keys, sizes[4], sizes[5], causal};
}

// attention((B, heads, T, S, D, E), causal, q, k, v) -> (out, log_sums)
template <class Backend>
PyObject *GiveAttention(ArgumentsFor<Backend> &in) {
  const SizesFor sizes(in, 6);
  const AttentionSizes s = NextAttention(in, sizes);
  const float *q = sizes.Next("q", {s.B, s.T, s.heads, s.D}), *k = sizes.Next("k", {s.B, s.S, s.heads, s.D});
  const float *v = sizes.Next("v", {s.B, s.S, s.heads, s.E});
  ResultsFor results(in);
  auto &out = results.Make({s.B, s.T, s.heads, s.E}), &log_sums = results.Make({s.B, s.heads, s.T});
  Backend::Run(out.size, [&] { Attention(s, q, k, v, out.ptr, log_sums.ptr); });
  return results.Give();
}

// attention_gradient((B, heads, T, S, D, E), causal, q, k, v, out, log_sums, out_grad)
//   -> (q_grad, k_grad, v_grad)
template <class Backend>
PyObject *GiveAttentionGradient(ArgumentsFor<Backend> &in) {
  const SizesFor sizes(in, 6);
  const AttentionSizes s = NextAttention(in, sizes);
  AttentionGradients of = {};
  of.q = sizes.Next("q", {s.B, s.T, s.heads, s.D});
  of.k = sizes.Next("k", {s.B, s.S, s.heads, s.D});
  of.v = sizes.Next("v", {s.B, s.S, s.heads, s.E});
  of.out = sizes.Next("out", {s.B, s.T, s.heads, s.E});
  of.log_sums = sizes.Next("log_sums", {s.B, s.heads, s.T});
  of.out_grad = sizes.Next("out_grad", {s.B, s.T, s.heads, s.E});
  ResultsFor results(in);
  of.q_grad = results.Make({s.B, s.T, s.heads, s.D}).ptr;
  of.k_grad = results.Make({s.B, s.S, s.heads, s.D}).ptr;
  of.v_grad = results.Make({s.B, s.S, s.heads, s.E}).ptr;
  Backend::Run(results.Elements(), [&] { AttentionBackward(s, of); });
  return results.Give();
}

template <class Backend>
void BindSequences(py::module_ &fast) {
  DefineFast<GiveSoftmaxLoss<Backend>, 3>(fast, "softmax_loss");
  DefineFast<GiveSoftmaxLossGradient<Backend>, 5>(fast, "softmax_loss_gradient");
  DefineFast<GiveRows<Backend>, 3>(fast, "gather_rows");
  DefineFast<GiveAddedRows<Backend>, 3>(fast, "scatter_add_rows");
  DefineFast<GiveLayerNorm<Backend>, 5>(fast, "layer_norm");
  DefineFast<GiveLayerNormGradient<Backend>, 6>(fast, "layer_norm_gradient");
  DefineFast<GiveLinear<Backend>, 4>(fast, "linear");
  DefineFast<GiveAttention<Backend>, 5>(fast, "attention");
  DefineFast<GiveAttentionGradient<Backend>, 8>(fast, "attention_gradient");
}

}  // namespace needle::fast
