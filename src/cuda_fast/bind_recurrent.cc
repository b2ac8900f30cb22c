// fast.rnn, fast.lstm and fast.gru, each with its gradient, as the CPU backend has them.
#include "bind.h"
#include "errors.h"
#include "recurrent.h"
#include "sizes.h"
#include "streams.h"

namespace needle::cuda_fast {
namespace {

RecurrentSizes ToRecurrent(const Sizes &sizes) {
  return {sizes[0], sizes[1], sizes[2], sizes[3]};
}

// The part of a sequence of states (T, B, H) that belongs to its last step.
Owned LastStep(const RecurrentSizes &s, const cuda::CudaArray &states) {
  const size_t step = static_cast<size_t>(s.B * s.H);
  Owned last = std::make_unique<cuda::CudaArray>(step);
  Require(cudaMemcpyAsync(last->ptr, states.ptr + states.size - step, step * sizeof(float),
                          cudaMemcpyDeviceToDevice, CurrentStream()),
          "a recurrent layer");
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
  Rnn(s, relu, x, W_ih, W_hh, bias, h0, out->ptr);
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
  RnnBackward(s, relu, of);
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
  Lstm(s, x, W_ih, W_hh, bias, h0, c0, gates->ptr, cells->ptr, out->ptr);
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
  LstmBackward(s, of);
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
  Gru(s, x, W_ih, W_hh, bias_ih, bias_hh, h0, gates->ptr, inner->ptr, out->ptr);
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
  GruBackward(s, of);
  return GiveArrays(std::move(x_grad), std::move(W_ih_grad), std::move(W_hh_grad), std::move(bias_ih_grad),
                    std::move(bias_hh_grad), std::move(h0_grad));
}

}  // namespace

void BindRecurrent(py::module_ &fast) {
  DefineFast<GiveRnn, 7>(fast, "rnn");
  DefineFast<GiveRnnGradient, 9>(fast, "rnn_gradient");
  DefineFast<GiveLstm, 7>(fast, "lstm");
  DefineFast<GiveLstmGradient, 12>(fast, "lstm_gradient");
  DefineFast<GiveGru, 7>(fast, "gru");
  DefineFast<GiveGruGradient, 10>(fast, "gru_gradient");
}

}  // namespace needle::cuda_fast
