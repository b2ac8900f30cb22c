// Batch normalization and the optimizers' steps: fast.normalize, fast.normalize_gradient, fast.adam and
// fast.sgd.
#pragma once

#include "normalization.h"
#include "optimizers.h"
#include "sizes.h"

namespace needle::fast {

// normalize((rows, columns), x, weight, bias, eps, running_mean, running_variance, momentum)
//   -> (out, mean, variance, and the running ones moved)
template <class Backend>
PyObject *GiveNormalized(ArgumentsFor<Backend> &in) {
  const SizesFor sizes(in, 2);
  const int64_t rows = sizes[0], columns = sizes[1];
  const float *x = sizes.Next("x", {rows, columns});
  const float *weight = sizes.Next("weight", {columns}), *bias = sizes.Next("bias", {columns});
  const float eps = in.NextFloat();
  Running running = {};
  running.mean = sizes.Next("running_mean", {columns});
  running.variance = sizes.Next("running_variance", {columns});
  running.momentum = in.NextFloat();
  ResultsFor results(in);
  auto &out = results.Make({rows, columns});
  auto &mean = results.Make({columns}), &variance = results.Make({columns});
  running.moved_mean = results.Make({columns}).ptr;
  running.moved_variance = results.Make({columns}).ptr;
  Backend::Run(out.size, [&] {
    NormalizeColumns(x, rows, columns, weight, bias, eps, out.ptr, mean.ptr, variance.ptr, running);
  });
  return results.Give();
}

// normalize_gradient((rows, columns), grad, x, mean, variance, weight, eps)
//   -> (grad_x, grad_weight, grad_bias)
template <class Backend>
PyObject *GiveNormalizedGradient(ArgumentsFor<Backend> &in) {
  const SizesFor sizes(in, 2);
  const int64_t rows = sizes[0], columns = sizes[1];
  const float *grad = sizes.Next("grad", {rows, columns}), *x = sizes.Next("x", {rows, columns});
  const float *mean = sizes.Next("mean", {columns}), *variance = sizes.Next("variance", {columns});
  const float *weight = sizes.Next("weight", {columns});
  const float eps = in.NextFloat();
  ResultsFor results(in);
  auto &of_x = results.Make({rows, columns});
  auto &of_weight = results.Make({columns}), &of_bias = results.Make({columns});
  Backend::Run(of_x.size, [&] {
    NormalizeColumnsGradient(grad, x, rows, columns, mean, variance, eps, weight, of_x.ptr, of_weight.ptr,
                             of_bias.ptr);
  });
  return results.Give();
}

// adam(theta, grad, m, v, decay, beta1, 1 - beta1, beta2, 1 - beta2, rate, eps) -> (theta, m, v)
template <class Backend>
PyObject *GiveAdam(ArgumentsFor<Backend> &in) {
  const auto &theta = in.NextArray("theta");
  const float *grad = in.NextNumbers("grad", theta.size);
  const float *m = in.NextNumbers("m", theta.size), *v = in.NextNumbers("v", theta.size);
  AdamStep step;
  for (float *number :
       {&step.decay, &step.beta1, &step.rest1, &step.beta2, &step.rest2, &step.rate, &step.eps})
    *number = in.NextFloat();
  const auto size = static_cast<int64_t>(theta.size);
  ResultsFor results(in);
  auto &new_theta = results.Make({size}), &new_m = results.Make({size}), &new_v = results.Make({size});
  Backend::Run(theta.size,
               [&] { Adam(step, size, theta.ptr, grad, m, v, new_theta.ptr, new_m.ptr, new_v.ptr); });
  return results.Give();
}

// sgd(theta, grad, u, decay, momentum, 1 - momentum, rate) -> (theta, u)
template <class Backend>
PyObject *GiveSgd(ArgumentsFor<Backend> &in) {
  const auto &theta = in.NextArray("theta");
  const float *grad = in.NextNumbers("grad", theta.size), *u = in.NextNumbers("u", theta.size);
  SgdStep step;
  for (float *number : {&step.decay, &step.momentum, &step.rest, &step.rate}) *number = in.NextFloat();
  const auto size = static_cast<int64_t>(theta.size);
  ResultsFor results(in);
  auto &new_theta = results.Make({size}), &new_u = results.Make({size});
  Backend::Run(theta.size, [&] { Sgd(step, size, theta.ptr, grad, u, new_theta.ptr, new_u.ptr); });
  return results.Give();
}

template <class Backend>
void BindTraining(py::module_ &fast) {
  DefineFast<GiveNormalized<Backend>, 8>(fast, "normalize");
  DefineFast<GiveNormalizedGradient<Backend>, 7>(fast, "normalize_gradient");
  DefineFast<GiveAdam<Backend>, 11>(fast, "adam");
  DefineFast<GiveSgd<Backend>, 7>(fast, "sgd");
}

}  // namespace needle::fast
