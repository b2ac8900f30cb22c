// fast.rnn, fast.lstm and fast.gru, each with its gradient. Weights and biases lie as recurrent.h says.
#pragma once

#include "recurrent.h"
#include "sizes.h"

namespace needle::fast {

template <class Backend>
RecurrentSizes ToRecurrent(const SizesFor<Backend> &sizes) {
  return {sizes[0], sizes[1], sizes[2], sizes[3]};
}

/// Copy the part of a sequence of states (T, B, H) that belongs to its last step.
template <class Backend>
void CopyLastStep(const ArgumentsFor<Backend> &in, const typename Backend::Array &states,
                  typename Backend::Array *last) {
  Backend::Copy(states.ptr + states.size - last->size, last->size, last->ptr, in.Where());
}

// rnn((T, B, I, H), relu, x, W_ih, W_hh, bias, h0) -> (out, h_n)
template <class Backend>
PyObject *GiveRnn(ArgumentsFor<Backend> &in) {
  const SizesFor sizes(in, 4);
  const RecurrentSizes s = ToRecurrent(sizes);
  const bool relu = in.NextInt("relu") != 0;
  const float *x = sizes.Next("x", {s.T, s.B, s.I}), *W_ih = sizes.Next("W_ih", {s.I, s.H});
  const float *W_hh = sizes.Next("W_hh", {s.H, s.H}), *bias = sizes.Next("bias", {s.H});
  const float *h0 = sizes.Next("h0", {s.B, s.H});
  ResultsFor results(in);
  auto &out = results.Make({s.T, s.B, s.H}), &h_n = results.Make({s.B, s.H});
  Backend::Run(out.size, [&] { Rnn(s, relu, x, W_ih, W_hh, bias, h0, out.ptr); });
  CopyLastStep(in, out, &h_n);
  return results.Give();
}

// rnn_gradient((T, B, I, H), relu, x, W_ih, W_hh, h0, out, out_grad, h_grad)
//   -> (x_grad, W_ih_grad, W_hh_grad, bias_grad, h0_grad)
template <class Backend>
PyObject *GiveRnnGradient(ArgumentsFor<Backend> &in) {
  const SizesFor sizes(in, 4);
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
  ResultsFor results(in);
  of.x_grad = results.Make({s.T, s.B, s.I}).ptr;
  of.W_ih_grad = results.Make({s.I, s.H}).ptr;
  of.W_hh_grad = results.Make({s.H, s.H}).ptr;
  of.bias_grad = results.Make({s.H}).ptr;
  of.h0_grad = results.Make({s.B, s.H}).ptr;
  Backend::Run(results.Elements(), [&] { RnnBackward(s, relu, of); });
  return results.Give();
}

// lstm((T, B, I, H), x, W_ih, W_hh, bias, h0, c0) -> (out, h_n, c_n, gates, cells)
template <class Backend>
PyObject *GiveLstm(ArgumentsFor<Backend> &in) {
  const SizesFor sizes(in, 4);
  const RecurrentSizes s = ToRecurrent(sizes);
  const float *x = sizes.Next("x", {s.T, s.B, s.I}), *W_ih = sizes.Next("W_ih", {s.I, 4, s.H});
  const float *W_hh = sizes.Next("W_hh", {s.H, 4, s.H}), *bias = sizes.Next("bias", {4, s.H});
  const float *h0 = sizes.Next("h0", {s.B, s.H}), *c0 = sizes.Next("c0", {s.B, s.H});
  ResultsFor results(in);
  auto &out = results.Make({s.T, s.B, s.H});
  auto &h_n = results.Make({s.B, s.H}), &c_n = results.Make({s.B, s.H});
  auto &gates = results.Make({s.T, s.B, 4, s.H}), &cells = results.Make({s.T, s.B, s.H});
  Backend::Run(gates.size, [&] { Lstm(s, x, W_ih, W_hh, bias, h0, c0, gates.ptr, cells.ptr, out.ptr); });
  CopyLastStep(in, out, &h_n);
  CopyLastStep(in, cells, &c_n);
  return results.Give();
}

// lstm_gradient((T, B, I, H), x, W_ih, W_hh, h0, c0, gates, cells, out, out_grad, h_grad, c_grad)
//   -> (x_grad, W_ih_grad, W_hh_grad, bias_grad, h0_grad, c0_grad)
template <class Backend>
PyObject *GiveLstmGradient(ArgumentsFor<Backend> &in) {
  const SizesFor sizes(in, 4);
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
  ResultsFor results(in);
  of.x_grad = results.Make({s.T, s.B, s.I}).ptr;
  of.W_ih_grad = results.Make({s.I, 4, s.H}).ptr;
  of.W_hh_grad = results.Make({s.H, 4, s.H}).ptr;
  of.bias_grad = results.Make({4, s.H}).ptr;
  of.h0_grad = results.Make({s.B, s.H}).ptr;
  of.c0_grad = results.Make({s.B, s.H}).ptr;
  Backend::Run(results.Elements(), [&] { LstmBackward(s, of); });
  return results.Give();
}

// gru((T, B, I, H), x, W_ih, W_hh, bias_ih, bias_hh, h0) -> (out, h_n, gates, inner)
template <class Backend>
PyObject *GiveGru(ArgumentsFor<Backend> &in) {
  const SizesFor sizes(in, 4);
  const RecurrentSizes s = ToRecurrent(sizes);
  const float *x = sizes.Next("x", {s.T, s.B, s.I}), *W_ih = sizes.Next("W_ih", {s.I, 3, s.H});
  const float *W_hh = sizes.Next("W_hh", {s.H, 3, s.H}), *bias_ih = sizes.Next("bias_ih", {3, s.H});
  const float *bias_hh = sizes.Next("bias_hh", {3, s.H}), *h0 = sizes.Next("h0", {s.B, s.H});
  ResultsFor results(in);
  auto &out = results.Make({s.T, s.B, s.H}), &h_n = results.Make({s.B, s.H});
  auto &gates = results.Make({s.T, s.B, 3, s.H}), &inner = results.Make({s.T, s.B, s.H});
  Backend::Run(gates.size,
               [&] { Gru(s, x, W_ih, W_hh, bias_ih, bias_hh, h0, gates.ptr, inner.ptr, out.ptr); });
  CopyLastStep(in, out, &h_n);
  return results.Give();
}

// gru_gradient((T, B, I, H), x, W_ih, W_hh, h0, gates, inner, out, out_grad, h_grad)
//   -> (x_grad, W_ih_grad, W_hh_grad, bias_ih_grad, bias_hh_grad, h0_grad)
template <class Backend>
PyObject *GiveGruGradient(ArgumentsFor<Backend> &in) {
  const SizesFor sizes(in, 4);
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
  ResultsFor results(in);
  of.x_grad = results.Make({s.T, s.B, s.I}).ptr;
  of.W_ih_grad = results.Make({s.I, 3, s.H}).ptr;
  of.W_hh_grad = results.Make({s.H, 3, s.H}).ptr;
  of.bias_ih_grad = results.Make({3, s.H}).ptr;
  of.bias_hh_grad = results.Make({3, s.H}).ptr;
  of.h0_grad = results.Make({s.B, s.H}).ptr;
  Backend::Run(results.Elements(), [&] { GruBackward(s, of); });
  return results.Give();
}

template <class Backend>
void BindRecurrent(py::module_ &fast) {
  DefineFast<GiveRnn<Backend>, 7>(fast, "rnn");
  DefineFast<GiveRnnGradient<Backend>, 9>(fast, "rnn_gradient");
  DefineFast<GiveLstm<Backend>, 7>(fast, "lstm");
  DefineFast<GiveLstmGradient<Backend>, 12>(fast, "lstm_gradient");
  DefineFast<GiveGru<Backend>, 7>(fast, "gru");
  DefineFast<GiveGruGradient<Backend>, 10>(fast, "gru_gradient");
}

}  // namespace needle::fast
